"""Addresses of the settings."""

from django.urls import path

from crm_project.core.accounts import loan_views, switch_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.settings, name="settings"),
    path("pin/", switch_views.pin, name="pin"),
    path("venue/", views.switch_venue, name="switch_venue"),
    path("house/", views.house, name="house"),
    path("venues/", views.venues, name="venues"),
    path("venues/new/", views.create_venue, name="create_venue"),
    path("venues/<int:pk>/", views.venue, name="venue"),
    path("people/", views.people, name="people"),
    path("people/new/", views.create_person, name="create_person"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/roles/", views.add_role, name="add_role"),
    path("people/<int:pk>/access/", views.set_access, name="set_access"),
    path("people/<int:pk>/password/", views.password, name="password"),
    path("memberships/<int:pk>/remove/", views.remove_role, name="remove_role"),
    path("loans/", loan_views.loans, name="loans"),
    path("loans/<int:pk>/end/", loan_views.end, name="end_loan"),
    path("roles/", views.roles, name="roles"),
    path("roles/new/", views.create_role, name="create_role"),
    path("roles/<int:pk>/", views.role, name="role"),
]
