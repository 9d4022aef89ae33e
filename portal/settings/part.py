"""What every part of the settings is made of."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Language = Literal["en", "nb", "sv"]
LANGUAGES: tuple[Language, ...] = ("en", "nb", "sv")
Words = str | dict[Language, str]
ROLES = ("sponsor", "coordinator", "tier2", "supervisor", "auditor", "admin")
Role = Literal["sponsor", "coordinator", "tier2", "supervisor", "auditor", "admin"]
EXAMPLE_SECRETS = ("change-me", "changeme", "secret", "example")


def _secret(value: str) -> str:
    if len(value) < 32 or any(example in value.lower() for example in EXAMPLE_SECRETS):
        raise ValueError("must be 32 or more random characters; make some with: openssl rand -hex 32")
    return value


Secret = Annotated[str, Field(repr=False), AfterValidator(_secret)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
