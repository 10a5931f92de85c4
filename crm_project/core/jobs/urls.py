"""Addresses of the background work."""

from django.urls import path

from crm_project.core.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.jobs, name="list"),
    path("<uuid:pk>/", views.progress, name="progress"),
]
