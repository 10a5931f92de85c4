"""Addresses of accounting."""

from django.urls import path

from integrations.sources import views

urlpatterns = [
    path("", views.sources, name="sources"),
    path("new/", views.source_form, name="source_create"),
    path("<int:pk>/", views.source, name="source"),
    path("<int:pk>/edit/", views.source_form, name="source_edit"),
    path("<int:pk>/columns/", views.source_columns, name="source_columns"),
    path("<int:pk>/pull/", views.pull_now, name="source_pull"),
    path("<int:pk>/upload/", views.upload, name="source_upload"),
    path("partners/", views.partners, name="partners"),
    path("partners/<int:pk>/", views.partner, name="partner"),
    path("partners/<int:pk>/is/<int:customer_pk>/", views.partner_is, name="partner_is"),
    path("partners/<int:pk>/new-guest/", views.partner_new_guest, name="partner_new_guest"),
    path("partners/<int:pk>/nobody/", views.partner_is_nobody, name="partner_is_nobody"),
    path("partners/<int:pk>/open-again/", views.partner_open_again, name="partner_open_again"),
    path("documents/<int:pk>/", views.document, name="document"),
]
