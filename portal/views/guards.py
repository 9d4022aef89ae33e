"""Whose a page is: strangers sign in and come back, others are told that it is not theirs."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.identity import AUDITS, OPERATORS, STAFF
from portal.views import me

P = ParamSpec("P")


def only_for(roles: frozenset[str]) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """For everybody who has one of these roles."""

    def guard(page: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(page)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return redirect(url_for("sign_in.index", next=request.path))
            if not me().roles & roles:
                abort(403)
            return page(*args, **kwargs)

        return guarded

    return guard


for_staff = only_for(STAFF)
for_planners = only_for(frozenset({"supervisor"}))
for_operators = only_for(OPERATORS)
for_administrators = only_for(frozenset({"admin"}))
for_auditors = only_for(AUDITS)
