"""What every part of the settings is made of."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["en", "nb", "sv"]
LANGUAGES: tuple[Language, ...] = ("en", "nb", "sv")
Words = str | dict[Language, str]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
