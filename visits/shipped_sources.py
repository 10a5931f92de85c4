"""The sources of bookings a new house starts with. Afterwards they are data: the house changes them on its own screen."""

from django.db import transaction

from visits.models import BookingSource

SHIPPED_SOURCES = (
    "お電話",
    "ご紹介",
    "ご来店",
    "予約サイト",
    "ホテル・コンシェルジュ",
    "旅行会社",
    "メール・お問い合わせ",
    "営業",
)


@transaction.atomic
def ensure_shipped_sources() -> None:
    """Make the first list while the house has none."""
    if BookingSource.objects.exists():
        return
    BookingSource.objects.bulk_create(
        BookingSource(name=name, position=position) for position, name in enumerate(SHIPPED_SOURCES)
    )
