"""Which modules are mutated, and which tests have to see it. Tests that ask for a database are left out: the rules are pure."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ACCEPTED = Path(__file__).with_name("accepted.toml")
# The share of mutants, the accepted ones apart, that each module's tests must see.
THRESHOLD = 1.0


@dataclass(frozen=True)
class Target:
    """A module (or these functions of it), the test files that must see its mutants, and the tests that do not count."""

    module: str
    tests: tuple[str, ...]
    functions: frozenset[str] = field(default=frozenset())
    # Tests of speed: a busy machine would make them see faults that nobody planted.
    without: frozenset[str] = field(default=frozenset())

    @property
    def path(self) -> str:
        """The file of the module."""
        return f"{self.module.replace('.', '/')}.py"


TARGETS = (
    Target(
        "crm_project.core.text",
        ("tests/core/test_text.py",),
        without=frozenset({"test_a_name_is_folded_and_cut_fast_enough_for_an_import"}),
    ),
    Target("crm_project.core.dates", ("tests/core/test_dates.py",)),
    Target("crm_project.core.money", ("tests/core/test_money.py",)),
    Target(
        "crm_project.core.amounts",
        ("tests/core/test_amounts.py",),
        functions=frozenset(
            {
                "exact",
                "scaled",
                "unscaled",
                "AmountField.to_python",
                "AmountField.get_db_prep_value",
                "AmountField.from_db_value",
            }
        ),
    ),
    Target("customers.conflicts", ("tests/customers/test_conflicts.py",)),
    Target("customers.names", ("tests/customers/test_names.py",)),
    Target("visits.allergy_check", ("tests/visits/test_allergy_check.py",)),
    Target("visits.served", ("tests/visits/test_served.py",)),
    Target("reports.ranking", ("tests/reports/test_rank_rule.py",), functions=frozenset({"meets", "Window.ending"})),
    Target(
        "deals.models",
        ("tests/deals/test_rules.py",),
        functions=frozenset({"Deal.is_open", "Deal.asked_by", "Deal.days_without_movement"}),
    ),
)


def accepted(path: Path = ACCEPTED) -> dict[tuple[str, str, str], str]:
    """Mutants that no test can see, because they mean the same: (module, function, mutant) -> why."""
    with path.open("rb") as file:
        entries = tomllib.load(file).get("same", [])
    return {(entry["module"], entry["function"], entry["mutant"]): entry["why"] for entry in entries}
