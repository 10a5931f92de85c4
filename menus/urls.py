"""Addresses of the menu."""

from django.urls import path

from menus import views

app_name = "menus"
urlpatterns = [
    path("", views.dish_list, name="list"),
    path("dishes/new/", views.create_dish, name="dish_create"),
    path("dishes/<int:pk>/", views.dish, name="dish"),
    path("dishes/<int:pk>/edit/", views.edit_dish, name="dish_edit"),
    path("courses/", views.course_list, name="courses"),
    path("courses/new/", views.create_course, name="course_create"),
    path("courses/<int:pk>/edit/", views.edit_course, name="course_edit"),
    path("allergens/", views.allergens, name="allergens"),
    path("pick/", views.pick, {"kinds": "all"}, name="pick"),
    path("pick/dishes/", views.pick, {"kinds": "dishes"}, name="pick_dish"),
    path("pick/courses/", views.pick, {"kinds": "courses"}, name="pick_course"),
]
