"""Addresses of the ledgers, under those of the app."""

from django.urls import path

from integrations.dish_ledgers import views as dishes
from integrations.ledger_plan import views as plan
from integrations.ledgers import undo_views, views, waiting_views

urlpatterns = [
    path("", views.ledgers, name="ledgers"),
    path("dishes/", dishes.upload_dishes, name="dish_ledgers"),
    path("dishes/look/", dishes.dish_ledger, name="dish_ledger"),
    path("dishes/<int:pk>/", dishes.dish_import, name="dish_import"),
    path("dishes/<int:pk>/turn/", dishes.turn_dish_import, name="turn_dish_import"),
    path("dishes/<int:pk>/rows.xlsx", dishes.dish_import_rows, name="dish_import_rows"),
    path("plan/", plan.ledger_plan, name="ledger_plan"),
    path("<int:pk>/", views.ledger, name="ledger"),
    path("<int:pk>/unlock/", views.ledger_unlock, name="ledger_unlock"),
    path("<int:pk>/columns/", views.ledger_columns, name="ledger_columns"),
    path("<int:pk>/columns/sample/", views.ledger_sample, name="ledger_sample"),
    path("<int:pk>/import/", views.ledger_import, name="ledger_import"),
    path("<int:pk>/drop/", views.ledger_drop, name="ledger_drop"),
    path("<int:pk>/waiting/", waiting_views.ledger_waiting, name="ledger_waiting"),
    path("<int:pk>/undo/", undo_views.ledger_undo, name="ledger_undo"),
    path("<int:pk>/redo/", undo_views.ledger_redo, name="ledger_redo"),
    path("<int:pk>/kept/", undo_views.ledger_kept, name="ledger_kept"),
    path("<int:pk>/rows.xlsx", views.ledger_errors, name="ledger_errors"),
]
