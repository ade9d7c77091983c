"""The simulators as a process: commands, refusals, never in production."""

import signal
import subprocess
import sys

import pytest

from config.settings import Devices, Scanner, Settings
from devices import places
from devices.simulate import NotInProductionError, simulators
from devices.simulate_client import RefusedError, command


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
    ],
)
def test_a_command_that_is_none_is_refused_and_the_next_one_obeyed(kiosk, device, words):
    path = places.simulators_socket(kiosk.settings)
    with pytest.raises(RefusedError):
        command(path, device, **words)
    command(path, "printer", fault="none")


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
