"""The coordinators' queue: filters, views, passing on, merging, priorities and text modules."""

import re
from datetime import timedelta

import pytest

from portal.settings.desk import Domain
from portal.settings.installation import Settings
from portal.tickets.counter import NotAllowed
from portal.tickets.queue import MOST, Place, Wanted
from portal.tickets.ticket import AlreadyDecided, Ticket, Wish
from tests.portal.site import Browser, OpenSite, Person, Site
from tests.servers.slapd import Slapd

STAFF = frozenset({"coordinator"})


def coordinator(site: Site) -> tuple[Person, Browser]:
    carol = site.person(groups=("coordinators",))
    browser = site.browser().sign_in(carol)
    browser.prove(carol, "totp")
    assert browser.open("/desk?state=open").status == 200
    return carol, browser


def opened(site: Site, person: Person, *, reason: str = "wish", **more: str) -> int:
    action = "recover" if reason == "no_factor_left" else "anything_else"
    wish = Wish(requester_id=person.account.id, claim=person.login, action=action, reason=reason, **more)
    wish = Wish(**{**vars(wish), "key": more.get("subject", "") + reason + person.login})
    with site.parts.database.write() as tx:
        return site.parts.counter.open(tx, wish, actor=person.principal(at=site.clock()))


def get(site: Site, number: int) -> Ticket:
    with site.parts.database.read() as db:
        return site.parts.tickets.get(db, number)


def numbers(desk: Browser) -> list[int]:
    """The tickets of the list, in its order."""
    return [int(a.get_text()) for a in desk.page.select("tbody td a.tap")]


def form(desk: Browser, end: str) -> int:
    """The form that goes to this address."""
    return next(i for i, f in enumerate(desk.forms) if re.search(end, str(f.get("action", ""))))


def names(browser: Browser, field: str) -> list[str]:
    return [str(option["value"]) for option in browser.page.select(f"select[name={field}] option")]


def test_the_queue_is_filtered_by_what_an_address_says(site: Site) -> None:
    alice, bob = site.person(), site.person()
    printer = opened(site, alice, subject="The printer in room 4", text="Ærlig talt: it jams.")
    locked = opened(site, bob, reason="no_factor_left")
    _, desk = coordinator(site)
    assert numbers(desk) == [locked, printer]  # whoever cannot get in comes first
    for query, found in {
        "q=PRINTER": [printer],
        "q=aerlig+talt": [],  # another letter is another word
        "q=ærlig": [printer],
        "q=printer+room": [printer],
        "q=printer+scanner": [],
        "q=pri+roo": [printer],  # how words begin, and nothing in their middle
        "q=rinter": [],
        "q=pr": [],
        f"q={locked}": [locked],
        f"requester={bob.login}": [locked],
        f"requester={bob.login[:4]}": [locked, printer] if alice.login[:4] == bob.login[:4] else [locked],
        "requester=printer": [],
        "priority=high": [locked],
        "action=anything_else": [printer],
        "assignee=nobody": [locked, printer],
        "assignee=someone": [],
        "due=late": [],
        "queue=tier2": [],
        "state=closed": [],
        f"q=jams&requester={alice.login}&priority=normal": [printer],
    }.items():
        assert numbers(desk.open(f"/desk?{query}")) == found, query
    site.clock.move(timedelta(days=9))
    site.parts.counter.take(site.person(groups=("coordinators",)).principal(at=site.clock(), roles=STAFF), locked, 1)
    with site.parts.database.read() as db:
        count = site.parts.service_desk.queue.count
        assert count(db, Wanted(due="late"), "x") == 2
        assert count(db, Wanted(assignee="someone"), "x") == 1


