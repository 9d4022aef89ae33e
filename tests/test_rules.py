"""Rules about the code itself, checked for everything that is registered."""

import ast
import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from wtforms import PasswordField

from portal.action import Action
from portal.actions import ACTIONS
from portal.cli.init import RULES as SAMPLE
from portal.factors import FACTORS
from portal.views.account import views as account
from tests.portal.site import RULES

ROOT = Path(__file__).parents[1]
SOURCES = [p for name in ("portal", "connectors", "audit") for p in (ROOT / name).rglob("*.py")]


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_what_is_typed_as_a_password_is_a_secret_field(action: type[Action]) -> None:
    typed = {name for name, f in vars(action.Form).items() if getattr(f, "field_class", None) is PasswordField} & {
        f.name for f in fields(action)
    }
    assert typed <= {f.name for f in fields(action) if f.metadata.get("secret") and not f.repr}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_an_action_can_be_written_down(action: type[Action]) -> None:
    assert {f.type for f in fields(action)} <= {str, int, bool, date, "str", "int", "bool", "date"}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_every_action_has_a_rule_in_the_tests_and_in_the_sample(action: type[Action]) -> None:
    assert action.name in RULES
    assert f"\n{action.name} = " in SAMPLE


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_the_record_has_a_kind_for_every_action(action: type[Action]) -> None:
    from audit.kinds import KINDS

    assert action.kind in KINDS


def test_auditors_read_a_sentence_for_every_kind_of_entry() -> None:
    from audit.kinds import KINDS
    from portal.auditors.kinds import SENTENCES

    assert SENTENCES.keys() == KINDS.keys()


@pytest.mark.parametrize("factor", FACTORS.values(), ids=FACTORS)
def test_every_factor_has_a_page_and_a_channel(factor: type) -> None:
    assert (ROOT / "templates" / "factors" / f"{factor.name}.html").exists()  # type: ignore[attr-defined]
    assert factor.channel in ("mail", "phone", "paper", "key", "person", "memory")  # type: ignore[attr-defined]


def test_names_are_snake_case() -> None:
    assert account.name == "account"
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in (*ACTIONS, *FACTORS))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text()
    if "migrations" not in path.parts:
        assert len(text.splitlines()) <= 310, "split it"
    tree = ast.parse(text)
    assert not tree.body or ast.get_docstring(tree), "one sentence on top says what it is for"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and "migrations" not in path.parts and node.name not in LONG:
            assert (node.end_lineno or 0) - node.lineno < 50, f"{node.name} is long"


LONG = {"assemble"}  # the list of all parts


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nobody_reads_the_clock_but_those_who_are_given_none(path: Path) -> None:
    """Time is passed in, so that tests can move it."""
    if path.name in ("parts.py", "__main__.py", "sealer.py") or "demo" in path.parts:
        return
    assert not re.search(r"datetime\.(now|utcnow)\(|time\.time\(", path.read_text())


def test_no_mail_is_left_that_nothing_sends() -> None:
    code = "\n".join(p.read_text() for p in SOURCES)
    mails = {p.stem for p in (ROOT / "templates" / "mail").glob("*.txt")} - {"letter", "notice"}  # frames of the others
    assert not {mail for mail in mails if f'"{mail}"' not in code}


def test_the_readme_leads_to_every_manual() -> None:
    readme = (ROOT / "README.md").read_text()
    assert not [p.name for p in (ROOT / "docs").glob("*.md") if f"(docs/{p.name})" not in readme]


def test_no_template_is_left_that_nothing_shows() -> None:
    code = "\n".join(p.read_text() for p in SOURCES)
    code += "\n".join(p.read_text() for p in (ROOT / "templates").rglob("*.*"))
    shown = {str(p.relative_to(ROOT / "templates")) for p in (ROOT / "templates").rglob("*.html")}
    assert not {t for t in shown if t not in code and "factors/{factor}.html" not in t and not t.startswith("factors/")}


def test_the_schema_has_one_newest_version() -> None:
    found = [p.read_text() for p in (ROOT / "portal" / "migrations" / "versions").glob("*.py")]
    before = [re.findall(r'^down_revision = "(\w+)"', text, re.M) for text in found]
    own = [re.findall(r'^revision = "(\w+)"', text, re.M)[0] for text in found]
    assert sorted(own) == sorted(set(own))
    assert len(set(own) - {name for names in before for name in names}) == 1
