"""Whatever is asked for together, the search finds exactly the entries that fit, page by page."""

import random
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Engine, select

from audit import indexing, people, search
from audit.event import Event, Outcome
from audit.log import AuditLog
from audit.search import Found, Query
from audit.tables import terms, words
from tests.audit.conftest import Clock

KINDS = ("password_reset", "login", "unlock")
REASONS = ("", "lost my phone at sea", "the PHONE rings", "on leave")
SOURCES = ("192.0.2.1", "192.0.2.2", "2001:db8::7")
UNITS = {"demo:1": "science", "demo:2": "library"}
OUTCOMES: tuple[Outcome, ...] = ("success", "failure", "pending")


@pytest.fixture
def log(make_log: Callable[..., AuditLog]) -> AuditLog:
    return make_log(unit_of=lambda account_id: UNITS.get(account_id, ""))


@pytest.fixture
def written(engine: Engine, log: AuditLog, clock: Clock) -> list[tuple[int, Event, Outcome, object]]:
    """Two hundred events by chance, each with its number and time."""
    dice, found = random.Random(7), []
    with engine.begin() as tx:
        for _ in range(200):
            clock.move(seconds=dice.choice((0, 1, 3600)))
            event = Event(
                kind=dice.choice(KINDS),
                actor=f"demo:{dice.randrange(4)}",
                target=f"demo:{dice.randrange(4)}",
                ticket=dice.choice((None, "41", "42")),
                source=dice.choice(SOURCES),
                reason=dice.choice(REASONS),
            )
            outcome = dice.choice(OUTCOMES)
            found.append((log.record(tx, event, outcome), event, outcome, clock.now))
    index(engine, log)
    return found


def index(engine: Engine, log: AuditLog) -> None:
    while True:
        with engine.begin() as tx:
            if not indexing.catch_up(tx, log.keyring, 64):
                return


def pages(engine: Engine, log: AuditLog, query: Query, size: int = 7) -> list[int]:
    numbers: list[int] = []
    page = Found([], 2**62)
    with engine.begin() as tx:
        while page.onward is not None:
            page = search.find(tx, log.keyring, query, size, page.onward)
            numbers += page.numbers
    return numbers


def test_what_is_found_is_what_fits(engine: Engine, log: AuditLog, written: list) -> None:  # type: ignore[type-arg]
    dice = random.Random(11)
    with engine.begin() as tx:
        who = {f"demo:{n}": log.pseudonym(tx, f"demo:{n}") for n in range(4)}

    def some(choices: Sequence[str]) -> tuple[str, ...]:
        return tuple(dice.sample(choices, dice.choice((0, 0, 1, 2))))

    for _ in range(150):
        about, by, kinds, outcomes = some(list(who)), some(list(who)), some(KINDS), some(OUTCOMES)
        units = dice.choice((None, None, ("science",), ("science", "library"), ()))
        ticket, source, text = dice.choice(("", "", "41")), dice.choice(("", "", *SOURCES)), dice.choice(("", "Phone"))
        since, until = (dice.choice((None, dice.choice(written)[3])) for _ in range(2))
        query = Query(
            about=[who[a] for a in about],
            by=[who[b] for b in by],
            kinds=kinds,
            outcomes=outcomes,
            units=units,
            ticket=ticket,
            source=source,
            text=text,
            since=since,
            until=until,
        )
        fitting = [
            number
            for number, event, outcome, at in reversed(written)
            if (not about or event.target in about)
            and (not by or event.actor in by)
            and (not kinds or event.kind in kinds)
            and (not outcomes or outcome in outcomes)
            and (units is None or UNITS.get(event.target) in units)
            and ticket in ("", event.ticket)
            and source in ("", event.source)
            and (not text or "phone" in event.reason.lower())
            and (not since or at >= since)
            and (not until or at < until)
        ]
        assert pages(engine, log, query) == fitting


