"""Support: people, venues, roles."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from crm_project.core.accounts.models import House, Membership, Role, User, Venue

admin.site.register(House)
admin.site.register(Venue)
admin.site.register(Role)
admin.site.register(Membership)
admin.site.register(User, UserAdmin)
