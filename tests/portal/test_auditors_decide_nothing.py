"""Whoever checks the log decides nothing for others: not as a sponsor, not as a substitute, not by a link in a mail."""

from datetime import timedelta

from tests.portal.site import Site
from tests.portal.test_approvals import ask, get, guest, link, sponsored


def test_whoever_has_become_an_auditor_decides_nothing_and_the_next_one_is_asked(site: Site) -> None:
    host, person = sponsored(site)
    ticket = ask(site, person)
    path = link(site, host)
    site.directory._join(f"cn=auditors,{site.directory.groups_base}", host.account.dn)
    page = site.browser().open(path)
    assert page.status == 403 and page.result == "denied" and "decides nothing for others" in page.text
    site.clock.move(timedelta(seconds=1))
    site.parts.silence.run()
    now = get(site, ticket.number)
    assert (now.queue, now.status) == ("coordinators", "open")
    assert site.browser().open(path).status == 410


def test_an_auditor_is_not_asked_for_anybody_nor_named_as_a_substitute(site: Site) -> None:
    host = site.person(groups=("auditors",))
    assert ask(site, guest(site, sponsor=host.account.dn)).queue == "coordinators"
    away = site.browser().sign_in(site.person()).open("/approvals/away")
    day = site.clock().date().isoformat()
    away.send({"substitute": host.login, "first": day, "last": day})
    assert away.status == 422 and "checks the log" in away.text
