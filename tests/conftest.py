"""What all tests share: the options that let contract tests run on real devices, and which run side by side."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.devices.hardware import ProtocolFile, Record, hardware_option

_WHOLE = "whole kiosks"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--hardware DEVICE`, `--protocol DIR`."""
    hardware_option(parser)


@pytest.hookimpl(tryfirst=True)  # before the names are read that are given here
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among several workers: one has the whole kiosks, one after the other and from the start, since they
    mostly wait; the others share the modules, large ones first.
    """
    if not hasattr(config, "workerinput"):
        return
    lanes = {item: _WHOLE if item.get_closest_marker("slow") else item.location[0] for item in items}
    sizes = Counter(lanes.values())
    for item, lane in lanes.items():
        item.add_marker(pytest.mark.xdist_group(lane))
    items.sort(key=lambda item: (lanes[item] != _WHOLE, -sizes[lanes[item]]))


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
