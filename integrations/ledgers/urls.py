"""Addresses of the ledgers, under those of the app."""

from django.urls import path

from integrations.ledgers import views

urlpatterns = [
    path("", views.ledgers, name="ledgers"),
    path("<int:pk>/", views.ledger, name="ledger"),
    path("<int:pk>/columns/", views.ledger_columns, name="ledger_columns"),
    path("<int:pk>/import/", views.ledger_import, name="ledger_import"),
    path("<int:pk>/drop/", views.ledger_drop, name="ledger_drop"),
    path("<int:pk>/rows.xlsx", views.ledger_errors, name="ledger_errors"),
]
