from collections.abc import Callable
from pathlib import Path

import pytest

from config.layers import Fault
from config.loader import BASE, ConfigError, load, read
from config.settings import SiteKind

SITES = [path.stem for path in sorted((BASE / "sites").glob("*.toml"))]
IN_SERVICE = {
    "KIOSK__KIOSK_NUMBER": "528",
    "KIOSK__CENTRE__URL": "https://reports.example",
    "KIOSK__DEVICES__PRINTER__HOST": "192.0.2.7",
}
Machine = Callable[[str], Path]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    def write(text: str) -> Path:
        path = tmp_path / "kiosk.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def faults(**layers: object) -> list[Fault]:
    with pytest.raises(ConfigError) as caught:
        load(**{"environ": {}, **layers})  # type: ignore[arg-type]  # layers of the test at hand
    return list(caught.value.faults)


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("profile", ["demo", "production"])
def test_every_site_loads_in_every_profile(site: str, profile: str) -> None:
    settings = load(site=site, profile=profile, environ=IN_SERVICE)
    assert settings.site.code == site
    assert settings.production == (profile == "production")
    for texts in (settings.site.name, settings.site.address, settings.site.desk):
        assert set(texts) == set(settings.site.languages) == {"zh-Hant", "zh-Hans", "en"}


def test_there_are_the_three_sites() -> None:
    kinds = {load(site=site, profile="demo", environ={}).site.kind for site in SITES}
    assert SITES == ["border", "mtr", "report-room"]
    assert kinds == set(SiteKind)


def test_each_layer_lies_over_the_one_before(machine: Machine) -> None:
    file = machine("[timing]\nidle_s = 50\nwarning_s = 20\n[site]\ndesk_phone = '1'")
    loaded = read(site="mtr", profile="demo", machine_file=file, environ={"KIOSK__TIMING__IDLE_S": "40"})
    explained = {row.key: row for row in loaded.explain()}
    settings = loaded.settings
    assert (settings.timing.idle_s, settings.timing.warning_s, settings.site.desk_phone) == (40, 20, "1")
    assert explained["timing.idle_s"].place == "environment"
    assert explained["timing.warning_s"].place == str(file)
    assert explained["display.window_scale"].place.endswith("profiles/demo.toml")
    assert explained["site.name"].place.endswith("sites/mtr.toml")
    assert explained["timing.received_s"].place == "default"


def test_machine_file_chooses_site_and_profile(machine: Machine) -> None:
    settings = load(machine_file=machine('profile = "demo"\n[site]\ncode = "border"'), environ={})
    assert (settings.profile, settings.site.kind) == ("demo", SiteKind.BORDER)


def test_argument_beats_environment_beats_machine_file(machine: Machine) -> None:
    file = machine('profile = "demo"\n[site]\ncode = "border"')
    environ = {"KIOSK__SITE__CODE": "mtr"}
    assert load(machine_file=file, environ=environ).site.code == "mtr"
    assert load(site="report-room", machine_file=file, environ=environ).site.code == "report-room"


def test_environment_alone_can_carry_every_setting() -> None:
    environ = {"KIOSK__SITE__NAME__ZH-HANT": "站", "KIOSK__SITE__LANGUAGES": '["zh-Hant"]', "HOME": "/"}
    settings = load(profile="demo", environ=environ)
    assert settings.site.name["zh-Hant"] == "站"
    assert settings.site.languages == ["zh-Hant"]


def test_relative_paths_are_taken_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(profile="demo", environ={}).paths.state == tmp_path / "var" / "state"


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("[timing]\nidel_s = 60", "timing.idel_s", 'did you mean "timing.idle_s"?'),
        ("[timings]\nidle_s = 60", "timings", "no such setting"),
        ("kiosk_nummer = 3", "kiosk_nummer", 'did you mean "kiosk_number"?'),
        ("[timing]\nidle_s = 'soon'", "timing.idle_s", "'soon'"),
        ("[timing]\nidle_s = 0", "timing.idle_s", "greater than 0"),
        ("[timing]\nidle_s = inf", "timing.idle_s", "finite"),
        ("kiosk_number = 12345", "kiosk_number", "9999"),
        ("[display]\norientation = 'tall'", "display.orientation", "'portrait' or 'landscape'"),
        ("time_zone = 'Asia/HongKong'", "time_zone", "Asia/Hong_Kong"),
        ("[site]\nlanguages = ['en', 'ur']", "site.languages", "site.name has no text in ur"),
        ("timing = 3", "timing", "no such setting"),
        ("[timing\n", "", "cannot be read"),
    ],
)
def test_a_wrong_machine_file_names_place_key_and_remedy(
    machine: Machine, text: str, key: str, said: str
) -> None:
    file = machine(text)
    fault = next(fault for fault in faults(profile="demo", machine_file=file) if fault.key == key)
    assert said in fault.message
    assert fault.place == str(file)


def test_everything_wrong_is_said_at_once(machine: Machine) -> None:
    file = machine("[timing]\nidel_s = 60\nwarning_s = 'x'\n[post]\nquota_mb = 1")
    keys = {fault.key for fault in faults(profile="demo", machine_file=file, environ={"KIOSK__NO": "1"})}
    assert keys == {"timing.idel_s", "timing.warning_s", "post.quota_mb", "no"}


@pytest.mark.parametrize("site", ["mtrr", "../sites/mtr", "/etc/passwd", ""])
def test_only_the_sites_that_exist(site: str) -> None:
    if not site:
        assert load(site="", profile="demo", environ={}).site.code == "report-room"
        return
    (fault, *_) = faults(site=site, profile="demo")
    assert "Known: border, mtr, report-room" in fault.message


def test_missing_machine_file_is_said(tmp_path: Path) -> None:
    (fault, *_) = faults(profile="demo", machine_file=tmp_path / "no.toml")
    assert fault.message == "there is no such file"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KIOSK__DEVICES__PRINTER__SIMULATED", "true"),
        ("KIOSK__DEVICES__SCANNER__SIMULATED", "true"),
        ("KIOSK__DEVICES__CAMERA__SIMULATED", "true"),
        ("KIOSK__CENTRE__URL", "http://reports.example"),
        ("KIOSK__CENTRE__URL", "https://localhost:8443"),
        ("KIOSK__CENTRE__URL", "https://127.9.9.9"),
        ("KIOSK__CENTRE__URL", "https://[::1]"),
        ("KIOSK__DEVICES__PRINTER__HOST", "127.0.0.1"),
        ("KIOSK__DEVICES__SCANNER__PATH", "/dev/ttyUSB0"),
        ("KIOSK__DEVICES__CAMERA__SOURCE", "/dev/video0"),
        ("KIOSK__DISPLAY__FULLSCREEN", "false"),
        ("KIOSK__DISPLAY__WINDOW_SCALE", "0.5"),
        ("KIOSK__KIOSK_NUMBER", "0"),
        ("KIOSK__PRODUCTION", "false"),
    ],
)
def test_a_kiosk_in_service_refuses(variable: str, value: str) -> None:
    key = variable.removeprefix("KIOSK__").replace("__", ".").lower()
    found = faults(profile="production", environ={**IN_SERVICE, variable: value})
    assert [(fault.place, fault.key) for fault in found] == [("environment", key)]


def test_the_machine_file_cannot_leave_service(machine: Machine) -> None:
    file = machine("production = false\n[devices.printer]\nsimulated = true")
    assert "production" in {
        fault.key for fault in faults(profile="production", machine_file=file, environ=IN_SERVICE)
    }
