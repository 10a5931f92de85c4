"""Addresses of the trail."""

from django.urls import path

from crm_project.core.audit import views

app_name = "audit"
urlpatterns = [path("", views.entries, name="list")]
