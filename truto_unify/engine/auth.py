"""Authorizes requests: picks the account's way in, fetches and renews tokens, and adds what the rule says.

Sans-IO: where a token must be fetched, the generator yields ``Send`` inside an ``Exclusive`` step, so that
one account's token is renewed once however many calls find it expired at the same time.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from truto_unify.config.authorization import (
    Authorization,
    BasicAuthorization,
    BearerAuthorization,
    HeaderAuthorization,
    OAuth2Authorization,
    needed_credentials,
)
from truto_unify.config.schema import read_path
from truto_unify.engine.encoding import encode_query
from truto_unify.engine.numbers import read_number
from truto_unify.errors import MissingCredential, ProviderUnavailableError
from truto_unify.types import Exclusive, ReadToken, Request, Token, WriteToken

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

LEEWAY = timedelta(seconds=60)
"""A token is renewed this long before it expires, for requests that are on their way."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One account's way into a provider.

    Attributes:
        rule: the provider's authorization; None where the API is open.
        values: the account's fields by placeholder name.
        key: names the account's token in a token store; holds no secret, and is empty where there is no token.
        token_url: where tokens are fetched.
        label: the provider, for messages.
    """

    rule: Authorization | None
    values: Mapping[str, str] = field(repr=False)
    key: str = ""
    token_url: str | None = None
    label: str = ""


def find_entry(
    rules: tuple[Authorization, ...], values: Mapping[str, str], *, account_key: str, token_url: str | None, label: str
) -> Entry:
    """The first way in whose credentials the account has.

    Args:
        rules: the provider's ways in, in order of preference.
        values: the account's fields by placeholder name.
        account_key: names the account; joined with a fingerprint of its credentials.
        token_url: stands in for the address of the rule.
        label: the provider, for the message.

    Raises:
        MissingCredential: the account has the credentials of none.
    """
    if not rules:
        return Entry(None, values)
    for rule in rules:
        if all(values.get(f"credentials.{name}") for name in needed_credentials(rule)):
            if not isinstance(rule, OAuth2Authorization):
                return Entry(rule, values)
            url = token_url or rule.token_url.fill(dict(values))
            return Entry(rule, values, _token_key(account_key, rule, values), url, label)
    ways = ", or ".join(" + ".join(needed_credentials(rule)) for rule in rules)
    raise MissingCredential(f"a {label} account needs these credentials: {ways}")


def _token_key(account_key: str, rule: Authorization, values: Mapping[str, str]) -> str:
    secrets = [values[f"credentials.{name}"] for name in needed_credentials(rule)]
    text = json.dumps([account_key, *secrets], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def authorize(request: Request, entry: Entry, token: str | None = None) -> Request:
    """The request with the account's authorization.

    Args:
        request: the native request.
        entry: the account's way in.
        token: the access token, for OAuth 2.
    """
    rule = entry.rule
    if rule is None:
        return request
    fields = {**entry.values, "token": token or ""}
    if isinstance(rule, BasicAuthorization):
        pair = f"{rule.username.fill(fields)}:{rule.password.fill(fields)}"
        return _with_header(request, "Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    if isinstance(rule, BearerAuthorization):
        return _with_header(request, "Authorization", f"Bearer {rule.token.fill(fields)}")
    if isinstance(rule, HeaderAuthorization | OAuth2Authorization):
        for name, template in rule.headers.items():
            request = _with_header(request, name, template.fill(fields))
        return _with_header(request, rule.header, rule.value.fill(fields))
    added = encode_query([(name, value.fill(fields)) for name, value in rule.params.items()])
    return replace(request, query=f"{request.query}&{added}" if request.query else added)


def current_token(entry: Entry, now: datetime) -> Generator[Any, Any, str | None]:
    """The access token to use now: a kept one that is still good, the account's own, or a fresh one.

    Raises:
        AuthenticationError: the provider gives no token.
        ProviderError, TransportError: it cannot be asked.
    """
    rule = entry.rule
    if not isinstance(rule, OAuth2Authorization):
        return None
    kept: Token | None = yield ReadToken(entry.key)
    if kept is not None and not _is_expired(kept, now):
        return kept.access_token
    first = _first_token(entry, rule)
    if kept is None and first:
        return first
    fresh: str = yield Exclusive(entry.key, _renew(entry, rule, kept.access_token if kept else None, now))
    return fresh


def renew_token(entry: Entry, refused: str, now: datetime) -> Generator[Any, Any, str]:
    """A token in place of one that the provider refused; somebody else's renewal counts.

    Raises:
        AuthenticationError: the provider gives no token.
        ProviderError, TransportError: it cannot be asked.
    """
    rule = entry.rule
    assert isinstance(rule, OAuth2Authorization)  # noqa: S101 - only such an entry has tokens
    fresh: str = yield Exclusive(entry.key, _renew(entry, rule, refused, now))
    return fresh


def _renew(entry: Entry, rule: OAuth2Authorization, stale: str | None, now: datetime) -> Generator[Any, Any, str]:
    """Runs alone for its account: looks whether the work is already done, else fetches and keeps a token."""
    kept: Token | None = yield ReadToken(entry.key)
    if kept is not None and kept.access_token != stale and not _is_expired(kept, now):
        return kept.access_token
    newest = (kept.refresh_token if kept else None) or entry.values.get("credentials.refresh_token", "")
    # The account does not know of a rotated token, so that nobody else could take it out of what is shown.
    body = yield _token_request(entry, rule, newest, tuple(text for text in (newest, stale) if text))
    found, text = read_path(body, rule.access_token_path)
    if not found or not isinstance(text, str) or not text:
        place = ".".join(rule.access_token_path)
        raise ProviderUnavailableError(f"{entry.label} token: the answer holds no token at {place}", status_code=200)
    _, seconds = read_path(body, rule.expires_in_path)
    _, rotated = read_path(body, rule.refresh_token_path) if rule.refresh_token_path else (False, None)
    yield WriteToken(
        entry.key, Token(text, _expiry(now, seconds), rotated if isinstance(rotated, str) else newest or None)
    )
    return text


def _expiry(now: datetime, seconds: Any) -> datetime | None:
    """When a token expires that lives so long; None where that is not said, or is beyond every date.

    >>> _expiry(datetime(2026, 1, 1), "3600"), _expiry(datetime(2026, 1, 1), 9223372036854775)
    (datetime.datetime(2026, 1, 1, 1, 0), None)
    """
    number = read_number(seconds)
    if number is None or number <= 0:
        return None
    try:
        return now + timedelta(seconds=number)
    except OverflowError:
        return None


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Asks the flow to send this request for a token and to hand back the parsed body.

    Attributes:
        request: what to send.
        rule: how the answer is read.
        secrets: tokens that must not be shown, beside the account's own secrets.
    """

    request: Request
    rule: OAuth2Authorization
    secrets: tuple[str, ...] = field(default=(), repr=False)


