"""Addresses of the notebooks, under those of the app."""

from django.urls import path

from integrations.notebooks import views

urlpatterns = [
    path("", views.notebooks, name="notebooks"),
    path("<int:pk>/", views.notebook, name="notebook"),
    path("pages/<int:pk>/", views.notebook_page, name="notebook_page"),
    path("pages/<int:pk>/draft/", views.notebook_draft, name="notebook_draft"),
    path("pages/<int:pk>/photo/", views.page_photo, name="notebook_photo"),
    path("pages/<int:pk>/state/", views.page_state, name="notebook_state"),
]
