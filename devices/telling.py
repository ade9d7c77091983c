"""Facts about a device as they may be told: it may say anything of itself, and does."""

import re
from collections.abc import Mapping

MOST_FACTS = 32
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_UNPRINTABLE = re.compile(r"[^ -~]")
_LONGEST = 120


def facts_that_fit(facts: Mapping[str, str]) -> dict[str, str]:
    """The facts with a proper name, cut to printable ASCII and to their lengths."""
    known = [(name, value) for name, value in facts.items() if _NAME.fullmatch(name)]
    return {name: _UNPRINTABLE.sub("?", str(value))[:_LONGEST] for name, value in known[:MOST_FACTS]}
