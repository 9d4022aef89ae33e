"""`portal check` names what is missing, and how to mend it, before a person finds out."""

from collections.abc import Callable
from pathlib import Path

from connectors.capabilities import Severity
from portal.assembly import assemble
from portal.doctor.doctor import examine
from portal.settings.installation import Settings
from tests.portal.site import Site


def faults(settings: Settings) -> dict[str, str]:
    found = [f for _, f in examine(assemble(settings))]
    return {f.subject: f.remedy for f in found if f.severity is Severity.FAULT}


def test_an_installation_in_order_has_no_fault(site: Site) -> None:
    assert faults(site.settings) == {}


def test_it_says_who_would_do_what(site: Site) -> None:
    said = {f.subject: f.message for _, f in examine(site.parts)}
    assert said["reset_password"] == "done by main"
    assert "ticket" in said["anything_else"]


def test_a_missing_table_a_missing_key_and_a_dead_mail_server_are_named(site: Site, tmp_path: Path) -> None:
    broken = site.settings.model_copy(
        update={
            "database": f"sqlite:///{tmp_path}/empty.db",
            "audit": site.settings.audit.model_copy(update={"signing_key": tmp_path / "none.pem"}),
            "mail": type(site.settings.mail)(host="127.0.0.1", port=9, security="none", sender="a@b.example"),
        }
    )
    found = faults(broken)
    assert found["tables"] == "portal db upgrade"
    assert "new-key" in found["signing key"]
    assert len(found) == 3


def test_more_channels_than_are_offered_is_a_fault(site: Site, later: Callable[..., None]) -> None:
    recovery = site.settings.recovery.model_copy(update={"factors": ("mailed_code",)})
    assert "channels" in faults(site.settings.model_copy(update={"recovery": recovery}))


def test_another_secret_key_than_the_database_was_written_with_is_a_fault(site: Site) -> None:
    site.person()  # with an authenticator app
    assert faults(site.settings.model_copy(update={"secret_key": "another-" * 8})) == {"secret key": "secret_key"}
