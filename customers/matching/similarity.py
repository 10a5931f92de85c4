"""How far apart two texts are."""


def edits(one: str, other: str, most: int) -> int:
    """Typing slips between two texts, `most` + 1 when there are more than `most` (1 or 2).

    A slip is a sign added, left out or replaced, or two neighbours swapped (optimal string alignment).
    """
    if one == other:
        return 0
    if -most <= len(one) - len(other) <= most:
        if _one_slip(one, other):
            return 1
        # A slip takes one sign and brings one: texts of other signs need no closer look.
        if most == 2 and len({*one} ^ {*other}) <= 4 and _two_slips(one, other):
            return 2
    return most + 1


def _one_slip(one: str, other: str) -> bool:
    """Whether two texts are equal or one slip apart: what is left between their common ends tells."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    size = len(short)
    beyond = len(long) - size
    if beyond > 1:
        return False
    start = 0
    while start < size and short[start] == long[start]:
        start += 1
    if beyond:
        return short[start:] == long[start + 1 :]
    if short[start + 1 :] == long[start + 1 :]:
        return True
    return short[start : start + 2] == long[start + 1 : start - 1 if start else None : -1] and (
        short[start + 2 :] == long[start + 2 :]
    )


def _two_slips(one: str, other: str) -> bool:
    """Whether two texts that differ are two slips apart: the first slip stands where they part, the rest tells."""
    start, size = 0, min(len(one), len(other))
    while start < size and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    return (
        _one_slip(one[1:], other[1:])
        or _one_slip(one, other[1:])
        or _one_slip(one[1:], other)
        or (one[:2] == other[1::-1] and _one_slip(one[2:], other[2:]))
    )


def slip(one: str, other: str) -> bool:
    """Whether two numbers of the same length differ by one digit or by two neighbours swapped."""
    return len(one) == len(other) and one != other and _one_slip(one, other)
