"""How a contact is told on the cards of its guest and company. The words are stored in the house's language."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm_project.core.rights import Right
from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from customers.models import Contact


def timeline_rows(contact: Contact) -> list[TimelineEntry]:
    """One row on the guest's card and one on the company's; a guest's own words are read with the right to contacts."""
    with override(settings.LANGUAGE_CODE):
        title = f"{contact.get_channel_display()} {contact.get_direction_display()}"
        answered = contact.answered_at is not None
        who = str(contact.customer) if contact.customer else contact.caller
        details = [
            [_("About"), contact.asked],
            [_("Answer"), contact.answer],
            [_("Who"), who if contact.company and not contact.customer else ""],
        ]
        aside = _("Answered %(name)s") % {"name": contact.answered_by} if answered else _("Not answered yet")
    return [
        TimelineEntry(
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            at=contact.at,
            kind=EntryKind.CONTACT,
            venue=contact.venue,
            read_right=Right.VIEW_CONTACTS,
            title=title,
            aside=aside[:120],
            details=[detail for detail in details if detail[1]],
            url=reverse("customers:contact", args=[contact.pk]),
        )
        for subject in (contact.customer, contact.company)
        if subject is not None
    ]
