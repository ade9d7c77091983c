"""Makes one page per printer model from its profile and the hand-written part in `notes/`.

.venv/bin/python docs/devices/printers/make.py
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2]))

from devices.printer import profile  # noqa: E402
from devices.printer.profile import FACTS, Profile  # noqa: E402

_SAID = {
    "process_id": "says that all is done (`GS ( H`): a receipt can be said to be printed",
    "paper_sensor": "answers `GS r` in turn: a receipt can be said to be printed if no answer was doubled",
    "none": "says nothing: no receipt is ever said to be printed",
}


def page(name: str) -> str:
    """The page of one model."""
    model = profile.named(name)
    notes = HERE / "notes" / f"{name.partition('-')[0]}.md"
    quirks = "\n".join(f"- {quirk}" for quirk in model.quirks)
    return f"""# {model.title}

<!-- Made by docs/devices/printers/make.py from profiles/{name}.toml and notes/{notes.name}. -->

```toml
# /etc/kiosk/kiosk.toml
[devices.printer]
model = "{name}"
connection = "network"   # or "usb", "serial": see "Wiring"
host = "192.0.2.7"
```

| what | value | known from |
|---|---|---|
{_rows(model)}

How it confirms: it {_SAID[model.confirmation.value]}.

## Wiring and switches

Written by hand, to be checked against the printer's own manual:

{notes.read_text(encoding="utf-8").strip()}

{_common()}
## Quirks

{quirks}
"""


def _rows(model: Profile) -> str:
    values = {
        "width_dots": f"{model.width_dots} dots on {model.paper_mm} mm paper",
        "dots_per_mm": str(model.dots_per_mm),
        "cutter": model.cutter.value + (", with presenter" if model.presenter else ""),
        "cutter_rows": f"{model.cutter_rows} rows from head to cutter",
        "speed_mm_s": f"{model.speed_mm_s} mm/s at most",
        "receive_buffer": f"{model.receive_buffer} bytes",
        "confirmation": model.confirmation.value,
        "clears": "DLE DC4 8 empties its buffers" if model.clears else "nothing empties its buffers",
        "identity": "asked (GS I 65, 67)" if model.identity else "not asked",
        "status": _status(model),
    }
    return "\n".join(f"| {fact} | {values[fact]} | {model.sources[fact]} |" for fact in FACTS)


def _status(model: Profile) -> str:
    parts = ["DLE EOT " + ", ".join(map(str, model.status.questions))]
    parts += ["DLE EOT 20"] if model.status.full else []
    parts += ["GS a"] if model.status.automatic else []
    return "; ".join(parts)


def _common() -> str:
    return """**Network.** Give the printer a fixed address on a network of its own, and allow it in
`kiosk-devices.service.d/printer.conf` (`systemd/README.md`).

**USB.** `lsusb` names vendor and product. `connection = "usb"` takes the only printer, or the one with
`usb_id`, `usb_serial` or `usb_port` (the socket, such as `1-2.3`, as below `/sys/bus/usb/devices`). A rule
lets the devices process open it and keeps the kernel's driver away; VENDOR is what `lsusb` shows:

```
# /etc/udev/rules.d/60-kiosk-printer.rules
SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="VENDOR", GROUP="kiosk-devices", MODE="0660"
# /etc/modprobe.d/kiosk-printer.conf
blacklist usblp
# /etc/systemd/system/kiosk-devices.service.d/printer.conf
[Service]
DeviceAllow=char-usb_device rw
RestrictAddressFamilies=AF_NETLINK
```

**Serial.** `connection = "serial"`, `path = "/dev/serial/by-id/…"`, `baud` as the printer's switches say.
`flow = "rts_cts"` is right for the usual crossed cable, which carries the printer's DTR to CTS; `xon_xoff`
only if the printer is set to it. At 115200 baud a long receipt takes seconds: prefer USB or network.
"""


def main() -> None:
    """Write them all."""
    for name in profile.names():
        (HERE / f"{name}.md").write_text(page(name), encoding="utf-8")
    index = "".join(f"- [{profile.named(name).title}]({name}.md)\n" for name in profile.names())
    (HERE / "README.md").write_text(
        "# Supported receipt printers\n\n<!-- Made by docs/devices/printers/make.py. -->\n\n"
        + index
        + "\nAnother one: [add a printer](../add-a-printer.md). What a page calls an assumption was not\n"
        "checked on a printer; `--hardware printer` and the acceptance script check it.\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
