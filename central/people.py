"""What a centre does for people, joined: officers, visitors who ask, messages to them and their receipts."""

import datetime as dt
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, FastAPI
from pydantic import ValidationError

from central.archive import Archive
from central.centre import Centre, CentreError, now
from central.enquiries.api import router as enquiries_router
from central.enquiries.codes import Codes
from central.enquiries.desk import Enquiries, Pace
from central.inbox.api import create_inbox_app
from central.inbox.desk import Desk
from central.inbox.officers import Officers
from central.inbox.roles import InboxSettings
from central.keys.authority import CA_CERTIFICATE
from central.keys.keyring import Keyring
from central.proof.prover import Prover
from central.public.app import create_public_app
from central.public.press import Press
from central.public.receipt import ReceiptSettings
from central.public.receipts import Receipts
from central.sending.queue import MessageQueue
from central.sending.settings import SendingError, read_settings, senders
from central.sending.worker import Worker
from central.store.cases import Case
from central.store.store import Store
from central.survey.api import router as tallies_router
from central.survey.tallies import SurveySettings, Tallies
from central.uploads.api import router as uploads_router
from central.uploads.desk import Uploads
from central.uploads.page import PhonePage
from central.uploads.page import router as phone_router
from central.uploads.settings import UploadSettings
from central.uploads.tokens import Tokens

_CODES = "enquiries"
_TOKENS = "uploads"
PUBLIC_URL = "https://localhost:8445"


@dataclass(frozen=True, slots=True)
class People:
    """All of it for one centre, over its open database."""

    inbox: FastAPI
    receipts: Receipts
    enquiries: Enquiries
    queue: MessageQueue
    worker: Worker
    uploads: Uploads
    phone: PhonePage
    tallies: Tallies
    authority: bytes

    @staticmethod
    def of(
        centre: Centre,
        store: Store,
        keyring: Keyring,
        clock: Callable[[], dt.datetime] = now,
        public_url: str = PUBLIC_URL,
    ) -> "People":
        """As the settings say; `public_url` is where the public listens. Raises `CentreError`."""
        archive, codes, queue = (
            Archive(store, keyring),
            Codes(keyring.derived_key(_CODES)),
            MessageQueue(clock),
        )
        sections = _Sections.of(centre)
        press = Press(centre.directory, sections.receipts, clock)
        page = sections.uploads.page or sections.receipts.page or public_url
        tokens = Tokens(keyring.derived_key(_TOKENS))
        uploads = Uploads(store, keyring, tokens, codes, page, clock)
        tallies = Tallies(store, sections.survey, clock)
        prover, permissions = Prover(store, clock), sections.inbox.permissions()
        desk = Desk(store, archive, uploads, queue, prover, clock, tallies, permissions)
        try:
            sending = read_settings(centre.section("sending"))
            ways = senders(sending, centre.directory, clock)
        except SendingError as error:
            raise CentreError(str(error)) from None
        patience = dt.timedelta(days=sending.give_up_days)
        return People(
            inbox=create_inbox_app(desk, Officers(store, clock)),
            receipts=Receipts(store, archive, keyring, press, codes, sections.receipts, clock),
            enquiries=Enquiries(store, keyring, queue, codes, clock, Pace(time.monotonic, time.sleep)),
            queue=queue,
            worker=Worker(store, archive, ways, codes, clock, random.SystemRandom().random, patience),
            uploads=uploads,
            phone=PhonePage(uploads, codes),
            tallies=tallies,
            authority=(centre.directory / CA_CERTIFICATE).read_bytes(),
        )

    def on_received(self, db: sa.Connection, case: Case, document: Any) -> None:
        """What a new case brings with it, in the transaction that stores it."""
        self.enquiries.join_supplement(db, case, document)
        self.uploads.join(db, case, document)
        self.queue.queue_received(db, case, document)

    def gateway_routers(self) -> Sequence[APIRouter]:
        """What kiosks ask on behalf of visitors."""
        return (
            enquiries_router(self.enquiries),
            uploads_router(self.uploads),
            tallies_router(self.tallies),
        )

    def public_app(self, door: Sequence[APIRouter] = ()) -> FastAPI:
        """The public pages, with that for phones and the `door` of kiosks."""
        return create_public_app(self.receipts, self.authority, [phone_router(self.phone), *door])


@dataclass(frozen=True, slots=True)
class _Sections:
    inbox: InboxSettings
    receipts: ReceiptSettings
    uploads: UploadSettings
    survey: SurveySettings

    @staticmethod
    def of(centre: Centre) -> "_Sections":
        try:
            return _Sections(
                InboxSettings.model_validate(centre.section("inbox")),
                ReceiptSettings.model_validate(centre.section("receipts")),
                UploadSettings.model_validate(centre.section("uploads")),
                SurveySettings.model_validate(centre.section("survey")),
            )
        except ValidationError as error:
            place = ".".join(map(str, error.errors()[0]["loc"]))
            raise CentreError(f"settings of {error.title}: {place}: {error.errors()[0]['msg']}") from None
