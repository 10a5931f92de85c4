from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    """Who came, what was served, what was noticed."""

    name = "visits"
    verbose_name = _("Visits")

    def ready(self) -> None:
        from crm_project.core.allergens.choices import Severity
        from crm_project.core.audit.history import register_words
        from visits import handover, house_navigation, merging, navigation, sheet_navigation
        from visits.choices import AnsweredBy, AttendanceRole, ExceptionKind, SeatedCheck
        from visits.models import VisitPhoto
        from visits.services.photos import forget_file
        from visits.services.writing import ANSWER, answer_labels
        from visits.shipped_categories import ensure_shipped_categories
        from visits.shipped_sources import ensure_shipped_sources

        merging.register()
        navigation.register()
        house_navigation.register()
        sheet_navigation.register()
        handover.register()
        register_words(
            "visits.visit",
            labels=lambda: {
                "dishes": _("dishes"),
                "seated_check": _("allergy check at the table"),
                "follow_up": _("follow-up"),
                **{f"{ANSWER}{name}": label for name, label in answer_labels().items()},
                "assistants": _("assistants (補佐)"),
                "recorder": _("who writes it down (記録担当)"),
                "seating": _("seats (席次)"),
                "seating_state": _("state of the seats"),
                "seat_exception": _("exception of a seat"),
                "group_answer": _("The group's answer"),
                "advance_answer": _("answer before the evening"),
                "seat_answer": _("answer of a companion"),
                "sheet": _("kitchen sheet"),
                "sheet_read": _("kitchen sheet read, its mark"),
                "override_reason": _("ready all the same, because"),
                "same_dish": _("The same on purpose"),
                "photo": _("photo"),
                "course_version": _("version of the course"),
                "confirmed_warnings": _("confirmed warnings"),
            },
            values=dict(AttendanceRole.choices)
            | dict(SeatedCheck.choices)
            | dict(ExceptionKind.choices)
            | dict(AnsweredBy.choices)
            | dict(Severity.choices)
            | {
                "confirmed": _("confirmed (確定)"),
                "proposed": _("proposal (案)"),
                "preparing": _("menu not settled"),
                "ready": _("menu settled"),
            },
        )
        register_words("visits.bookingterms", labels=lambda: {"fees": _("cancellation fees")}, values={})
        register_words("visits.room", labels=lambda: {"parts": _("joined from")}, values={})
        # A photo's file goes with its row, also when the row goes with its visit.
        post_delete.connect(
            lambda instance, **kwargs: forget_file(instance),
            sender=VisitPhoto,
            weak=False,
            dispatch_uid="photo_files",
        )
        post_migrate.connect(
            lambda **kwargs: ensure_shipped_categories(), sender=self, weak=False, dispatch_uid="shipped_categories"
        )
        post_migrate.connect(
            lambda **kwargs: ensure_shipped_sources(), sender=self, weak=False, dispatch_uid="shipped_sources"
        )
