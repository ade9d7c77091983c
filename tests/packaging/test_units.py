"""The units of a kiosk in service: accepted by systemd, closed as promised, in agreement with each other."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"
SERVICES = sorted(path.name for path in SYSTEMD.glob("*.service"))
LIMITS = {"kiosk-screen.service": 1.0, "kiosk-courier.service": 1.5}
OTHERS = 1.8
DISTRIBUTION_UNITS = Path("/usr/lib/systemd/system")
DISTRIBUTION_GROUPS = {"dialout", "video", "input", "render", "_seatd", "lp", "audio", "systemd-journal"}


class Unit(dict[str, list[str]]):
    """All values of every key of a unit file, as systemd reads them: an empty one forgets those before."""

    def __init__(self, text: str) -> None:
        super().__init__()
        for line in text.splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith(("#", ";")):
                self[key] = [*self.get(key, []), value] if value else []

    def words(self, key: str) -> list[str]:
        return " ".join(self.get(key, [])).split()


def read(name: str) -> Unit:
    return Unit((SYSTEMD / name).read_text(encoding="utf-8"))


def table(name: str) -> list[list[str]]:
    lines = (SYSTEMD / name).read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A root directory with our units, Debian's, and empty programs where the units look for them."""
    if shutil.which("systemd-analyze") is None:
        pytest.fail("systemd-analyze is missing: install packages-test.apt")
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    shutil.copytree(DISTRIBUTION_UNITS, tmp_path / "usr/lib/systemd/system", symlinks=True)
    for path in SYSTEMD.glob("kiosk*.*"):
        if path.suffix != ".catalog":
            shutil.copy(path, units)
    # Debian's package seatd brings it; it is not installed for tests.
    (units / "seatd.service").write_text("[Service]\nExecStart=/usr/bin/seatd\n", encoding="utf-8")
    for program in ("usr/bin/weston", "usr/bin/seatd", "opt/report-kiosk/bin/kiosk"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / program).touch(mode=0o755)
    return tmp_path


def complaints(machine: Path) -> str:
    units = sorted(path.name for path in (machine / "etc/systemd/system").glob("kiosk*"))
    command = ("systemd-analyze", "verify", f"--root={machine}", *units)
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stderr + done.stdout


def test_systemd_accepts_every_unit(machine: Path) -> None:
    assert complaints(machine) == ""


def test_systemd_would_notice_a_slip(machine: Path) -> None:
    unit = machine / "etc/systemd/system/kiosk-screen.service"
    unit.write_text(unit.read_text(encoding="utf-8").replace("WatchdogSec", "WatchdogSek"), encoding="utf-8")
    assert "WatchdogSek" in complaints(machine)


def exposure(unit: Path) -> float:
    command = ("systemd-analyze", "security", "--offline=true", "--no-pager", str(unit))
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", told)
    assert found, told
    return float(found[1])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_as_closed_as_promised(name: str) -> None:
    assert exposure(SYSTEMD / name) <= LIMITS.get(name, OTHERS)


def test_an_open_service_would_be_noticed(tmp_path: Path) -> None:
    text = (SYSTEMD / "kiosk-screen.service").read_text(encoding="utf-8")
    opened = tmp_path / "kiosk-screen.service"
    opened.write_text(re.sub(r"(?m)^(Private|Protect|Restrict|SystemCall).*\n", "", text), encoding="utf-8")
    assert exposure(opened) > LIMITS["kiosk-screen.service"]


def test_all_five_services_are_there() -> None:
    names = ("courier", "devices", "maintenance", "screen", "session")
    assert [f"kiosk-{name}.service" for name in names] == SERVICES
    assert set(read("kiosk.target").words("Wants")) == set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_watched_bounded_and_comes_back(name: str) -> None:
    unit = read(name)
    assert unit["Type"] == ["notify"]
    assert unit["Restart"] == ["always"]
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert unit["MemorySwapMax"] == ["0"]
    assert unit["LimitCORE"] == ["0"]
    for key in ("WatchdogSec", "MemoryMax", "TasksMax"):
        assert unit[key], key


