"""Adds an account's authorization to a request, and takes it out again for people to read."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from truto_unify.config.provider import (
    Authorization,
    BasicAuthorization,
    BearerAuthorization,
    HeaderAuthorization,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.types import Request


def authorize(request: Request, authorization: Authorization | None, values: Mapping[str, str]) -> Request:
    """The request with the account's authorization.

    Args:
        request: the native request.
        authorization: the provider's rule; None where the API is open.
        values: the account's fields by placeholder name.
    """
    if authorization is None:
        return request
    fields = dict(values)
    if isinstance(authorization, BasicAuthorization):
        pair = f"{authorization.username.fill(fields)}:{authorization.password.fill(fields)}"
        return _with_header(request, "Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    if isinstance(authorization, BearerAuthorization):
        return _with_header(request, "Authorization", f"Bearer {authorization.token.fill(fields)}")
    if isinstance(authorization, HeaderAuthorization):
        return _with_header(request, authorization.header, authorization.value.fill(fields))
    added = "&".join(
        f"{quote(name, safe='')}={quote(value.fill(fields), safe='')}" for name, value in authorization.params.items()
    )
    return replace(request, query=f"{request.query}&{added}" if request.query else added)


def _with_header(request: Request, name: str, value: str) -> Request:
    kept = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
    return replace(request, headers=(*kept, (name, value)))
