"""The shift plan on its pages: planned, swapped, somebody ill, hours nobody covers; and whom late tickets reach."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.account import Account
from tests.portal.site import Browser, MovableClock, Person, Site
from tests.portal.test_approvals import ask, guest

Later = Callable[..., None]


@pytest.fixture(autouse=True)
def monday(clock: MovableClock) -> None:
    now = clock.now + timedelta(days=7 - clock.now.weekday())
    clock.now = now.replace(hour=10, minute=0, second=0, microsecond=0)


@pytest.fixture
def team(site: Site) -> tuple[Person, Person, Browser]:
    """Two colleagues, and the browser of the one who plans."""
    site.settings.roles["supervisor"] = (f"cn=admins,{site.directory.groups_base}",)
    boss = site.person(groups=("admins",))
    found = [site.person(groups=("coordinators",)) for _ in range(2)]
    return found[0], found[1], signed_in(site, boss)


def signed_in(site: Site, who: Person) -> Browser:
    return site.browser().sign_in(who).prove(who, "totp")


def plan(site: Site, browser: Browser, who: str, *days: int, **more: object) -> Browser:
    today = site.clock().date().isoformat()
    usual = {"queue": "coordinators", "starts": "08:00", "ends": "16:00", "first": today, "weeks": 1, "last": ""}
    return browser.open("/desk/shifts/new").send({"login": who, "weekdays": list(days or range(5)), **usual, **more})


def turns(site: Site, who: Account) -> list[str]:
    today = site.clock().date()
    with site.parts.database.read() as db:
        return [f"{t.day:%a}" for t in site.parts.duty.shifts.of(db, who.id, today, today + timedelta(days=6))]


def test_who_is_planned_is_on_duty_and_everybody_at_the_desk_sees_it(
    site: Site, team: tuple[Person, Person, Browser]
) -> None:
    carol, dag, boss = team
    assert plan(site, boss, carol.login, 0, 1).status == 200
    page = signed_in(site, dag).open("/desk/shifts")
    assert carol.account.name in page.text and "On duty now" in page.text
    assert "hours nobody covers" in page.text and page.text.count("Nobody") == 5
    assert turns(site, carol.account) == ["Mon", "Tue"]
    assert dag.account.name not in page.text
    assert page.open("/desk/shifts/new").status == 403  # he does not plan
    assert ("shift_planned", "record", "success", "") in site.entries(carol)


def test_a_turn_from_midnight_to_midnight_is_the_whole_day(site: Site, team: tuple[Person, Person, Browser]) -> None:
    carol, _dag, boss = team
    plan(site, boss, carol.login, starts="00:00", ends="00:00")
    page = boss.open("/desk/shifts")
    assert "the whole day" in page.text and "00:00–00:00" not in page.text


def test_whoever_leaves_a_shift_writes_what_is_open_for_whoever_comes_on(
    site: Site, team: tuple[Person, Person, Browser], clock: MovableClock
) -> None:
    carol, dag, boss = team
    now = clock.now.astimezone(ZoneInfo(site.settings.time_zone))
    plan(site, boss, carol.login, now.weekday(), starts=f"{now.hour:02}:00", ends=f"{(now.hour + 1) % 24:02}:00")
    hers, his = signed_in(site, carol), signed_in(site, dag)
    assert "Your shift ends at" in hers.open("/desk").text and "Your shift ends at" not in his.open("/desk").text
    assert hers.open("/desk/shifts/handover").send({"queue": "coordinators", "text": ""}).status == 422
    assert hers.send({"queue": "supervisors", "text": "Not for us."}).status == 422
    hers.send({"queue": "coordinators", "text": "Eve calls back at ten."})
    assert "You have left" in hers.text and "Your shift ends at" not in hers.text
    for path in ("/desk/shifts", "/desk"):
        assert f"{carol.account.name} has left for you: Eve calls back at ten." in his.open(path).text
    seen = next(i for i, f in enumerate(his.forms) if str(f.get("action", "")).endswith("/seen"))
    assert "Eve calls back" not in his.send(form=seen).text
    assert "Eve calls back" not in hers.open("/desk").text


def test_only_who_may_work_on_a_queue_is_planned_for_it(site: Site, team: tuple[Person, Person, Browser]) -> None:
    carol, _, boss = team
    assert plan(site, boss, carol.login, queue="tier2").status == 422
    assert plan(site, boss, site.person().login).status == 422
    yesterday = (site.clock().date() - timedelta(days=1)).isoformat()
    assert plan(site, boss, carol.login, first=yesterday).status == 422
    assert plan(site, boss, carol.login, 5, last=site.clock().date().isoformat()).status == 422


def test_a_turn_changes_hands_once_the_colleague_agrees_and_only_once(
    site: Site, team: tuple[Person, Person, Browser]
) -> None:
    carol, dag, boss = team
    plan(site, boss, carol.login, 1)
    plan(site, boss, dag.login, 2)
    tuesday = site.clock().date() + timedelta(days=1)
    hers = signed_in(site, carol).open(f"/desk/shifts/1/{tuesday}")
    swap = next(str(o["value"]) for o in hers.main.select("option") if "/" in str(o["value"]))
    hers.send({"wish": swap})
    assert turns(site, carol.account) == ["Tue"]
    site.work()
    assert any("asks you to take" in mail.subject for mail in site.mails(f"{dag.login}@"))
    his = signed_in(site, dag).open("/desk/shifts")
    again = site.browser().sign_in(dag).prove(dag, "recovery_code").open("/desk/shifts")
    assert hers.send(button="agree").status == 409  # whoever asks does not answer
    assert his.send(button="agree").status == 200
    assert (turns(site, carol.account), turns(site, dag.account)) == (["Wed"], ["Tue"])
    assert again.send(button="agree").status == 409
    site.work()
    assert any("takes your shift" in mail.subject for mail in site.mails(f"{carol.login}@"))


def test_somebody_ill_is_stood_in_for_and_one_day_or_all_of_it_is_taken_out(
    site: Site, team: tuple[Person, Person, Browser]
) -> None:
    carol, dag, boss = team
    plan(site, boss, carol.login, 0, 1)
    plan(site, boss, dag.login, 4)
    today = site.clock().date()
    fields = {"who": carol.login, "substitute": dag.login, "first": today, "last": today}
    assert boss.open("/desk/shifts/absences").send({k: str(v) for k, v in fields.items()}, form=-1).status == 200
    assert (turns(site, carol.account), turns(site, dag.account)) == (["Tue"], ["Mon", "Fri"])
    boss.open("/desk/shifts/absences").send({"account": carol.account.id})
    assert turns(site, carol.account) == ["Mon", "Tue"]
    boss.open(f"/desk/shifts/1/{today}").send({"login": dag.login}, form=-1, button="hand")
    assert turns(site, dag.account) == ["Mon", "Fri"]
    boss.open(f"/desk/shifts/3/{today + timedelta(days=4)}").send(form=-1, button="stop")
    assert turns(site, dag.account) == ["Mon"]


def test_hours_nobody_covers_are_told_once(site: Site, team: tuple[Person, Person, Browser], later: Later) -> None:
    carol, _, boss = team
    plan(site, boss, carol.login, 0, 1, 2, 3)
    for _ in range(3):
        site.parts.duty.coverage.run()
        site.parts.duty.coverage._looked_on = None
    site.work()
    told = [mail for mail in site.mails("desk@") if "Nobody covers" in mail.subject]
    assert len(told) == 1 and "2 stretches" in told[0].subject
    later(days=7)
    site.parts.duty.coverage.run()
    site.work()
    assert len([mail for mail in site.mails("desk@") if "Nobody covers" in mail.subject]) == 2  # one more Friday


def test_a_late_wish_reaches_whoever_is_on_duty(site: Site, team: tuple[Person, Person, Browser], later: Later) -> None:
    carol, dag, boss = team
    plan(site, boss, carol.login, 0, 1)
    plan(site, boss, dag.login, 2, 3)
    ask(site, guest(site))
    later(days=2)
    site.parts.silence.run()
    site.work()
    assert [m for m in site.mails(f"{dag.login}@") if "waits" in m.subject]
    assert not [m for m in site.mails(f"{carol.login}@") if "waits" in m.subject]


def test_one_s_own_turns_can_be_subscribed_to_by_a_signed_link(
    site: Site, team: tuple[Person, Person, Browser]
) -> None:
    carol, _, boss = team
    plan(site, boss, carol.login, 1)
    link = site.parts.links.shifts(carol.account.id)
    path = link.removeprefix(site.settings.base)
    answer = site.browser().client.get(path)
    assert answer.mimetype == "text/calendar" and answer.text.count("BEGIN:VEVENT") > 20
    assert site.browser().client.get(path.replace("calendar/", "calendar/x")).status_code == 404
