"""Printer models as data: read strictly, honest about what is known, and used by the adapter as they say."""

import runpy
from pathlib import Path

import pytest

from config.settings import PrintConfirmation, Printer
from devices.printer import profile, raster
from devices.printer.adapter import PrinterService
from devices.printer.profile import FACTS, Profile, ProfileError, named, names, profile_of
from devices.printer.simulator import Fault
from devices.printer.status import (
    AutomaticStatus,
    FullStatus,
    RawStatus,
    state_of,
    state_of_automatic,
    state_of_full,
    worst,
)
from devices.supervisor import DeviceError
from flows.ports import DeviceState, PrintOutcome
from tests.devices.printer_rig import QUICK, Rig, rig_in, slower

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "devices" / "printers"


@pytest.mark.parametrize("name", names())
def test_a_profile_is_whole_and_says_where_it_is_from(name: str):
    model = named(name)
    assert set(model.sources) == set(FACTS)
    unit = raster.unit_rows(model.width_dots, model.receive_buffer)
    whole_unit = list(
        raster.units(model.width_dots, unit, b"\xff" * (unit * ((model.width_dots + 7) // 8)), unit)
    )
    assert len(whole_unit) == 1
    assert 2 * (len(whole_unit[0]) + 11) < model.receive_buffer  # two units and their confirmations fit


@pytest.mark.parametrize("name", names())
def test_the_page_of_a_printer_is_fresh(name: str):
    made = runpy.run_path(str(PAGES / "make.py"))["page"](name)
    assert (PAGES / f"{name}.md").read_text(encoding="utf-8") == made


BROKEN = [
    ('cutter = "partial"', 'cutter = "saw"', "cutter"),
    ("questions = [1, 2, 3, 4]", "questions = [2, 1]", "questions begin with 1"),
    ("title = ", "colour = 1\ntitle = ", "colour"),
    ("[sources]", '[sources]\nprice = "reference: list"', "sources"),
    ("reference: ", "hearsay: ", "begin each"),
    ("full = false", "full = true", "say both or neither"),
    ('confirmation = "process_id"', 'confirmation = "as_model"', "is the model"),
]


@pytest.mark.parametrize(("old", "new", "said"), BROKEN)
def test_a_broken_profile_is_refused_with_a_reason(tmp_path: Path, old: str, new: str, said: str):
    text = (profile.FOLDER / "epson-tm-t88vi.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "bad.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ProfileError, match=said):
        profile.read(tmp_path / "bad.toml")


def test_settings_may_override_a_model():
    settings = Printer(width_dots=420, dots_per_mm=7.5, confirmation=PrintConfirmation.NONE)
    model = profile_of(settings)
    assert (model.width_dots, model.dots_per_mm, model.confirmation) == (420, 7.5, PrintConfirmation.NONE)
    assert profile_of(Printer()).width_dots == 576


def test_an_unknown_model_is_a_wrong_setting_and_nothing_worse(tmp_path: Path):
    service = PrinterService(Printer(model="no-such-printer"), tmp_path / "marker", lambda *_: None)
    with pytest.raises(DeviceError) as caught:
        service.set_up()
    assert (caught.value.state, caught.value.permanent) == (DeviceState.MISCONFIGURED, True)
    assert service.facts()["profile"] == "no-such-printer"


# --- dialects -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "state"),
    [
        ((0x10, 0, 0, 0x0F), DeviceState.READY),
        ((0x14, 0, 0, 0x0F), DeviceState.READY),  # the drawer's pin
        ((0x10, 0, 0x03, 0x0F), DeviceState.PAPER_LOW),
        ((0x18, 0, 0x0F, 0x0F), DeviceState.PAPER_OUT),
        ((0x38, 0, 0x0F, 0x0F), DeviceState.COVER_OPEN),
        ((0x18, 0x08, 0, 0x0F), DeviceState.CUTTER_ERROR),
        ((0x18, 0x40, 0, 0x0F), DeviceState.OVERHEATED),
        ((0x18, 0x20, 0, 0x0F), DeviceState.ERROR),
        ((0x18, 0x04, 0, 0x0F), DeviceState.ERROR),
        ((0x18, 0, 0, 0x0F), DeviceState.ERROR),
        ((0x58, 0, 0, 0x0F), DeviceState.BUSY),
    ],
)
def test_automatic_status_has_a_word(block: tuple[int, int, int, int], state: DeviceState):
    assert state_of_automatic(AutomaticStatus(*block)) is state


@pytest.mark.parametrize(
    ("block", "state"),
    [
        ((0, 0, 0, 0), DeviceState.READY),
        ((0x20, 0, 0, 0), DeviceState.PAPER_WAITING),
        ((0x04, 0, 0, 0), DeviceState.PAPER_LOW),
        ((0x01, 0, 0, 0), DeviceState.PAPER_OUT),
        ((0, 0x02, 0, 0), DeviceState.COVER_OPEN),
        ((0, 0, 0x01, 0), DeviceState.OVERHEATED),
        ((0, 0, 0x40, 0), DeviceState.ERROR),
        ((0, 0, 0, 0x01), DeviceState.CUTTER_ERROR),
        ((0, 0, 0, 0x04), DeviceState.ERROR),
    ],
)
def test_full_status_has_a_word(block: tuple[int, int, int, int], state: DeviceState):
    assert state_of_full(FullStatus(*block)) is state


def test_a_dialect_without_a_question_needs_no_answer_to_it():
    raw = RawStatus(0x12, 0x12, None, 0x12)
    assert state_of(raw) is DeviceState.UNKNOWN
    assert state_of(raw, (1, 2, 4)) is DeviceState.READY
    assert worst((DeviceState.READY, DeviceState.UNKNOWN)) is DeviceState.UNKNOWN
    assert worst((DeviceState.COVER_OPEN, DeviceState.UNKNOWN)) is DeviceState.COVER_OPEN


def test_what_a_printer_says_unasked_is_seen_before_the_next_look(tmp_path: Path):
    with rig_in(tmp_path, delays=slower(QUICK, poll_s=60.0)) as rig:
        assert rig.print("a", rig.draw(60, 1)).outcome is PrintOutcome.PRINTED  # switches GS a on
        rig.simulator.set_fault(Fault.COVER_OPEN)
        rig.wait_for(DeviceState.COVER_OPEN)
        rig.simulator.set_fault(Fault.NONE)
        rig.wait_until_ready()


@pytest.mark.parametrize("fault", [Fault.LATE, Fault.DOUBLE])
def test_late_and_doubled_answers_are_never_ready(tmp_path: Path, fault: Fault):
    with rig_in(tmp_path) as rig:
        rig.simulator.set_fault(fault)
        rig.wait_for(DeviceState.UNKNOWN)
        heard = rig.states.count()
        assert rig.print("a", rig.draw(60, 1), deadline_s=1.0).outcome is PrintOutcome.NOT_PRINTED
        rig.wait_for(DeviceState.UNKNOWN, after=heard)
        assert DeviceState.READY not in {state for _, state in rig.states.all[heard:]}


def test_a_receipt_nobody_took_is_drawn_in_before_the_next_one(tmp_path: Path):
    with rig_in(tmp_path, model="custom-vkp80") as rig:
        rig.simulator.set_fault(Fault.PAPER_LEFT)
        assert rig.print("a", rig.draw(60, 1)).state is DeviceState.PAPER_WAITING
        assert rig.simulator.model.mouth is rig.simulator.pieces[0]
        rig.simulator.model.faults.clear()
        assert rig.print("b", rig.draw(60, 2)).state is DeviceState.READY
        assert rig.simulator.model.mouth is None
        assert len(rig.simulator.pieces) == 2


def test_a_printer_that_confirms_nothing_is_never_believed(tmp_path: Path):
    with rig_in(tmp_path, model="generic-58mm") as rig:
        assert rig.print("a", rig.draw(40, 1), deadline_s=15.0).outcome is PrintOutcome.UNCONFIRMED
        assert len(rig.simulator.wait_for_pieces(1)) == 1


def test_it_says_what_it_is(tmp_path: Path):
    with rig_in(tmp_path) as rig:
        facts = rig.service.facts()
        assert facts["says_model"] == "Epson TM-m30III"
        assert facts["firmware"] == "SIM-1.00"
        assert facts["width_dots"] == "576"


def test_a_printer_that_does_not_say_what_it_is_costs_one_connection(tmp_path: Path):
    """And is asked no second time: its late answer could look like any other."""
    rig = Rig(tmp_path)
    rig.simulator.model._profile = rig.profile.model_copy(update={"identity": False})
    rig.worker.stop()
    rig.plug_in()
    rig.wait_until_ready()
    assert "firmware" not in rig.service.facts()
    assert rig.print("a", rig.draw(60, 1)).outcome is PrintOutcome.PRINTED
    rig.stop()


def test_profiles_are_frozen():
    assert Profile.model_config["frozen"]
