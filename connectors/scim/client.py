"""scim2-client over the connections that all our connectors use: it knows SCIM, they know what may have happened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scim2_client import BaseSyncSCIMClient, SCIMClientException
from scim2_models import EnterpriseUser, PatchOp, Resource, ResourceType, SCIMException, ScimPolicy, ScimProvider, User

from connectors.errors import Outage, Unavailable, Unconfirmed
from connectors.oauth import Api, ClientSecret, Token, Tokens, TokenStore
from connectors.scim.dialect import ScimDialect
from connectors.scim.settings import ScimSettings
from connectors.wire import Answer, Wire

Person = User[EnterpriseUser]
Fields = Mapping[str, Any]
_MEDIA = "application/scim+json, application/json"


class FixedToken(Tokens):
    """One that somebody has made by hand: there is no other to be had."""

    def __init__(self, value: str) -> None:
        self._only = Token(value, datetime.max)

    def token(self, seconds: float) -> Token:
        return self._only

    def renew(self, rejected: Token | None, seconds: float) -> Token:
        raise Unavailable("the token is not accepted", outage=Outage.PORTAL_REFUSED)


@dataclass(frozen=True)
class _Response:
    """An answer as scim2-client reads it."""

    status_code: int
    headers: Mapping[str, str]
    text: str


class ScimClient(BaseSyncSCIMClient):
    """Raises what `connectors.errors` holds. Unknown attributes are let be: every server has some of its own."""

    def __init__(self, settings: ScimSettings, store: TokenStore, clock: Callable[[], datetime]) -> None:
        types = [ResourceType.from_resource(Person)]
        tolerant = ScimPolicy(unknown=ScimPolicy.Unknown.ignore)
        super().__init__(provider=ScimProvider(models=[User, EnterpriseUser], resource_types=types, policy=tolerant))
        wire = Wire(settings)
        self.tokens: Tokens
        if settings.token:
            self.tokens = FixedToken(settings.token)
        else:
            grant = ClientSecret(settings.token_url, settings.client_id, settings.client_secret, settings.scope)
            self.tokens = Tokens(grant, wire, store, clock)
        self._api = Api(settings, self.tokens, ScimDialect(), wire=wire, clock=clock)

    def request(self, method: str, url: str, **kwargs: Any) -> _Response:
        """What scim2-client sends everything by."""
        params = {name: str(value) for name, value in (kwargs.get("params") or {}).items()}
        headers = {"Accept": _MEDIA}
        if kwargs.get("json") is not None:
            headers["Content-Type"] = "application/scim+json"
        answer: Answer = self._api.send(
            method, url, params=params, body=kwargs.get("json"), headers=headers, write=method != "GET"
        )
        return _Response(answer.status, answer.headers, answer.body.decode("utf-8", "replace"))

    def get(
        self, target: type[Resource[Any]], id_: str | None = None, query: Mapping[str, Any] | None = None
    ) -> Fields:
        """Read. Raises Unavailable for what is no SCIM.

        What comes is not held to the models: one odd address would hide everybody on the same page.
        """
        try:
            answer = self.query(target, id_, dict(query) if query else None, check_response_payload=False)
        except (SCIMClientException, SCIMException) as error:
            raise Unavailable(f"the answer is no SCIM: {type(error).__name__}") from error
        if not isinstance(answer, dict):
            raise Unavailable("the answer is no SCIM")
        return answer

    def change(self, id_: str, operation: Mapping[str, Any]) -> Fields | None:
        """Change a user; what the server answers, if it does. Raises Unconfirmed for what is no SCIM: it may be so."""
        wanted = PatchOp[Person].model_validate({"Operations": [operation]})
        try:
            answer = self.modify(Person, id_, wanted, check_response_payload=False)
        except (SCIMClientException, SCIMException) as error:
            raise Unconfirmed(f"the answer is no SCIM: {type(error).__name__}") from error
        return answer if isinstance(answer, dict) else None

    def close(self) -> None:
        self._api.close()
