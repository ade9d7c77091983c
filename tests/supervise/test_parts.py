"""What `kiosk run` starts, and with which settings."""

import socket
from pathlib import Path

import pytest

from config.loader import load
from config.settings import Paths, Settings
from kiosk.development.parts import (
    CannotStartError,
    Part,
    enrol_at_door,
    environment_of,
    free_port,
    prepare,
    programs,
    with_free_ports,
    with_private_ports,
)
from kiosk.post.identity import check_identity
from kiosk.post.keyset import load_key_set


def silent(_name: str, _line: str) -> None:
    return None


@pytest.fixture
def demo(tmp_path: Path) -> Settings:
    loaded = load(site="mtr", profile="demo", environ={})
    paths = Paths(state=tmp_path / "state", runtime=tmp_path / "run", keys=tmp_path / "keys")
    return loaded.model_copy(update={"paths": paths, "kiosk_number": 7})


def test_a_child_loads_exactly_the_settings_of_its_supervisor(demo: Settings) -> None:
    timing = demo.timing.model_copy(update={"idle_s": 12.5})
    changed = with_private_ports(demo).model_copy(update={"timing": timing})
    assert load(environ=environment_of(changed)) == changed


def test_every_part_can_be_chosen(demo: Settings) -> None:
    assert [program.name for program in programs(demo, tuple(Part))] == list(Part)
    assert [program.name for program in programs(demo, [Part.COURIER])] == [Part.COURIER]


def test_programs_are_those_of_this_environment(demo: Settings) -> None:
    for program in programs(demo, tuple(Part)):
        assert Path(program.command[0]).is_file(), program.command


def test_a_taken_port_is_replaced(demo: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert free_port(taken) != taken
        centre = demo.centre.model_copy(update={"url": f"https://localhost:{taken}"})
        settings = with_free_ports(demo.model_copy(update={"centre": centre}))
    assert settings.centre.url.startswith("https://localhost:")
    assert not settings.centre.url.endswith(f":{taken}")


def test_a_free_port_is_kept() -> None:
    port = free_port()
    assert free_port(port) == port


def test_the_kiosk_is_enrolled_once(demo: Settings) -> None:
    prepare(demo, silent)
    keys = {path.name: path.read_bytes() for path in demo.paths.keys.iterdir()}
    assert set(keys) == {
        "centre-ca.pem", "enrolment.json", "identity.pem", "keyset.jws", "reference.key", "roots.json"
    }  # fmt: skip
    assert demo.paths.runtime.stat().st_mode & 0o777 == 0o700
    prepare(demo, silent)
    assert {path.name: path.read_bytes() for path in demo.paths.keys.iterdir()} == keys


def test_a_new_centre_means_new_keys_but_the_same_references(demo: Settings, tmp_path: Path) -> None:
    prepare(demo, silent)
    before = {path.name: path.read_bytes() for path in demo.paths.keys.iterdir()}
    (tmp_path / "centre").rename(tmp_path / "burnt down")
    prepare(demo, silent)
    after = {path.name: path.read_bytes() for path in demo.paths.keys.iterdir()}
    assert after["roots.json"] != before["roots.json"]
    assert after["reference.key"] == before["reference.key"]


def test_keys_of_the_release_before_lead_to_an_enrolment(demo: Settings) -> None:
    prepare(demo, silent)
    keys = demo.paths.keys
    scatter = (keys / "reference.key").read_bytes()
    for name in ("roots.json", "keyset.jws", "identity.pem", "enrolment.json"):
        (keys / name).unlink()
    for name in ("keyset.json", "client.pem", "client.key"):
        (keys / name).write_text("as the release before wrote it")
    prepare(demo, silent)
    load_key_set(keys)
    check_identity(keys, 7)
    assert (keys / "reference.key").read_bytes() == scatter


def test_a_kiosk_comes_to_the_door_with_a_code(demo: Settings) -> None:
    settings = with_private_ports(demo)
    prepare(settings, silent, enrol_at_door)
    load_key_set(settings.paths.keys)
    check_identity(settings.paths.keys, 7)


def test_a_centre_that_does_not_start_is_said(demo: Settings) -> None:
    with pytest.raises(CannotStartError, match=r"does not start:\n.*no centre"):
        enrol_at_door(demo)


def test_a_centre_that_cannot_be_made_is_said(demo: Settings, tmp_path: Path) -> None:
    (tmp_path / "centre").mkdir()
    with pytest.raises(CannotStartError, match="enrol"):
        prepare(demo, silent)
