"""The printer port: a receipt is laid out here and reaches the printer as a picture."""

from config.settings import Settings
from devices.client import DevicesClient
from devices.printer.profile import profile_of
from flows.receipt import ReceiptDocument
from ui import paper


class Printing:
    """Prints receipts of a visit."""

    def __init__(self, client: DevicesClient, settings: Settings) -> None:
        self._client = client
        self._printer = settings.devices.printer
        self._deadline_s = settings.timing.print_deadline_s

    def print_receipt(self, job_id: str, receipt: ReceiptDocument) -> None:
        """Start job `job_id`."""
        model = profile_of(self._printer)
        image = paper.render(receipt, width_dots=model.width_dots, dots_per_mm=model.dots_per_mm)
        self._client.print_image(job_id, image.width, image.height, image.bits, deadline_s=self._deadline_s)
