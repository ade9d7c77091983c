"""Which bundle is offered to which kiosk. What is published lies as files in the directory of the centre."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.files import private_directory, write_private
from central.packs.bundle import BundleError, Manifest

FOLDER = "packs"
OFFERS = "offers.json"

Percent = Annotated[int, Field(ge=0, le=100)]
GroupName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Offer(_Frozen):
    """A published bundle and its reach: a group, or a share of all kiosks. 0 % is withdrawn."""

    number: int
    sha256: str
    made_at: str
    published_at: dt.datetime
    group: GroupName | None = None
    percent: Percent = 100

    @property
    def etag(self) -> str:
        """As HTTP names this bundle."""
        return f'"{self.number}-{self.sha256[:16]}"'


class Offers(_Frozen):
    """All that was published, by rising number, and who is in which group."""

    offers: tuple[Offer, ...] = ()
    groups: dict[GroupName, tuple[int, ...]] = Field(default_factory=dict)

    def for_kiosk(self, kiosk: int) -> Offer | None:
        """The newest bundle that is offered to a kiosk."""
        return next((offer for offer in reversed(self.offers) if self._reaches(offer, kiosk)), None)

    def _reaches(self, offer: Offer, kiosk: int) -> bool:
        if offer.group is not None and kiosk not in self.groups.get(offer.group, ()):
            return False
        return lot(offer.number, kiosk) < offer.percent

    def published(self, offer: Offer) -> "Offers":
        """With one more. Raises `BundleError` unless its number is the highest."""
        if self.offers and offer.number <= self.offers[-1].number:
            newest = self.offers[-1].number
            raise BundleError(f"number {offer.number} is not higher than the published {newest}")
        return self._checked(self.model_copy(update={"offers": (*self.offers, offer)}))

    def offered(self, number: int, group: str | None, percent: int) -> "Offers":
        """With another reach of a published bundle. Raises `BundleError`."""
        if number not in {offer.number for offer in self.offers}:
            raise BundleError(f"there is no bundle {number}; `report-centre packs list` shows what there is")
        changed = tuple(
            offer.model_copy(update={"group": group, "percent": percent}) if offer.number == number else offer
            for offer in self.offers
        )
        return self._checked(self.model_copy(update={"offers": changed}))

    def grouped(self, name: str, kiosks: Iterable[int]) -> "Offers":
        """With the kiosks of a group."""
        groups = {**self.groups, name: tuple(sorted(set(kiosks)))}
        return self._checked(self.model_copy(update={"groups": groups}))

    def _checked(self, changed: "Offers") -> "Offers":
        try:
            checked = Offers.model_validate(changed.model_dump())
        except ValidationError:
            raise BundleError("a group is named with small letters, digits and hyphens") from None
        for offer in checked.offers:
            if offer.group is not None and offer.group not in checked.groups:
                raise BundleError(
                    f"nobody is in the group {offer.group}; name them: report-centre packs group"
                )
        return checked


def lot(number: int, kiosk: int) -> int:
    """0 to 99, drawn for each bundle anew, so that it is not always the same kiosks that come first."""
    digest = hashlib.sha256(f"{number}/{kiosk:04d}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder `packs` of a centre."""

    folder: Path

    @staticmethod
    def of(directory: Path) -> "Shelf":
        """Of the centre in `directory`."""
        return Shelf(directory / FOLDER)

    def read(self) -> Offers:
        """What is offered. Raises `BundleError`."""
        path = self.folder / OFFERS
        try:
            return Offers.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Offers()
        except ValidationError:
            raise BundleError(f"{path} is damaged; bring it back from the backup") from None

    def write(self, offers: Offers) -> None:
        """Offer this from now on; a server that runs sees it with the next heartbeat."""
        private_directory(self.folder)
        write_private(self.folder / OFFERS, offers.model_dump_json(indent=1).encode())

    def publish(self, data: bytes, manifest: Manifest, now: dt.datetime, reach: "Reach") -> Offers:
        """Keep a verified bundle and offer it. Raises `BundleError`."""
        offer = Offer(
            number=manifest.number,
            sha256=hashlib.sha256(data).hexdigest(),
            made_at=manifest.made_at,
            published_at=now,
            group=reach.group,
            percent=reach.percent,
        )
        offers = self.read().published(offer)
        private_directory(self.folder)
        write_private(self._file(offer), data)  # before it is offered
        self.write(offers)
        return offers

    def bundle(self, offer: Offer) -> bytes:
        """The bytes of a published bundle. Raises `BundleError`."""
        try:
            return self._file(offer).read_bytes()
        except FileNotFoundError:
            raise BundleError(f"{self._file(offer)} is missing; bring it back from the backup") from None

    def _file(self, offer: Offer) -> Path:
        return self.folder / f"{offer.number}.packs"


@dataclass(frozen=True, slots=True)
class Reach:
    """To whom a bundle is offered."""

    group: str | None = None
    percent: int = 100
