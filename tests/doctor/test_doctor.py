"""`kiosk doctor` finds what is broken, says what to do, and finds nothing where nothing is."""

import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.loader import load
from config.settings import Paths, Settings
from devices.messages import Inspected, report_codec
from flows.ports import Device, DeviceState
from kiosk import doctor, post_findings
from kiosk.development.parts import prepare
from kiosk.doctor import examine
from kiosk.findings import Finding, Health, as_json, as_text, exit_code, span
from kiosk.maintenance import checks
from kiosk.maintenance.ledger import Judgement, Kind, Ledger
from ui.input.engine import SCHEMAS

ALL_READY = dict.fromkeys(Device, DeviceState.READY)
CENTRE_ANSWERS = {"event": "status", "reachable": True, "queued": 0, "quarantined": 0, "oldest_age_s": 0}
SENDING = {"sequence": 12, "parts_sent": 2, "parts_total": 7}


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre and the keys of kiosk 1, made once."""
    folder = tmp_path_factory.mktemp("enrolled")
    prepare(settings_in(folder), lambda _name, _line: None)
    return folder


def settings_in(folder: Path) -> Settings:
    loaded = load(profile="demo", environ={})
    places = {name: folder / name for name in ("state", "runtime", "keys", "rime")}
    return loaded.model_copy(update={"paths": Paths(**places)})


@pytest.fixture
def settings(enrolled: Path, tmp_path: Path) -> Settings:
    shutil.copytree(enrolled / "keys", tmp_path / "keys")
    (tmp_path / "state/outbox").mkdir(parents=True)
    (tmp_path / "runtime").mkdir()
    (tmp_path / "rime").mkdir()
    for schema in SCHEMAS.values():
        (tmp_path / "rime" / f"{schema}.schema.yaml").touch()
    return settings_in(tmp_path)


@contextmanager
def answering(path: Path, answer: Callable[[socket.socket], None]) -> Iterator[None]:
    """A process that answers one caller."""

    def serve() -> None:
        caller, _ = server.accept()
        with caller:
            answer(caller)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(10)
    path.unlink()


def devices_say(states: dict[Device, DeviceState]) -> Callable[[socket.socket], None]:
    codec = report_codec()
    told = b"".join(codec.encode(Inspected(*one)) for one in states.items())

    def answer(caller: socket.socket) -> None:
        caller.recv(4096)  # what was asked, or hanging up would be a reset
        caller.sendall(told)

    return answer


def courier_says(status: dict[str, object]) -> Callable[[socket.socket], None]:
    def answer(caller: socket.socket) -> None:
        with caller.makefile("rb") as questions:
            assert json.loads(questions.readline()) == {"ask": "status"}
        caller.sendall(json.dumps(status).encode() + b"\n")

    return answer


def one(findings: list[Finding], part: str) -> Finding:
    return next(finding for finding in findings if finding.part == part)


@contextmanager
def a_running_kiosk(
    settings: Settings,
    states: dict[Device, DeviceState] = ALL_READY,
    status: dict[str, object] = CENTRE_ANSWERS,
) -> Iterator[None]:
    devices = answering(settings.paths.devices_socket, devices_say(states))
    courier = answering(settings.paths.courier_socket, courier_says(status))
    with devices, courier:
        yield


def test_a_sound_kiosk_needs_nothing(settings: Settings) -> None:
    with a_running_kiosk(settings):
        findings = examine(settings)
    assert [finding for finding in findings if finding.health is not Health.WORKS] == []
    assert exit_code(findings) == 0
    assert {finding.part for finding in findings} >= {
        *("settings", "clock", "keys", "outbox", "disk", "fonts", "technicians", "self-tests")
    }


def test_whatever_is_to_be_mended_has_a_remedy(settings: Settings) -> None:
    shutil.rmtree(settings.paths.state)
    shutil.rmtree(settings.paths.keys)
    shutil.rmtree(settings.paths.rime)
    findings = examine(settings)
    broken = {finding.part for finding in findings if finding.health is Health.MEND}
    assert broken == {"keys", "outbox", "chinese input", "devices", "courier"}
    assert all(finding.cause and finding.remedy for finding in findings if finding.health is not Health.WORKS)
    assert exit_code(findings) == 1


@pytest.mark.parametrize("state", list(DeviceState))
def test_every_state_of_a_device_is_told(settings: Settings, state: DeviceState) -> None:
    with answering(settings.paths.devices_socket, devices_say({**ALL_READY, Device.PRINTER: state})):
        findings = list(checks.devices(settings))
    printer = one(findings, "printer")
    assert printer.cause == state.replace("_", " ")
    assert bool(printer.remedy) == (printer.health is not Health.WORKS)
    assert one(findings, "camera").health is Health.WORKS


def test_a_devices_process_that_falls_silent_is_no_answer(settings: Settings) -> None:
    with answering(settings.paths.devices_socket, devices_say({Device.PRINTER: DeviceState.READY})):
        findings = list(checks.devices(settings))
    assert [finding.part for finding in findings] == ["devices"]


def test_noise_instead_of_devices_is_no_answer(settings: Settings) -> None:
    with answering(settings.paths.devices_socket, lambda caller: caller.sendall(b"\xff" * 64)):
        findings = list(checks.devices(settings))
    assert [finding.part for finding in findings] == ["devices"]


@pytest.mark.parametrize(
    ("status", "part", "health", "cause", "remedy"),
    [
        ({}, "centre", Health.WORKS, "https://localhost:8443 answers", ""),
        ({"contact_age_s": 12}, "centre", Health.WORKS, "answers, last contact 12 s ago", ""),
        (
            {"reachable": False, "problem": "timed_out", "problem_age_s": 40, "next_try_s": 55},
            "centre",
            Health.MEND,
            "cannot be used: timed out 40 s ago; next try in 55 s",
            "network and firewall",
        ),
        ({"reachable": False, "problem": "revoked"}, "centre", Health.MEND, "revoked", "kiosk enrol"),
        ({"reachable": False, "problem": "untrusted"}, "centre", Health.MEND, "untrusted", "clocks"),
        ({"reachable": False, "problem": "not_the_centre"}, "centre", Health.MEND, "not the", "portal"),
        ({"reachable": False, "problem": "http-503"}, "centre", Health.MEND, "http-503", "its operator"),
        ({"reachable": False}, "centre", Health.WATCH, "was not asked yet", "again in a minute"),
        ({"queued": 3}, "courier", Health.WORKS, "3 wait for delivery", ""),
        (
            {
                "queued": 3,
                "sending": {"sequence": 12, "parts_sent": 2, "parts_total": 7},
                "drain_per_minute": 60,
            },
            "courier",
            Health.WORKS,
            "sends number 12, 2 of 7 parts; 3 wait; at most 60 a minute",
            "",
        ),
        ({"queued": None}, "courier", Health.WORKS, "cannot read the outbox", ""),
        (
            {"queued": 1, "oldest_age_s": 9000, "problem": "too-large", "problem_age_s": 300},
            "delivery",
            Health.WATCH,
            "waits for 2 h though the centre answers: too-large 5 min ago",
            "outcomes.md",
        ),
    ],
)
def test_what_the_courier_says_is_told_with_a_remedy(
    settings: Settings, status: dict[str, object], part: str, health: Health, cause: str, remedy: str
) -> None:
    with answering(settings.paths.courier_socket, courier_says({**CENTRE_ANSWERS, **status})):
        found = one(list(post_findings.of_courier(settings)), part)
    assert found.health is health
    assert cause in found.cause
    assert remedy in found.remedy
    assert bool(found.remedy) is (health is not Health.WORKS)


def test_a_report_is_no_matter_of_delivery_before_it_is_late(settings: Settings) -> None:
    status = {**CENTRE_ANSWERS, "queued": 1, "oldest_age_s": 3599}
    with answering(settings.paths.courier_socket, courier_says(status)):
        assert [found.part for found in post_findings.of_courier(settings)] == ["courier", "centre"]


@pytest.mark.parametrize(("own", "health"), [(True, Health.WORKS), (False, Health.WATCH)])
def test_in_service_the_outbox_has_a_file_system_of_its_own(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, own: bool, health: Health
) -> None:
    monkeypatch.setattr(post_findings, "shares_file_system", lambda _path: not own)
    served = settings.model_copy(update={"production": True})
    assert one(list(post_findings.outbox(served)), "outbox's disk").health is health
    assert len(list(post_findings.outbox(settings))) == 1


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172_800, "2 days")],
)
def test_spans_are_told_in_one_number(seconds: int, told: str) -> None:
    assert span(seconds) == told


def test_noise_instead_of_a_courier_is_no_answer(settings: Settings) -> None:
    with answering(settings.paths.courier_socket, lambda caller: caller.sendall(b"\xff\n")):
        findings = list(post_findings.of_courier(settings))
    assert one(findings, "courier").health is Health.MEND


def test_a_certificate_of_another_kiosk_is_found(settings: Settings) -> None:
    other = settings.model_copy(update={"kiosk_number": 2})
    (finding,) = post_findings.keys(other)
    assert finding.health is Health.MEND
    assert "0002" in finding.cause


def test_a_damaged_outbox_is_found_and_left_alone(settings: Settings) -> None:
    settings.paths.outbox.write_bytes(b"no database" * 1000)
    (finding,) = post_findings.outbox(settings)
    assert finding.health is Health.MEND
    assert settings.paths.outbox.read_bytes() == b"no database" * 1000


def test_a_full_outbox_is_found(settings: Settings) -> None:
    post = settings.post.model_copy(update={"quota_mb": 8})
    settings.paths.outbox.touch()
    (finding,) = post_findings.outbox(settings.model_copy(update={"post": post}))
    assert finding.cause.startswith("no room")


def test_the_doctor_makes_no_outbox(settings: Settings) -> None:
    (finding,) = post_findings.outbox(settings)
    assert finding.health is Health.WORKS
    assert not settings.paths.outbox.exists()


def test_a_full_disk_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "FREE_DISK_MB", 1 << 40)
    (finding,) = checks.disk(settings)
    assert finding.health is Health.MEND


def test_a_clock_before_this_release_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "CLOCK_FLOOR", datetime(2999, 1, 1, tzinfo=UTC))
    (finding,) = checks.clock(settings)
    assert finding.health is Health.MEND


def test_missing_fonts_are_named(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nothing = tmp_path / "fonts.conf"
    nothing.write_text("<fontconfig></fontconfig>", encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(nothing))
    (finding,) = doctor._qt_and_fonts(settings)
    assert finding.health is Health.MEND
    assert "Noto Sans CJK HK" in finding.cause


def test_a_kiosk_in_service_needs_a_number(settings: Settings) -> None:
    nameless = settings.model_copy(update={"production": True, "kiosk_number": 0})
    (finding,) = checks.configuration(nameless)
    assert finding.health is Health.MEND


def test_text_is_for_people_and_json_for_programs() -> None:
    findings = [
        Finding("keys", Health.WORKS, "fine"),
        Finding("printer", Health.MEND, "paper out", "put in a new roll"),
    ]
    assert as_text(findings).splitlines() == [
        "works  keys     fine",
        "mend   printer  paper out",
        "                → put in a new roll",
    ]
    assert json.loads(as_json(findings))[1] == {
        "part": "printer",
        "health": "mend",
        "cause": "paper out",
        "remedy": "put in a new roll",
    }


DAY_S = 86_400


@pytest.mark.parametrize(
    ("days", "part", "health", "cause"),
    [
        (0, "keys", Health.WORKS, "key set 1"),
        (0, "certificate", Health.WORKS, "valid for 89 more days"),
        (75, "certificate", Health.WATCH, "valid for 14 more days"),
        (91, "certificate", Health.MEND, "has expired: reports are kept and not sent"),
        (20 * 365, "keys", Health.MEND, "no key of the centre is valid now"),
        (-20 * 365, "keys", Health.MEND, "no key of the centre is valid now"),
    ],
)
def test_keys_that_end_are_told_in_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, days: int, part: str, health: Health, cause: str
) -> None:
    now = time.time() + days * DAY_S
    monkeypatch.setattr("kiosk.post_findings.time.time", lambda: now)
    monkeypatch.setattr("kiosk.doctor._CHECKS", (post_findings.keys,))  # the others take a second each
    found = one(examine(settings), part)
    assert (found.health, cause in found.cause) == (health, True), found
    assert bool(found.remedy) is (health is not Health.WORKS)


def records(settings: Settings, age_days: float) -> Ledger:
    return Ledger.open(settings.paths.maintenance, time.time() - age_days * DAY_S)


def test_what_maintenance_recorded_is_told(settings: Settings) -> None:
    ledger = records(settings, 200)
    then = time.time() - 190 * DAY_S
    ledger.judge(Kind.TEST, "camera", Judgement(True, then, "T0042"))  # noqa: FBT003
    ledger.judge(Kind.TEST, "printer", Judgement(False, time.time(), "T0042"))  # noqa: FBT003
    ledger.close()
    findings = list(checks.records(settings))
    camera = datetime.fromtimestamp(then, UTC).date().isoformat()
    assert f"camera since {camera}" in one(findings, "self-tests").cause
    assert "speaker ever" in one(findings, "self-tests").cause
    assert one(findings, "self-test: printer").health is Health.WATCH
    inspection = one(findings, "inspection")
    assert (inspection.health, inspection.cause[:22]) == (Health.WATCH, "overdue by 193 days: s")
    assert all(finding.remedy for finding in findings if finding.health is not Health.WORKS)
    assert exit_code(findings) == 0


def test_records_that_are_new_need_nothing(settings: Settings) -> None:
    records(settings, 1).close()
    assert {finding.health for finding in checks.records(settings)} == {Health.WORKS}


def test_records_that_cannot_be_read_are_found(settings: Settings) -> None:
    settings.paths.maintenance.mkdir()
    (settings.paths.maintenance / "maintenance.db").write_bytes(b"no database" * 100)
    found = one(list(checks.records(settings)), "maintenance")
    assert (found.health, bool(found.remedy)) == (Health.MEND, True)


def test_a_clock_behind_what_was_recorded_is_found(settings: Settings) -> None:
    ledger = records(settings, 0)
    ledger.raise_floor(time.time() + 2 * DAY_S)
    ledger.close()
    (finding,) = checks.clock(settings)
    assert (finding.health, "a time that has passed" in finding.cause) == (Health.MEND, True)


def test_in_service_a_kiosk_without_technicians_is_named(settings: Settings) -> None:
    served = settings.model_copy(update={"production": True})
    found = one(list(checks.records(served)), "technicians")
    assert (found.health, "technician-passes.md" in found.remedy) == (Health.WATCH, True)


def test_what_a_device_says_of_itself_is_told(settings: Settings) -> None:
    codec = report_codec()
    told = [Inspected(device, DeviceState.READY, {"model": "TM-T88VII"}) for device in Device]

    def answer(caller: socket.socket) -> None:
        caller.recv(4096)
        caller.sendall(b"".join(map(codec.encode, told)))

    with answering(settings.paths.devices_socket, answer):
        findings = list(checks.devices(settings))
    assert one(findings, "printer").cause == "ready, model TM-T88VII"


def test_the_way_to_the_centre_is_walked_when_asked_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hops = [
        {"hop": "name", "health": "works", "ms": 3, "problem": "", "cause": "known", "remedy": ""},
        {"hop": "tcp", "health": "mend", "ms": 9, "problem": "refused", "cause": "no", "remedy": "start it"},
    ]

    def answer(caller: socket.socket) -> None:
        with caller.makefile("rb") as questions:
            assert json.loads(questions.readline()) == {"ask": "check_network"}
        caller.sendall(json.dumps({"event": "status"}).encode() + b"\n")  # said to all, asked by nobody here
        caller.sendall(json.dumps({"event": "network", "hops": hops}).encode() + b"\n")

    monkeypatch.setattr(doctor, "_CHECKS", ())
    with answering(settings.paths.courier_socket, answer):
        findings = examine(settings, network=True)
    assert [(finding.part, finding.health) for finding in findings] == [
        ("network: name", Health.WORKS),
        ("network: tcp", Health.MEND),
    ]
    assert [finding.part for finding in examine(settings, network=True)] == ["network"]


def test_maintenance_finds_what_the_doctor_finds(settings: Settings) -> None:
    """The same checks, but for those that need the outbox, Qt or the certificate."""
    with a_running_kiosk(settings):
        doctors = {finding.part: finding for finding in examine(settings)}
    status = {**CENTRE_ANSWERS, "certificate_days": 89, "queued": 2, "quarantined": 1, "oldest_age_s": 7}
    with a_running_kiosk(settings, status=status):
        found = {finding.part: finding for finding in checks.examine(settings)}
    assert doctors.keys() - found.keys() == {"fonts", "chinese input", "services"}
    same = {"settings", "keys", "printer", "camera", "technicians", "self-tests"}
    assert {part: found[part] for part in same} == {part: doctors[part] for part in same}
    assert found["outbox"].health is Health.MEND
    assert found["certificate"].cause == "valid for 89 more days"
