"""Which wire the settings name."""

from config.settings import Printer, PrinterConnection
from devices.printer.network import NetworkTransport
from devices.printer.serial_port import SerialTransport
from devices.printer.transport import Transport
from devices.printer.usb_port import UsbTransport


def transport_to(settings: Printer) -> Transport:
    """The wire to the printer in use; to a simulated USB printer it is TCP, as there is none to plug in."""
    if settings.connection is PrinterConnection.SERIAL:
        return SerialTransport(settings.path, settings.baud, settings.flow)
    if settings.connection is PrinterConnection.USB and not settings.simulated:
        return UsbTransport(settings.usb_id, settings.usb_serial, settings.usb_port)
    return NetworkTransport(settings.host, settings.port)
