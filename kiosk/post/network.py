"""The way to the centre, hop by hop: where it ends, why, and what a technician can do.

Runs in the courier, because the network is there and nowhere else. Changes nothing and sends nothing of a
report: the last question is the one for the key set, which every kiosk asks often.
"""

import contextlib
import ipaddress
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.post import jws, keyset
from kiosk.post.central import Central
from kiosk.post.identity import certificate_life, client_tls
from kiosk.post.keys import ENROL, KeyProblem
from kiosk.post.outcomes import Failure, NoReply, Reply
from kiosk.post.report import CHECK_S, Health, Hop

HOP_S = 5.0

_PING_S = 1.0
_ECHO_REQUEST = struct.pack(">BBHHH", 8, 0, 0xF7FF, 0, 0)  # type, code, checksum, identifier, sequence
_NET = Path("/proc/net")
_LINKS = Path("/sys/class/net")
_SOMEWHERE = ("192.0.2.1", 9)  # RFC 5737: nobody; connecting a datagram socket sends nothing

_KEPT = "reports are kept meanwhile"
_OPERATOR = f"tell the operator of the centre; {_KEPT}"
_REMEDIES: dict[str, str] = {
    "no_interface": "no network card is seen: check that it is built in and switched on",
    "no_carrier": "plug the network cable in at both ends; try another cable and another socket in the wall",
    "no_address": "the network gave no address: ask its operator about DHCP, or set the fixed address",
    "no_route": "the network named no gateway: ask its operator about DHCP, or set the gateway",
    "no_answer": "the gateway is silent: the cable may be in a wrong socket; ask the network's operator",
    "not_told": "nothing to do if the next hops work",
    "not_resolved": "check centre.url and the name server that the network gives; ask the network's operator",
    "timed_out": f"something on the way swallows it: ask the network's operator about the firewall; {_KEPT}",
    "refused": f"the centre or a firewall refuses: check the port in centre.url, then {_OPERATOR}",
    "unreachable": "no way to this address: ask the network's operator about routing",
    "not_permitted": "name the centre's address in kiosk-courier.service.d/centre.conf (systemd/README.md)",
    "no_keys": ENROL,
    "no_tls": "something else than the centre answers there: a portal or proxy; check centre.url",
    "broken_off": f"the connection is cut on the way: ask the network's operator about the firewall; {_KEPT}",
    "not_yet_valid": "the kiosk's clock is behind: check its time service and its battery",
    "another_name": "check centre.url: the certificate there is for another name",
    "unknown_authority": "a proxy that opens TLS answers for the centre: have it let this address through",
    "not_trusted": _OPERATOR,
    "not_accepted": ENROL,
    "not_the_centre": f"a portal or proxy answers in place of the centre: open the way; {_KEPT}",
    "not_signed": _OPERATOR,
}
_EXPIRED_SERVER = f"check the kiosk's clock; if it is right, the centre needs a new certificate: {_OPERATOR}"

# X509_V_ERR_… of OpenSSL's x509_vfy.h
_VERDICTS = {9: "not_yet_valid", 10: "expired", 62: "another_name", 64: "another_name"}
_VERDICTS |= dict.fromkeys((7, 18, 19, 20, 21), "unknown_authority")


