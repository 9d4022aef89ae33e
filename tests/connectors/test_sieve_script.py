"""Whatever somebody types into a form becomes text of an answer, and never Sieve; what was written is read back."""

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sievelib.parser import Lexer, Parser

from connectors.mailbox import AutoReply, Forward
from connectors.mailboxes import sieve_rules
from connectors.mailboxes.sieve_script import NotWritable, Script, one_line, plain, read, write

CAMPAIGN = int(os.environ.get("SPAREKEY_CAMPAIGN", "1"))
NOW = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)
MOMENTS = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
HOSTILE = st.sampled_from(
    ['"; discard; #', '";\nredirect "evil@x.test";\n"', "\\", '\\"', "\r\n.\r\n;", "text:\n.\n", "${subject}", "*/"]
)
TEXTS = st.lists(st.text(max_size=40) | HOSTILE, max_size=4).map("".join)
SCRIPTS = st.builds(
    Script,
    reply=st.none()
    | st.builds(
        AutoReply,
        subject=TEXTS,
        text=TEXTS,
        outside_text=TEXTS,
        inside_only=st.booleans(),
        starts=MOMENTS,
        ends=MOMENTS,
        days=st.integers(1, 30),
    ),
    forwards=st.lists(
        st.builds(Forward, target=st.emails(), keep_copy=st.booleans(), starts=MOMENTS, ends=MOMENTS), max_size=3
    ).map(tuple),
    addresses=st.just(("alice@post.test",)),
    inside=st.sampled_from([(), ("post.test",), ("post.test", "inside.test")]),
    before=st.sampled_from(["", "roundcube", 'my "rules" \\']),
)


def kinds(text: str) -> list[tuple[str, bytes]]:
    """The words of a script, whatever stands in its strings and comments."""
    mute = ("string", "hash_comment")
    return [(kind, b"" if kind in mute else word) for kind, word in Lexer(Parser.lrules).scan(text.encode())]


@given(SCRIPTS)
@settings(max_examples=25 * CAMPAIGN, deadline=None)
def test_no_text_changes_what_a_script_does(script: Script) -> None:
    try:
        text = write(script)
    except NotWritable:
        return
    tame = script
    if script.reply:
        reply = script.reply
        tame_reply = AutoReply(
            subject="x" if one_line(reply.subject) else "",
            text="x",
            outside_text="x" if reply.outside_text else "",
            inside_only=reply.inside_only,
            starts=reply.starts,
            ends=reply.ends,
            days=reply.days,
        )
        tame = Script(
            reply=tame_reply,
            forwards=script.forwards,
            addresses=script.addresses,
            inside=script.inside,
            before=script.before,
        )
    assert kinds(text) == kinds(write(tame))


@given(SCRIPTS)
@settings(max_examples=60 * CAMPAIGN, deadline=None)
def test_what_is_written_is_read_back_and_nothing_else(script: Script) -> None:
    try:
        text = write(script)
    except NotWritable:
        return
    assert read(text) == script
    assert read(text.replace("\n", "\r\n")) == script
    assert read(text + "keep;\n") is None


@pytest.mark.skipif(shutil.which("sievec") is None, reason="sievec is not installed: apt-get install dovecot-sieve")
@given(script=SCRIPTS)
@settings(max_examples=20 * CAMPAIGN, deadline=None)
def test_every_script_compiles(tmp_path_factory: pytest.TempPathFactory, script: Script) -> None:
    script = Script(
        reply=script.reply, forwards=script.forwards, addresses=script.addresses, inside=script.inside
    )  # sievec alone has no place for scripts to include
    try:
        text = write(script)
    except NotWritable:
        return
    source: Path = tmp_path_factory.getbasetemp() / "some.sieve"
    source.write_bytes(text.encode())
    done = subprocess.run(
        ["sievec", "-c", "/dev/null", str(source), str(source.with_suffix(".bin"))],
        capture_output=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode() + text


def test_a_subject_is_one_line_and_a_text_has_no_control_characters() -> None:
    assert one_line("Away\r\nBcc: evil@x.test\u2028now") == "Away Bcc: evil@x.test now"
    assert plain("a\r\nb\x00\x07\rc\td\n") == "a\nb\nc d"


def test_an_end_is_written_in_universal_time() -> None:
    moment = NOW.astimezone().replace(microsecond=0)
    text = write(Script(forwards=(Forward(target="a@b.test", ends=moment),)))
    assert '"date" "2026-11-22"' in text
    assert '"time" "12:00:05"' in text


def test_an_address_is_nothing_but_an_address() -> None:
    for target in ('a"b@x.test', "a@x.test;", "a@x.test\n", "a\\@x.test", "@x.test", "a@", f"{'a' * 250}@x.test"):
        with pytest.raises(NotWritable):
            write(Script(forwards=(Forward(target=target, ends=NOW + timedelta(days=1)),)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('redirect "a@x.test";', {"redirects": (("a@x.test", False),)}),
        ('if true { Redirect :copy "a@x.test"; }', {"redirects": (("a@x.test", True),)}),
        ("redirect text:\na@x.test\n.\n;", {"unknown": True}),
        ('redirect "${where}";', {"unknown": True}),
        ('redirect :list "all";', {"unknown": True}),
        ('# redirect "a@x.test";\n/* vacation */ keep;', {}),
        ('fileinto "redirect vacation";', {}),
        ('require "vacation"; vacation :days 1 "Away";', {"answers": True}),
        ('include :personal "more"; foreverypart { break; }', {"includes": ("more",)}),
    ],
)
def test_rules_of_a_persons_own_are_understood(text: str, found: dict[str, object]) -> None:
    assert sieve_rules.scan(text) == sieve_rules.Rules(**found)  # type: ignore[arg-type]


def test_what_is_no_sieve_is_said_to_be_none() -> None:
    assert sieve_rules.scan('redirect "never closed') is None