def test_a_list_is_turned_page_by_page_while_tickets_come_and_go(site: Site) -> None:
    alice = site.person()
    all_of_them = [opened(site, alice, subject=f"Number {n}") for n in range(7)]
    queue = site.parts.service_desk.queue
    with site.parts.database.read() as db:
        first = queue.page(db, Wanted(), "x", size=3)
        second = queue.page(db, Wanted(), "x", size=3, place=Place.read(str(first.older), before=False))
        third = queue.page(db, Wanted(), "x", size=3, place=second.older)
        back = queue.page(db, Wanted(), "x", size=3, place=third.newer)
    assert [t.number for page in (first, second, third) for t in page.tickets] == all_of_them
    assert [t.number for t in back.tickets] == [t.number for t in second.tickets]
    assert (first.newer, third.older) == (None, None)
    for number in all_of_them:
        site.clock.move(timedelta(minutes=1))
        with site.parts.database.write() as tx:
            site.parts.counter.withdraw(tx, get(site, number), actor=alice.principal(at=site.clock()))
    with site.parts.database.read() as db:
        closed = queue.page(db, Wanted(state="closed"), "x", size=4)
        rest = queue.page(db, Wanted(state="closed"), "x", size=4, place=closed.older)
        again = queue.page(db, Wanted(state="closed"), "x", size=4, place=rest.newer)
    assert [t.number for page in (closed, rest) for t in page.tickets] == all_of_them[::-1]
    assert [t.number for t in again.tickets] == all_of_them[:2:-1]


def test_a_filter_becomes_a_view_and_the_first_page(site: Site) -> None:
    opened(site, site.person(), reason="no_factor_left")
    _, desk = coordinator(site)
    desk.open("/desk/views/new?priority=high").send({"title": "Hot"})
    assert "Hot 1" in desk.text
    assert desk.answer.request.args.to_dict() == {"priority": "high"}
    change = next(a for a in desk.page.select("a") if "Change this view" in a.get_text())
    desk.open(str(change["href"])).send(form=form(desk, "/first"))
    assert desk.open("/desk").answer.request.args.to_dict() == {"priority": "high"}
    assert desk.open("/desk?state=open").answer.request.args.to_dict() == {"state": "open"}
    view = str(change["href"])
    _, other = coordinator(site)
    assert other.open(view).status == 404
    assert "Hot" not in other.open("/desk?state=open").text
    desk.open(view).send({"title": "Very hot"})
    assert "Very hot 1" in desk.text
    desk.open(view).send(form=form(desk, "/remove"))
    assert "Very hot" not in desk.open("/desk").text


def test_a_ticket_is_handed_over_with_a_note_that_the_next_one_sees_first(site: Site) -> None:
    number = opened(site, site.person(), subject="Projector")
    dag, his = coordinator(site)
    carol, desk = coordinator(site)
    desk.open(f"/desk/tickets/{number}").send(form=form(desk, "/take/"))
    assert names(desk, "colleague") == ["", dag.account.id]  # not oneself
    assert desk.send(form=form(desk, "/assign")).status == 422
    desk.send({"colleague": dag.account.id, "handover": "She calls back at ten."}, form=form(desk, "/assign"))
    his.open("/desk?assignee=me")
    assert numbers(his) == [number]
    his.open(f"/desk/tickets/{number}")
    first = his.page.select_one("section.note")
    assert first and "She calls back at ten." in first.get_text() and dag.account.name in first.get_text()
    his.send(form=form(his, "/give-back/"))
    assert get(site, number).taken_by is None and get(site, number).status == "open"
    assert "gave it back" in his.text
    assert "She calls back" not in site.browser().open(site.parts.links.ticket_path(number)).text
    assert ("ticket_changed", "record", "success", "assigned") in site.entries(carol) or carol


def test_what_colleagues_give_within_minutes_is_told_in_one_letter(site: Site) -> None:
    site.clock.now = site.clock.now.replace(minute=10, second=0)
    dag, carol = (site.person(groups=("coordinators",)) for _ in range(2))
    for who in (dag, carol):
        site.parts.service_desk.colleagues.seen(who.principal(at=site.clock(), roles=STAFF))
    first, second, own = (opened(site, site.person(), subject=f"Projector {n}") for n in range(3))
    giver, handing = carol.principal(at=site.clock(), roles=STAFF), site.parts.service_desk.handing
    handing.assign(giver, first, 1, dag.account.id, "She calls back at ten.")
    handing.assign(giver, own, 1, carol.account.id)
    site.clock.move(timedelta(minutes=2))
    handing.assign(giver, second, 1, dag.account.id)
    site.work()
    assert not [m for m in site.mails(dag.login) if "yours now" in m.subject]
    for _ in range(2):
        site.clock.move(timedelta(minutes=4))
        site.work()
    told = [m for m in site.mails(f"{dag.login}@example.org") if "yours now" in m.subject]
    assert [m.subject for m in told] == ["2 tickets are yours now"]
    assert f"Ticket {first}: Projector 0" in told[0].text and "Projector 1" in told[0].text
    assert "calls back" not in told[0].text
    assert not [m for m in site.mails(carol.login) if "yours now" in m.subject]  # taken by herself


