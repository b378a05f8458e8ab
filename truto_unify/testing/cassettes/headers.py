"""The headers that a cassette may hold; all others are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.config.authorization import TokenAuthorization

if TYPE_CHECKING:
    from truto_unify.config.provider import ProviderConfig

REQUEST = frozenset({"accept", "content-type"})
"""Headers of a request; they hold no authorization and no name of the client."""

RESPONSE = frozenset(
    {
        "allow",
        "cache-control",
        "content-language",
        "content-type",
        "date",
        "deprecation",
        "expires",
        "last-modified",
        "link",
        "location",
        "ratelimit",
        "ratelimit-limit",
        "ratelimit-policy",
        "ratelimit-remaining",
        "ratelimit-reset",
        "retry-after",
        "sunset",
        "vary",
        "x-rate-limit-limit",
        "x-rate-limit-remaining",
        "x-rate-limit-reset",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    }
)
"""Headers of an answer; ``response_headers`` adds those that a provider's file reads. Values stay, except addresses."""

HARMLESS = frozenset(
    {
        "access-control-allow-headers",
        "access-control-expose-headers",
        "connection",
        "content-length",
        "host",
        "user-agent",
        "x-content-type-options",
        "x-powered-by",
        "x-robots-tag",
    }
)
"""Headers of cassettes from other tools: not needed, and harmless."""


def response_headers(config: ProviderConfig | None) -> frozenset[str]:
    """The headers, in lower case, that answers may keep: the usual headers, and what the provider's file reads."""
    if config is None:
        return RESPONSE
    named = {header.name.lower() for header in config.rate_limit.headers}
    named |= {
        scheme.access_token_header.lower()
        for scheme in config.authorization
        if isinstance(scheme, TokenAuthorization) and scheme.access_token_header is not None
    }
    named |= {"set-cookie"} if token_cookies(config) else set()
    for methods in config.resources.values():
        for endpoint in methods.values():
            if endpoint.pagination is not None:
                named |= {header.lower() for header in endpoint.pagination.headers}
    return RESPONSE | named


def token_cookies(config: ProviderConfig | None) -> frozenset[str]:
    """The cookies of answers that hold the token of a login; an answer keeps no other cookie."""
    schemes = config.authorization if config is not None else ()
    names = (scheme.access_token_cookie for scheme in schemes if isinstance(scheme, TokenAuthorization))
    return frozenset(name for name in names if name is not None)
