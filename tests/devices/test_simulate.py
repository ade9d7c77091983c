"""The simulators as a process: commands, refusals, never in production."""

import signal
import subprocess
import sys

import pytest

from config.settings import Devices, Scanner, Settings
from devices import places
from devices.relay import Network as WAYS  # noqa: N814  # what can be done to the network
from devices.simulate import NotInProductionError, simulators
from devices.simulate_client import RefusedError, ask, command, network, state
from flows.ports import Device
from kiosk.development import dock_boards, levers
from kiosk.development.dock import specimens
from ui.bridge.dock import Lever


def test_simulators_are_refused_in_production():
    settings = Settings(production=True, devices=Devices(scanner=Scanner(simulated=True)))
    with pytest.raises(NotInProductionError):
        simulators(settings)


def test_only_what_is_simulated_is_simulated():
    assert simulators(Settings(production=False)) == {}


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("toaster", {"fault": "none"}),
        ("printer", {"fault": "on_fire"}),
        ("printer", {}),
        ("printer", {"fault": "power_cycle", "after_rows": 3}),
        ("printer", {"fault": "paper_out", "after_rows": "many"}),
        ("scanner", {"scan_hex": "zz"}),
        ("scanner", {"fault": "on_fire"}),
        ("camera", {"show": "/nowhere.png"}),
        ("camera", {"fault": "on_fire"}),
        ("document_reader", {"fault": "on_fire"}),
        ("panel", {"press": "doorbell"}),
    ],
)
def test_a_command_that_is_none_is_refused_and_the_next_one_obeyed(kiosk, device, words):
    path = places.simulators_socket(kiosk.settings)
    with pytest.raises(RefusedError):
        command(path, device, **words)
    command(path, "printer", fault="none")


def test_what_can_be_shown_is_told(kiosk):
    path = places.simulators_socket(kiosk.settings)
    assert set(state(path)) == set(Device)
    command(path, "printer", fault="paper_low")
    command(path, "panel", presence="away")
    told = state(path)
    assert told["printer"]["fault"] == "paper_low"
    assert told["printer"]["paper"] == "low"
    assert told["printer"]["cover"] == "shut"
    assert told["panel"]["presence"] == "away"
    assert told["scanner"]["fault"] == "none"
    assert not told["camera"]["watched"]


def test_what_a_printer_is_counts_not_what_was_last_done_to_it(kiosk):
    path = places.simulators_socket(kiosk.settings)
    left_mm = state(path)["printer"]["left_mm"]
    assert left_mm > 0
    command(path, "printer", fault="paper_out", after_rows=300)
    assert state(path)["printer"]["fault"] == "none"  # not yet
    command(path, "printer", fault="cover_open")
    command(path, "printer", fault="paper_out")
    told = state(path)["printer"]
    assert told["fault"] == "cover_open+paper_out"
    assert (told["paper"], told["left_mm"], told["cover"]) == ("out", 0, "open")
    command(path, "printer", fault="none")
    assert state(path)["printer"]["left_mm"] == left_mm


def test_every_specimen_of_the_dock_can_be_shown(kiosk):
    path = places.simulators_socket(kiosk.settings)
    for _, what in specimens(kiosk.settings):
        command(path, "camera", show=what)
        assert state(path)["camera"]["show"] == what
    assert ("passport", "specimen:passport") in specimens(kiosk.settings)


def test_without_a_simulated_network_there_is_none_to_cut(kiosk):
    with pytest.raises(RefusedError, match="no network"):
        network(places.simulators_socket(kiosk.settings), "cut")


def test_every_lever_of_the_dock_is_a_word_of_the_simulators(kiosk, tmp_path):
    path = places.simulators_socket(kiosk.settings)
    specimens = [dock_boards.write_code(tmp_path)]
    board, *others = dock_boards.boards(list(Device), specimens)
    assert [lever.words["network"] for row in board.rows for lever in row.levers] == list(map(str, WAYS))
    for other in others:
        mend, *levers = [lever for row in other.rows for lever in row.levers]
        for lever in levers:
            ask(path, dict(lever.words))
            ask(path, dict(mend.words))


def test_a_lever_that_is_none_would_be_noticed(kiosk):
    lever = Lever("set on fire", {"device": "printer", "fault": "on_fire"})
    with pytest.raises(RefusedError):
        ask(places.simulators_socket(kiosk.settings), dict(lever.words))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("state", {}, []), {"ask": "state"}),
        (("network", {"fault": "cut"}, []), {"network": "cut"}),
        (
            ("printer", {"fault": "paper_out", "after_rows": 3}, []),
            {"device": "printer", "fault": "paper_out", "after_rows": 3},
        ),
        (("scanner", {"scan": r"P<UTO\nL898"}, []), {"device": "scanner", "scan": "P<UTO\nL898"}),
        (("camera", {"show": "specimen:passport"}, []), {"device": "camera", "show": "specimen:passport"}),
        (("camera", {"show": "/x/y.png"}, []), {"device": "camera", "show": "/x/y.png"}),
        (("panel", {}, ["press=call"]), {"device": "panel", "press": "call"}),
    ],
)
def test_what_is_typed_becomes_a_command(typed, words):
    assert levers.words(*typed) == words


@pytest.mark.parametrize("typed", [("toaster", {}, []), ("panel", {}, ["press"])])
def test_no_such_lever(typed):
    with pytest.raises(levers.NoLeverError):
        levers.words(*typed)


def test_the_process_starts_obeys_and_ends(short_path, eventually):
    settings = Settings(
        production=False,
        paths={"runtime": short_path},
        devices={"scanner": {"simulated": True}},
    )
    program = (
        "import sys\nfrom config.settings import Settings\nfrom devices.simulate import run\n"
        "run(Settings.model_validate_json(sys.argv[1]))"
    )
    process = subprocess.Popen([sys.executable, "-P", "-c", program, settings.model_dump_json()])
    try:
        eventually(places.simulators_socket(settings).exists)
        command(places.simulators_socket(settings), "scanner", fault="unplug")
        assert not (short_path / "scanner").exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert list(short_path.iterdir()) == []
    finally:
        process.kill()
        process.wait()
