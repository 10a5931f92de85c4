"""The words for the stages a new house starts with. Afterwards they are data of the house."""

from django.db import transaction

from deals.choices import Stage
from deals.models import StageLabel

# stage, label, chance in %
SHIPPED_LABELS = (
    (Stage.INQUIRY, "お問い合わせ", 10),
    (Stage.SITE_VISIT, "下見", 30),
    (Stage.PROPOSAL, "ご提案", 50),
    (Stage.TENTATIVE_HOLD, "仮押さえ", 80),
    (Stage.WON, "ご成約", 100),
    (Stage.LOST, "見送り", 0),
)


@transaction.atomic
def create_shipped_labels() -> None:
    """Make the labels while the house has none."""
    if not StageLabel.objects.exists():
        StageLabel.objects.bulk_create(
            StageLabel(stage=stage, label=label, probability=chance) for stage, label, chance in SHIPPED_LABELS
        )
