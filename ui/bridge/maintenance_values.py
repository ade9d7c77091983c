"""Values of maintenance as its pages show them, and what the pages show before anything was said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.events import catalogue
from flows.ports import OfficerCall


class Teller:
    """Tells moments by the clock of the kiosk's place."""

    def __init__(self, time_zone: str) -> None:
        self._zone = ZoneInfo(time_zone)

    def now(self) -> str:
        """This moment."""
        return self.moment(datetime.now(self._zone).timestamp())

    def moment(self, at: object) -> str:
        """A moment of the wall clock, from Unix seconds or ISO 8601, as the kiosk's clock shows it."""
        if isinstance(at, int | float):
            return datetime.fromtimestamp(at, self._zone).strftime("%Y-%m-%d %H:%M:%S")
        try:
            return datetime.fromisoformat(str(at)).astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")
        except ValueError:
            return str(at)

    def day(self, at: object) -> str:
        """Its day."""
        return self.moment(at)[:10]

    def dated(self, last: Mapping[str, Any] | None) -> dict[str, Any]:
        """The last outcome of a test or an item; empty if there is none."""
        return {} if last is None else {**last, "at": self.moment(last["at"])[:16]}

    def test(self, test: Mapping[str, Any]) -> dict[str, Any]:
        """A self-test."""
        return {**test, "last": self.dated(test["last"])}

    def item(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """An item of the checklist."""
        last = item["last"]
        return {**item, "due_at": self.day(item["due_at"]), "last": self.dated(last)}

    def device(self, device: Mapping[str, Any]) -> dict[str, Any]:
        """What a device says of itself, and its changes, latest first."""
        changes = [
            {"state": change["state"], "at": self.moment(change["at"])}
            for change in reversed(device["history"])
        ]
        return {"facts": facts(device["facts"]), "history": changes}

    def event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """An entry of the log, with the words of the catalogue."""
        fields = " · ".join(f"{name} {words(value)}" for name, value in event["fields"].items())
        spec = catalogue().events.get(event["event"])
        told = spec.words if spec else ""
        return {**event, "at": self.moment(event["at"]), "fields": fields, "words": told}


HOUSE: Mapping[str, object] = {
    "title": "",
    "help": "",
    "body": {},
    "progress": {},
    "notices": [],
    "can_next": False,
    "can_skip": False,
    "overlay": "",
    "officer_call": OfficerCall.NONE,
    "calls_reach": True,
}
"""What pages of the house read of a visit and find empty here."""

OF_A_PAGE: Mapping[str, object] = {
    "scan": {},
    "tried": {},
    "printing": "",
    "camera_on": False,
    "fps": 0.0,
    "frame_age_ms": 0,
    "trying_keys": False,
    "pressed": [],
    "restarting": "",
    "restarted": "",
    "bundle": {},
    "hops": [],
    "failed": "",
}
EMPTY: Mapping[str, object] = {
    **OF_A_PAGE,
    "screen": "login",
    "device": "",
    "can_back": False,
    "kiosk": "",
    "technician": "",
    "reason": "",
    "wait": 0,
    "asking": 0,
    "seconds": 0,
    "code": "",
    "dots": 0,
    "has_pass": False,
    "named": False,
    "findings": [],
    "devices": {},
    "tests": [],
    "items": [],
    "events": [],
    "facts": [],
    "plugged": False,
}


def facts(named: Mapping[str, object]) -> list[dict[str, str]]:
    """Names and values as rows."""
    return [{"name": name, "value": words(value)} for name, value in named.items()]


def words(value: object) -> str:
    """A value as it is shown."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
