"""Rebuild crm_project/core/municipalities.txt: `municipalities.py FILE`, a table of postcodes of Japan Post (any form that
`manage.py load_postcodes` reads). One line for each prefecture: its name, then its cities, wards, towns and villages.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from crm_project.core.places import municipality
from customers.postcodes import read_postcodes

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# Prefectures and their municipalities in the order of their codes, from the postcode table of Japan Post (public data):
# https://www.post.japanpost.jp/zipcode/download.html - rebuilt by scripts/municipalities.py. Towns and villages stand with
# their county (郡), wards of designated cities with their city; 八丈町 and 三宅村 without their island.
"""


def main() -> int:
    """Write the file; 2 without a readable table."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    cities: dict[str, dict[str, None]] = {}
    for line in read_postcodes(Path(sys.argv[1])):
        cities.setdefault(line.prefecture, {})[municipality(line.city)] = None
    path = ROOT / "crm_project" / "core" / "municipalities.txt"
    lines = [f"{prefecture} {' '.join(names)}\n" for prefecture, names in cities.items()]
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {len(cities)} prefectures, {sum(map(len, cities.values()))} municipalities")
    return 0


if __name__ == "__main__":
    sys.exit(main())