def test_the_screen_has_no_network() -> None:
    unit = read("kiosk-screen.service")
    assert unit["PrivateNetwork"] == ["yes"]
    assert unit["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert unit["IPAddressDeny"] == ["any"]
    assert "IPAddressAllow" not in unit


def test_maintenance_has_no_network_and_sees_no_report() -> None:
    unit = read("kiosk-maintenance.service")
    assert unit["PrivateNetwork"] == ["yes"]
    assert unit["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert "-/var/lib/kiosk/outbox" in unit.words("InaccessiblePaths")
    assert "kiosk-post" not in unit.words("SupplementaryGroups")
    modes = {row[1]: row[2:5] for row in table("tmpfiles.conf")}
    assert modes["/var/lib/kiosk/maintenance"] == ["0700", "kiosk-maintenance", "kiosk-maintenance"]


def test_only_the_courier_can_read_the_client_key() -> None:
    modes = {row[1]: row[2:5] for row in table("tmpfiles.conf")}
    assert modes["/etc/kiosk/keys/identity.pem"] == ["0600", "kiosk-courier", "kiosk-courier"]
    assert modes["/etc/kiosk/keys/reference.key"] == ["0640", "root", "kiosk-screen"]


def test_the_courier_replaces_its_certificate_and_key_set_and_no_other_key() -> None:
    modes = {row[1]: row[2:5] for row in table("tmpfiles.conf")}
    assert modes["/etc/kiosk/keys"] == ["1775", "root", "kiosk-courier"]  # sticky: only owners rename
    owned = {path.rpartition("/")[2] for path, (_, user, _) in modes.items() if user == "kiosk-courier"}
    assert owned == {"keyset.jws", "identity.pem", "packs-fetched"}
    for name in ("roots.json", "centre-ca.pem", "enrolment.json", "reference.key"):
        assert modes[f"/etc/kiosk/keys/{name}"][1] == "root"


@pytest.mark.parametrize("name", SERVICES)
def test_users_groups_and_folders_are_made(name: str) -> None:
    people = table("sysusers.conf")
    users = {row[1] for row in people if row[0] == "u"}
    groups = users | {row[1] for row in people if row[0] == "g"} | DISTRIBUTION_GROUPS
    folders = {row[1] for row in table("tmpfiles.conf") if row[0] == "d"}
    unit = read(name)
    assert set(unit.words("User")) <= users
    assert set(unit.words("SupplementaryGroups") + unit.words("Group")) <= groups
    assert set(unit.words("ReadWritePaths")) <= folders


def test_folders_belong_to_known_users_and_groups() -> None:
    people = table("sysusers.conf")
    users = {row[1] for row in people if row[0] == "u"} | {"root"}
    groups = users | {row[1] for row in people if row[0] == "g"}
    for row in table("tmpfiles.conf"):
        assert row[3] in users, row
        assert row[4] in groups, row


def test_memberships_agree_with_the_units() -> None:
    members = {(row[1], row[2]) for row in table("sysusers.conf") if row[0] == "m"}
    wanted = {
        (unit["User"][0], group)
        for unit in map(read, SERVICES)
        for group in unit.words("SupplementaryGroups") + unit.words("Group")
        if group.startswith("kiosk") and group != unit["User"][0]
    }
    assert members == wanted


def test_systemd_makes_our_users(tmp_path: Path) -> None:
    folder = tmp_path / "usr/lib/sysusers.d"
    folder.mkdir(parents=True)
    shutil.copy(SYSTEMD / "sysusers.conf", folder / "kiosk.conf")
    (tmp_path / "etc").mkdir()
    done = subprocess.run(
        ("systemd-sysusers", f"--root={tmp_path}"), check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "etc/passwd").read_text(encoding="utf-8")
    assert {line.split(":")[0] for line in made.splitlines()} >= {
        "kiosk-screen",
        "kiosk-devices",
        "kiosk-courier",
        "kiosk-session",
    }


def test_the_compositor_has_no_way_out() -> None:
    weston = configparser.ConfigParser()
    weston.read(SYSTEMD / "weston.ini", encoding="utf-8")
    assert weston["core"]["shell"] == "kiosk-shell.so"
    assert weston["core"]["modules"] == "systemd-notify.so"
    assert weston["core"]["idle-time"] == "0"
    assert weston["keyboard"]["vt-switching"] == "false"
    assert weston["shell"]["binding-modifier"] == "none"
