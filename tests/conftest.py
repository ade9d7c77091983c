"""What all tests share: options that let contract tests run on real devices, and what runs beside what."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.devices.hardware import ProtocolFile, Record, hardware_option

hypothesis.settings.register_profile("shared machine", deadline=None)  # who runs beside it is not its doing
hypothesis.settings.load_profile("shared machine")

_WHOLE_KIOSKS = {
    "tests/e2e/test_report_room": 1,
    "tests/e2e/test_whole_": 1,
    "tests/crash/": 1,
    "tests/e2e/": 2,
    "tests/supervise/test_run": 2,
}
"""How names of modules that keep whole kiosks begin, and their lane of two; the first match counts."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--hardware DEVICE`, `--protocol DIR`."""
    hardware_option(parser)


class _Sharing(LoadScopeScheduling):
    """Two workers have the whole kiosks, one after the other; the others share the modules.

    (xdist 3.8 has `--dist loadgroup` for this, but it names groups in a way that pytest 9.2 no longer takes.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return _lane(nodeid)


def _lane(nodeid: str) -> str:
    number = _number_of_lane(nodeid)
    return f"whole kiosks {number}" if number else nodeid.partition("::")[0]


def _number_of_lane(nodeid: str) -> int:
    return next((lane for name, lane in _WHOLE_KIOSKS.items() if nodeid.startswith(name)), 0)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Sharing:
    """Among several workers."""
    return _Sharing(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among several workers: whole kiosks first, as they mostly wait; then the slow, then the large."""
    if not hasattr(config, "workerinput"):
        return
    sizes = Counter(_lane(item.nodeid) for item in items)
    items.sort(key=lambda item: _turn(item, sizes))


def _turn(item: pytest.Item, sizes: Mapping[str, int]) -> tuple[bool, bool, int]:
    is_whole, is_slow = bool(_number_of_lane(item.nodeid)), item.get_closest_marker("slow") is not None
    return not is_whole, not is_slow, -sizes[_lane(item.nodeid)]


@pytest.fixture(scope="module", autouse=True)
def _gives_way(request: pytest.FixtureRequest) -> None:
    """Whole kiosks have promises to keep in real time; what runs beside them lets them go first."""
    if hasattr(request.config, "workerinput") and not _number_of_lane(request.node.nodeid):
        os.nice(max(0, 4 - os.nice(0)))


@pytest.fixture
def protocol(request: pytest.FixtureRequest) -> Iterator[Record]:
    """`protocol(step, sent=…, heard=…, verdict=…)` writes a line of this test's protocol, if one is wanted.

    The last line says whether the test passed up to its end.
    """
    with ProtocolFile(request.config.getoption("--protocol"), request.node.nodeid.partition("::")[2]) as file:
        file("begin", test=request.node.nodeid)
        failed_before = request.session.testsfailed
        yield file
        file("end", verdict="failed" if request.session.testsfailed > failed_before else "passed")
