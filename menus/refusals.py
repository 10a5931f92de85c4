"""What the menu refuses, each with a sentence for the person."""

from django.utils.translation import gettext_lazy as _

from crm_project.core.problems import InputProblem


class MenuChangedMeanwhile(InputProblem):
    """Somebody else changed the dish, base or course since the form was opened; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else has changed this meanwhile. What is stored now stands below beside what you typed:"
                " saved once more, yours replaces it."
            )
        )


class CourseRenewed(MenuChangedMeanwhile):
    """A served course that somebody has replaced by a new version since it was opened; nothing was written."""
