"""Addresses of the banquets."""

from django.urls import path

from deals import views

app_name = "deals"
urlpatterns = [
    path("", views.board, name="board"),
    path("table/", views.table, name="table"),
    path("new/", views.create, name="create"),
    path("stages/", views.stages, name="stages"),
    path("<int:pk>/", views.card, name="card"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/move/", views.move, name="move"),
    path("<int:pk>/lose/", views.lose, name="lose"),
    path("<int:pk>/activities/", views.add_activity, name="add_activity"),
]
