"""The origin of an API that the answer to a token request names, for providers with a host for each region."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from truto_unify.config.schema import read_path
from truto_unify.engine.api_root import origin_of
from truto_unify.errors import ProviderUnavailableError

if TYPE_CHECKING:
    from truto_unify.config.authorization import ApiAddress
    from truto_unify.types import Request


def read_api_origin(rule: ApiAddress, body: Any, label: str) -> str:
    """The origin that the answer names.

    Args:
        rule: Where it stands, and the hosts that it may name.
        body: The parsed answer.
        label: The provider, for messages.

    Raises:
        ProviderUnavailableError: The answer names no host, or one that must not receive credentials.

    >>> from truto_unify.config.authorization import ApiAddress
    >>> rule = ApiAddress(path="api_domain", hosts=("*.shop.example",))
    >>> read_api_origin(rule, {"api_domain": "eu.shop.example"}, "acme")
    'https://eu.shop.example'
    """
    _, text = read_path(body, rule.path)
    place = ".".join(rule.path) or "its top"
    if not isinstance(text, str) or not text:
        raise ProviderUnavailableError(f"{label} token: the answer names no host at {place}", status_code=200)
    parts = urlsplit("")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, is_plain = parts.hostname or "", parts.scheme == "https" and "@" not in parts.netloc and (parts.port or 1)
    except ValueError:
        host, is_plain = "", False
    if not is_plain or not any(_fits(host, pattern) for pattern in rule.hosts):
        raise ProviderUnavailableError(
            f'{label} token: the answer names "{text[:200]}" at {place}, and credentials go to https://'
            f"{' or https://'.join(rule.hosts)} alone",
            status_code=200,
        )
    return origin_of(parts.geturl())


def move_request(request: Request, origin: str) -> Request:
    """The request at another origin, with the same path.

    >>> from truto_unify.types import Request
    >>> move_request(Request("GET", "https://shop.example/api/people"), "https://eu.shop.example:8443").url
    'https://eu.shop.example:8443/api/people'
    """
    target = urlsplit(origin)
    parts = urlsplit(request.url)._replace(scheme=target.scheme, netloc=target.netloc)
    return replace(request, url=parts.geturl())


def _fits(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