def test_intents_are_not_listed_beside_their_outcomes(engine: Engine, log: AuditLog) -> None:
    event = Event(kind="unlock", actor="demo:1", target="demo:1")
    with engine.begin() as tx:
        done = log.outcome(tx, log.intent(tx, event), event, "success")
        log.outcome(tx, log.intent(tx, event), event, "failure")
    index(engine, log)
    assert pages(engine, log, Query()) == pages(engine, log, Query(kinds=["unlock"])) == [3, done]
    with engine.begin() as tx:
        correlation = log.entry(tx, done).event["metadata"]["correlation_uid"]
        assert [entry.index for entry in search.attempt(tx, log.keyring, correlation)] == [done, 0]


def test_where_little_fits_a_page_ends_early_and_says_where_to_go_on(
    engine: Engine,
    log: AuditLog,
    written: list,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[type-arg]
) -> None:
    monkeypatch.setattr(search, "_WINDOWS", (4, 8))
    query = Query(kinds=["login"], source=SOURCES[0], outcomes=["failure"])
    with engine.begin() as tx:
        first = search.find(tx, log.keyring, query, 50)
    assert first.onward is not None
    assert pages(engine, log, query) == [
        n for n, e, o, _ in reversed(written) if e.kind == "login" and e.source == SOURCES[0] and o == "failure"
    ]


def test_the_terms_can_be_made_anew(engine: Engine, log: AuditLog, written: list) -> None:  # type: ignore[type-arg]
    def stored() -> list[object]:
        with engine.begin() as tx:
            return [tx.execute(select(table).order_by(*table.c)).all() for table in (terms, words)]

    before = stored()
    with engine.begin() as tx:
        indexing.clear(tx)
        assert indexing.behind(tx) == len(written)
    index(engine, log)
    assert stored() == before


def test_every_entry_of_a_view_is_read(engine: Engine, log: AuditLog, written: list) -> None:  # type: ignore[type-arg]
    with engine.begin() as tx:
        entries = list(search.each(tx, log.keyring, Query(kinds=["login"])))
    assert [e.index for e in entries] == [n for n, event, *_ in reversed(written) if event.kind == "login"]


def test_somebody_is_found_by_login_or_by_words_of_the_name(engine: Engine, log: AuditLog, clock: Clock) -> None:
    with engine.begin() as tx:
        who = [log.pseudonym(tx, f"demo:{n}") for n in range(3)]
        for pseudonym, login, name in zip(
            who, ("bjorn", "anna", "berg"), ("Bjørn Åkesson", "Anna Berg", "Anna Åkesson"), strict=True
        ):
            people.remember(tx, log.keyring, pseudonym, login=login, name=name, seen=clock.now)
        people.remember(tx, log.keyring, who[1], login="anna", name="Anna Berg-Lie", seen=clock.now)

        def called(text: str) -> set[int]:
            return {who.index(found) for found in people.called(tx, log.keyring, text)}

        assert called("ÅKESSON") == {0, 2}
        assert called("åkesson anna") == {2}
        assert called(" Berg ") == {2}  # a login counts more than a name
        assert called("lie") == {1}
        assert called("nobody") == called("!") == set()
        assert people.known(tx, log.keyring, who[1:2])[who[1]][:2] == ("anna", "Anna Berg-Lie")


def test_erasing_somebody_takes_names_words_and_remarks_along(
    engine: Engine,
    log: AuditLog,
    written: list,
    clock: Clock,  # type: ignore[type-arg]
) -> None:
    with engine.begin() as tx:
        people.remember(tx, log.keyring, log.pseudonym(tx, "demo:1"), login="anna", name="Anna", seen=clock.now)
        log.erase(tx, "demo:1")
        assert not people.called(tx, log.keyring, "anna")
        left = {row.idx for row in tx.execute(select(words))}
    assert left == {n for n, event, *_ in written if event.reason and event.target != "demo:1"}
