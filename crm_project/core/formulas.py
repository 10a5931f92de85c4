"""Cells that a spreadsheet shows and never runs."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MADE_HARMLESS = tuple(f"'{start}" for start in FORMULA_STARTS)


def harmless(cell: str) -> str:
    """A cell to be written: an apostrophe before what begins like a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def as_meant(cell: str) -> str:
    """A cell that was read: without the apostrophe that `harmless` puts before formulas."""
    return cell[1:] if cell.startswith(_MADE_HARMLESS) else cell
