"""The headers that leave with an answer: a provider's own where they help, and its quota in one form."""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING

from truto_unify.errors import ProviderError

if TYPE_CHECKING:
    from truto_unify.errors import UnifyError
    from truto_unify.types import Quota

# What else a provider sends (cookies, links with keys in them, lengths of a body that is not passed on) stays behind.
_HELPFUL = re.compile(
    r"(?:.*rate-?limit.*|.*call-limit|.*quota.*|.*retry-after.*|.*(?:request|trace|correlation)-?id|.*deprecat.*"
    r"|sunset|warning|.*api-version)"
)
_RENAMED = {"x-request-id": "x-remote-request-id"}  # our own stands under that name
_LONGEST = 500


def error_headers(error: UnifyError) -> dict[str, str]:
    """Headers of an error answer."""
    if not isinstance(error, ProviderError):
        return {}
    found = {
        _RENAMED.get(name, name): value[:_LONGEST]
        for name, value in error.headers.items()
        if _HELPFUL.fullmatch(name) and value.isascii() and value.isprintable()
    }
    found.pop("retry-after", None)
    if error.retry_after is not None:
        # Clients read whole seconds, and one too early is refused again.
        found["Retry-After"] = str(ceil(error.retry_after))
    return found


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
    told = {
        "ratelimit-limit": None if quota.limit is None else f"{quota.limit}{window}",
        "ratelimit-remaining": None if quota.remaining is None else str(quota.remaining),
        "ratelimit-reset": None if quota.reset is None else str(ceil(quota.reset)),
    }
    return {name: value for name, value in told.items() if value is not None}
