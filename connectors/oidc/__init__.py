"""Sign-in by OpenID Connect: an organisation's identity provider says who somebody is."""

from connectors.oidc.provider import Provider as Provider
from connectors.oidc.settings import ProviderSettings as ProviderSettings
