"""Who is named for something confidential: guardian's object permission on that very record."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.functions import Cast

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User

OPEN_CONFIDENTIAL = "open_confidential"


def named_for(user: "User", model: type[models.Model]) -> models.QuerySet[Any, Any]:
    """Ids of the records of a model for which the person is named, as a subquery. Nobody is named by being superuser."""
    from guardian.models import UserObjectPermission

    return (
        UserObjectPermission.objects.filter(
            user=user,
            permission__codename=OPEN_CONFIDENTIAL,
            content_type__app_label=model._meta.app_label,
            content_type__model=model._meta.model_name,
        )
        .annotate(record_id=Cast("object_pk", models.BigIntegerField()))
        .values("record_id")
    )
