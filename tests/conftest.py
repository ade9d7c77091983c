"""What all tests share: options that let contract tests run on real devices, and what runs beside what."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.devices.hardware import ProtocolFile, Record, hardware_option

hypothesis.settings.register_profile("shared machine", deadline=None)  # who runs beside it is not its doing
hypothesis.settings.load_profile("shared machine")

_WHOLE_KIOSKS = ("tests/e2e/", "tests/crash/")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--hardware DEVICE`, `--protocol DIR`."""
    hardware_option(parser)


class _Sharing(LoadScopeScheduling):
    """One worker has the whole kiosks, one after the other; the others share the modules.

    (xdist 3.8 has `--dist loadgroup` for this, but it names groups in a way that pytest 9.2 no longer takes.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return _lane(nodeid)


def _lane(nodeid: str) -> str:
    return "whole kiosks" if nodeid.startswith(_WHOLE_KIOSKS) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Sharing:
    """Among several workers."""
    return _Sharing(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among several workers: whole kiosks from the start, as they mostly wait; then large modules first."""
    if not hasattr(config, "workerinput"):
        return
    sizes = Counter(_lane(item.nodeid) for item in items)
    items.sort(key=lambda item: (not item.nodeid.startswith(_WHOLE_KIOSKS), -sizes[_lane(item.nodeid)]))


@pytest.fixture(scope="module", autouse=True)
def _gives_way(request: pytest.FixtureRequest) -> None:
    """Whole kiosks have promises to keep in real time; what runs beside them lets them go first."""
    if hasattr(request.config, "workerinput") and not request.node.nodeid.startswith(_WHOLE_KIOSKS):
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
