"""One ledger of invented guests in twelve styles of mess, as houses keep theirs: `python -m tests.ledger_mess FOLDER` writes them all.

Every style is written from the same truth (`truth.GUESTS`) by a few lines of script, so that a reader can see what was planted.
"""
