"""Every reason has plain words, somebody who must act and a way on."""

import ast
from pathlib import Path

import pytest

from connectors.errors import Refusal
from portal.explain import CATALOGUE, Explanation, Next

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_of_a_directory_is_explained(refusal: Refusal) -> None:
    assert CATALOGUE[refusal].title


def test_every_reason_the_code_gives_is_explained() -> None:
    codes = set()
    for file in ("portal/policy.py", "portal/reasons.py", "portal/extension.py"):
        for node in ast.walk(ast.parse((ROOT / file).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Deny":
                codes |= {c.value for c in ast.walk(node.args[0]) if isinstance(c, ast.Constant)}
            if isinstance(node, ast.keyword) and node.arg == "reason":
                codes |= {c.value for c in ast.walk(node.value) if isinstance(c, ast.Constant)}
            if isinstance(node, ast.Return) and file.endswith("reasons.py") and isinstance(node.value, ast.Constant):
                codes.add(node.value.value)
    assert len(codes) > 8
    assert codes <= set(CATALOGUE)


def test_no_two_reasons_share_their_words() -> None:
    """A generic text is a cause nobody found out."""
    titles = [str(e.title) for e in CATALOGUE.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("reason", CATALOGUE)
def test_every_explanation_says_what_to_do(reason: str) -> None:
    explanation: Explanation = CATALOGUE[reason]
    assert explanation.next in Next
    assert str(explanation.title).endswith(".")
    assert str(explanation.advice).endswith((".", "”."))
