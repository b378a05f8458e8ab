"""How a request is authorized, and which of its headers are sent with every request; no secret is in the result."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.openapi import Authorization
from truto_unify.scaffold.request_secrets import (
    field_name,
    header_may_stay,
    hide_in_body,
    is_key,
    looks_secret,
    secret_values,
)
from truto_unify.scaffold.security import guess_authorization

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class SentRequest(Protocol):
    """What this module reads of a request."""

    @property
    def query(self) -> Sequence[tuple[str, str]]:
        """The names and values of its query."""
        raise NotImplementedError

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers by name."""
        raise NotImplementedError

    @property
    def body(self) -> Any:
        """JSON, or the fields of a form."""
        raise NotImplementedError

    @property
    def user(self) -> tuple[str, str] | None:
        """Name and password of HTTP Basic."""


_CLIENT_HEADERS = re.compile(
    r"(?i)accept(-\w+)?|user-agent|host|connection|content-(length|type)|cookie|origin|referer|sec-.*|priority|pragma|"
    r"cache-control|dnt|te|upgrade-insecure-requests|if-.*|x-requested-with|:.*"
)
"""Headers that browsers and curl add by themselves."""
_SCHEME = re.compile(
    r"(?i)([a-z]+-){0,3}(token|oauthtoken|key|apikey|auth|oauth|bearer|basic|digest|jwt|hmac|signature|ssws|bot|hawk)"
)
"""The word before the secret in a header Authorization."""

_MIN_CHARS = 6
"""A shorter text of an unknown header may be a part of any word of an answer."""


@dataclass(frozen=True, slots=True)
class AuthorizedRequest:
    """How a request is authorized.

    Attributes:
        authorization: the rule, and its credentials with those of headers, parameters and body.
        headers: the headers of every request.
        parameters: the query parameters that the rule sends.
    """

    authorization: Authorization
    headers: dict[str, str]
    parameters: frozenset[str] = frozenset()


def authorize(call: SentRequest) -> AuthorizedRequest:
    """The rule that a request suggests; each header that is not known to be harmless becomes a credential."""
    headers = {name: value for name, value in call.headers.items() if not _CLIENT_HEADERS.fullmatch(name)}
    rest = {name: value for name, value in headers.items() if header_may_stay(name, value)}
    secrets = {name: value for name, value in headers.items() if name not in rest}
    keys = [name for name, value in secrets.items() if looks_secret(name, value)]
    params = {
        name: f"{{credentials.{field_name(name)}}}"
        for name, value in call.query
        if looks_secret(name, value) and not is_key(name)
    }
    user = call.user or _basic_user(secrets)
    named = {name.lower(): name for name in secrets}
    used: frozenset[str] = frozenset()
    rule: Any
    if user is not None:
        rule = {"type": "basic", "username": "{credentials.username}"}
        rule["password"] = "{credentials.password}" if user[1] else ""
        reason = f"the request uses HTTP Basic{'' if user[1] else ' with an empty password'}"
        secrets.pop(named.get("authorization", ""), None)
    elif "authorization" in named:
        rule, reason = _by_header(secrets.pop(named["authorization"]))
    elif keys or (secrets and not params):
        name = keys[0] if keys else next(iter(secrets))
        secrets.pop(name)
        rule = {"type": "header", "header": name, "value": f"{{credentials.{field_name(name)}}}"}
        reason = f"the request has {'a key' if keys else 'a text of its own'} in the header {name}"
    elif params:
        rule = {"type": "query", "params": params}
        reason = f"the request has a key in {', '.join(params)}"
        used = frozenset(params)
    else:
        asked, titles = guess_authorization(None)
        return AuthorizedRequest(Authorization(asked, titles | _credentials(str(hide_in_body(call.body)))), rest)
    rest |= {name: f"{{credentials.{field_name(name)}}}" for name in secrets}
    texts = (rule, rest, params, hide_in_body(call.body))
    return AuthorizedRequest(Authorization(Guess(rule, reason), _credentials(str(texts))), rest, used)


def secrets_of(call: SentRequest) -> Iterator[str]:
    """The texts of a request that look like secrets, and those of its headers that are not known to be harmless."""
    headers = {name: text for name, text in call.headers.items() if not _CLIENT_HEADERS.fullmatch(name)}
    for name, text in headers.items():
        if looks_secret(name, text) or (not header_may_stay(name, text) and len(text) >= _MIN_CHARS):
            yield text
            yield text.rpartition(" ")[2]
    yield from call.headers.get("Cookie", "").split("; ")
    user = call.user or _basic_user(headers)
    yield from user[1:] if user is not None else ()
    yield from secret_values(dict(call.query), call.body)


def _basic_user(headers: Mapping[str, str]) -> tuple[str, str] | None:
    text = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    kind, _, code = text.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(code, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "unknown", "unknown"  # as $(...) of a shell
    return name, password


def _by_header(value: str) -> tuple[dict[str, Any], str]:
    """The rule of an Authorization header."""
    word, blank, _ = value.partition(" ")
    if not blank or _SCHEME.fullmatch(word) is None:
        rule = {"type": "header", "header": "Authorization", "value": "{credentials.api_key}"}
        return rule, "the request has a key in the header Authorization"
    if word.lower() == "bearer":
        return {"type": "bearer", "token": "{credentials.access_token}"}, "the request has a bearer token"
    rule = {"type": "header", "header": "Authorization", "value": f"{word} {{credentials.access_token}}"}
    return rule, f"the header Authorization of the request begins with {word}"


def _credentials(text: str) -> dict[str, str]:
    """The title of each credential that a text names."""
    names = dict.fromkeys(re.findall(r"\{credentials\.(\w+)\}", text))
    return {name: name.replace("_", " ").capitalize() for name in names}