@dataclass(frozen=True, slots=True)
class Way:
    """Where the centre is, and who asks."""

    url: str
    keys: Path
    kiosk: int

    @property
    def host(self) -> str:
        """Name or address of the centre."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Its TCP port."""
        return urlsplit(self.url).port or 443

    @property
    def stays_here(self) -> bool:
        """Whether the centre is on this very machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class _EndsError(Exception):
    """The way ends here."""

    def __init__(self, problem: str, cause: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.cause = cause
        self.remedy = remedy or _REMEDIES[problem]


@dataclass(frozen=True, slots=True)
class _Passed:
    """The hop works. With a `problem` it could not be asked, and the check goes on."""

    cause: str
    problem: str = ""


class _Check:
    """One walk along the way. Each step uses what the one before it found."""

    def __init__(self, way: Way, deadline_s: float) -> None:
        self._way = way
        self._end = time.monotonic() + deadline_s
        self._gateway = ""
        self._addresses: list[str] = []
        self._line: socket.socket | None = None
        self._fetched: NoReply | Reply | str = NoReply(Failure.UNREACHABLE)

    def hops(self) -> Iterator[Hop]:
        """Every hop, up to the first that fails."""
        try:
            for name, step in self._steps():
                began = time.monotonic()
                try:
                    passed = step()
                    problem, cause, remedy = passed.problem, passed.cause, _REMEDIES.get(passed.problem, "")
                    health: Health = "watch" if problem else "works"
                except _EndsError as end:
                    problem, cause, remedy, health = end.problem, end.cause, end.remedy, "mend"
                yield Hop(name, health, round((time.monotonic() - began) * 1000), problem, cause, remedy)
                if health == "mend":
                    return
        finally:
            if self._line is not None:
                self._line.close()

    def _steps(self) -> tuple[tuple[str, Callable[[], _Passed]], ...]:
        local = (("interface", self._interface), ("route", self._route), ("gateway", self._ask_gateway))
        return (
            *(() if self._way.stays_here else local),
            ("name", self._name),
            ("tcp", self._tcp),
            ("tls", self._tls),
            ("certificate", self._certificate),
            ("answer", self._answer),
            ("keys", self._keys),
        )

    # --- the kiosk's own end ---

    def _interface(self) -> _Passed:
        cards = sorted(path.name for path in _LINKS.iterdir() if path.name != "lo") if _LINKS.is_dir() else []
        if not cards:
            raise _EndsError("no_interface", "no network card")
        if not any(_word(_LINKS / card / "carrier") == "1" for card in cards):
            raise _EndsError("no_carrier", f"no cable: {', '.join(cards)}")
        own = _own_address()
        if own is None and not _default_routes():
            raise _EndsError("no_address", f"connected, but without an address: {', '.join(cards)}")
        return _Passed(f"{', '.join(cards)}; own address {own or 'not told'}")

    def _route(self) -> _Passed:
        routes = _default_routes()
        if not routes:
            raise _EndsError("no_route", "no default route")
        device, self._gateway = routes[0]
        return _Passed(f"by {self._gateway} on {device}")

    def _ask_gateway(self) -> _Passed:
        if _pings(self._gateway, min(_PING_S, self._left_s())):
            return _Passed(f"{self._gateway} answers")
        neighbour = _neighbour(self._gateway)
        if neighbour:
            return _Passed(f"{self._gateway} is in the neighbour table")
        if neighbour is False:
            raise _EndsError("no_answer", f"{self._gateway} does not answer")
        return _Passed(f"{self._gateway} may not be asked from here", "not_told")

    # --- the way ---

    def _name(self) -> _Passed:
        found = self._within(lambda: _resolved(self._way.host, self._way.port))
        if found is None:
            raise _EndsError("timed_out", f"no answer for {self._way.host} within {HOP_S:.0f} s")
        if not found:
            raise _EndsError("not_resolved", f"nobody knows {self._way.host}")
        self._addresses = found
        return _Passed(f"{self._way.host} is {', '.join(found)}")

    def _tcp(self) -> _Passed:
        failed: OSError | None = None
        for address in self._addresses:
            try:
                self._line = socket.create_connection((address, self._way.port), self._left_s())
            except OSError as error:
                failed = error
                continue
            return _Passed(f"{address} port {self._way.port} takes the connection")
        where = f"{', '.join(self._addresses)} port {self._way.port}"
        raise _EndsError(_connect_problem(failed), f"{where}: {_said(failed)}")

    def _tls(self) -> _Passed:
        line, self._line = self._line, None
        if line is None:
            raise _EndsError("broken_off", "the connection is gone")
        line.settimeout(self._left_s())
        try:
            context = client_tls(self._way.keys)
            with context.wrap_socket(line, server_hostname=self._way.host) as secured:
                version = secured.version()
        except KeyProblem as problem:
            raise _EndsError("no_keys", f"{problem.path.name}: {problem.problem}") from None
        except ssl.SSLCertVerificationError as error:
            raise _verdict(error) from None
        except TimeoutError:
            raise _EndsError("timed_out", "connected, then silence") from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):  # which of them is a matter of the Python
            raise _EndsError("broken_off", "hung up during the handshake") from None
        except ssl.SSLError as error:
            raise _EndsError("no_tls", f"what answers speaks no TLS 1.3 ({error.reason})") from None
        except OSError as error:
            raise _EndsError("broken_off", f"cut during the handshake: {_said(error)}") from None
        finally:
            line.close()
        return _Passed(f"{version}; the certificate is the centre's")

    # --- the centre ---

    def _certificate(self) -> _Passed:
        self._check_own_life()
        self._fetched = self._key_set()
        if isinstance(self._fetched, NoReply) and self._fetched.failure is Failure.NO_KEYS:
            raise _EndsError("not_accepted", "the kiosk's keys are missing or another kiosk's")
        hung_up = isinstance(self._fetched, NoReply) and self._fetched.failure is Failure.CERTIFICATE_REJECTED
        refused = isinstance(self._fetched, Reply) and self._fetched.status in (401, 403)
        if hung_up or refused:
            raise _EndsError("not_accepted", "the centre refuses this kiosk's certificate")
        return _Passed("not refused")

    def _check_own_life(self) -> None:
        try:
            ended = certificate_life(self._way.keys).not_after <= time.time()
        except KeyProblem as problem:
            raise _EndsError("not_accepted", f"{problem.path.name}: {problem.problem}") from None
        if ended:
            raise _EndsError("expired", "this kiosk's certificate has ended", ENROL)

    def _answer(self) -> _Passed:
        fetched = self._fetched
        if isinstance(fetched, str):
            return _Passed("the centre answers as the contract says")
        if isinstance(fetched, Reply):
            cause = f"the centre answers with {fetched.status} {fetched.problem}".rstrip()
            raise _EndsError("refused", cause, _OPERATOR)
        problem = {Failure.NOT_THE_CENTRE: "not_the_centre", Failure.TIMED_OUT: "timed_out"}
        cause = f"no answer: {fetched.failure.value.replace('_', ' ')}"
        raise _EndsError(problem.get(fetched.failure, "broken_off"), cause)

    def _keys(self) -> _Passed:
        try:
            fetched = keyset.parse(str(self._fetched), keyset.load_roots(self._way.keys))
        except (KeyProblem, jws.NotSignedError, ValueError):
            raise _EndsError("not_signed", "the key set it serves is not signed by this centre") from None
        return _Passed(f"key set {fetched.version} is signed, {len(fetched.receipt)} keys for receipts")

    def _key_set(self) -> NoReply | Reply | str:
        client = Central(self._way.url, self._way.keys, self._way.kiosk, self._left_s())
        try:
            return client.key_set()
        finally:
            client.close()

    # --- time ---

    def _left_s(self) -> float:
        """What a step may take: at most `HOP_S`, and less towards the end."""
        return max(0.05, min(HOP_S, self._end - time.monotonic()))

    def _within(self, ask: Callable[[], list[str]]) -> list[str] | None:
        """What `ask` answers in time: looking up a name cannot be interrupted, only left behind."""
        answer: list[list[str]] = []
        thread = threading.Thread(target=lambda: answer.append(ask()), name="look-up", daemon=True)
        thread.start()
        thread.join(self._left_s())
        return answer[0] if answer else None


def check(way: Way, deadline_s: float = CHECK_S) -> list[Hop]:
    """Walk the way to the centre; takes little more than `deadline_s`. Never raises for what is broken."""
    return list(_Check(way, deadline_s).hops())


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _connect_problem(error: OSError | None) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, PermissionError):
        return "not_permitted"
    return "timed_out" if isinstance(error, TimeoutError) else "unreachable"


def _said(error: OSError | None) -> str:
    if error is None:
        return "no address"
    return (
        "no answer" if isinstance(error, TimeoutError) else (error.strerror or type(error).__name__).lower()
    )


def _verdict(error: ssl.SSLCertVerificationError) -> _EndsError:
    problem = _VERDICTS.get(error.verify_code, "not_trusted")
    cause = f"the certificate of the centre: {error.verify_message}"
    return _EndsError(problem, cause, _EXPIRED_SERVER if problem == "expired" else "")


def _default_routes() -> list[tuple[str, str]]:
    """Device and gateway of each default route; IPv4 first."""
    found = [(row[0], _ipv4(row[2])) for row in _rows("route")[1:] if row[1] == "00000000"]
    found += [
        (row[9], str(ipaddress.IPv6Address(bytes.fromhex(row[4]))))
        for row in _rows("ipv6_route")
        if row[0] == "0" * 32 and row[1] == "00" and row[9] != "lo" and row[4] != "0" * 32
    ]
    return found


def _neighbour(address: str) -> bool | None:
    """Whether the gateway was heard lately; None if the table says nothing of it."""
    for row in _rows("arp")[1:]:
        if row[0] == address:
            return int(row[2], 16) & 2 == 2  # ATF_COM: its hardware address is known
    return None


def _rows(name: str) -> list[list[str]]:
    with contextlib.suppress(OSError):
        return [line.split() for line in (_NET / name).read_text("ascii").splitlines() if line.strip()]
    return []


def _ipv4(little_endian: str) -> str:
    return str(ipaddress.IPv4Address(bytes.fromhex(little_endian)[::-1]))


def _word(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text("ascii").strip()
    return ""


def _own_address() -> str | None:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_SOMEWHERE)
        return str(probe.getsockname()[0])
    return None


def _pings(address: str, wait_s: float) -> bool:
    """One unprivileged ICMP echo; False also where the kernel or the unit does not let us."""
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as line,
    ):
        line.settimeout(wait_s)
        line.sendto(_ECHO_REQUEST, (address, 0))
        return bool(line.recv(256))
    return False
