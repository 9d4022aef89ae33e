"""The key file of a service account, as Google's console gives it out."""

import json
from dataclasses import dataclass, field
from functools import cache

from connectors.oauth import checked_url
from connectors.oauth.grants import rsa_key


@dataclass(frozen=True, kw_only=True)
class ServiceKey:
    """What signs for the service account (https://developers.google.com/identity/protocols/oauth2/service-account)."""

    email: str
    client_id: str  # the number by which the admin console's domain-wide delegation knows it
    key_id: str
    private_key: str = field(repr=False)  # PEM
    token_uri: str


@cache
def read_key(text: str) -> ServiceKey:
    """Raises ValueError where it is none; the message never holds a part of it."""
    try:
        given = json.loads(text)
        key = ServiceKey(
            email=given["client_email"],
            client_id=given.get("client_id", ""),
            key_id=given["private_key_id"],
            private_key=given["private_key"],
            token_uri=checked_url("key", given["token_uri"]),
        )
        rsa_key(key.private_key)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError("key: is not the JSON key file of a Google service account") from None
    return key
