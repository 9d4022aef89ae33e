"""The way to one tenant: everything that speaks to Graph goes through here."""

from collections.abc import Callable
from datetime import datetime

from connectors.graph.dialect import GraphDialect
from connectors.graph.settings import GraphAccess
from connectors.oauth import Api, Tokens, TokenStore
from connectors.wire import Wire


class GraphClient:
    """`api` carries requests out; `tokens` tell what we may do. Safe for threads, and after a fork."""

    def __init__(self, access: GraphAccess, store: TokenStore, clock: Callable[[], datetime]) -> None:
        self.access = access
        self.wire = Wire(access)
        self.tokens = Tokens(access.grant(), self.wire, store, clock)
        self.api = Api(access, self.tokens, GraphDialect(), wire=self.wire, clock=clock)


def quoted(text: str) -> str:
    """A text as OData takes it in a filter (OData 4.01 URL conventions, 5.1.1.14.1)."""
    return "'" + text.replace("'", "''") + "'"
