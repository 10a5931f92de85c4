"""Notes written so far keep the name their line has now; bad news among them is followed up like any other."""

from django.db import migrations
from django.db.models import OuterRef, Subquery

BATCH = 1000
NEW_LINES = (
    # code, name, purpose, entered as, required, in use
    (
        "allergy_check",
        "着席時のアレルギー確認",
        "お席でお一人ずつ。前回からお変わりがないか、お料理の前に伺います",
        "allergy",
        True,
        True,
    ),
    ("setting", "しつらい", "床の間のお花・お軸、お席の設え。次にお迎えするとき重ならないように", "text", False, False),
    ("tableware", "器", "お出しした器。次にお迎えするとき違う器でお出しできるように", "text", False, False),
)


def keep_the_wording(apps, schema_editor):
    """One statement: the line's name as it is now."""
    note = apps.get_model("visits", "Note")
    category = apps.get_model("visits", "NoteCategory")
    names = category.objects.filter(pk=OuterRef("category_id")).values("name")[:1]
    note.objects.filter(asked_as="").update(asked_as=Subquery(names))


def follow_up_bad_news(apps, schema_editor):
    """Every note of bad news is in the list of complaints: looked after where somebody has answered it."""
    note = apps.get_model("visits", "Note")
    complaint = apps.get_model("visits", "Complaint")
    thread = apps.get_model("comments", "Thread")
    answered = set(
        thread.objects.filter(
            content_type__app_label="visits", content_type__model="note", is_urgent=True, answered_at__isnull=False
        ).values_list("object_id", flat=True)
    )
    rows = note.objects.filter(category__is_bad_news=True, complaint=None).order_by("pk")
    fields = ("pk", "visit_id", "visit__venue_id", "customer_id", "text", "author_id", "created_at")
    batch = []
    for pk, visit_id, venue_id, customer_id, text, author_id, at in list(rows.values_list(*fields)):
        batch.append(
            complaint(
                note_id=pk,
                visit_id=visit_id,
                venue_id=venue_id,
                customer_id=customer_id,
                what=text,
                reported_by_id=author_id,
                reported_at=at,
                state="handled" if pk in answered else "open",
            )
        )
    complaint.objects.bulk_create(batch, batch_size=BATCH)


def add_new_lines(apps, schema_editor):
    """The lines that are shipped from now on; a house that starts gets them with the others."""
    category = apps.get_model("visits", "NoteCategory")
    if not category.objects.exists():
        return
    for number, (code, name, purpose, entry, is_required, is_active) in enumerate(NEW_LINES):
        category.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "purpose": purpose,
                "entry": entry,
                "is_required": is_required,
                "is_active": is_active,
                "position": 0 if entry == "allergy" else 100 + number,
            },
        )


class Migration(migrations.Migration):

    dependencies = [
        ("visits", "0008_depth_of_the_check_sheet"),
        ("comments", "0002_booking_rights"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(keep_the_wording, migrations.RunPython.noop),
        migrations.RunPython(follow_up_bad_news, migrations.RunPython.noop),
        migrations.RunPython(add_new_lines, migrations.RunPython.noop),
    ]
