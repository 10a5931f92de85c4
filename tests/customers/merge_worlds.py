"""Houses with guests who have rows everywhere, made by chance, and what stands in every table."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from guardian.models import UserObjectPermission

from crm_project.core import text
from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.choices import AllergyState, DietRule, Severity
from crm_project.core.allergens.models import Allergen
from crm_project.core.comments.models import Comment, Reaction, Thread, ThreadRead
from crm_project.core.comments.services import open_thread
from crm_project.core.rights import Right
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.services import replace_rows
from customers.choices import AddressLabel, Channel, ConsentState, MailTo, RelationKind, SpecialDayKind
from customers.models import (
    Address,
    Allergy,
    Attribute,
    AttributeValue,
    Company,
    Contact,
    ContactConsent,
    Customer,
    GuestDiet,
    KeepApart,
    Phone,
    Post,
    Rank,
    Relation,
    SpecialDay,
)
from customers.services import index_guests
from deals.story import timeline_rows as deal_rows
from integrations.choices import MatchMethod, PartnerStatus, RowOutcome
from integrations.models import LedgerImport, LedgerRow, PartnerLink
from reports.merging import rank_again
from reports.models import RankChange, RankPolicy, RankRun
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory, RankFactory
from tests.factories.deals import DealFactory
from tests.factories.integrations import DocumentFactory, SourceFactory
from tests.factories.menus import DishFactory
from tests.factories.visits import VisitFactory
from visits.choices import SeatedCheck, WarningKind
from visits.models import Attendance, ConfirmedWarning, Note, NoteCategory, Promise, ServedDish, Visit, WaitingParty
from visits.services import refresh_visit_figures
from visits.story import timeline_rows

LEDGER_OF_MERGES = {"customers.merge", "customers.mergedrow", "customers.duplicateproposal", "customers.distinctpair"}
MOVES_ON = {"customers.customer": {"version", "updated_at"}}
BUSINESS = ("customers", "visits", "deals", "integrations", "reports", "menus", "timeline", "comments")
NOW = datetime(2026, 10, 3, 9, 0, tzinfo=UTC)


def dump() -> dict[str, list[Any]]:
    """Every row of every business table but the ledger of the merges themselves; versions and times of change move on."""
    tables: list[type[models.Model]] = [UserObjectPermission]
    for label in BUSINESS:
        tables += apps.get_app_config(label).get_models(include_auto_created=True)
    found = {}
    for model in tables:
        label = model._meta.label_lower
        if label not in LEDGER_OF_MERGES:
            names = [f.attname for f in model._meta.concrete_fields if f.attname not in MOVES_ON.get(label, ())]
            found[label] = list(model._base_manager.order_by("pk").values(*names))
    return found


class World:
    """A house made by chance; equal seeds make equal houses."""

    def __init__(self, seed: int, guests: int = 4) -> None:
        self.random = random.Random(seed)
        self.venue: Venue = VenueFactory.create()
        self.by: User = person("okami", self.venue)
        self.other: User = person("floor", self.venue)
        self.ranks: list[Rank] = [RankFactory.create(name=name, position=n) for n, name in enumerate(("特別", "常連"))]
        self.companies: list[Company] = CompanyFactory.create_batch(2)
        self.attributes = [Attribute.objects.create(name=name) for name in ("席", "銘柄")]
        self.dishes = DishFactory.create_batch(3)
        self.source = SourceFactory.create()
        self.guests: list[Customer] = [self._guest(number) for number in range(guests)]
        for guest in self.guests:
            self._rows(guest)
        self._together()
        refresh_visit_figures(customer_ids={guest.pk for guest in self.guests})
        index_guests(Customer.objects.all())

    def maybe(self, chance: float = 0.5) -> bool:
        """Whether it is so."""
        return self.random.random() < chance

    def one(self, among: Iterable[Any]) -> Any:
        """One of them."""
        return self.random.choice(list(among))

    def day(self) -> date:
        """Some day."""
        return date(2026, 1, 1) + timedelta(days=self.random.randrange(200))

    def _guest(self, number: int) -> Customer:
        guest: Customer = CustomerFactory.create(
            name=self.one(["渡邉 健一", "渡辺 健一"]),
            kana=self.one(["ワタナベ ケンイチ", ""]),
            code=f"K{number}" if self.maybe() else None,
            company=self.one([None, *self.companies]),
            department=self.one(["", "総務部"]),
            birthday=self.one([None, date(1960, 4, 1)]),
            rank=self.one([None, *self.ranks]),
            likes=self.one(["", "ぬる燗", "白身"]),
            note=self.one(["", "窓際\n静かな席"]),
            unread=self.one([{}, {"birthday": "昭和の終わり頃"}]),
            allergy_state=self.one(AllergyState.values),
            allergy_note=self.one(["", "出汁は可"]),
            allergy_asked_on=self.one([None, self.day()]),
            mail_to=self.one(MailTo.values),
            mourning_until=self.one([None, self.day()]),
            is_confidential=self.maybe(0.3),
            since=self.one([None, self.day()]),
            staff=self.one([None, self.other]),
        )
        if self.maybe(0.3):
            Customer.objects.filter(pk=guest.pk).update(contact_stopped=True, contact_stop_reason="ご要望")
        permission = {"user": self.by, "object_pk": str(guest.pk), "content_type": _guest_type()}
        named = UserObjectPermission.objects.create(permission=_open_confidential(), **permission)
        if self.maybe():
            UserObjectPermission.objects.create(permission=named.permission, **(permission | {"user": self.other}))
        return guest

    def _rows(self, guest: Customer) -> None:
        for number in self.random.sample(["0900001", "0900002", "0900003", "0900004"], self.random.randrange(4)):
            digits = f"{number}1482"
            Phone.objects.create(customer=guest, written=digits, digits=digits, tail=text.phone_tail(digits))
        for label in self.random.sample(AddressLabel.values, self.random.randrange(3)):
            Address.objects.create(customer=guest, label=label, text=self.one(["", "東京都港区一", "京都市東山区二"]))
        if guest.allergy_state == AllergyState.LISTED:
            for allergen in self.random.sample(list(Allergen.objects.all()[:4]), self.random.randrange(1, 4)):
                Allergy.objects.create(
                    customer=guest,
                    allergen=allergen,
                    severity=self.one(Severity.values),
                    note=self.one(["", "殻", "汁"]),
                )
        for rule in self.random.sample(DietRule.values, self.random.randrange(3)):
            GuestDiet.objects.create(customer=guest, rule=rule, note=self.one(["", "ご家族も"]))
        for channel in self.random.sample(Channel.values, self.random.randrange(4)):
            ContactConsent.objects.create(
                customer=guest, channel=channel, state=self.one(ConsentState.values), asked_on=self.day()
            )
        for attribute in self.random.sample(self.attributes, self.random.randrange(3)):
            AttributeValue.objects.create(
                customer=guest,
                attribute=attribute,
                text=self.one(["椅子", "座敷"]),
                confirmed_at=NOW + timedelta(days=self.random.randrange(9)),
            )
        if guest.company and self.maybe():
            Post.objects.create(customer=guest, company=guest.company, department=guest.department, since=self.day())
        if self.maybe():
            Post.objects.create(
                customer=guest, company=self.companies[0], since=date(2020, 4, 1), until=date(2024, 3, 31)
            )
        if self.maybe():
            SpecialDay.objects.create(customer=guest, kind=SpecialDayKind.WEDDING, month=6, day=1)
        if self.maybe():
            Contact.objects.create(venue=self.venue, customer=guest, asked="お席", recorded_by=self.by)
        if self.maybe():
            Promise.objects.create(customer=guest, venue=self.venue, text="窓際のお席", made_by=self.by)
        if self.maybe():
            deal = DealFactory.create(venue=self.venue, owner=self.by, customer=guest)
            replace_rows(parent=deal, rows=deal_rows(deal, {deal.stage: "お問い合わせ", "inquiry": "お問い合わせ"}))
        if self.maybe():
            link = PartnerLink.objects.create(
                source=self.source,
                key=f"P{guest.pk}",
                code=f"P{guest.pk}",
                status=PartnerStatus.MATCHED,
                customer=guest,
                method=MatchMethod.PERSON,
            )
            DocumentFactory.create_batch(2, source=self.source, partner=link, customer=guest)
        if self.maybe():
            ledger = LedgerImport.objects.create(file_name="ledger.xlsx", started_by=self.by)
            LedgerRow.objects.create(
                ledger_import=ledger, row_number=1, outcome=RowOutcome.UNCHANGED, customer=guest, code=guest.code or ""
            )
        if self.maybe():
            thread = open_thread(
                parent=guest,
                venue=self.venue,
                author=self.by,
                read_right=Right.VIEW_NOTES,
                label="ご要望",
                title=guest.name,
                excerpt="次回は椅子席を。",
                url="/",
            )
            Comment.objects.create(thread=thread, author=self.other, text="承知しました")
            Reaction.objects.create(thread=thread, author=self.one([self.by, self.other]), kind="thanks")
            ThreadRead.objects.create(thread=thread, user=self.by)
        if self.maybe():
            guest.known_at.add(self.venue)

    def _together(self) -> None:
        """What several guests share: visits, relations, posts that one took over from another, a run of the ranks."""
        for _number in range(5):
            seated = self.random.sample(self.guests, self.random.randrange(1, 4))
            visit: Visit = VisitFactory.create(venue=self.venue, recorded_by=self.by, guests=seated)
            ServedDish.objects.create(visit=visit, dish=self.dishes[0])
            for seat in Attendance.objects.filter(visit=visit):
                if self.maybe():
                    Attendance.objects.filter(pk=seat.pk).update(
                        seated_check=SeatedCheck.UNCHANGED, checked_by=self.by, checked_at=NOW
                    )
                for dish in self.random.sample(self.dishes[1:], self.random.randrange(3)):
                    ServedDish.objects.create(visit=visit, dish=dish, attendance=seat, was_replaced=self.maybe())
            about = self.one(seated)
            for category in self.random.sample(list(NoteCategory.objects.all()), 2):
                Note.objects.create(visit=visit, category=category, customer=about, text="窓際", author=self.by)
            ConfirmedWarning.objects.create(
                visit=visit,
                customer=about,
                dish=self.dishes[0],
                kind=WarningKind.ALLERGY,
                detail="えび",
                reason="ご承知",
                confirmed_by=self.by,
            )
            replace_rows(parent=visit, rows=timeline_rows(visit))
        for one in self.guests:
            for other in self.guests:
                if one != other and self.maybe(0.3):
                    Relation.objects.create(customer=one, kind=self.one(RelationKind.values), other=other)
        for post in Post.objects.all():
            if self.maybe():
                Post.objects.filter(pk=post.pk).update(
                    predecessor=self.one([guest for guest in self.guests if guest.pk != post.customer_id])
                )
        self._booked()
        run = RankRun.objects.create(
            policy=RankPolicy.objects.get(is_current=True), as_of=self.day(), currency="JPY", asked_by=self.by
        )
        for guest in self.random.sample(self.guests, 3):
            change = RankChange.objects.create(run=run, customer=guest, to_rank=guest.rank, sales=0, visits=0)
            TimelineEntry.objects.create(
                subject_type="customers.customer",
                subject_id=guest.pk,
                at=NOW,
                kind="rank",
                parent_type="reports.rankchange",
                parent_id=change.pk,
                title="常連 → 特別",
            )
        if self.maybe():
            rank_again([guest.pk for guest in self.guests])
        else:
            RankRun.objects.all().delete()  # a house whose ranks come from its ledger
            TimelineEntry.objects.filter(kind="rank").delete()

    def _booked(self) -> None:
        """Who rang for others, who waits for a table, who must not meet whom."""
        for visit in Visit.objects.all():
            if self.maybe():
                Visit.objects.filter(pk=visit.pk).update(contact=self.one(self.guests))
        for guest in self.guests:
            if self.maybe():
                WaitingParty.objects.create(
                    venue=self.venue,
                    business_date=self.day(),
                    from_time=time(18),
                    party_size=2,
                    customer=guest,
                    taken_by=self.by,
                )
            if self.maybe():
                KeepApart.objects.create(customer=guest, other_company=self.companies[0], noted_by=self.by)
            for other in self.guests:
                if guest != other and self.maybe(0.4):
                    ended = {"ended_at": NOW, "ended_by": self.by} if self.maybe(0.3) else {}
                    KeepApart.objects.create(customer=guest, other_customer=other, noted_by=self.by, **ended)


def _guest_type() -> ContentType:
    return ContentType.objects.get_for_model(Customer)


def _open_confidential() -> Any:
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename="open_confidential", content_type=_guest_type())


__all__ = ["Thread", "World", "dump"]
