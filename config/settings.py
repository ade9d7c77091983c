"""Every setting of a kiosk: its type, its default and what it means. `config.loader` reads them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SiteKind(StrEnum):
    """Where a kiosk stands; packs may ask for it."""

    REPORT_ROOM = "report_room"
    MTR = "mtr"
    BORDER = "border"


class Site(_Section):
    """The place: names in every language, what is offered, and where to go instead."""

    code: str = Field(default="report-room", description="Short name, also the file name in config/sites/.")
    kind: SiteKind = Field(default=SiteKind.REPORT_ROOM, description="Where it stands; packs ask for it.")
    name: dict[str, str] = Field(default_factory=dict, description="Name of the place per language.")
    address: dict[str, str] = Field(
        default_factory=dict, description="What 'here' means in a report, per language."
    )
    desk: dict[str, str] = Field(default_factory=dict, description="Nearest staffed desk, per language.")
    desk_phone: str = Field(default="", description="Telephone of that desk, as printed on receipts.")
    receipt_page: str = Field(
        default="",
        pattern=r"^(https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?)?$",
        description="Origin (https://host:port) that gives receipts as PDF, opened by the receipt's code.",
    )
    languages: list[str] = Field(
        default=["zh-Hant", "zh-Hans", "en"], description="Offered languages, in order."
    )
    services: list[str] = Field(default=["lost_property"], description="Offered packs, in order.")
    survey: bool = Field(default=True, description="Asks three questions after a service; counts, no names.")


class Orientation(StrEnum):
    """How the display hangs."""

    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"


class Display(_Section):
    """The touch display. Sizes of the theme are millimetres; this turns them into pixels."""

    orientation: Orientation = Field(default=Orientation.PORTRAIT, description="How the display hangs.")
    mm_per_pixel: Annotated[float, Field(gt=0.05, lt=1)] = Field(
        default=0.2767, description="Size of a pixel; measured, because displays report it wrongly."
    )
    fullscreen: bool = Field(default=True, description="Fills the display; false is for development.")
    window_scale: Annotated[float, Field(gt=0.1, le=2)] = Field(
        default=1.0, description="Development: the window is this much smaller than the real display."
    )


class Timing(_Section):
    """Seconds. Scanning, printing and waiting for the centre count as activity."""

    idle_s: Annotated[float, Field(gt=0)] = Field(
        default=90, description="Without activity until the time warning."
    )
    warning_s: Annotated[float, Field(gt=0)] = Field(
        default=30, description="Count-down of the time warning."
    )
    left_s: Annotated[float, Field(ge=0)] = Field(
        default=15,
        description="Without anybody before the proximity sensor until the time warning; 0: never for that.",
    )
    received_s: Annotated[float, Field(gt=0)] = Field(
        default=60, description="Without activity on the received screen."
    )
    visit_limit_s: Annotated[float, Field(gt=0)] = Field(
        default=3600, description="A visit never lasts longer."
    )
    centre_wait_s: Annotated[float, Field(ge=0)] = Field(
        default=4, description="How long the receipt waits for the official number before it prints without."
    )
    print_deadline_s: Annotated[float, Field(gt=0)] = Field(
        default=20, description="Until a receipt that is not confirmed counts as not confirmed."
    )


class PrintConfirmation(StrEnum):
    """How a printer says that it has printed."""

    AS_MODEL = "as_model"
    PROCESS_ID = "process_id"
    PAPER_SENSOR = "paper_sensor"
    NONE = "none"


class PrinterConnection(StrEnum):
    """How a printer is connected."""

    NETWORK = "network"
    USB = "usb"
    SERIAL = "serial"


class FlowControl(StrEnum):
    """How a serial printer says "wait"."""

    RTS_CTS = "rts_cts"
    XON_XOFF = "xon_xoff"
    NONE = "none"


class Printer(_Section):
    """Receipt printer. Its model is a file in devices/printer/profiles: docs/devices/printers."""

    model: str = Field(
        default="epson-tm-m30iii",
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        description="Its profile: width, cutter, how it tells its state and that it has printed.",
    )
    connection: PrinterConnection = Field(
        default=PrinterConnection.NETWORK, description="How it is connected."
    )
    host: str = Field(default="127.0.0.1", description="network: its address.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=9100, description="network: its TCP port.")
    usb_id: str = Field(
        default="",
        pattern=r"^([0-9a-f]{4}:[0-9a-f]{4})?$",
        description="usb: vendor and product, as `lsusb` shows them; empty takes the only printer there is.",
    )
    usb_serial: str = Field(default="", description="usb: its serial number; empty takes any.")
    usb_port: str = Field(
        default="",
        pattern=r"^([0-9]+-[0-9]+(\.[0-9]+)*)?$",
        description="usb: the socket it is plugged into, such as 1-2.3; empty takes any.",
    )
    path: str = Field(default="", description="serial: its line; use a path below /dev/serial/by-id.")
    baud: Annotated[int, Field(ge=9600, le=921_600)] = Field(
        default=115200, description="serial: speed of the line."
    )
    flow: FlowControl = Field(
        default=FlowControl.RTS_CTS,
        description="serial: rts_cts is also for cables that carry a printer's DTR to CTS.",
    )
    width_dots: Annotated[int, Field(ge=0, le=1024)] = Field(
        default=0, description="Printable width, if it is not that of the model; 0 is."
    )
    dots_per_mm: Annotated[float, Field(ge=0, le=24)] = Field(
        default=0.0, description="Dots in a millimetre, if they are not those of the model; 0 are."
    )
    confirmation: PrintConfirmation = Field(
        default=PrintConfirmation.AS_MODEL,
        description="How it confirms. process_id: GS ( H, says that all is done. paper_sensor: GS r. "
        "none: never, so no receipt is ever said to be printed.",
    )
    simulated: bool = Field(default=False, description="A simulator takes its place.")


class ScannerProfile(StrEnum):
    """What kind of scanner it is: docs/devices/scanners/."""

    GENERIC = "generic"
    GENERIC_AIM = "generic_aim"
    HONEYWELL = "honeywell"
    ZEBRA_SSI = "zebra_ssi"
    DATALOGIC = "datalogic"
    DATALOGIC_POWERSCAN = "datalogic_powerscan"


class Scanner(_Section):
    """ID / QR scanner on a serial line. Use a stable path (/dev/serial/by-id/…)."""

    path: str = Field(default="", description="Its serial line; empty is no scanner, or the simulator's own.")
    baud: Annotated[int, Field(ge=1200, le=4_000_000)] = Field(
        default=115200, description="Speed of the line."
    )
    profile: ScannerProfile = Field(
        default=ScannerProfile.GENERIC,
        description="Its maker's commands, by which it is checked and set again; generic only listens.",
    )
    prefix: str = Field(
        default="",
        pattern=r"^([0-9a-f]{2}){0,8}$",
        description="Bytes it sends before each code, as hexadecimal digits; what comes without is dropped.",
    )
    suffix: str = Field(
        default="",
        pattern=r"^([0-9a-f]{2}){0,8}$",
        description="Bytes it sends after each code, as hexadecimal digits; empty is CR, LF or both.",
    )
    simulated: bool = Field(default=False, description="A simulator takes its place.")


class ReaderFraming(StrEnum):
    """How a document reader marks what belongs together."""

    LINES = "lines"
    BLOCK = "block"
    LENGTH = "length"


class DocumentReader(_Section):
    """Reader that sends the lines of a document's machine readable zone over a serial line."""

    path: str = Field(default="", description="Its serial line; empty is no reader, or the simulator's own.")
    baud: Annotated[int, Field(ge=1200, le=4_000_000)] = Field(
        default=115200, description="Speed of the line."
    )
    framing: ReaderFraming = Field(
        default=ReaderFraming.LINES,
        description="lines: each ends with CR or LF. block: all between STX and ETX. "
        "length: a letter and two bytes of length before them.",
    )
    simulated: bool = Field(default=False, description="A simulator takes its place.")


