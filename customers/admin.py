"""Master data of guests: tables in and out, companies and ranks to correct. Guests are changed on their card."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin

from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from customers import services
from customers.admin_forms import CompanyAdminForm
from customers.models import Company, Customer, Rank
from customers.resources import CompanyResource, CustomerResource, RankResource


class TableAdmin(ImportExportModelAdmin):
    """Tables in and out, for administrators of the system; what goes out is noted with its number of rows."""

    skip_admin_log = True

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whoever may change everything."""
        return as_user(request.user).is_superuser

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whoever may see everything."""
        return as_user(request.user).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What visits and sales point at stays on file."""
        return False

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], **kwargs: Any) -> Any:
        """The file, noted in the trail."""
        record(
            by=as_user(request.user),
            action=Action.EXPORTED,
            subject_type=self.model._meta.label_lower,
            changes={"rows": queryset.count()},
        )
        return super().get_export_data(file_format, request, queryset, **kwargs)


@admin.register(Customer)
class CustomerAdmin(TableAdmin):
    """Guests, to look up and as tables."""

    resource_classes = [CustomerResource]
    list_display = ["code", "name", "kana", "company", "rank", "last_visit_on"]
    list_select_related = ["company", "rank"]
    list_filter = ["rank"]
    search_fields = ["code", "name", "kana"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """On the screens of the house."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """On the guest's card."""
        return False


@admin.register(Company)
class CompanyAdmin(TableAdmin):
    """Companies, to correct names."""

    resource_classes = [CompanyResource]
    list_display = ["name", "kana", "code", "phone"]
    search_fields = ["name", "kana", "key"]
    fields = ["name", "kana", "code", "phone", "note"]
    form = CompanyAdminForm

    def save_model(self, request: HttpRequest, obj: Company, form: "ModelForm[Company]", change: bool) -> None:
        """Through the services: the guests are found under the new name."""
        by = as_user(request.user)
        company = Company.objects.get(pk=obj.pk) if change else services.find_or_create_company(by=by, name=obj.name)
        services.change_company(company=company, by=by, **{name: form.cleaned_data[name] for name in self.fields or ()})
        obj.pk = company.pk


@admin.register(Rank)
class RankAdmin(TableAdmin):
    """The ranks of the house; who holds which is computed."""

    resource_classes = [RankResource]
    list_display = ["name", "position"]

    def save_model(self, request: HttpRequest, obj: Rank, form: "ModelForm[Rank]", change: bool) -> None:
        """Through the services."""
        services.write_rank(rank=obj, by=as_user(request.user), name=obj.name, position=obj.position)
