"""`python -m kiosk.bundles.check`: verifies, unpacks and checks pack bundles, as the screen will read them.

A process of its own that is thrown away: what a bundle does to it, it does to no visit. `kiosk.bundles.desk`
starts it and decides; docs/reference/bundles.md is the contract.
"""

import contextlib
import json
import os
import resource
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from config.settings import Settings
from flows.languages import Language
from flows.loading.pack_document import BadPackError
from flows.loading.pack_loader import PACKS, check_packs, load_pack, pack_names
from flows.name_lists import list_names, load_list
from kiosk import hardening
from kiosk.bundles.desk import MISTAKES, NO_ROOM, OTHER_RELEASE, stamp_of
from kiosk.bundles.shelf import PackShelf
from kiosk.machine import load_settings
from kiosk.post.jws import SigningKeys
from kiosk.post.keys import KeyProblem
from kiosk.post.keyset import load_key_set
from kiosk.post.pack_bundle import BundleError, PackBundle
from kiosk.post.pack_ledger import MOST_MISTAKES, SHIPPED, Ledger, Refused, read_ledger
from kiosk.post.packs import NO_KEYS, NOT_NEWER, FetchedBundle

_KEPT = 3
"""Bundles that stay on the disk: the one in use, and those to go back to."""
_MEMORY_BYTES = 1 << 30
_CPU_S = 90
_ANSWERS = 1
"""Descriptor at which whoever started this process reads what was found."""


def packs_folder(settings: Settings, number: int) -> Path:
    """Where the packs of a bundle are; those of the software for `SHIPPED`."""
    return PACKS if number == SHIPPED else PackShelf(settings.paths.packs).place(number) / "packs"


@dataclass(frozen=True, slots=True)
class Findings:
    """What a look found. `usable`: number and digest of the bundles that can be used, newest first."""

    usable: tuple[tuple[int, str], ...] = ()
    refused: Refused | None = None


Examining = Callable[[int, str], None]
"""Is told number and digest of a bundle before its packs are read."""


def look(
    settings: Settings,
    examining: Examining = lambda _number, _digest: None,
    left_out: Collection[str] = (),
) -> Findings:
    """Verify, unpack and check all but the bundles `left_out`, by digest. Never raises for what is wrong with
    a bundle, a key or the disk.
    """
    ledger, shelf = read_ledger(settings.paths.packs), PackShelf(settings.paths.packs)
    try:
        signers = load_key_set(settings.paths.keys).packs
    except KeyProblem:
        return Findings(refused=Refused(number=0, reason=NO_KEYS) if shelf.numbers() else None)
    refused = _take_fetched(settings, ledger, shelf, signers)
    usable: list[tuple[int, str]] = []
    stamp = stamp_of(settings)
    there = [(each, *whole) for each in shelf.numbers() if (whole := shelf.whole(each, signers)) is not None]
    waiting = {number for number, _, digest in there if digest in left_out}
    for number, manifest, digest in there:
        if number in waiting or ledger.is_set_aside(digest, stamp):
            continue
        if not manifest.fits(version("report-kiosk")):
            refused = refused or Refused(number=number, digest=digest, reason=OTHER_RELEASE)
            continue
        examining(number, digest)
        if mistakes := examine(shelf.place(number), settings):
            refused = refused or Refused(number=number, digest=digest, reason=MISTAKES, mistakes=mistakes)
        else:
            usable.append((number, digest))
    _tidy(shelf, usable, waiting | {ledger.in_use})
    if refused is not None and usable and 0 < refused.number <= usable[0][0] and refused.reason != NOT_NEWER:
        refused = None  # something newer came after it
    return Findings(tuple(usable), refused)


