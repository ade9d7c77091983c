"""Everything a visit needs besides its face, joined: packs, clock, devices, keeper, courier, coordinator."""

import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any
from uuid import uuid4

from config.event_names import Event as Logged
from config.log import log
from config.settings import Settings
from devices.client import DeviceEvent, DevicesClient, Frame, KeyDown, PanelTried
from flows.events import CaseKept, CentreAnswered, Ending, Event
from flows.facts import KioskFacts
from flows.loading.pack_loader import usable_packs
from flows.pack import PackBook
from flows.picture.site_words import SiteWords
from flows.ports import PanelKey
from flows.view import ViewState
from flows.visit import Visit
from kiosk.bundles.check import packs_folder
from kiosk.post.courier_client import Answered, CourierClient, NotAnswered, Receipted, Said
from kiosk.post.pack_ledger import SHIPPED
from kiosk.post.tallies import Tallies
from kiosk.post.uploads import Way
from kiosk.screens.clock import SystemClock
from kiosk.screens.coordinator import Coordinator, Ports
from kiosk.screens.courier_ports import Asking, Counting, PhoneFiles
from kiosk.screens.keeper import AT_FIRST, Clerk, Keeper
from kiosk.screens.printing import Printing


class Scanning:
    """The scanner port."""

    def __init__(self, client: DevicesClient) -> None:
        self.arm = client.arm
        self.disarm = client.disarm


class Picturing:
    """The camera port."""

    def __init__(self, client: DevicesClient) -> None:
        self.open = client.open_camera
        self.close = client.close_camera
        self.capture = client.capture


def load_book(settings: Settings, bundle: int) -> PackBook:
    """The packs that the site offers, from the bundle of that number; one that cannot be used is left out.

    Takes long, and is done on a thread of its own; the book does not change any more.
    """
    words = SiteWords.of(settings.site.code, settings.words)
    packs, refused = usable_packs(settings.site.services, packs_folder(settings, bundle), words)
    for name in refused:
        log(Logged.PACK_REFUSED, pack=name)
    return packs


class VisitParts:
    """The parts of one visit; they end with the process."""

    def __init__(
        self,
        settings: Settings,
        packs: PackBook,
        post: Callable[[Event], None],
        show_frame: Callable[[bytes], None],
        press: Callable[[PanelKey], None],
        show: Callable[[ViewState], None],
        end: Callable[[Ending], None],
        bundle: int = SHIPPED,
    ) -> None:
        """`post`, `show_frame` and `press` are called on other threads, `show` and `end` on this one.

        `packs` is what `load_book` read, `bundle` the number of the pack bundle that it was read from.
        """
        self._post = post
        self._courier = CourierClient(settings.paths.courier_socket, self._from_courier)
        self.clerk = Clerk(lambda: Keeper.open(settings, CaseChecker(packs).is_faulty), self._from_clerk)
        clock = SystemClock(settings.time_zone)
        keys, number = settings.paths.keys, settings.kiosk_number
        self._asking = Asking(keys, number, self._courier, post, time.time)
        self._phone_files = PhoneFiles(self._courier, post)
        self.counting = Counting(Tallies(settings.paths.tallies), lambda: clock.now().date())
        facts = KioskFacts(f"{number:04d}", version("report-kiosk"), recipients=AT_FIRST, bundle=bundle)
        self.visit = Visit(packs, settings.site, settings.timing, clock, facts, uuid4)
        self._show_frame = show_frame
        self._press = press
        client = DevicesClient(settings.paths.devices_socket, self._from_devices)
        self.scanning = Scanning(client)
        ports = Ports(
            Printing(client, settings),
            self.scanning,
            Picturing(client),
            client,
            self._asking,
            self._phone_files,
            self.counting,
            self.clerk.keep,
            end,
        )
        self.coordinator = Coordinator(self.visit, ports, show)
        self.coordinator.begin()

    def _from_devices(self, event: DeviceEvent) -> None:
        if isinstance(event, Frame):
            self._show_frame(event.jpeg)
        elif isinstance(event, KeyDown):
            self._press(event.key)
        elif not isinstance(event, PanelTried):
            self._post(event)

    def _from_clerk(self, event: Event) -> None:
        if isinstance(event, CaseKept):
            self._courier.poke()
            self._courier.watch(event.kept.case_id)
        self._post(event)

    def _from_courier(self, said: Said) -> None:
        if isinstance(said, Receipted):
            self._post(CentreAnswered(said.case_id, said.official_number))
        elif isinstance(said, Answered | NotAnswered):
            self._asking.hear(said)
        elif isinstance(said, Way):
            self._phone_files.hear(said)


class CaseChecker:
    """Checks completed cases against the schema of their pack."""

    def __init__(self, packs: PackBook) -> None:
        self._validators = {name: pack.case_validator for name, pack in packs.packs.items()}

    def is_faulty(self, document: Mapping[str, Any]) -> bool:
        """Whether the document breaks the schema. What is wrong may quote answers and is not told."""
        return not self._validators[document["pack"]["name"]].is_valid(document)
