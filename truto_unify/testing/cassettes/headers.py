"""The headers that a cassette may hold; every other one is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from truto_unify.config.provider import ProviderConfig

REQUEST = frozenset({"accept", "content-type"})
"""Of a request. What authorizes it, and what names the client, is in none of them."""

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
"""Of an answer; what a provider's file reads besides is added. Their values stay, those of addresses left out."""

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
"""Of cassettes that another tool recorded: not worth keeping, and without danger."""


def response_headers(config: ProviderConfig | None) -> frozenset[str]:
    """What an answer of this provider may keep, in lower case: the usual, and what its file reads."""
    if config is None:
        return RESPONSE
    named = {one.name.lower() for one in config.rate_limit.headers}
    for methods in config.resources.values():
        for endpoint in methods.values():
            if endpoint.pagination is not None:
                named |= {header.lower() for header in endpoint.pagination.headers}
    return RESPONSE | named
