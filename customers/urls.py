"""Addresses of guests and companies."""

from django.urls import path

from customers import views

app_name = "customers"
urlpatterns = [
    path("", views.guest_list, name="list"),
    path("search/", views.guest_list, name="search"),
    path("new/", views.create, name="create"),
    path("export.csv", views.export, name="export"),
    path("pick/", views.pick, name="pick"),
    path("quick/", views.quick_create, name="quick_create"),
    path("companies/<int:pk>/", views.company, name="company"),
    path("<int:pk>/", views.card, name="card"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/allergies/", views.allergies, name="allergies"),
]
