"""Addresses of the house's settings and lists around bookings."""

from django.urls import path

from visits.views import follow_ups, house, occasions, waiting

house_urlpatterns = [
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/new/", waiting.create, name="waiting_create"),
    path("waiting/<int:pk>/", waiting.change, name="waiting_change"),
    path("waiting/<int:pk>/give-up/", waiting.give_up, name="waiting_give_up"),
    path("waiting/<int:pk>/again/", waiting.again, name="waiting_again"),
    path("occasions/<int:pk>/", occasions.occasion, name="occasion"),
    path("occasions/<int:pk>/change/", occasions.change, name="occasion_change"),
    path("occasions/<int:pk>/add/", occasions.add, name="occasion_add"),
    path("<int:visit_pk>/occasion/", occasions.choose, name="occasion_choose"),
    path("<int:visit_pk>/occasion/take-out/", occasions.take_out, name="occasion_take_out"),
    path("follow-ups/", follow_ups.follow_ups, name="follow_ups"),
    path("follow-ups/<int:pk>/close/", follow_ups.close, name="close_follow_up"),
    path("follow-ups/<int:pk>/reopen/", follow_ups.reopen, name="reopen_follow_up"),
    path("settings/rooms/", house.rooms, name="rooms"),
    path("settings/rooms/new/", house.create_room, name="room_create"),
    path("settings/rooms/<int:pk>/", house.room, name="room"),
    path("settings/terms/", house.terms, name="terms"),
    path("settings/closed-days/", house.closed_days, name="closed_days"),
    path("settings/closed-days/new/", house.create_closed_day, name="closed_day_create"),
    path("settings/closed-days/<int:pk>/", house.closed_day, name="closed_day"),
    path("settings/closed-days/<int:pk>/remove/", house.remove_closed_day, name="closed_day_remove"),
    path("settings/sources/", house.sources, name="sources"),
    path("settings/sources/new/", house.create_source, name="source_create"),
    path("settings/sources/<int:pk>/", house.source, name="source"),
    path("settings/rules/", house.rules, name="rules"),
    path("settings/rules/new/", house.create_rule, name="rule_create"),
    path("settings/rules/<int:pk>/", house.rule, name="rule"),
]
