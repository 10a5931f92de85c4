"""お連れ① is addressed like every guest: お連れ様①. At tables, in drafts and on sheets that are printed and not yet over."""

import hashlib
import json
import re

from django.db import migrations
from django.db.models import Exists, F, OuterRef, Value
from django.db.models.functions import Concat, Substr

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
NUMBERS = [*CIRCLED, *map(str, range(21, 1000))]
# Behind an honorific (お連れ様①) there is nothing to add.
BARE = re.compile(rf"お連れ(?=[{CIRCLED}]|[0-9])")
OPEN = ("tentative", "reserved", "arrived", "seated")


def address_at_tables(apps, schema_editor):
    """One statement; a table that has both of the same number keeps them apart as they are."""
    attendance = apps.get_model("visits", "Attendance")
    there = attendance.objects.filter(visit=OuterRef("visit"), label=OuterRef("addressed"))
    bare = attendance.objects.filter(customer=None, label__in=[f"お連れ{number}" for number in NUMBERS])
    addressed = Concat(Value("お連れ様"), Substr("label", 4))
    found = bare.annotate(addressed=addressed).filter(~Exists(there))
    attendance.objects.filter(pk__in=found.values("pk")).update(label=Concat(Value("お連れ様"), Substr(F("label"), 4)))


def address_in_drafts(apps, schema_editor):
    """What somebody is typing names them as the form does from now on."""
    draft = apps.get_model("visits", "VisitDraft")
    for pk, values in list(draft.objects.values_list("pk", "values")):
        if not isinstance(values, dict):
            continue
        told = {
            name: [_addressed(word) for word in words]
            if name.startswith("label_") and isinstance(words, list)
            else words
            for name, words in values.items()
        }
        if told != values:
            draft.objects.filter(pk=pk).update(values=told)


def address_on_sheets(apps, schema_editor):
    """A printed 心得 of an evening that is still to come is not told as changed for the sake of a word."""
    revision = apps.get_model("visits", "SheetRevision")
    rows = revision.objects.filter(sheet="briefing", visit__status__in=OPEN).order_by("pk")
    for pk, content in list(rows.values_list("pk", "content")):
        if not isinstance(content, dict):
            continue
        told = {key: [_addressed(line) for line in lines] for key, lines in content.items()}
        if told != content:
            plain = {key: sorted(lines) for key, lines in told.items() if lines}
            digest = hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
            revision.objects.filter(pk=pk).update(content=told, digest=digest)


def _addressed(word):
    return BARE.sub("お連れ様", word) if isinstance(word, str) else word


class Migration(migrations.Migration):

    dependencies = [("visits", "0010_seating_plans")]

    operations = [
        migrations.RunPython(address_at_tables, migrations.RunPython.noop),
        migrations.RunPython(address_in_drafts, migrations.RunPython.noop),
        migrations.RunPython(address_on_sheets, migrations.RunPython.noop),
    ]
