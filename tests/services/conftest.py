"""Sites that offer every service, and people at them."""

from collections.abc import Callable

import pytest

from config.settings import Site, SiteKind, Timing
from flows.loading.pack_loader import load_packs, pack_names
from flows.pack import PackBook
from tests.flows.conftest import SITES, Person

NAMES = pack_names()


def site(kind: SiteKind = SiteKind.REPORT_ROOM, services: tuple[str, ...] = NAMES) -> Site:
    """A site of a kind that offers `services`."""
    return SITES[kind].model_copy(update={"services": list(services)})


@pytest.fixture(scope="session")
def book() -> PackBook:
    """Every pack that is shipped."""
    return load_packs(NAMES)


@pytest.fixture(scope="session")
def arrive(book: PackBook) -> Callable[..., Person]:
    """Someone new at a kiosk that offers everything, or only `services`."""

    def build(kind: SiteKind = SiteKind.REPORT_ROOM, services: tuple[str, ...] = NAMES) -> Person:
        return Person(book, site(kind, services), Timing())

    return build
