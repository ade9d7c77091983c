"""Bugs planted in the printer adapter, and one in the simulator, each of which the campaign must notice."""

import itertools
from collections.abc import Callable

import pytest

from devices.printer import adapter, confirmation, raster
from devices.printer.adapter import PrinterService
from devices.printer.model import PrinterModel
from devices.printer.profile import Cutter
from flows.ports import USABLE_STATES, DeviceState, PrintOutcome

Plant = Callable[[pytest.MonkeyPatch], None]


def printed_is_sent(patch: pytest.MonkeyPatch) -> None:
    """What was sent counts as printed."""
    for kind in (confirmation.ProcessIds, confirmation.PaperSensors):
        patch.setattr(kind, "outstanding", property(lambda _: 0))


def the_cut_is_not_awaited(patch: pytest.MonkeyPatch) -> None:
    """The last confirmation, that of the cut, is taken for granted."""
    whole = PrinterService._until_outstanding

    def hasty(self: PrinterService, most: int, deadline: float, progress: object = None) -> None:
        is_end = isinstance(progress, adapter._Progress) and progress.all_sent
        whole(self, 1 if is_end else most, deadline, progress)  # type: ignore[arg-type]
        if is_end:
            progress.confirmed = progress.sent  # type: ignore[attr-defined]

    patch.setattr(PrinterService, "_until_outstanding", hasty)


def nothing_is_cleaned(patch: pytest.MonkeyPatch) -> None:
    """The next job begins where the broken one ended."""
    patch.setattr(PrinterService, "_clean", lambda self: self._marker.unlink(missing_ok=True))


def cleaned_without_a_cut(patch: pytest.MonkeyPatch) -> None:
    """Buffers are dropped, and the old rows stay on the paper."""

    def clean(self: PrinterService) -> None:
        self._clear_buffers()
        self._talking.write(bytes(raster.longest_unit(self._model.width_dots)) + raster.INITIALISE, 10.0)
        self._marker.unlink(missing_ok=True)

    patch.setattr(PrinterService, "_clean", clean)


def cleaned_without_padding(patch: pytest.MonkeyPatch) -> None:
    """A picture that broke off swallows what comes next."""
    patch.setattr(raster, "longest_unit", lambda _width: 0)


def a_broken_job_is_never_printed(patch: pytest.MonkeyPatch) -> None:
    """Every job that did not end well may be tried again."""
    patch.setattr(adapter, "_outcome", lambda *_, **__: PrintOutcome.NOT_PRINTED)


def time_is_a_confirmation(patch: pytest.MonkeyPatch) -> None:
    """A printer that says nothing is believed to have printed after a while."""
    patch.setattr(confirmation.Pace, "trusted", True)


def the_marker_waits_for_the_end(patch: pytest.MonkeyPatch) -> None:
    """That something is on the paper is remembered only after it broke, so a killed process forgets it."""
    begin = PrinterService._begin_paper

    def forgetful(self: PrinterService) -> None:
        begin(self)
        self._marker.unlink()

    patch.setattr(PrinterService, "_begin_paper", forgetful)


def silence_is_consent(patch: pytest.MonkeyPatch) -> None:
    """No answer to a confirmation counts as one, when the printer is otherwise well."""

    def ask_why(self: PrinterService) -> bool:
        if self._talking.state() in USABLE_STATES | {DeviceState.UNKNOWN}:
            self._talking.confirmation.forgive()
        return True

    patch.setattr(PrinterService, "_ask_why", ask_why)


def cut_without_feed(patch: pytest.MonkeyPatch) -> None:
    """GS V 49: the last rows, between head and cutter, stay for the next paper."""
    patch.setattr(raster, "CUTS", dict.fromkeys(Cutter, b"\x1dV1"))


def a_row_is_lost(patch: pytest.MonkeyPatch) -> None:
    """In the simulator: now and then a row is not on the paper."""
    move = PrinterModel._move
    numbers = itertools.count(1)

    def losing(self: PrinterModel, row: bytes):  # a generator of steps
        yield from move(self, bytes(len(row)) if next(numbers) % 97 == 0 else row)

    patch.setattr(PrinterModel, "_move", losing)


MUTANTS: tuple[Plant, ...] = (
    printed_is_sent,
    the_cut_is_not_awaited,
    nothing_is_cleaned,
    cleaned_without_a_cut,
    cleaned_without_padding,
    a_broken_job_is_never_printed,
    time_is_a_confirmation,
    the_marker_waits_for_the_end,
    silence_is_consent,
    cut_without_feed,
    a_row_is_lost,
)
