"""Every mail as its receiver reads it."""

import re

import pytest
from flask import render_template
from mail_examples import MAILS, NOTICES
from page_app import ORGANISATION, ROOT, asked, make_app

from portal.web.assets import build

TO_OTHERS = (
    "share_given_to_you",
    "share_ended_for_you",
    "forward_outside_seen",
    "mailbox_nearly_full",
    "checkpoint",
    "vouch",
    "account_bridged",
    "account_ends",
    "approval_moved",
    "approval_wanted",
    "coverage_gaps",
    "export_ready",
    "password_expires",
    "review_wanted",
    "shift_news",
    "ticket_for_coordinators",
    "ticket_note",
    "ticket_decided",
    "ticket_merged",
    "ticket_parted",
    "tickets_assigned",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return make_app(build(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def written(app, request):
    with asked(app):
        around = {"organisation": ORGANISATION, "home_url": "https://sparekey.example"}
        return render_template(f"mail/{request.param}.txt", **around, **MAILS[request.param])


def every(names):
    return pytest.mark.parametrize("written", names, indirect=True)


def test_every_mail_has_an_example():
    files = {path.stem for path in (ROOT / "templates" / "mail").glob("*.txt")}
    assert files - {"letter", "notice"} == set(MAILS)


@every(MAILS)
def test_a_mail_begins_with_its_subject_and_an_empty_line(written):
    subject, empty, news = written.split("\n")[:3]
    assert re.fullmatch(r"Subject: \S.{3,77}", subject)
    assert empty == "" and news != ""


@every(MAILS)
def test_paragraphs_are_parted_by_one_empty_line_and_have_no_other_space(written):
    assert "\n\n\n" not in written
    assert all(line == line.strip() and "  " not in line for line in written.split("\n"))


@every(MAILS)
def test_a_mail_has_one_link_at_most_and_it_stands_alone(written):
    links = [line for line in written.split("\n") if "://" in line]
    assert len(links) <= 1 and all(re.fullmatch(r"https://\S+", line) for line in links)


@every(MAILS)
def test_a_mail_ends_with_who_we_are_and_how_to_call(written):
    who, promise = written.rstrip().split("\n")[-2:]
    assert ORGANISATION.name in who and ORGANISATION.phone in who
    assert promise == "We never ask for your password."


@every([name for name in MAILS if name not in TO_OTHERS])
def test_a_mail_to_the_owner_says_what_to_do_if_it_was_not_them(written):
    assert "Not you" in written or "You did not ask" in written


@every(NOTICES)
def test_a_notice_says_when_and_from_where_and_which_attempt(written):
    assert "When: Monday 9 March 2026, 08:52\nFrom: 198.51.100.23\nAttempt: 7F3K-21QD\n" in written


@every(["factor_added"])
def test_a_kind_of_proof_is_named_as_people_call_it(written):
    assert written.startswith("Subject: A way to prove it is you was added: Recovery codes\n")


@every(["code"])
def test_the_code_comes_first_so_that_it_shows_on_the_lock_screen(written):
    assert written.startswith("Subject: 684 210 is your code\n\n684 210 is your code.")