def test_a_problem_climbs_to_those_who_know_and_comes_back(site: Site) -> None:
    number = opened(site, site.person(), subject="Projector")
    _, desk = coordinator(site)
    promised = get(site, number).due
    desk.open(f"/desk/tickets/{number}")
    assert desk.send({"queue": "tier2", "climb": ""}, form=form(desk, "/pass-on")).status == 422
    desk.send({"queue": "tier2", "climb": "The lamp is fine."}, form=form(desk, "/pass-on"))
    assert (get(site, number).queue, get(site, number).due) == ("tier2", promised)
    assert numbers(desk.open("/desk?queue=tier2")) == [number]
    desk.open(f"/desk/tickets/{number}")
    assert "The lamp is fine." in desk.main.select("section.note")[0].get_text()
    assert desk.send({"queue": "nowhere", "climb": "x"}, form=form(desk, "/pass-on")).status == 422
    desk.send({"queue": "coordinators", "climb": "Not ours: the cable."}, form=form(desk, "/pass-on"))
    assert get(site, number).queue == "coordinators"
    assert "returned it to the service desk" in desk.text


@pytest.fixture
def knows_mail(settings: Settings, slapd_server: Slapd) -> Settings:
    field = Domain(name="mail", title="Mail", groups=(f"CN=tier2,{slapd_server.groups_base}",))
    return settings.model_copy(update={"desk": settings.desk.model_copy(update={"domains": (field,)})})


def test_tickets_of_a_field_are_given_to_those_who_know_it(knows_mail: Settings, open_site: OpenSite) -> None:
    site = open_site(knows_mail)
    number = opened(site, site.person(), subject="Projector")
    (dag, his), (_, desk) = coordinator(site), coordinator(site)
    tuva = site.person(groups=("coordinators", "tier2"))
    hers = site.browser().sign_in(tuva).prove(tuva, "totp").open("/desk?state=open")
    desk.open(f"/desk/tickets/{number}")
    assert {dag.account.id, tuva.account.id} < set(names(desk, "colleague"))
    desk.send({"queue": "tier2/mail", "climb": "The lamp is fine."}, form=form(desk, "/pass-on"))
    assert names(desk.open(f"/desk/tickets/{number}"), "colleague") == ["", tuva.account.id]
    assert desk.send({"colleague": dag.account.id}, form=form(desk, "/assign")).status == 422
    assert "Second tier: Mail 1" in hers.open("/desk").text and "Second tier: Mail 1" not in his.open("/desk").text
    desk.open(f"/desk/tickets/{number}").send({"colleague": tuva.account.id}, form=form(desk, "/assign"))
    assert get(site, number).taken_by == tuva.account.id


def test_of_two_who_pass_a_ticket_on_the_second_is_told(site: Site) -> None:
    number = opened(site, site.person())
    (_, first), (_, second) = coordinator(site), coordinator(site)
    for desk in (first, second):
        desk.open(f"/desk/tickets/{number}")
    first.send({"queue": "tier2", "climb": "Yours."}, form=form(first, "/pass-on"))
    second.send({"queue": "supervisors", "climb": "Yours."}, form=form(second, "/pass-on"))
    assert second.status == 409 and "Somebody was quicker" in second.text
    assert get(site, number).queue == "tier2"


def test_how_urgent_it_is_can_be_said_otherwise_and_the_times_follow(site: Site) -> None:
    alice = site.person()
    number = opened(site, alice)
    before = get(site, number)
    assert (before.priority, before.answered) == ("normal", None)
    _, desk = coordinator(site)
    desk.open(f"/desk/tickets/{number}")
    wanted = {"impact": "many", "urgency": "now", "ground": "The whole floor stands still."}
    desk.send(wanted, form=form(desk, "/priority"))
    after = get(site, number)
    assert after.priority == "urgent" and after.due < before.due and after.solve_by
    assert "The whole floor stands still." in desk.text
    desk.send({"text": "We are on it.", "shown": "y"}, form=form(desk, "/note"))
    answered = get(site, number)
    assert answered.answered == site.clock() and answered.due == after.solve_by
    mail = site.browser().open(site.parts.links.ticket_path(number)).text
    assert "We are on it." in mail and "whole floor" not in mail


