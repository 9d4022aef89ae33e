"""The manual for 389 DS grants and explains what the portal reads and writes, and its settings are valid ones."""

import re
import tomllib
from pathlib import Path

import pytest

from connectors.ldap.ds389 import Ds389
from connectors.ldap.ds389_policies import ATTRIBUTES
from connectors.ldap.ds389_settings import Ds389Settings
from tests.servers.ds389_files import manual

MANUAL = Path(__file__).parents[2] / "docs" / "389ds.md"
NOT_SHOWN_TO = {"createTimestamp", "modifyTimestamp", "pwdPolicySubentry", "retryCountResetTime"}


@pytest.mark.parametrize("attribute", [*Ds389.attributes, *ATTRIBUTES, "passwordAllowChangeTime"])
def test_each_attribute_the_portal_reads_is_granted(attribute: str) -> None:
    assert re.search(rf'[" ]{attribute}[" ]', manual("access"))


@pytest.mark.parametrize("attribute", sorted({*Ds389.attributes} - NOT_SHOWN_TO))
def test_each_attribute_of_an_account_is_explained(attribute: str) -> None:
    explained = MANUAL.read_text().partition("## 4.")[2].partition("## 5.")[0]
    assert f"`{attribute}" in explained


def test_the_settings_of_the_manual_are_valid() -> None:
    written = re.search(r"```toml\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    assert written is not None
    (given,) = tomllib.loads(written.group(1))["directories"]
    Ds389Settings(**{name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}, bind_password="secret")
