"""Every kind of event is valid OCSF 1.8.0, whatever is known of it."""

from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchema, OcsfJsonSchemaEmbedded, get_ocsf_schema
from sqlalchemy import Engine

from audit.event import ANONYMOUS, SYSTEM, Event, Outcome
from audit.kinds import KINDS, SCHEMAS
from audit.log import AuditLog

FULL: dict[str, Any] = {
    "actor": "demo:3",
    "target": "demo:1",
    "ticket": "2026-0042",
    "session": "s",
    "source": "192.0.2.7",
    "reason": "because",
    "factors": ("totp", "mailed_code", "recovery_codes"),
    "object": "cn=staff,dc=example",
    "attribute": "shadowExpire",
    "old": "2026-03-01",
    "new": "2026-09-01",
    "decision": "approved",
    "number": 7,
    "disclose": {"login": "alice"},
}
BARE: dict[str, Any] = {"target": "demo:1", "factors": ("totp",), "object": "staff", "attribute": "a"}
CAN_BE_EMPTY = {kind for kind, row in KINDS.items() if row.types[0] // 100 in (3002, 6001)} | {"wish", "ticket_opened"}


@cache
def _schema() -> OcsfJsonSchemaEmbedded:
    return OcsfJsonSchemaEmbedded(OcsfJsonSchema(get_ocsf_schema("1.8.0")))


@cache
def _validator(class_uid: int, profiles: tuple[str, ...]) -> Draft202012Validator:
    name = _schema().lookup_class_name_from_uid(class_uid)
    return Draft202012Validator(_schema().get_class_schema(name, list(profiles)))


def assert_valid(body: dict[str, Any]) -> None:
    profiles = tuple(body["metadata"].get("profiles", ()))
    errors = [error.message for error in _validator(body["class_uid"], profiles).iter_errors(body)]
    assert errors == []
    assert body["type_uid"] == body["class_uid"] * 100 + body["activity_id"]
    assert body["category_uid"] == body["class_uid"] // 1000


@pytest.mark.parametrize("outcome", ["success", "failure", "pending", "unknown"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_with_all_that_can_be_known(engine: Engine, log: AuditLog, kind: str, outcome: Outcome) -> None:
    event = Event(kind=kind, **FULL)
    with engine.begin() as tx:
        intent = log.intent(tx, event)
        log.outcome(tx, intent, event, outcome, "some.code", recovered=True)
        told, ended = log.entry(tx, 0), log.entry(tx, 1)

    assert_valid(told.event)
    assert_valid(ended.event)
    assert (told.event["status"], ended.outcome) == ("Pending", outcome)
    assert ended.disclosures["login"] == "alice" and ended.disclosures["source"] == "192.0.2.7"


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_with_the_least_that_it_needs(engine: Engine, log: AuditLog, kind: str) -> None:
    with engine.begin() as tx:
        assert_valid(log.entry(tx, log.record(tx, Event(kind=kind, actor=SYSTEM, **BARE), "success")).event)


@pytest.mark.parametrize("kind", sorted(CAN_BE_EMPTY))
def test_somebody_of_whom_nothing_is_known(engine: Engine, log: AuditLog, kind: str) -> None:
    with engine.begin() as tx:
        entry = log.entry(tx, log.record(tx, Event(kind=kind), "failure"))

    assert_valid(entry.event)
    assert entry.event["actor"]["user"] == {"uid": ANONYMOUS, "type_id": 0}


def test_each_kind_has_a_type_in_every_schema() -> None:
    for row in KINDS.values():
        assert [row.type_uid(schema) for schema in SCHEMAS] == list(row.types)


def test_the_next_schema_is_written_by_the_same_table(engine: Engine, make_log: Any) -> None:
    log = make_log(schema="1.9.0")
    with engine.begin() as tx:
        entry = log.entry(tx, log.record(tx, Event(kind="account_extend", **FULL), "success"))

    assert (entry.event["type_uid"], entry.event["metadata"]["version"]) == (300702, "1.9.0")
    assert entry.event["unmapped"]["change"]["new"] == "2026-09-01"
