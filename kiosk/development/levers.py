"""What is typed after `kiosk lever`, as a command of the simulators."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.ports import Device

SPECIMEN = "specimen:"


class NoLeverError(Exception):
    """There is no such lever; the message says which there are."""


def words(what: str, named: Mapping[str, object], other: Sequence[str]) -> dict[str, object]:
    r"""The JSON object for `simulators.sock`. Raises NoLeverError.

    `other` are `key=value`; in what is scanned `\n` is the end of a line.
    """
    if what == "state":
        return {"ask": "state"}
    if what == "network":
        return {"network": named.get("fault", "")}
    if what not in list(Device):
        raise NoLeverError(f"there is no lever {what!r}; known: {', '.join(Device)}, network, state")
    return {"device": what, **_spelled(named), **dict(map(_pair, other))}


def _spelled(named: Mapping[str, object]) -> dict[str, object]:
    spelled = dict(named)
    if "scan" in spelled:
        spelled["scan"] = str(spelled["scan"]).replace("\\n", "\n")
    shown = str(spelled.get("show", ""))
    if shown and not shown.startswith(SPECIMEN):
        spelled["show"] = str(Path(shown).absolute())  # the simulators work in a folder of their own
    return spelled


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator:
        raise NoLeverError(f"{text!r} is not key=value")
    return key, value
