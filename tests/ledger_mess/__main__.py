"""Write all styles into a folder, to be looked at in a spreadsheet."""

import sys
from pathlib import Path

from tests.ledger_mess.styles import STYLES

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, write in STYLES.items():
    print(name, write(folder).path)
