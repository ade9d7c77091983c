"""The settings of the machine that a command runs on."""

import os
import sys
from typing import TYPE_CHECKING

from config.event_names import Event
from config.log import configure, log

if TYPE_CHECKING:
    from config.settings import Settings


def load_settings(site: str | None = None, profile: str | None = None) -> "Settings":
    """The settings here; where they cannot be used, say what is wrong with them and end with 1.

    In service, where nobody reads what a process says, the log tells it too.
    """
    from config.loader import MACHINE_FILE, ConfigError, load

    machine_file = MACHINE_FILE if MACHINE_FILE.exists() else None
    try:
        return load(site=site, profile=profile, machine_file=machine_file, environ=os.environ)
    except ConfigError as error:
        if "JOURNAL_STREAM" in os.environ:
            configure("cli")
            log(Event.CONFIG_REFUSED, faults=len(error.faults))
        sys.exit(f"kiosk: {error}")
