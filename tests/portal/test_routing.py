"""Where a name is looked for: by what was typed and by nothing else."""

import pytest

from connectors.belonging import Belonging
from portal.routing import places, within

BOTH = {
    "staff": Belonging(realms=("NORDVIK", "corp.test"), mail_domains=("nordvik.test", "corp.test")),
    "students": Belonging(mail_domains=("stud.nordvik.test",), login_pattern=r"s\d{6}"),
    "guests": Belonging(),
}


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("alice", {"staff": ("alice",), "guests": ("alice",)}),
        ("s123456", {"students": ("s123456",)}),
        ("S123456", {"students": ("S123456",)}),
        ("s1234567", {"staff": ("s1234567",), "guests": ("s1234567",)}),
        ("nordvik\\alice", {"staff": ("alice",)}),
        ("guests\\alice", {"guests": ("alice",)}),
        ("Students\\x@gmail.test", {"students": ("x@gmail.test",)}),
        ("staff\\NORDVIK\\alice", {"staff": ("alice",)}),
        ("alice@nordvik.test", {"staff": ("alice@nordvik.test",)}),
        ("alice@CORP.test", {"staff": ("alice@CORP.test", "alice")}),
        ("a@stud.nordvik.test", {"students": ("a@stud.nordvik.test",)}),
        ("me@private.test", dict.fromkeys(BOTH, ("me@private.test",))),
        ("elsewhere\\alice", dict.fromkeys(BOTH, ("elsewhere\\alice",))),
        ("nordvik\\", dict.fromkeys(BOTH, ("nordvik\\",))),
        ("@nordvik.test", dict.fromkeys(BOTH, ("@nordvik.test",))),
    ],
)
def test_a_name_is_looked_for_where_its_form_points(claim: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert {place.directory: place.names for place in places(claim, BOTH)} == expected


def test_a_login_that_fits_no_pattern_is_still_looked_for_somewhere() -> None:
    only = {"students": Belonging(login_pattern=r"s\d{6}")}
    assert [place.directory for place in places("alice", only)] == ["students"]


def test_a_choice_is_said_like_a_realm() -> None:
    assert (within("students", "alice"), within("", "alice")) == ("students\\alice", "alice")


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="login_pattern"):
        Belonging(login_pattern="s[")
