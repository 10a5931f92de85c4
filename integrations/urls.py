"""Addresses of what comes in from outside."""

from django.urls import include, path

app_name = "integrations"
urlpatterns = [
    path("ledgers/", include("integrations.ledgers.urls")),
]
