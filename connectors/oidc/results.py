"""What a sign-in at a provider comes to, and what is remembered between asking and the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self


class Fault(StrEnum):
    """What was wrong with an answer. For the record; people are told the same about nearly all of them."""

    STATE = "state"  # nothing asked for here, or by another browser, at another provider, or answered already
    ERROR = "error"  # the provider says no, or the person gave up there
    RESPONSE_ISSUER = "response_issuer"  # RFC 9207: the answer is another provider's
    CODE = "code"  # missing, or not exchanged
    NO_TOKEN = "no_token"  # noqa: S105
    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    KEY = "key"  # signed with none of the provider's keys
    SIGNATURE = "signature"
    HEADER = "header"  # an extension that must be understood and is not (RFC 7515 4.1.11)
    TYPE = "type"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    PARTY = "party"  # azp: made for another client
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    NONCE = "nonce"
    ACCESS_HASH = "access_hash"
    AUTH_TIME = "auth_time"
    ASSURANCE = "assurance"  # no level that was asked for
    CLAIM = "claim"  # one without which nobody gets in
    EVENT = "event"  # not made to sign somebody out
    REPLAY = "replay"  # a logout token that has come before


@dataclass(frozen=True)
class Refusal:
    """Nobody was signed in. `detail` holds nothing of the token."""

    fault: Fault
    detail: str = ""


class Rejected(Exception):
    """A token is not what it has to be; stays inside this folder."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(fault)
        self.refusal = Refusal(fault, detail)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question to a provider: kept on the server until the answer, and good for one."""

    provider: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)  # RFC 7636
    redirect_uri: str
    at: datetime
    max_age: int | None = None  # seconds
    fresh: bool = False  # the sign-in there must have happened since
    acr_values: tuple[str, ...] = ()

    def written(self) -> dict[str, Any]:
        return vars(self) | {"at": self.at.isoformat(), "acr_values": list(self.acr_values)}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        at, values = datetime.fromisoformat(written["at"]), tuple(written["acr_values"])
        return cls(**{**written, "at": at, "acr_values": values})


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who somebody is, by the word of a provider that was checked in every respect."""

    provider: str  # the installation's name for it
    issuer: str
    subject: str  # by the settings' subject_claims: with the issuer one person, for ever
    sub: str
    shown: str  # what the person is called there; proves nothing
    login: str = ""  # of match_claim
    channels: frozenset[str]
    acr: frozenset[str]
    amr: frozenset[str]
    auth_time: datetime | None
    sid: str
    roles: frozenset[str]
    overage: bool  # more groups than the token holds, so that roles may be missing
    object_id: str = ""  # of Entra ID: the person's id in its directory
    id_token: str = field(repr=False)
