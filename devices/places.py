"""Where simulated devices appear, so that adapters and simulators agree without any setting."""

from pathlib import Path

from config.settings import PrinterConnection, Settings


def scanner_path(settings: Settings) -> str:
    """Serial line of the scanner; empty if there is none."""
    scanner = settings.devices.scanner
    return str(settings.paths.runtime / "scanner") if scanner.simulated else scanner.path


def camera_source(settings: Settings) -> str:
    """Device node or video file of the camera; empty if there is none."""
    camera = settings.devices.camera
    return str(settings.paths.runtime / "camera.mjpeg") if camera.simulated else camera.source


def papers(settings: Settings) -> Path:
    """Folder into which the simulated printer lets its paper fall."""
    return settings.paths.runtime / "papers"


def simulators_socket(settings: Settings) -> Path:
    """Where the simulators take faults."""
    return settings.paths.runtime / "simulators.sock"


def printer_marker(settings: Settings) -> Path:
    """Empty file that exists while a print job is not cut off yet; outlives a crash of the process."""
    return settings.paths.runtime / "printer-unfinished"


def document_reader_path(settings: Settings) -> str:
    """Serial line of the reader of document zones; empty if there is none."""
    reader = settings.devices.document_reader
    return str(settings.paths.runtime / "document-reader") if reader.simulated else reader.path


def panel_path(settings: Settings) -> str:
    """Serial line of the panel; empty if there is none."""
    panel = settings.devices.panel
    return str(settings.paths.runtime / "panel") if panel.simulated else panel.path


def call_marker(settings: Settings) -> Path:
    """Empty file that exists while a call of an officer is not answered; outlives a crash of the process."""
    return settings.paths.runtime / "officer-call"


def device_history(settings: Settings) -> Path:
    """The latest changes of every device; outlives the process, not the machine."""
    return settings.paths.runtime / "device-history.json"


def printer_installed(settings: Settings) -> bool:
    """Whether this kiosk has a receipt printer: an empty address or line is none."""
    printer = settings.devices.printer
    named = {
        PrinterConnection.NETWORK: printer.host,
        PrinterConnection.SERIAL: printer.path,
        PrinterConnection.USB: "any",
    }
    return printer.simulated or bool(named[printer.connection])


def panel_installed(settings: Settings) -> bool:
    """Whether this kiosk has anything of a panel."""
    panel = settings.devices.panel
    return bool(panel_path(settings) or panel.keypad or panel.jack)
