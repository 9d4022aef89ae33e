"""Signing in, for walks that are about what comes after it."""

from tests.walks.demo import Person
from tests.walks.visitor import Visitor


def sign_in(visitor: Visitor, person: Person, *, proof: str = "") -> Visitor:
    """With the password and, for roles that need it, a recovery code. Ends on one's account."""
    visitor.open("/sign-in").send("Sign in", login=person.login, password=person.password)
    if proof:
        visitor.choose("recovery_code").send("Continue", code=proof)
    assert visitor.path == "/account", visitor.text
    return visitor


def prove_again(visitor: Visitor, person: Person) -> Visitor:
    """Answer the question for a fresh proof, if it is asked, with the password."""
    if visitor.mark("step") == "choose":
        visitor.choose("password").send("Continue", code=person.password)
    return visitor
