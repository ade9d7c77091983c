"""What the centre measures, in the format of Prometheus and of OpenMetrics."""

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from central.keys.authority import SERVER_CERTIFICATE
from central.proof.prover import Findings, Watch
from central.store.figures import Figures, figures
from central.store.store import Store

SILENT_AFTER = dt.timedelta(minutes=15)
"""A kiosk sends a heartbeat each minute."""

ENDING = dt.timedelta(days=14)
"""A certificate that lives no longer should have been renewed long ago: kiosks renew at half life."""

_PREFIX = "report_centre_"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LOG = logging.getLogger(__name__)


class Metrics:
    """The registry of one centre, and what is counted as it happens."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            f"{_PREFIX}request_seconds",
            "How long requests took, by listener, method, route and status.",
            ("listener", "method", "route", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.received = Counter(
            f"{_PREFIX}cases_received", "Cases received since this process began.", registry=self.registry
        )


@dataclass(frozen=True, slots=True)
class Standing(Collector):
    """What is read when somebody asks. A database that is away is a figure too, not an error."""

    store: Store
    watch: Watch
    directory: Path
    clock: Callable[[], dt.datetime]

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: so that registering it asks no database."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All figures as of now."""
        now = self.clock()
        try:
            with self.store.reading() as db:
                found = figures(db, now, SILENT_AFTER, ENDING)
        except SQLAlchemyError as error:
            _LOG.error("no figures: the database is away (%s)", type(error).__name__)
            found = None
        yield _gauge("database_up", "Whether the database answers.", float(found is not None))
        if found is not None:
            yield from _of_database(found)
        if self.watch.findings is not None:
            yield from _of_chains(self.watch.findings)
        yield _gauge(
            "server_certificate_expiry_timestamp_seconds",
            "When the server's certificate ends.",
            _server_certificate_end(self.directory).timestamp(),
        )


def _of_database(found: Figures) -> Iterator[GaugeMetricFamily]:
    kiosks = GaugeMetricFamily(f"{_PREFIX}kiosks", "Kiosks by what is known of them.", labels=("state",))
    kiosks.add_metric(("heard",), found.kiosks_heard)
    kiosks.add_metric(("silent",), found.kiosks_silent)
    kiosks.add_metric(("revoked",), found.kiosks_revoked)
    yield kiosks
    yield _gauge("kiosk_cases_queued", "Cases that kiosks still hold, as they said last.", found.queued)
    yield _gauge("kiosk_cases_quarantined", "How many of them wait for a person.", found.quarantined)
    yield _gauge(
        "kiosk_oldest_queued_age_seconds",
        "How long the oldest of them has waited.",
        found.oldest_queued_s,
    )
    yield _gauge("messages_waiting", "Messages to visitors that were not sent yet.", found.messages_waiting)
    yield _gauge("messages_oldest_age_seconds", "Age of the oldest of them.", found.oldest_message_s)
    yield _gauge(
        "kiosk_certificates_ending",
        f"Kiosks whose last certificate ends within {ENDING.days} days or has ended.",
        found.certificates_ending,
    )
    packs = GaugeMetricFamily(
        f"{_PREFIX}kiosk_packs",
        "Kiosks by the pack bundle they ask with; 0: of their release.",
        labels=("number",),
    )
    for number, count in sorted(found.packs.items()):
        packs.add_metric((str(number),), count)
    yield packs
    yield _gauge("kiosk_packs_refused", "Kiosks that did not take a pack bundle.", found.packs_refused)
    yield _gauge("database_size_bytes", "What the database takes on its disk.", found.database_bytes)


def _of_chains(found: Findings) -> Iterator[GaugeMetricFamily]:
    absent = GaugeMetricFamily(
        f"{_PREFIX}chain_cases_absent", "Cases that were sealed and are not here.", labels=("state",)
    )
    absent.add_metric(("awaited",), found.awaited)
    absent.add_metric(("overdue",), found.overdue)
    absent.add_metric(("missing",), found.missing)
    yield absent
    yield _gauge("chain_forks", "Sequence numbers used for more than one case.", found.forks)
    yield _gauge("chain_broken_links", "Cases that do not follow on the one before them.", found.broken)
    yield _gauge("chains_not_whole", "Kiosks of which something is missing or odd.", len(found.not_whole))


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{_PREFIX}{name}", words, value=value)


def _server_certificate_end(directory: Path) -> dt.datetime:
    return x509.load_pem_x509_certificate((directory / SERVER_CERTIFICATE).read_bytes()).not_valid_after_utc
