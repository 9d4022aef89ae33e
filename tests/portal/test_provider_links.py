"""What is kept about providers, on both databases: links that are one person's, questions good for one answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.errors import ConnectorError
from connectors.oidc.results import Asked
from portal.housekeeping import sweep
from portal.providers.questions import Question
from tests.portal.site import Site


def test_a_link_is_of_one_person_there_and_one_account_here(site: Site) -> None:
    alice, bob = site.person().account, site.person().account
    links, database = site.parts.providers.links, site.parts.database
    with database.write() as tx:
        links.within(tx).link_provider(alice, "https://id.example.org", "s-1", "alice")
    with pytest.raises(ConnectorError, match="provider_taken"), database.write() as tx:
        links.within(tx).link_provider(bob, "https://id.example.org", "s-1", "alice")
    with database.write() as tx:
        links.within(tx).link_provider(bob, "https://other.example.org", "s-1", "bob")
    with database.read() as db:
        (mine,) = links.of(db, alice.id)
        assert links.find(db, "https://id.example.org", "s-1") == mine
        assert links.find(db, "https://id.example.org", "S-1") is None
    with pytest.raises(ConnectorError, match="provider_gone"), database.write() as tx:
        links.within(tx).unlink_provider(bob, mine.id)
    with database.write() as tx:
        links.within(tx).unlink_provider(alice, mine.id)
    with database.read() as db:
        assert links.of(db, alice.id) == []
        assert len(links.of(db, bob.id)) == 1


def test_of_many_who_bring_the_same_answer_one_is_served(site: Site, later: Callable[..., None]) -> None:
    questions = site.parts.providers.questions
    question = Question(purpose="step_up", asked=_asked(site), onward="/account", account_id="main:1", walk_id="w")
    number = questions.keep(question)
    assert questions.take(question.asked.state, []) is None
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: questions.take(question.asked.state, [number]), range(8)))
    assert [one for one in taken if one] == [question]


def test_an_answer_too_late_is_none_and_nothing_of_it_stays(site: Site, later: Callable[..., None]) -> None:
    questions = site.parts.providers.questions
    number = questions.keep(Question(purpose="step_up", asked=_asked(site)))
    later(minutes=6)
    assert questions.take("state", [number]) is None
    sweep(site.parts.database, site.clock())
    with site.parts.database.read() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM provider_question").scalar_one() == 0


def _asked(site: Site) -> Asked:
    return Asked(
        provider="example", state="state", nonce="nonce", verifier="verifier", redirect_uri="/", at=site.clock()
    )
