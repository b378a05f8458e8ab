"""Replaces tokens and passwords in samples, which a draft holds unchanged otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from truto_unify.redaction import MASK as REDACTED
from truto_unify.redaction import Redactor
from truto_unify.scaffold.vocabulary import fold
from truto_unify.secret_shapes import KNOWN_PREFIXES, NAMES_A_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "masked"
_MORE_NAMES = re.compile(
    r"(authori[sz]ation|cookies?|(access|api|private|order|secret|consumer)key|bearer|jwt|sessionid|pwd|passwordhash"
    r"|tokens|secrets|passwords|credentials)$"
)
_PAGES = re.compile(r"(page|next|cursor|continuation|sync)tokens?$")
"""Tokens that continue a list are no secrets."""
_PARAMETER = re.compile(r"(?<=[?&#])([\w.-]+)=([^&#\s]+)")
_USER = re.compile(r"(?<=://)[^/\s?#@]+:[^/\s?#@]+(?=@)")
_SCHEME = re.compile(r"(?i)\b(basic|bearer) +(?=\S*\d)[A-Za-z0-9+/=._~-]{12,}")


def mask_secrets(value: Any, known: Iterable[str] = ()) -> tuple[Any, list[str]]:
    """The value with a mask for each text that is a secret by its name or by its form, and the paths of those texts.

    Args:
        value: a native answer.
        known: texts that are secrets wherever they stand.

    >>> mask_secrets({"customers": [{"id": 5, "api_token": "t0p"}], "next_page_token": "b2s"})
    ({'customers': [{'id': 5, 'api_token': 'masked'}], 'next_page_token': 'b2s'}, ['customers[].api_token'])
    """
    paths: dict[str, None] = {}
    return _masked(value, "", "", paths, Redactor(known)), [*paths]


def _masked(value: Any, name: str, path: str, paths: dict[str, None], known: Redactor) -> Any:
    if isinstance(value, dict):
        return {
            key: _masked(inner, _name_of(value, str(key), name), f"{path}.{key}" if path else str(key), paths, known)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked(inner, name, f"{path}[]", paths, known) for inner in value]
    if not isinstance(value, str) or not value.strip():
        return value
    text = MASK if _is_secret_name(name) else _without_keys(known.text(value).replace(REDACTED, MASK))
    if text != value:
        paths.setdefault(path or "the sample")
    return text


def _name_of(holder: dict[str, Any], key: str, outer: str) -> str:
    """The name of a value: its key. For the key ``value``, also the object's name, if that names a secret."""
    if key != "value":
        return key
    names = [text for text in (holder.get("name"), holder.get("key"), outer) if isinstance(text, str)]
    return next((text for text in names if _is_secret_name(text)), key)


def _is_secret_name(name: str) -> bool:
    folded = fold(name)
    return bool(NAMES_A_SECRET.search(name) or _MORE_NAMES.search(folded)) and not _PAGES.search(folded)


def _without_keys(text: str) -> str:
    """The text with masks for keys in a vendor's form, and for secrets in the query or the user of an address.

    >>> _without_keys("https://api.test/files/5?access_token=t0p&size=2")
    'https://api.test/files/5?access_token=masked&size=2'
    """
    text = _SCHEME.sub(rf"\1 {MASK}", KNOWN_PREFIXES.sub(MASK, _USER.sub(MASK, text)))
    return _PARAMETER.sub(lambda pair: f"{pair[1]}={MASK}" if _is_secret_name(pair[1]) else pair[0], text)