class Panel(_Section):
    """Officer call, keypad, headphone jack, proximity sensor: on a serial line, and of Linux."""

    path: str = Field(default="", description="Its serial line; empty is no panel, or the simulator's own.")
    baud: Annotated[int, Field(ge=1200, le=4_000_000)] = Field(
        default=115200, description="Speed of the line."
    )
    keypad: str = Field(
        default="",
        description="Keypad that is a USB keyboard: its /dev/input/by-id/…-event-kbd; empty is none.",
    )
    jack: str = Field(
        default="",
        description="Input device that reports the headphone jack; empty: the panel's own contact.",
    )
    speaker: str = Field(
        default="", description="ALSA device of the loudspeaker (`aplay -L`); empty is none."
    )
    headphones: str = Field(default="", description="ALSA device of the headphone jack; empty is none.")
    simulated: bool = Field(default=False, description="A simulator takes its place.")


class Camera(_Section):
    """Camera: a stable device path, or a video file in development."""

    source: str = Field(default="", description="Device path; empty is no camera, or the simulator's own.")
    width: Annotated[int, Field(ge=160, le=7680)] = Field(default=1280, description="Pixels asked of it.")
    height: Annotated[int, Field(ge=120, le=4320)] = Field(default=720, description="Pixels asked of it.")
    plain_background: bool = Field(
        default=False,
        description="It looks at an even surface, such as a bare tray: even light is no sign of a cover.",
    )
    simulated: bool = Field(default=False, description="A simulator takes its place.")


