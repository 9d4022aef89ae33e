"""Active Directory's moments and spans, the known ones and those beyond any calendar."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.ldap.filetime import NEVER, moment, span, written


def test_a_known_moment_reads_and_writes_the_same() -> None:
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    assert written(new_year) == "134432352000000000"
    assert moment(134432352000000000) == new_year


@pytest.mark.parametrize("count", [None, 0, -1, NEVER, NEVER - 1, NEVER + 1])
def test_never_and_the_impossible_are_no_moment(count: int | None) -> None:
    assert moment(count) is None


@pytest.mark.parametrize(
    ("count", "length"),
    [
        (-36000000000, timedelta(hours=1)),
        (-36288000000000, timedelta(days=42)),
        (0, timedelta()),
        (None, timedelta()),
        (-9223372036854775808, timedelta()),
        (1, timedelta()),
    ],
)
def test_a_rule_s_span(count: int | None, length: timedelta) -> None:
    assert span(count) == length
