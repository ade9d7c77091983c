"""Public messages of the attract screen: one TOML file each, a still picture and a caption per language."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from flows.languages import Language

MESSAGES = Path(__file__).parent / "assets" / "messages"


class PublicMessage(BaseModel):
    """A short message; `caption` has every language."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    icon: str
    caption: dict[Language, str]


def load_messages(folder: Path = MESSAGES) -> tuple[PublicMessage, ...]:
    """All messages of `folder` by file name. Raises `ValueError` naming a file that is not right."""
    return tuple(_load(path) for path in sorted(folder.glob("*.toml")))


def _load(path: Path) -> PublicMessage:
    try:
        message = PublicMessage.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    missing = [language.value for language in Language if not message.caption.get(language)]
    if missing:
        raise ValueError(f"{path.name}: add a caption in {', '.join(missing)}")
    return message
