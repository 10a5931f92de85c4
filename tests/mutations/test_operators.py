"""Which faults are planted in a text, and which parts of it are left alone."""

import pytest

from tests.mutations.operators import mutants_of


def faults(source: str) -> list[str]:
    """The faults of one line in a function, without those of its statement as a whole."""
    body = f"def rule(a, b, c):\n    return {source}\n"
    return [m.text for m in mutants_of(body, "rule.py") if not m.before.startswith("return ")]


@pytest.mark.parametrize(
    ("source", "planted"),
    [
        ("a >= b", ["a >= b -> a > b", "a >= b -> a < b"]),
        ("a is b", ["a is b -> a is not b"]),
        ("a and b", ["a and b -> a or b", "a and b -> b", "a and b -> a"]),
        ("not a", ["not a -> a"]),
        ("a if b else c", ["a if b else c -> a", "a if b else c -> c"]),
        ("a + b", ["a + b -> a - b"]),
        ("a[1:]", ["1: -> :", "1: -> 2:"]),
        ("max(a, b)", ["max(a, b) -> min(a, b)"]),
        ("sorted(a, key=b)", ["sorted(a, key=b) -> sorted(a)"]),
        ("[x for x in a if b]", ["[x for x in a if b] -> [x for x in a]"]),
        ("a.startswith('81')", ["a.startswith -> a.endswith", "a.startswith('81') -> a.startswith('8')"]),
        ("_('The sentence of the screen')", []),
        ("f'{a}円'", ["f'{a}円' -> f'{a}円X'"]),
    ],
)
def test_faults_of_an_expression(source, planted):
    assert [fault.strip() for fault in faults(source)] == planted


def test_faults_of_statements():
    source = """def rule(a: int = 1) -> int:
    '''What it says.'''
    if a:
        raise ValueError
    a = a.strip()
    return a
"""
    assert [(mutant.function, mutant.text) for mutant in mutants_of(source, "rule.py")] == [
        ("", "1 -> 2"),
        ("rule", "if a -> if not a"),
        ("rule", "raise ValueError -> pass"),
        ("rule", "a = a.strip() -> pass"),
        ("rule", "a.strip -> a.lstrip"),
        ("rule", "return a -> return None"),
    ]


def test_words_of_a_table_are_data_but_its_numbers_are_rules():
    assert [mutant.text for mutant in mutants_of("LIMITS = {'JPY': 0}\nSIGN = 'ab'\n", "table.py")] == [
        "{'JPY': 0} -> {'JPY': 1}",
        "'ab' -> 'a'",
    ]


def test_only_the_functions_asked_for():
    source = (
        "class Deal:\n    def is_open(self):\n        return 1\n\n    def other(self):\n        return 1\n\nX = 1\n"
    )
    mutants = list(mutants_of(source, "deal.py", functions=frozenset({"Deal.is_open"})))
    assert [(mutant.function, mutant.line) for mutant in mutants] == [("Deal.is_open", 3), ("Deal.is_open", 3)]


def test_the_source_itself_is_left_as_it_was():
    source = "def rule(a):\n    return a > 1\n"
    values = {}
    for mutant in mutants_of(source, "rule.py"):
        namespace: dict = {}
        exec(mutant.code, namespace)
        values[mutant.text] = [namespace["rule"](number) for number in (1, 2, 3)]
    assert values == {
        "return a > 1 -> return None": [None, None, None],
        "a > 1 -> a >= 1": [True, True, True],
        "a > 1 -> a <= 1": [True, False, False],
        "a > 1 -> a > 2": [False, False, True],
    }
