"""Speaking to systems that let a program in by OAuth 2: one client for all of them."""

from connectors.oauth.api import Api, Dialect
from connectors.oauth.grants import ClientCertificate, ClientSecret, Grant, JwtBearer
from connectors.oauth.settings import ApiSettings, checked_url
from connectors.oauth.store import TokenFiles
from connectors.oauth.tokens import Token, TokenRefused, Tokens, TokenStore

__all__ = [
    "Api",
    "ApiSettings",
    "ClientCertificate",
    "ClientSecret",
    "Dialect",
    "Grant",
    "JwtBearer",
    "Token",
    "TokenFiles",
    "TokenRefused",
    "TokenStore",
    "Tokens",
    "checked_url",
]
