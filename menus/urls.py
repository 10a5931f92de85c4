"""Addresses of the menu."""

from django.urls import path

from menus import base_views, month_views, views

app_name = "menus"
urlpatterns = [
    path("", views.dish_list, name="list"),
    path("dishes/new/", views.create_dish, name="dish_create"),
    path("dishes/<int:pk>/", views.dish, name="dish"),
    path("dishes/<int:pk>/edit/", views.edit_dish, name="dish_edit"),
    path("dishes/<int:pk>/proposals/", views.decide_proposals, name="proposals"),
    path("bases/", base_views.bases, name="bases"),
    path("bases/new/", base_views.create_base, name="base_create"),
    path("bases/<int:pk>/edit/", base_views.edit_base, name="base_edit"),
    path("month/", month_views.month, name="month"),
    path("month/cell/<int:pk>/<slug:position>/", month_views.cell, name="month_cell"),
    path("month/copy/", month_views.copy, name="month_copy"),
    path("courses/", views.course_list, name="courses"),
    path("courses/new/", views.create_course, name="course_create"),
    path("courses/<int:pk>/edit/", views.edit_course, name="course_edit"),
    path("allergens/", views.allergens, name="allergens"),
    path("pick/", views.pick, {"kinds": "all"}, name="pick"),
    path("pick/dishes/", views.pick, {"kinds": "dishes"}, name="pick_dish"),
    path("pick/courses/", views.pick, {"kinds": "courses"}, name="pick_course"),
]
