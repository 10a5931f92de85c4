"""Addresses of the interface itself."""

from django.urls import path

from crm_project.core.ui.views import set_language, set_theme

urlpatterns = [
    path("language/", set_language, name="choose_language"),
    path("theme/", set_theme, name="set_theme"),
]
