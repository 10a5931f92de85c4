"""A name that somebody else takes in the same moment: the database says no, the person reads why."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from crm_project.core.problems import InputProblem


@contextmanager
def unless_taken(problem: InputProblem) -> Iterator[None]:
    """Write a row whose name has to be its own; raises `problem` where another one has it by now."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as collision:
        raise problem from collision
