"""What the menu refuses, each with a sentence for the person."""

from django.utils.translation import gettext_lazy as _

from crm_project.core.problems import InputProblem


class MenuChangedMeanwhile(InputProblem):
    """Somebody else changed the dish, base or course since the form was opened; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else has changed this meanwhile. Open it again in another window, then repeat your change.")
        )
