"""Addresses of guests and companies."""

from django.urls import path

from customers.views import allergies, card, companies, confidential, contacts, editing, lists, picking

app_name = "customers"
urlpatterns = [
    path("", lists.guest_list, name="list"),
    path("search/", lists.guest_list, name="search"),
    path("new/", editing.create, name="create"),
    path("export.csv", lists.export, name="export"),
    path("pick/", picking.pick, name="pick"),
    path("quick/", picking.quick_create, name="quick_create"),
    path("contacts/", contacts.contact_list, name="contacts"),
    path("contacts/new/", contacts.note, name="contact_note"),
    path("contacts/<int:pk>/", contacts.contact, name="contact"),
    path("contacts/<int:pk>/answer/", contacts.answer, name="contact_answer"),
    path("companies/<int:pk>/", companies.company, name="company"),
    path("<int:pk>/", card.card, name="card"),
    path("<int:pk>/edit/", editing.edit, name="edit"),
    path("confidential/", confidential.sealed_guests, name="sealed"),
    path("confidential/<int:pk>/", confidential.name_for_sealed, name="name_for_sealed"),
    path("<int:pk>/confidential/", confidential.confidential, name="confidential"),
    path("<int:pk>/allergies/", allergies.allergies, name="allergies"),
]
