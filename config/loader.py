"""Reads the settings: defaults < site < profile < machine file < environment, then checks them as a whole.

Whatever is wrong is said at once and in full: the place, the key, and what to do. A kiosk never starts on
settings that it does not understand.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.layers import LEAVES, Fault, Layer, from_environment, from_file, nearest
from config.rules import broken_rules
from config.settings import Paths, Settings

BASE = Path(__file__).parent
"""The folder of `sites/` and `profiles/`."""

MACHINE_FILE = Path("/etc/kiosk/kiosk.toml")
"""Where a kiosk in service has what is true of it alone."""

DEFAULTS = "default"
"""The place of a value that nobody set."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class ConfigError(Exception):
    """The settings cannot be used. `faults` are all that is wrong; `str()` has one a line."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Explained:
    """A setting, its value, and the place that decided it."""

    key: str
    value: object
    place: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and the place of every value that is not a default, by flat key."""

    settings: Settings
    places: Mapping[str, str]

    def explain(self) -> tuple[Explained, ...]:
        """Every setting with its value and origin, in the order of their definition."""
        return tuple(Explained(key, value_of(self.settings, key), self._place(key)) for key in LEAVES)

    def _place(self, key: str) -> str:
        below = (place for name, place in self.places.items() if name.startswith(f"{key}."))
        return self.places.get(key) or next(below, DEFAULTS)


def load(
    *,
    site: str | None = None,
    profile: str | None = None,
    machine_file: Path | None = None,
    environ: Mapping[str, str],
    base: Path = BASE,
) -> Settings:
    """The settings of this kiosk. Raises `ConfigError` with everything that is wrong."""
    return read(site=site, profile=profile, machine_file=machine_file, environ=environ, base=base).settings


def read(
    *,
    site: str | None = None,
    profile: str | None = None,
    machine_file: Path | None = None,
    environ: Mapping[str, str],
    base: Path = BASE,
) -> Loaded:
    """Like `load`, with the origin of every value.

    Without `site` or `profile` the environment, then the machine file, then the default names them. Relative
    paths are taken from the working directory.
    """
    machine = from_file(machine_file) if machine_file else Layer("machine file", {})
    chosen = {**machine.values, **from_environment(environ, ()).values}
    site_name = site or str(chosen.get("site.code", LEAVES["site.code"].default))
    profile_name = profile or str(chosen.get("profile", LEAVES["profile"].default))
    files = [_named_file(base / "sites", site_name), _named_file(base / "profiles", profile_name), machine]
    layers = [*files, from_environment(environ, {key for layer in files for key in layer.values})]
    faults = [fault for layer in layers for fault in layer.faults]
    faults += _production_faults(files[1], layers)
    values, places = _merged(layers)
    settings = _validated(values | {"site.code": site_name, "profile": profile_name}, places, faults)
    if settings is None or faults:
        raise ConfigError(tuple(faults))
    broken = [Fault(_place_of(key, places), key, message) for key, message in broken_rules(settings)]
    if broken:
        raise ConfigError(tuple(broken))
    return Loaded(settings.model_copy(update={"paths": _absolute(settings.paths)}), places)


def _named_file(folder: Path, name: str) -> Layer:
    path = folder / f"{name}.toml"
    known = sorted(file.stem for file in folder.glob("*.toml"))
    if _NAME.fullmatch(name) and name in known:
        return from_file(path)
    message = f'there is no "{name}"{nearest(name, known) or "."} Known: {", ".join(known)}'
    return Layer(str(folder), {}, (Fault(str(folder), "", message),))


def _production_faults(profile: Layer, layers: list[Layer]) -> Iterator[Fault]:
    """Only the profile decides whether a kiosk is in service: no other place may say otherwise."""
    decided = profile.values.get("production", LEAVES["production"].default)
    for layer in layers:
        value = layer.values.get("production", decided)
        if str(value).lower() != str(decided).lower():
            yield Fault(
                layer.place, "production", "is decided by the profile; choose another profile instead"
            )


def _merged(layers: list[Layer]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for layer in layers:
        values |= layer.values
        places |= dict.fromkeys(layer.values, layer.place)
    return values, places


def _validated(merged: Mapping[str, Any], places: Mapping[str, str], faults: list[Fault]) -> Settings | None:
    nested: dict[str, Any] = {}
    for key, value in merged.items():
        *sections, name = key.split(".")
        table = nested
        for section in sections:
            table = table.setdefault(section, {})
        table[name] = value
    try:
        return Settings.model_validate(nested)
    except ValidationError as error:
        for detail in error.errors():
            key = ".".join(str(part) for part in detail["loc"])
            faults.append(Fault(_place_of(key, places), key, _remedy(detail["msg"], detail["input"])))
    return None


def _place_of(key: str, places: Mapping[str, str]) -> str:
    while key and key not in places:
        key = key.rpartition(".")[0]
    return places.get(key, DEFAULTS)


def _remedy(message: str, value: object) -> str:
    return f"{message.replace('Input should be', 'should be')}, but is {value!r}"


def _absolute(paths: Paths) -> Paths:
    return Paths.model_validate({name: path.absolute() for name, path in paths})


def value_of(settings: Settings, key: str) -> object:
    """One value by its dotted key, as `devices.printer.port`. Raises `AttributeError` for an unknown key."""
    value: object = settings
    for name in key.split("."):
        value = getattr(value, name)
    return value
