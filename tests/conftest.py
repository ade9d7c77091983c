"""What all tests share: the options that let contract tests run on real devices."""

from collections.abc import Iterator

import pytest

from tests.devices.hardware import ProtocolFile, Record, hardware_option


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--hardware DEVICE`, `--protocol DIR`."""
    hardware_option(parser)


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