def _token_request(
    entry: Entry, rule: OAuth2Authorization, refresh_token: str, secrets: tuple[str, ...]
) -> TokenRequest:
    fields = {**entry.values, "refresh_token": refresh_token, "token": ""}
    params = {name: template.fill(fields) for name, template in rule.params.items()}
    url, headers = entry.token_url or "", (("Accept", "application/json"),)
    # A request that may have spent a refresh token must not be repeated.
    is_safe = rule.refresh_token_path is None
    if rule.send_as == "query":
        request = Request("POST", url, encode_query(list(params.items())), headers, None, is_safe=is_safe)
    elif rule.send_as == "json":
        content = json.dumps(params, separators=(",", ":")).encode()
        request = Request("POST", url, "", (*headers, ("Content-Type", "application/json")), content, is_safe=is_safe)
    else:
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        request = Request(
            "POST", url, "", (*headers, kind), encode_query(list(params.items())).encode(), is_safe=is_safe
        )
    return TokenRequest(request, rule, secrets)


def _first_token(entry: Entry, rule: OAuth2Authorization) -> str:
    return rule.first_token.fill(dict(entry.values)) if rule.first_token else ""


def _is_expired(token: Token, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at - LEEWAY <= now


def _with_header(request: Request, name: str, value: str) -> Request:
    kept = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
    return replace(request, headers=(*kept, (name, value)))
