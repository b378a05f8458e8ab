"""Response headers taken from a provider: its helpful headers, its content type, and its quota in one form."""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING

from truto_unify.errors import ProviderError

if TYPE_CHECKING:
    from truto_unify.errors import UnifyError
    from truto_unify.types import Quota

# All other headers (cookies, links with keys in them, lengths of a body that is not forwarded) are dropped.
_HELPFUL = re.compile(
    r"(?:.*rate-?limit.*|.*call-limit|.*quota.*|.*retry-after.*|.*(?:request|trace|correlation)-?id|.*deprecat.*"
    r"|sunset|warning|.*api-version)"
)
_RENAMED = {"x-request-id": "x-remote-request-id"}  # the service's own id has that name
_MAX_HEADER_CHARS = 500
_CONTENT_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+ *(?:;.*)?")


def error_headers(error: UnifyError) -> dict[str, str]:
    """The headers of an error response."""
    if not isinstance(error, ProviderError):
        return {}
    headers = {
        _RENAMED.get(name, name): value[:_MAX_HEADER_CHARS]
        for name, value in error.headers.items()
        if _HELPFUL.fullmatch(name) and value.isascii() and value.isprintable()
    }
    headers.pop("retry-after", None)
    if error.retry_after is not None:
        # Clients read whole seconds; rounding down would let them retry too early.
        headers["Retry-After"] = str(ceil(error.retry_after))
    return headers


def safe_content_type(text: str) -> str:
    r"""The content type of a provider's answer if it can stand in a header, and that of any bytes if not.

    >>> safe_content_type("text/csv; charset=utf-8"), safe_content_type("text/html\x01")
    ('text/csv; charset=utf-8', 'application/octet-stream')
    """
    is_safe = len(text) <= _MAX_HEADER_CHARS and text.isascii() and text.isprintable()
    return text if is_safe and _CONTENT_TYPE.fullmatch(text) else "application/octet-stream"


def quota_headers(quota: Quota | None) -> dict[str, str]:
    """The provider's quota in the three headers of the reference.

    https://www.truto.one/docs/api-reference/overview/rate-limits

    >>> from truto_unify.types import Quota
    >>> quota_headers(Quota(limit=110, remaining=3, reset=4.2, window=10))
    {'ratelimit-limit': '110;w=10', 'ratelimit-remaining': '3', 'ratelimit-reset': '5'}
    """
    if quota is None:
        return {}
    window = f";w={ceil(quota.window)}" if quota.window is not None else ""
    headers = {
        "ratelimit-limit": None if quota.limit is None else f"{quota.limit}{window}",
        "ratelimit-remaining": None if quota.remaining is None else str(quota.remaining),
        "ratelimit-reset": None if quota.reset is None else str(ceil(quota.reset)),
    }
    return {name: value for name, value in headers.items() if value is not None}
