"""What everything that is read from a pack has in common."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Takes no name it does not know, and does not change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)
