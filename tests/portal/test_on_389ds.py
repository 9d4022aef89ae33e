"""The walks that depend most on the directory, once more on a 389 Directory Server."""

import pytest

from portal.settings.installation import Settings
from tests.connectors.ldap_settings import settings_for_389
from tests.portal.site import Site
from tests.portal.test_after_the_end import test_the_whole_way_from_ended_to_signed_in  # noqa: F401
from tests.portal.test_recover import (  # noqa: F401
    test_a_locked_person_is_unlocked_by_the_same_step,
    test_a_locked_person_who_knows_the_password_only_unlocks,
    test_a_password_used_before_is_explained_and_another_goes_through,
    test_an_account_only_people_can_open_becomes_one_ticket,
    test_somebody_whose_password_is_too_young_is_told_the_moment,
)
from tests.portal.test_sign_in import (  # noqa: F401
    test_a_password_that_must_be_changed_leads_through_the_change,
    test_a_refused_sign_in_says_in_the_record_why,
    test_every_failed_sign_in_looks_the_same,
    test_the_forced_change_wants_the_old_password_again,
)
from tests.servers.ds389 import Ds389
from tests.servers.ds389_people import policy


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Only one kind: what is tried here does not depend on the database."""
    return sqlite_url


@pytest.fixture
def settings(settings: Settings, ds389_server: Ds389) -> Settings:
    return settings.model_copy(update={"directories": (settings_for_389(ds389_server),)})


@pytest.fixture
def directory_server(ds389_server: Ds389) -> Ds389:
    return ds389_server


def test_three_letters_of_the_persons_own_name_are_explained(site: Site) -> None:
    alice, browser = site.person(cn="Ottilie Zacharias"), site.browser()
    bad = "77-ili-88-Wxyz-and-more"
    browser.recover(alice).send({"new_password": bad, "new_password_again": bad})
    assert browser.step == "ask"
    assert "name" in browser.text
    assert not site.binds(alice, bad)


def test_a_blank_counts_as_a_sign_where_the_server_counts_it_so(site: Site) -> None:
    alice, browser = site.person(pwdPolicySubentry=policy("kinds")), site.browser()
    browser.recover(alice)
    assert "3 of these kinds: a to z" in browser.text
    for new, result in (("correct horse battery", None), ("correct horse 1 battery", "done")):
        browser.send({"new_password": new, "new_password_again": new})
        assert browser.result == result
    assert site.binds(alice, "correct horse 1 battery")
