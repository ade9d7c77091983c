"""The option for real devices: a protocol that another program can read, and no test that runs unasked."""

import json
from pathlib import Path

from flows.ports import Device
from tests.devices.hardware import ProtocolFile, is_chosen


def test_a_protocol_is_json_lines_with_bytes_in_hexadecimal(tmp_path: Path):
    with ProtocolFile(tmp_path / "new", "test_a[x/y z]") as record:
        record("ask", sent=b"\x10\x04\x01", heard=b"\x12", state=Device.PRINTER)
    lines = (tmp_path / "new" / "test_a-x-y-z.jsonl").read_text().splitlines()
    line = json.loads(lines[0])
    assert line.pop("at_s") >= 0
    assert line == {"step": "ask", "sent": "10 04 01", "heard": "12", "state": "printer"}


def test_without_a_folder_nothing_is_written(protocol, pytestconfig):
    protocol("ask", sent=b"\x00")
    assert is_chosen(pytestconfig, Device.PRINTER) == ("printer" in pytestconfig.getoption("--hardware"))
