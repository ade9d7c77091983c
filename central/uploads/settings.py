"""The section `uploads` of `centre.json`."""

from pydantic import BaseModel, ConfigDict, Field


class UploadSettings(BaseModel):
    """Where phones find the public listener; empty: as `receipts.page` says, or where it listens."""

    model_config = ConfigDict(extra="forbid")

    page: str = Field(default="", pattern=r"^(https://[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?)?$")
