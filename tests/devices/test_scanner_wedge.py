"""A scanner in keyboard mode is found in a made-up /sys, and a technician is told."""

import re
from pathlib import Path

import pytest

from config.settings import DocumentReader, Scanner
from devices.scanner import wedge
from devices.scanner.adapter import ScannerService
from devices.scanner.wedge import SCANNER_VENDORS, Keyboard, find
from devices.supervisor import BackOff, DeviceError, Supervised
from flows.ports import Device, DeviceState

ROOT = Path(__file__).parents[2]
ALL_KEYS = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"  # as a USB keyboard has them
NO_LETTERS = "fffe0000 0 0 0"


def plug(
    sys: Path,
    number: int,
    *,
    name: str,
    vendor: str,
    product: str = "0b61",
    keys: str = ALL_KEYS,
    bus: str = "0003",
) -> Path:
    node = sys / "class" / "input" / f"input{number}"
    (node / "id").mkdir(parents=True)
    (node / "capabilities").mkdir()
    for file, text in (
        ("name", name),
        ("id/bustype", bus),
        ("id/vendor", vendor),
        ("id/product", product),
        ("capabilities/key", keys),
    ):
        (node / file).write_text(text + "\n")
    return node


def test_by_vendor_or_by_name(tmp_path):
    plug(tmp_path, 1, name="Power Button", vendor="0000", bus="0019", keys="10000000000000 0")
    plug(tmp_path, 2, name="Logitech K120", vendor="046d")
    assert find(Device.SCANNER, tmp_path) is None
    assert find(Device.DOCUMENT_READER, tmp_path) is None
    plug(tmp_path, 3, name="Honeywell Imaging & Mobility 1900", vendor="0c2e", product="0901")
    assert find(Device.SCANNER, tmp_path) == Keyboard("0c2e", "0901")
    assert find(Device.DOCUMENT_READER, tmp_path) is None
    plug(tmp_path, 4, name="ACME MRZ Passport Reader", vendor="1fc9", product="0001")
    assert find(Device.DOCUMENT_READER, tmp_path) == Keyboard("1fc9", "0001")


@pytest.mark.parametrize(
    "wrong",
    [
        {"keys": NO_LETTERS},
        {"keys": ""},
        {"keys": "no numbers"},
        {"bus": "0005"},
        {"name": "x", "vendor": "046d"},
    ],
)
def test_what_is_none(tmp_path, wrong):
    plug(tmp_path, 1, **{"name": "USB Barcode Scanner", "vendor": "1234"} | wrong)
    assert find(Device.SCANNER, tmp_path) is None


def test_no_sys_and_half_a_node_are_none(tmp_path):
    assert find(Device.SCANNER, tmp_path / "nothing") is None
    node = plug(tmp_path, 1, name="USB Barcode Scanner", vendor="1234")
    (node / "id" / "bustype").unlink()
    assert find(Device.SCANNER, tmp_path) is None


def service(tmp_path: Path, heard, device: Device = Device.SCANNER) -> ScannerService:
    settings = Scanner() if device is Device.SCANNER else DocumentReader()
    return ScannerService(device, settings, str(tmp_path / "gone"), heard(), heard(), sys=tmp_path / "sys")


def test_the_technician_is_told_what_to_do(tmp_path, heard):
    one = service(tmp_path, heard)
    with pytest.raises(DeviceError, match="disconnected"):
        one.set_up()
    plug(tmp_path / "sys", 1, name="Symbol Bar Code Scanner", vendor="05e0", product="1200")
    with pytest.raises(DeviceError, match="misconfigured"):
        one.set_up()
    assert one.facts()["trouble"] == "keyboard"
    assert "USB serial" in one.facts()["remedy"]


def test_a_document_reader_is_not_taken_for_a_scanner(tmp_path, heard):
    plug(tmp_path / "sys", 1, name="Symbol Bar Code Scanner", vendor="05e0", product="1200")
    with pytest.raises(DeviceError, match="disconnected"):
        service(tmp_path, heard, Device.DOCUMENT_READER).set_up()


def test_with_its_line_there_a_keyboard_beside_it_is_not_looked_for(tmp_path, heard, monkeypatch):
    monkeypatch.setattr(wedge, "find", lambda *_: pytest.fail("looked"))
    from devices.scanner.simulator import ScannerSimulator

    simulator = ScannerSimulator(tmp_path / "gone")
    simulator.start()
    states = heard()
    one = ScannerService(Device.SCANNER, Scanner(), str(tmp_path / "gone"), states, heard())
    worker = Supervised(one, states, BackOff(0.05, 0.1))
    worker.start()
    states.wait(lambda heard_one: heard_one[1] is DeviceState.READY)
    worker.stop()
    simulator.stop()


def test_udev_keeps_the_same_makers_from_typing():
    rules = (ROOT / "systemd" / "udev.rules").read_text()
    [line] = [line for line in rules.splitlines() if "inhibited" in line]
    assert set(re.findall(r"[0-9a-f]{4}", line.split("idVendor")[1].split(",")[0])) == set(SCANNER_VENDORS)