def _take_fetched(
    settings: Settings, ledger: Ledger, shelf: PackShelf, signers: SigningKeys
) -> Refused | None:
    """Unpack the bundle that the courier has fetched, if it is newer than any before."""
    try:
        bundle = FetchedBundle(settings.paths.fetched_packs, settings.paths.keys).read()
    except BundleError as error:
        return Refused(number=0, reason=error.refusal.value)
    except (KeyProblem, OSError):  # nothing was fetched yet
        return None
    number, digest = bundle.manifest.number, bundle.digest
    there = shelf.whole(number, signers)
    if (there is not None and there[1] == digest) or ledger.is_set_aside(digest, stamp_of(settings)):
        return None
    if not _is_newer(bundle, ledger, shelf, signers):
        return Refused(number=number, digest=digest, reason=NOT_NEWER)
    if not bundle.manifest.fits(version("report-kiosk")):
        return Refused(number=number, digest=digest, reason=OTHER_RELEASE)
    try:
        shelf.unpack(bundle)
    except OSError:
        return Refused(number=number, digest=digest, reason=NO_ROOM)
    return None


def _is_newer(bundle: PackBundle, ledger: Ledger, shelf: PackShelf, signers: SigningKeys) -> bool:
    """Than all that was ever taken; the newest itself may come again if it is damaged on the disk.

    Counts what is unpacked too, because a ledger can be lost.
    """
    number = bundle.manifest.number
    there = max((each for each in shelf.numbers() if shelf.whole(each, signers)), default=SHIPPED)
    if number == ledger.highest and bundle.digest == ledger.highest_digest:
        return number > there
    return number > max(ledger.highest, there)


def examine(folder: Path, settings: Settings) -> tuple[str, ...]:
    """Every mistake in an unpacked bundle, for people: as the loader says it, and what this site needs.

    One mistake refuses the whole bundle: packs hand over to each other (docs/decisions/0231).
    """
    mistakes = mistakes_in(folder) or _wants_of_site(folder / "packs", settings)
    return tuple(dict.fromkeys(mistakes))[:MOST_MISTAKES]


def mistakes_in(folder: Path) -> list[str]:
    """Every mistake in the packs and lists of a folder, wherever they are to be used."""
    packs, lists = folder / "packs", folder / "lists"
    mistakes = [str(error) for error in check_packs(packs)]
    for name in list_names(lists):
        try:
            load_list(name, lists)
        except BadPackError as bad:
            mistakes += [str(error) for error in bad.errors]
    return list(dict.fromkeys(mistakes))


def _wants_of_site(packs: Path, settings: Settings) -> list[str]:
    """What the packs lack that this kiosk offers today."""
    wants = []
    there = pack_names(packs)
    for name in settings.site.services:
        if name not in there:
            if name in pack_names(PACKS):
                wants.append(
                    f"packs/{name}: this site offers it, and the bundle has no such pack. "
                    "Remedy: put it into the bundle, or take it off the site's services."
                )
            continue
        spoken = {language.value for language in load_pack(packs / name).definition.languages}
        wants += [
            f"{name}/pack.yaml: this site speaks {language}, and the pack does not. "
            f"Remedy: add texts/{language}.yaml and name it in languages."
            for language in settings.site.languages
            if language not in spoken and language in set(Language)
        ]
    return wants


def _tidy(shelf: PackShelf, usable: Sequence[tuple[int, str]], others: set[int]) -> None:
    keep = {number for number, _ in usable[:_KEPT]} | others
    for number in shelf.numbers():
        if number not in keep:
            with contextlib.suppress(OSError):
                shelf.remove(number)


def main() -> int:
    """Look, and say on stdout what was found: a line before each bundle, and the findings last.

    The arguments are the digests of bundles that wait for another look.
    """
    hardening.die_with_parent(os.getppid())
    for limit, most in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CPU, _CPU_S)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (most, most))
    with contextlib.suppress(OSError):
        os.nice(10)

    def say(words: object) -> None:
        os.write(_ANSWERS, json.dumps(words).encode() + b"\n")

    def examining(number: int, digest: str) -> None:
        say({"examining": [number, digest]})

    found = look(load_settings(), examining, frozenset(sys.argv[1:]))
    refused = None if found.refused is None else found.refused.model_dump()
    say({"usable": found.usable, "refused": refused})
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