class Devices(_Section):
    """All devices of the kiosk."""

    printer: Printer = Printer()
    scanner: Scanner = Scanner()
    document_reader: DocumentReader = DocumentReader()
    camera: Camera = Camera()
    panel: Panel = Panel()


class Centre(_Section):
    """The central report API and how to reach it. Key files lie in `paths.keys`."""

    url: str = Field(default="https://localhost:8443", description="Address of the API, without path.")
    door_url: str = Field(
        default="https://localhost:8445",
        description="Address of the centre's open door, where `kiosk enrol` takes a one-time code.",
    )
    deadline_s: Annotated[float, Field(gt=0)] = Field(
        default=30, description="Total for one call, whatever the server does."
    )


class Post(_Section):
    """The outbox."""

    quota_mb: Annotated[int, Field(ge=32)] = Field(
        default=512, description="Size the outbox may reach; one report with photos takes up to 20."
    )
    drain_per_minute: Annotated[int, Field(ge=1, le=60_000)] = Field(
        default=120,
        description="Reports sent at most from a backlog, because after an outage all kiosks come at once; "
        "one whose visitor waits is not held back.",
    )
    tallies_within_s: Annotated[int, Field(ge=0, le=86_400)] = Field(
        default=14_400,
        description="The survey's numbers of a day go to the centre within so long after its end, at a "
        "moment drawn by chance: it says nothing of when somebody answered. 0 is for tests.",
    )


class Maintenance(_Section):
    """What technicians may do here."""

    groups: list[str] = Field(
        default=[], description="Groups of kiosks that technicians' passes may name; the site is always one."
    )
    stick: Path = Field(
        default=Path("/media/kiosk-usb"),
        description="Where a technician's stick for support bundles is mounted.",
    )
    test_every_days: Annotated[int, Field(ge=1)] = Field(
        default=180, description="A device whose self-test is older is named by `kiosk doctor`."
    )


class Paths(_Section):
    """Where things lie. Production: /var/lib/kiosk, /run/kiosk, /etc/kiosk/keys."""

    state: Path = Field(default=Path("/var/lib/kiosk"), description="What outlives a restart: the outbox.")
    runtime: Path = Field(
        default=Path("/run/kiosk"), description="Sockets. Short: a socket's whole path has at most 107 bytes."
    )
    keys: Path = Field(default=Path("/etc/kiosk/keys"), description="Keys and certificates.")
    rime: Path = Field(default=Path("/usr/share/kiosk/rime"), description="Compiled input methods.")

    @property
    def outbox(self) -> Path:
        """The SQLite outbox."""
        return self.state / "outbox" / "outbox.db"

    @property
    def tallies(self) -> Path:
        """The survey's numbers: written by the screen, carried by the courier."""
        return self.state / "outbox" / "tallies.db"

    @property
    def fetched_packs(self) -> Path:
        """The newest pack bundle, as the courier fetched it."""
        return self.state / "packs-fetched" / "newest.packs"

    @property
    def packs(self) -> Path:
        """Pack bundles that the screen has verified and unpacked, and what it knows of them."""
        return self.state / "packs"

    @property
    def devices_socket(self) -> Path:
        """Unix socket of the devices process."""
        return self.runtime / "devices.sock"

    @property
    def courier_socket(self) -> Path:
        """Unix socket of the courier."""
        return self.runtime / "courier.sock"

    @property
    def maintenance_socket(self) -> Path:
        """Unix socket of maintenance."""
        return self.runtime / "maintenance.sock"

    @property
    def maintenance(self) -> Path:
        """What maintenance keeps: lock-outs, used passes, self-tests, inspections."""
        return self.state / "maintenance"


class Settings(_Section):
    """One kiosk."""

    kiosk_number: Annotated[int, Field(ge=0, le=9999)] = Field(
        default=0, description="Unique in the force; 4 digits of a reference."
    )
    profile: str = Field(default="production", description="Profile file that was read: production or demo.")
    production: bool = Field(default=True, description="Refuses simulators and development switches.")
    time_zone: str = Field(default="Asia/Hong_Kong", description="Of every time that is shown or kept.")
    site: Site = Site()
    display: Display = Display()
    timing: Timing = Timing()
    devices: Devices = Devices()
    centre: Centre = Centre()
    post: Post = Post()
    maintenance: Maintenance = Maintenance()
    words: dict[str, dict[str, dict[str, str]]] = Field(
        default_factory=dict,
        description="Words of packs that this site says otherwise, by pack, language and place: "
        '[words.lost_property.en], "pages.categories.help" = "…"',
    )
    paths: Paths = Paths()
