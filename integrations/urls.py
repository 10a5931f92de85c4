"""Addresses of what comes in from outside."""

from django.urls import include, path

app_name = "integrations"
urlpatterns = [
    path("accounting/", include("integrations.sources.urls")),
    path("ledgers/", include("integrations.ledgers.urls")),
    path("ledgers/notebooks/", include("integrations.notebooks.urls")),
]
