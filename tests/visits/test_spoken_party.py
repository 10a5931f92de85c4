"""How many come, as it is said on the phone."""

import pytest

from visits.spoken_party import NotAParty, Party, read_party


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", None),
        ("6", Party(6)),
        ("６名", Party(6)),
        ("六名様", Party(6)),
        ("お二人", Party(2)),
        ("12 guests", Party(12)),
        ("大人18 子ども2", Party(20, (("大人", 18), ("子ども", 2)))),
        ("大人18名、お子様2名", Party(20, (("大人", 18), ("お子様", 2)))),
        ("大人 4 小人 1", Party(5, (("大人", 4), ("小人", 1)))),
        ("大人4名と子ども1名", Party(5, (("大人", 4), ("子ども", 1)))),
        ("adults 4, children 2", Party(6, (("adults", 4), ("children", 2)))),
    ],
)
def test_how_many_come(written, meant):
    assert read_party(written) == meant


@pytest.mark.parametrize("written", ["0", "2001", "たくさん", "大人", "大人2 大人3", "4から6", "大人0 子ども2"])
def test_what_says_no_number_is_refused(written):
    with pytest.raises(NotAParty):
        read_party(written)
