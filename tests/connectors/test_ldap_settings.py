"""Settings that could never work, or would send passwords in clear, are refused where they are written."""

from dataclasses import fields
from typing import Any

import pytest

from connectors.ldap import LdapDirectory, LdapSettings

GOOD: dict[str, Any] = {
    "name": "main",
    "urls": ("ldaps://ldap.example.org",),
    "bind_dn": "cn=sparekey",
    "bind_password": "the-service-secret",
    "people_bases": ("ou=people",),
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"urls": ("ldap://ldap.example.org",), "starttls": False},
        {"urls": ("ldaps://a", "ldap://b"), "starttls": False},
        {"urls": ("http://ldap.example.org",)},
        {"urls": ("ldap.example.org",)},
        {"urls": ()},
        {"people_bases": ()},
        {"name": ""},
        {"name": "a:b"},
        {"bind_dn": ""},
        {"bind_password": ""},
        {"person_filter": "objectClass=person"},
        {"connect_timeout": 0},
        {"receive_timeout": -1},
        {"pool_size": 0},
    ],
    ids=str,
)
def test_what_could_never_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=":"):
        LdapSettings(**{**GOOD, **wrong})


def test_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(ValueError, match="openldap"):
        LdapDirectory(LdapSettings(**{**GOOD, "kind": "guesswork"}), lambda: None)  # type: ignore[arg-type,return-value]


def test_the_password_is_in_no_printed_settings() -> None:
    assert "the-service-secret" not in repr(LdapSettings(**GOOD))


def test_encryption_is_on_without_asking() -> None:
    assert LdapSettings(**GOOD).starttls
    assert next(f for f in fields(LdapSettings) if f.name == "bind_password").repr is False
