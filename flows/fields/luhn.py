"""The check digit of bank cards and of mobile phones (ISO/IEC 7812-1 annex B)."""


def fits(digits: str) -> bool:
    """Whether the last of `digits` is the right check digit."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
