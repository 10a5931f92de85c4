"""All addresses of Okami."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from crm_project.core.accounts.switch_views import switch
from crm_project.core.accounts.views import home, lock
from crm_project.health import healthz
from customers.views.contacts import phone

urlpatterns = [
    path("", home, name="home"),
    path("lock/", lock, name="lock"),
    path("switch/", switch, name="switch"),
    path("healthz", healthz, name="healthz"),
    # The address for mail stands with the person, kept by an administrator.
    path("sign-in/email/", RedirectView.as_view(pattern_name="home")),
    path("sign-in/confirm-email/", RedirectView.as_view(pattern_name="home")),
    path("sign-in/", include("allauth.account.urls")),
    path("ui/", include("crm_project.core.ui.urls")),
    path("settings/", include("crm_project.core.accounts.urls")),
    path("settings/audit/", include("crm_project.core.audit.urls")),
    path("unanswered/", include("crm_project.core.comments.urls")),
    path("jobs/", include("crm_project.core.jobs.urls")),
    path("phone/<path:number>/", phone, name="phone"),
    path("guests/", include("customers.urls")),
    path("menus/", include("menus.urls")),
    path("visits/", include("visits.urls")),
    path("banquets/", include("deals.urls")),
    path("incoming/", include("integrations.urls")),
    path("figures/", include("reports.urls")),
    path("admin/", admin.site.urls),
]

# They ask no database and no context processor, unlike Django's own.
handler400 = "crm_project.core.ui.errors.bad_request"
handler403 = "crm_project.core.ui.errors.permission_denied"
handler404 = "crm_project.core.ui.errors.page_not_found"
handler500 = "crm_project.core.ui.errors.server_error"
