"""Finds the tokens in the answer of a token endpoint, so that an error that shows the answer shows no token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import read_path
from truto_unify.secret_shapes import NAMES_A_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.authorization import TokenAuthorization
    from truto_unify.types import Response

_MIN_CHARS = 10  # a shorter value of a usual name may be a word, as in {"token": "expired"}
_MAX_SCANNED_BYTES = 1_000_000
_NAMED = re.compile(
    r"""(?i)(?:access|refresh|id|auth|session)[_-]?token\\?["']?\s*[=:]\s*\\?["']?([^\s"'\\&,;<>{}]{4,})"""
)
"""A token beside its name in a form, in a URL, or in JSON that cannot be parsed."""


def fresh_tokens(rule: TokenAuthorization, response: Response, body: Any) -> Iterator[str]:
    """The tokens of an answer: at the places of the rule, and beside usual names.

    Args:
        rule: reads the answers of this endpoint.
        response: the answer.
        body: its parsed body; None if it is not JSON.
    """
    for path in (rule.token_path, rule.refresh_token_path):
        token = None if path is None else read_path(body, path)[1]
        if isinstance(token, str):
            yield token
    for name, value in response.headers:
        if name == (rule.access_token_header or "").lower():
            yield value
        if name == "set-cookie":
            yield value.partition(";")[0].partition("=")[2].strip()
        yield from _NAMED.findall(value)
    yield from _NAMED.findall(response.body[:_MAX_SCANNED_BYTES].decode(errors="replace"))
    yield from _named_values(body)


def _named_values(body: Any) -> Iterator[str]:
    """The texts without blanks whose names are those of secrets.

    >>> list(_named_values({"data": [{"refreshToken": "r-0123456789"}], "token": "expired"}))
    ['r-0123456789']
    """
    values = [body]
    while values:
        value = values.pop()
        if isinstance(value, list):
            values += value
        if not isinstance(value, dict):
            continue
        values += value.values()
        for name, text in value.items():
            if isinstance(text, str) and NAMES_A_SECRET.search(name) and re.fullmatch(rf"\S{{{_MIN_CHARS},}}", text):
                yield text
