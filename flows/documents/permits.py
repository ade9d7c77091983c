"""Numbers of the cards for travel between Hong Kong, Macao and the Mainland.

Formats are published piecemeal and change with each card. They are assumptions (docs/assumptions.md), so a
number that does not fit is only ever doubted, never refused.
"""

import re

# Chinese nationals: 8 lifelong digits, and on the 1999 card 2 more of renewal. Others, since 2024: A and 7
# digits.
_HOME_RETURN = re.compile(r"[HM](?:[0-9]{8}|[0-9]{10}|A[0-9]{7})")
# C and 8 digits; when those ran out a letter that cannot be taken for 1 or 0 and 7 digits.
_EXIT_ENTRY = re.compile(r"C[A-HJ-NP-Z0-9][0-9]{7}")


def is_home_return_permit(number: str) -> bool:
    """Whether a normalised number has the form of a Home Return Permit."""
    return bool(_HOME_RETURN.fullmatch(number))


def is_exit_entry_permit(number: str) -> bool:
    """Whether a normalised number has the form of an Exit-Entry Permit to Hong Kong and Macao."""
    return bool(_EXIT_ENTRY.fullmatch(number))
