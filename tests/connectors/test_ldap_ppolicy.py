"""The policy control's value, as slapd and others send it, and as nobody should."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ldap.ppolicy import NOTHING_SAID, PolicyAnswer, PolicyError, decode


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("3000", NOTHING_SAID),
        ("3003810101", PolicyAnswer(error=PolicyError.ACCOUNT_LOCKED)),
        ("3003810100", PolicyAnswer(error=PolicyError.PASSWORD_EXPIRED)),
        ("308400000003810102", PolicyAnswer(error=PolicyError.CHANGE_AFTER_RESET)),
        ("3005a003810101", PolicyAnswer(grace_left=1)),
        ("3005a00380015d", PolicyAnswer(expires_in=timedelta(seconds=93))),
        ("3008a003810105810102", PolicyAnswer(grace_left=5, error=PolicyError.CHANGE_AFTER_RESET)),
        ("3007a00580030a0b0c", PolicyAnswer(expires_in=timedelta(seconds=0x0A0B0C))),
        ("30038101ff", NOTHING_SAID),
        ("300381", NOTHING_SAID),
        ("30ff", NOTHING_SAID),
        ("", NOTHING_SAID),
    ],
)
def test_a_value_is_decoded(value: str, answer: PolicyAnswer) -> None:
    assert decode(bytes.fromhex(value)) == answer


def test_no_value_says_nothing() -> None:
    assert decode(None) == NOTHING_SAID


@given(st.binary(max_size=64))
def test_no_garbage_makes_it_fail(garbage: bytes) -> None:
    assert isinstance(decode(garbage), PolicyAnswer)


@given(st.sampled_from(PolicyError), st.integers(1, 5))
def test_any_length_of_length_is_understood(error: PolicyError, size: int) -> None:
    inner = bytes([0x81, 1, error])
    value = bytes([0x30, 0x80 | size]) + len(inner).to_bytes(size, "big") + inner
    assert decode(value).error is error
