"""Says which parameters nobody but the provider file and the engine may set, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from truto_unify.config.authorization import QueryAuthorization
from truto_unify.config.parameter_names import header_name, parameter_names
from truto_unify.config.signature_schemes import HmacAuthorization, OAuth1Authorization
from truto_unify.errors import ForbiddenParameter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.config.provider import Endpoint, ProviderConfig

Place = Literal["query", "body"]

_METHOD = "which changes the HTTP method of a request"
_STORE = "by which the store changes the meaning of a request"
ACCOUNT_REASON = "which belongs to the account"
_GRAPHQL = "which is no variable of the GraphQL operation"
_HEADER = "which the engine alone sends"

# Rails, Laravel, Symfony, WordPress and Express read _method; Google and OData gateways read the others.
METHOD_PARAMETERS = frozenset(
    {"_method", "_http_method", "$httpmethod", "$httpheaders", "x-http-method", "x-http-method-override"}
    | {"x-method-override", "http_x_http_method_override"}
)
# https://www.rfc-editor.org/rfc/rfc6750#section-2.2 and 2.3: a token in the query or in a form.
_TOKENS = frozenset({"access_token", "authorization", "proxy-authorization"})
_SIGNATURE = frozenset(
    {"oauth_consumer_key", "oauth_token", "oauth_signature", "oauth_signature_method"}
    | {"oauth_timestamp", "oauth_nonce", "oauth_version"}
)
# Servers read these from the query of a POST too: https://graphql.github.io/graphql-over-http/draft/#sec-GET
GRAPHQL_PARAMETERS = frozenset({"query", "operationname", "extensions", "variables", "id", "documentid", "doc_id"})
METHOD_HEADERS = frozenset({"x-http-method", "x-http-method-override", "x-method-override", "x-method"})
# Hop-by-hop and framing headers (RFC 9110, 7.6.1), and the name of the host.
_TRANSPORT_HEADERS = frozenset(
    {"connection", "content-length", "host", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "proxy-authorization", "x-original-url", "x-rewrite-url"}
)


@dataclass(frozen=True, slots=True)
class ForbiddenNames:
    """The forbidden parameters of one provider, in normal form.

    Attributes:
        query: those that the provider file forbids in the query.
        body: those that it forbids at the top of a body.
        account: those that identify the account or hold its credentials.
    """

    query: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()
    account: frozenset[str] = frozenset()

    def reason(self, place: Place, name: str, endpoint: Endpoint | None = None) -> str | None:
        """Why nobody may set this parameter, as the end of a sentence; None if it may be set.

        Args:
            place: where it goes; for a body, its top level.
            name: as the caller writes it.
            endpoint: the native call; a GraphQL call takes variables alone.
        """
        names = parameter_names(name)
        if endpoint is not None and endpoint.graphql is not None:
            is_variable = name == "variables" if place == "body" else not names & GRAPHQL_PARAMETERS
            if not is_variable:
                return _GRAPHQL
        if names & self.account or names & _TOKENS:
            return ACCOUNT_REASON
        return self.override_reason(place, name)

    def override_reason(self, place: Place, name: str) -> str | None:
        """Why this parameter changes the meaning of a request, whoever sets it; None if it does not."""
        names = parameter_names(name)
        if names & METHOD_PARAMETERS:
            return _METHOD
        return _STORE if names & (self.query if place == "query" else self.body) else None

    def check(self, place: Place, names: Iterable[str], label: str, endpoint: Endpoint | None = None) -> None:
        """Checks the names that a caller sets; ``label`` says what sets them: ``remote_query``, ``the query``.

        Raises:
            ForbiddenParameter: a name is forbidden.
        """
        for name in names:
            reason = self.reason(place, name, endpoint)
            if reason is not None:
                raise refusal(label, name, reason)


def forbidden_names(config: ProviderConfig) -> ForbiddenNames:
    """The forbidden parameters of a provider."""
    declared = config.forbidden_parameters
    return ForbiddenNames(_normal(declared.query), _normal(declared.body), _normal(account_parameters(config)))


def account_parameters(config: ProviderConfig) -> frozenset[str]:
    """The query parameters that identify the account, as the provider file writes them."""
    context = {name for name, template in config.query.items() if template.placeholders}
    rules = [rule for rule in config.authorization if isinstance(rule, QueryAuthorization | HmacAuthorization)]
    credentials = {name for rule in rules for name in rule.params}
    if any(isinstance(rule, OAuth1Authorization) for rule in config.authorization):
        credentials |= _SIGNATURE
    # Some stores read a credential from the query too, and prefer it to the header that we send.
    return frozenset(context | credentials | set(config.credentials))


def refusal(label: str, name: str, reason: str) -> ForbiddenParameter:
    """The error for a parameter that nobody may set."""
    return ForbiddenParameter(f'{label} may not set "{name[:80]}", {reason}', parameter=name[:80], place=label)


def header_reason(name: str) -> str | None:
    """Why a request may not hold this header, as the end of a sentence; None if it may."""
    normal = header_name(name)
    if normal in METHOD_HEADERS:
        return _METHOD
    return _HEADER if normal in _TRANSPORT_HEADERS else None


def _normal(names: Iterable[str]) -> frozenset[str]:
    return frozenset(form for name in names for form in parameter_names(name))
