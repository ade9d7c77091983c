"""What can be found out about the packs of a kiosk: which bundle, and why a newer one is not used."""

from collections.abc import Iterator

from config.settings import Settings
from kiosk.findings import Finding, Health
from kiosk.post.pack_ledger import SHIPPED, Ledger, Refused, read_ledger

_FORCE = "tell whoever publishes packs (docs/publish-packs.md)"
_REASONS = {
    "no_keys": (
        "the key set names no key for packs",
        "the centre names one: report-centre keys draft --packs",
    ),
    "too_large": ("it is too large", _FORCE),
    "not_signed": ("no key of the key set has signed it", f"{_FORCE}: sign it with a key of the key set"),
    "malformed": ("it is damaged", "nothing: the courier fetches it again; if it stays, " + _FORCE),
    "not_newer": ("it is older than one that was used here", f"{_FORCE}: publish it with a higher number"),
    "other_release": (
        "it is for another release of the software",
        f"bring this kiosk to that release, or {_FORCE}",
    ),
    "mistakes": ("its packs have mistakes", _FORCE),
    "no_room": ("it could not be written", "free room on the file system of the kiosk's state"),
    "check_failed": ("checking it failed", _FORCE),
    "check_slow": (
        "checking it took too long; it is tried again by itself",
        f"look what keeps this kiosk busy; if it stays after a day, {_FORCE}",
    ),
    "screens_failed": ("screens failed with it before one visit had ended", _FORCE),
}


def bundle(settings: Settings) -> Iterator[Finding]:
    """Which packs visits ask with, and what is wrong with a newer bundle."""
    ledger = read_ledger(settings.paths.packs)
    in_use = "the packs of this release" if ledger.in_use == SHIPPED else f"bundle {ledger.in_use}"
    if ledger.refused is None:
        yield Finding("packs", Health.WORKS, f"visits ask with {in_use}")
        return
    why, remedy = _REASONS.get(ledger.refused.reason, (ledger.refused.reason, _FORCE))
    name = f"bundle {ledger.refused.number}" if ledger.refused.number else "the fetched bundle"
    yield Finding("packs", Health.WATCH, f"visits ask with {in_use}; {name} is not used: {why}", remedy)
    for mistake in ledger.refused.mistakes:
        yield Finding("packs", Health.WATCH, *_parted(mistake))


def facts(settings: Settings) -> dict[str, str | int | bool | None]:
    """For the page of versions and support bundles."""
    ledger: Ledger = read_ledger(settings.paths.packs)
    refused: Refused | None = ledger.refused
    return {
        "packs_number": ledger.in_use,
        "packs_refused": None if refused is None else refused.number,
        "packs_refusal": None if refused is None else refused.reason,
    }


def _parted(mistake: str) -> tuple[str, str]:
    what, _, remedy = mistake.partition(" Remedy: ")
    return what, remedy
