"""What all commands share: their common options, where settings come from, and how they answer."""

import json
import os
import sys
from collections.abc import Mapping
from typing import Annotated, NoReturn

import typer

from config.settings import Settings
from kiosk.machine import load_settings

_DEVELOPMENT_PROFILE = "demo"

SiteOption = Annotated[str | None, typer.Option("--site", help="A name in config/sites.", show_default=False)]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="A name in config/profiles.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings_of(profile: str | None = None, site: str | None = None) -> Settings:
    """The settings with this profile and at this site; what is not named is as this machine says."""
    return load_settings(site, profile or _development_profile())


def _development_profile() -> str | None:
    """The profile where nothing names one: a machine without a machine file is no kiosk in service."""
    from config.loader import MACHINE_FILE

    return None if os.environ.get("KIOSK__PROFILE") or MACHINE_FILE.exists() else _DEVELOPMENT_PROFILE


def print_json(value: object) -> None:
    """Answer for programs, on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def print_facts(facts: Mapping[str, object], *, as_json: bool) -> None:
    """Answer with names and values: a line each, or JSON."""
    if as_json:
        print_json(facts)
        return
    width = max(map(len, facts))
    typer.echo("\n".join(f"{name:<{width}}  {_plain(value)}" for name, value in facts.items()))


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def fail(message: str) -> NoReturn:
    """End with 1; `message` says what is wrong and what to do."""
    typer.echo(f"kiosk: {message}", err=True)
    sys.exit(1)
