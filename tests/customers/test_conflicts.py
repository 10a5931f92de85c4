"""What two people changed at once: the rule alone, without a database."""

import pytest

from customers.conflicts import FieldConflict, VersionConflict, find_conflicts


@pytest.mark.parametrize(
    ("theirs", "mine", "base", "found"),
    [
        # Both changed it, each in another way.
        ({"title": "女将"}, {"title": "若女将"}, {"title": ""}, [FieldConflict("title", "女将", "若女将", "")]),
        # Both wrote the same.
        ({"title": "女将"}, {"title": "女将"}, {"title": ""}, []),
        # Only this one changed it.
        ({"title": ""}, {"title": "若女将"}, {"title": ""}, []),
        # Only the other one did; the form sends back what it showed.
        ({"title": "女将"}, {"title": ""}, {"title": ""}, [FieldConflict("title", "女将", "", "")]),
        # What the person saw is not known: everything that differs.
        ({"title": "女将"}, {"title": "若女将"}, None, [FieldConflict("title", "女将", "若女将")]),
        ({"title": "女将"}, {"title": "女将"}, None, []),
        # The form did not show the field.
        ({"title": "女将", "kana": "ハヤシ"}, {"title": "若女将"}, {}, [FieldConflict("title", "女将", "若女将")]),
    ],
)
def test_a_conflict_is_what_both_changed_differently(theirs, mine, base, found):
    assert find_conflicts(theirs=theirs, mine=mine, base=base) == found


def test_the_error_carries_the_version_to_answer_to_and_names_the_fields():
    conflicts = [FieldConflict("title", "女将", "若女将"), FieldConflict("kana", "", "ハヤシ")]
    error = VersionConflict(version=3, conflicts=conflicts)
    assert (error.version, error.conflicts) == (3, conflicts)
    assert str(error) == "Changed by somebody else: title, kana"
