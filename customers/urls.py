"""Addresses of guests and companies."""

from django.urls import path

from customers.views import (
    allergies,
    attributes,
    card,
    companies,
    confidential,
    contacts,
    duplicates,
    editing,
    inline,
    lists,
    live,
    merged,
    normalised,
    picking,
    pointing,
    postcodes,
    relations,
)

app_name = "customers"
urlpatterns = [
    path("", lists.guest_list, name="list"),
    path("search/", lists.guest_list, name="search"),
    path("new/", editing.create, name="create"),
    path("export.csv", lists.export, name="export"),
    path("pick/", picking.pick, name="pick"),
    path("normalised/", normalised.normalised, name="normalised"),
    path("postcode/", postcodes.postcode, name="postcode"),
    path("pointing/", pointing.pointing, name="pointing"),
    path("quick/", picking.quick_create, name="quick_create"),
    path("contacts/", contacts.contact_list, name="contacts"),
    path("contacts/new/", contacts.note, name="contact_note"),
    path("contacts/<int:pk>/", contacts.contact, name="contact"),
    path("contacts/<int:pk>/answer/", contacts.answer, name="contact_answer"),
    path("settings/items/", attributes.attribute_list, name="items"),
    path("settings/items/new/", attributes.attribute, name="new_item"),
    path("settings/items/<int:pk>/", attributes.attribute, name="item"),
    path("settings/items/<int:pk>/move/", attributes.move, name="move_item"),
    path("settings/purposes/", attributes.purposes, name="purposes"),
    path("<int:pk>/relations/new/", relations.add_relation, name="add_relation"),
    path("relations/<int:pk>/remove/", relations.remove_relation, name="remove_relation"),
    path("<int:pk>/transfer/", relations.move, name="transfer"),
    path("<int:pk>/days/new/", relations.add_day, name="add_day"),
    path("companies/<int:pk>/days/new/", relations.add_company_day, name="add_company_day"),
    path("days/<int:pk>/remove/", relations.remove_day, name="remove_day"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/find/", duplicates.find, name="find_duplicates"),
    path("duplicates/<int:one>/<int:other>/", duplicates.compare, name="compare"),
    path("merges/", duplicates.merges, name="merges"),
    path("merges/<int:pk>/undo/", duplicates.undo, name="undo_merge"),
    path("companies/<int:pk>/", companies.company, name="company"),
    path("companies/<int:pk>/edit/", companies.edit_company, name="edit_company"),
    path("companies/<int:pk>/live/", live.live_company, name="live_company"),
    path("<int:pk>/", card.card, name="card"),
    path("<int:pk>/edit/", editing.edit, name="edit"),
    path("<int:pk>/edit/<slug:value>/", inline.inline, name="inline"),
    path("<int:pk>/live/", live.live, name="live"),
    path("confidential/", confidential.sealed_guests, name="sealed"),
    path("confidential/<int:pk>/", confidential.name_for_sealed, name="name_for_sealed"),
    path("<int:pk>/confidential/", confidential.confidential, name="confidential"),
    path("<int:pk>/items/<int:attribute_pk>/confirm/", attributes.confirm, name="confirm_item"),
    path("<int:pk>/pointing/", pointing.pointing, name="point"),
    path("<int:pk>/allergies/", allergies.allergies, name="allergies"),
    path("<int:pk>/merge/", duplicates.choose_other, name="choose_other"),
]
# Every page of a guest: the address of a card that was merged leads to the card that took it in.
for pattern in urlpatterns:
    if str(pattern.pattern).startswith("<int:pk>/"):
        pattern.callback = merged.follows_merges(pattern.callback)