def test_tickets_of_the_same_person_are_merged_and_both_numbers_work(site: Site) -> None:
    alice, bob = site.person(), site.person()
    first, second = (opened(site, alice, subject=what) for what in ("Projector", "Beamer"))
    foreign = opened(site, bob, subject="Beamer")
    carol, desk = coordinator(site)
    desk.open(f"/desk/tickets/{second}")
    assert "Perhaps the same" in desk.text and "Projector" in desk.text
    merges = [str(f["action"]) for f in desk.forms if "/merge/" in str(f["action"])]
    assert [m.endswith(f"/{first}") for m in merges] == [True]  # nobody is led to another person's ticket
    actor = carol.principal(at=site.clock(), roles=STAFF)
    with pytest.raises(NotAllowed, match="not_the_same"):
        site.parts.service_desk.merging.merge(actor, foreign, 1, first)
    desk.send(form=form(desk, "/merge/"))
    assert "Worked on in another ticket" in desk.text
    site.work()
    told = [m for m in site.mails(alice.login) if f"goes on as ticket {first}" in m.subject]
    assert told
    hers = site.browser().open(site.parts.links.ticket_path(second))
    lead = next(str(a["href"]) for a in hers.page.select("main a.btn-primary"))
    assert hers.open(lead).ticket == first
    with site.parts.database.read() as db:
        count = site.parts.service_desk.queue.count(db, Wanted(requester=alice.login), "x")
    assert count == 1
    site.browser().open(site.parts.links.ticket_path(second)).send({"text": "It hums, too."})
    assert "It hums, too." in desk.open(f"/desk/tickets/{first}").text
    desk.open(f"/desk/tickets/{second}").send(form=form(desk, "/part/"))
    assert get(site, second).is_open and "Perhaps the same" in desk.text
    site.parts.service_desk.merging.merge(actor, second, get(site, second).version, first)
    site.parts.counter.fulfil(actor, first, get(site, first).version, "The lamp was new.")
    with pytest.raises(AlreadyDecided):
        site.parts.service_desk.merging.part(actor, second, get(site, second).version)
    assert opened(site, alice, subject="Beamer") > foreign  # who asks again is not led to what is closed


def test_who_did_not_prove_who_they_are_is_not_led_to_the_ticket_of_who_did(site: Site) -> None:
    alice = site.person()
    hers = opened(site, alice, subject="Projector")
    wish = Wish(requester_id=None, claim=alice.login, action="recover", reason="no_factor_left")
    with site.parts.database.write() as tx:
        said = site.parts.counter.open(tx, wish, actor=alice.principal(at=site.clock()))
    carol, desk = coordinator(site)
    actor = carol.principal(at=site.clock(), roles=STAFF)
    with pytest.raises(NotAllowed, match="not_the_same"):  # what was proved is not hidden behind what was only said
        site.parts.service_desk.merging.merge(actor, hers, 1, said)
    desk.open(f"/desk/tickets/{said}").send(form=form(desk, "/merge/"))
    stranger = site.browser().open(site.parts.links.ticket_path(said))
    assert "worked on together" in stranger.text and "Projector" not in stranger.text
    assert str(site.parts.links.ticket_path(hers)) not in str(stranger.page)
    stranger.send({"text": "Let me in."})
    assert stranger.ticket == said
    assert "Let me in." not in desk.open(f"/desk/tickets/{hers}").text
    assert "Let me in." in desk.open(f"/desk/tickets/{said}").text


def test_several_are_taken_at_once_and_what_did_not_work_is_told(site: Site) -> None:
    alice = site.person()
    one, two, three = (opened(site, alice, subject=str(n)) for n in range(3))
    carol, desk = coordinator(site)
    dag, _ = coordinator(site)
    desk.open("/desk?state=open")
    picked = [str(box["value"]) for box in desk.page.select("input[name=ticket]")]
    site.parts.counter.take(dag.principal(at=site.clock(), roles=STAFF), two, 1)
    desk.send({"ticket": picked, "do": "take"})
    assert "Not all of them" in desk.text and "Somebody was quicker" in desk.text
    assert [get(site, n).taken_by == carol.account.id for n in (one, two, three)] == [True, False, True]
    assert desk.open("/desk").send({"ticket": picked, "do": "pass_on", "queue": "tier2"}).status == 422
    assert "Select one or more" in desk.open("/desk").send({"do": "take"}).text
    desk.open("/desk")
    again = [str(box["value"]) for box in desk.page.select("input[name=ticket]")]
    desk.send({"ticket": again, "do": "pass_on", "queue": "tier2", "handover": "Together."})
    assert {get(site, n).queue for n in (one, two, three)} == {"tier2"}


