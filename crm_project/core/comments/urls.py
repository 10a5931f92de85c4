"""Addresses of the answers."""

from django.urls import path

from crm_project.core.comments import views

app_name = "comments"
urlpatterns = [
    path("", views.unanswered, name="unanswered"),
    path("mine/", views.mine, name="mine"),
    path("<int:pk>/", views.thread, name="thread"),
    path("<int:pk>/react/", views.react, name="react"),
    path("<int:pk>/answer/", views.answer, name="answer"),
]