def test_a_text_module_is_filled_in_and_nothing_typed_is_lost(site: Site) -> None:
    alice = site.person()
    number = opened(site, alice, subject="Projector")
    carol, desk = coordinator(site)
    new = {"title": "Come by", "text_en": "Dear {first_name}, come by about {number}. {my_name}", "text_nb": ""}
    assert desk.open("/desk/texts/new").send(new | {"text_en": "Dear {surname}"}).status == 422
    assert "{surname}" in desk.text
    desk.open("/desk/texts/new").send(new)
    assert "Come by" in desk.text
    assert desk.open("/desk/texts/new").send(new).status == 422  # two of one name
    desk.open(f"/desk/tickets/{number}")
    chosen = names(desk, "reply_text")[0]
    desk.send({"text": "I have looked.", "reply_text": chosen, "insert": "yes"}, form=form(desk, "/note"))
    area = desk.page.select_one("textarea[name=text]")
    first_name = alice.account.name.split()[0]
    expected = f"I have looked.\n\nDear {first_name}, come by about {number}. {carol.account.name}"
    assert area and area.get_text().strip() == expected
    link = next(str(a["href"]) for a in desk.open("/desk/texts").page.select("main .pair a"))
    _, other = coordinator(site)
    other.open(link)
    desk.open(link).send({"title": "Come by", "text_en": "Come."})
    assert other.send({"title": "Come by", "text_en": "Stay."}).status == 422
    assert "Somebody else has changed it" in other.text
    desk.open(link).send({"title": "Come by", "text_en": "Come.", "remove": "yes"})
    assert "No text yet" in desk.text


def test_the_list_tells_only_what_is_new(site: Site) -> None:
    _, desk = coordinator(site)
    live = desk.page.select_one("[data-live]")
    assert live
    address, mark = str(live["data-live"]), str(live["data-mark"])
    same = {"If-None-Match": mark}
    assert desk.client.get(address, headers=same).status_code == 304
    number = opened(site, site.person(), subject="Projector")
    answer = desk.client.get(address, headers=same)
    assert answer.status_code == 200 and f">{number}<" in answer.json["html"]
    assert answer.headers["ETag"] != mark and "1 open" in answer.json["words"]
    site.clock.move(timedelta(minutes=10))
    desk.client.get(address)
    site.clock.move(timedelta(minutes=10))
    assert desk.open("/desk").path == "/sign-in"  # a page that asks by itself keeps nobody signed in


def test_nonsense_in_an_address_is_a_page_all_the_same(site: Site) -> None:
    _, desk = coordinator(site)
    for query in ("queue=%00", "action=%00&priority='--", "after=9999999999999999-9999999999", "after=x-y", "before=-"):
        assert desk.open(f"/desk?{query}").status == 200, query
    assert desk.open("/desk/texts/%00").status == desk.open("/desk/views/%00").status == 404
    for path in ("/desk/tickets/9999999999/assign", "/desk/tickets/1/merge/1/9999999999"):
        answer = desk.client.post(path, data={"csrf_token": token(desk), "version": "1"})
        assert answer.status_code in (404, 422), path


def token(desk: Browser) -> str:
    return str(desk.open("/desk?state=open").page.select("main input[name=csrf_token]")[0]["value"])


def test_counts_say_that_there_are_many(site: Site) -> None:
    alice = site.person()
    for number in range(MOST + 2):
        opened(site, alice, subject=str(number))
    _, desk = coordinator(site)
    assert "All open 99+" in desk.text


def test_the_queue_is_closed_to_others(site: Site) -> None:
    alice = site.browser().sign_in(site.person())
    for path in ("/desk", "/desk/now", "/desk/texts", "/desk/views/new"):
        assert alice.open(path).status == 403
