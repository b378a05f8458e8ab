"""Authorizes requests: chooses the account's authentication scheme, fetches and renews tokens, and adds credentials.

Sans-IO: to fetch a token, the generator yields ``Send`` inside an ``Exclusive`` step, so that one account's token is
renewed once, even if several calls find it expired at the same time.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from truto_unify.config.authorization import (
    Authorization,
    BasicAuthorization,
    BearerAuthorization,
    HeaderAuthorization,
    QueryAuthorization,
    TokenAuthorization,
    needed_credentials,
)
from truto_unify.config.body_texts import fill_body
from truto_unify.config.schema import read_path
from truto_unify.config.signature_schemes import (
    HmacAuthorization,
    JwtAuthorization,
    OAuth1Authorization,
)
from truto_unify.engine import hmac_signatures, oauth1
from truto_unify.engine.api_origin import move_request, read_api_origin
from truto_unify.engine.encoding import check_header, encode_query
from truto_unify.engine.json_web_tokens import sign_token
from truto_unify.engine.numbers import read_number
from truto_unify.errors import InvalidInput, MissingCredential, ProviderUnavailableError
from truto_unify.expressions import is_true
from truto_unify.steps import Exclusive, ReadToken, WriteToken
from truto_unify.types import ClientIdentity, Request, Token

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from truto_unify.errors import AuthenticationError
    from truto_unify.types import Account, Response

LEEWAY = timedelta(seconds=60)
"""A token is renewed this long before it expires, for requests that are on their way."""


@dataclass(frozen=True, slots=True)
class AccountScheme:
    """The authentication scheme of one account, with its credentials.

    Attributes:
        rule: the provider's authorization rule; None if the API needs none.
        values: the account's fields by placeholder name.
        key: the key of the account's token in a token store; holds no secret; empty if the scheme has no token.
        token_url: the address that issues tokens.
        label: the provider, for messages.
        has_proxy: whether the account names a proxy of the API, to which all requests go.
    """

    rule: Authorization | None
    values: Mapping[str, str] = field(repr=False)
    key: str = ""
    token_url: str | None = None
    label: str = ""
    has_proxy: bool = False


def choose_scheme(
    rules: tuple[Authorization, ...], values: Mapping[str, str], *, account_key: str, token_url: str | None, label: str
) -> AccountScheme:
    """The first authorization rule for which the account has all credentials.

    Args:
        rules: the provider's authorization rules, in order of preference.
        values: the account's fields by placeholder name.
        account_key: identifies the account; the token's key is a hash of it and the credentials.
        token_url: replaces the address of the rule.
        label: the provider, for the message.

    Raises:
        MissingCredential: the account lacks credentials of every rule.
        InvalidInput: no rule is for accounts of this context.
    """
    if not rules:
        return AccountScheme(None, values)
    for rule in rules:
        if is_for_account(rule, values) and all(values.get(f"credentials.{name}") for name in needed_credentials(rule)):
            if not isinstance(rule, TokenAuthorization):
                return AccountScheme(rule, values, label=label)
            url = token_url or rule.token_url.fill(dict(values))
            return AccountScheme(rule, values, _token_key(account_key, rule, values, token_url), url, label)
    ways = ", or ".join(" + ".join(needed_credentials(rule)) for rule in rules if is_for_account(rule, values))
    if not ways:
        raise InvalidInput(f"{label} has no authentication scheme for an account of this context")
    raise MissingCredential(f"an account of {label} needs these credentials: {ways}")


def is_for_account(rule: Authorization, values: Mapping[str, str]) -> bool:
    """Whether a scheme is for an account with these fields."""
    prefix = "context."
    context = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
    return rule.when is None or is_true(rule.when, {"context": context})


def _token_key(account_key: str, rule: Authorization, values: Mapping[str, str], token_url: str | None) -> str:
    """The key of a token; another token URL must not receive the refresh token that this one issued."""
    parts = [values[f"credentials.{name}"] for name in needed_credentials(rule)]
    parts += [token_url] if token_url else []
    text = json.dumps([account_key, *parts], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Stamp:
    """The timestamp and the nonce of a signed request; a server accepts each pair once.

    Attributes:
        moment: Now.
        nonce: A text that is used once.
    """

    moment: datetime
    nonce: str


def authorize(request: Request, scheme: AccountScheme, stamp: Stamp, token: Token | None = None) -> Request:
    """The request with the account's authorization.

    Args:
        request: the native request.
        scheme: the account's authentication scheme.
        stamp: the timestamp and the nonce, for signatures.
        token: the access token, for OAuth 2.

    Raises:
        InvalidEnvironment: The library that signs is not installed.
        InvalidInput: A key cannot sign, a header cannot hold a credential, or a certificate cannot be shown at this
            address.
    """
    if scheme.rule is None:
        return request
    if token is not None and token.api_origin is not None and not scheme.has_proxy:
        request = move_request(request, token.api_origin)
    return _with_proof(_with_identity(request, scheme), scheme, stamp, token)


def _with_proof(request: Request, scheme: AccountScheme, stamp: Stamp, token: Token | None) -> Request:
    """The request with the headers or parameters of the scheme."""
    rule = scheme.rule
    fields = {**scheme.values, "token": token.access_token if token is not None else ""}
    headers: dict[str, str] = {}
    query, added = request.query, ""
    if isinstance(rule, BasicAuthorization):
        headers["Authorization"] = _basic(rule.username.fill(fields), rule.password.fill(fields))
    elif isinstance(rule, BearerAuthorization):
        headers["Authorization"] = f"Bearer {rule.token.fill(fields)}"
    elif isinstance(rule, HeaderAuthorization | TokenAuthorization):
        headers = {name: template.fill(fields) for name, template in rule.headers.items()}
        headers[rule.header] = rule.value.fill(fields)
    elif isinstance(rule, QueryAuthorization):
        added = encode_query([(name, value.fill(fields)) for name, value in rule.params.items()])
    elif isinstance(rule, OAuth1Authorization):
        signed = oauth1.sign_request(request, rule, fields, stamp.moment, stamp.nonce)
        if rule.send_as == "header":
            parts = ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in signed.items())
            headers["Authorization"] = f"OAuth {parts}"
        else:
            added = encode_query([*signed.items()])
    elif isinstance(rule, JwtAuthorization):
        fields["token"] = sign_token(rule.assertion, fields, stamp.moment, stamp.nonce)
        headers[rule.header] = rule.value.fill(fields)
    elif isinstance(rule, HmacAuthorization):
        headers, query = hmac_signatures.sign_request(request, rule, fields, stamp.moment, stamp.nonce)
    for name, value in headers.items():
        check_header(name, value, fields)
        request = _with_header(request, name, value)
    return replace(request, query="&".join(part for part in (query, added) if part))


def _with_identity(request: Request, scheme: AccountScheme) -> Request:
    """The request with the certificate of the account, if its scheme has one."""
    rule = scheme.rule
    if rule is None or rule.client_certificate is None:
        return request
    if not request.url.startswith("https://"):
        raise InvalidInput(f"{scheme.label} asks for a client certificate, which only https:// addresses can see")
    declared, fields = rule.client_certificate, dict(scheme.values)
    password = declared.password.fill(fields) if declared.password is not None else ""
    identity = ClientIdentity(declared.certificate.fill(fields), declared.private_key.fill(fields), password or None)
    return replace(request, identity=identity)


def current_token(scheme: AccountScheme, stamp: Stamp) -> Generator[Any, Any, Token | None]:
    """The access token to use now: the stored token if it is valid, the account's own, or a new token.

    Raises:
        AuthenticationError: the provider issues no token.
        ProviderError, TransportError: the request for a token fails.
    """
    rule = scheme.rule
    if not isinstance(rule, TokenAuthorization):
        return None
    stored: Token | None = yield ReadToken(scheme.key)
    if stored is not None and not _is_expired(stored, stamp.moment):
        return stored
    first = _first_token(scheme, rule)
    if stored is None and first:
        return Token(first)
    fresh: Token = yield Exclusive(scheme.key, _renew(scheme, rule, stored.access_token if stored else None, stamp))
    return fresh


def renew_token(scheme: AccountScheme, refused: str, stamp: Stamp) -> Generator[Any, Any, Token]:
    """A new token in place of a refused one; another call may have renewed it already.

    Raises:
        AuthenticationError: the provider issues no token.
        ProviderError, TransportError: the request for a token fails.
    """
    rule = scheme.rule
    assert isinstance(rule, TokenAuthorization)  # noqa: S101 - only such a scheme has tokens
    fresh: Token = yield Exclusive(scheme.key, _renew(scheme, rule, refused, stamp))
    return fresh


def _renew(
    scheme: AccountScheme, rule: TokenAuthorization, stale: str | None, stamp: Stamp
) -> Generator[Any, Any, Token]:
    """Runs exclusively for its account: returns a token that was renewed meanwhile, or fetches and stores one."""
    stored: Token | None = yield ReadToken(scheme.key)
    if stored is not None and stored.access_token != stale and not _is_expired(stored, stamp.moment):
        return stored
    newest = (stored.refresh_token if stored else None) or scheme.values.get("credentials.refresh_token", "")
    # The account's redactor does not know a rotated token, so the request names it as a secret.
    secrets = tuple(text for text in (newest, stale) if text)
    answer: TokenAnswer = yield _token_request(scheme, rule, newest, secrets, stamp)
    text, body = _read_token(rule, answer), answer.body
    if not isinstance(text, str) or not text:
        place = rule.access_token_header or rule.access_token_cookie or ".".join(rule.token_path or ()) or "its top"
        raise ProviderUnavailableError(f"{scheme.label} token: the answer holds no token at {place}", status_code=200)
    _, seconds = read_path(body, rule.expires_in_path)
    _, rotated = read_path(body, rule.refresh_token_path) if rule.refresh_token_path else (False, None)
    origin = read_api_origin(rule.api_address, body, scheme.label) if rule.api_address is not None else None
    refresh_token = rotated if isinstance(rotated, str) else newest or None
    token = Token(text, _expiry(stamp.moment, seconds), refresh_token, origin)
    yield WriteToken(scheme.key, token)
    return token


def _expiry(now: datetime, seconds: Any) -> datetime | None:
    """When a token expires after so many seconds; None if it states no number, or the date is out of range.

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
    """A step: send this request for a token and return a ``TokenAnswer``.

    Attributes:
        request: the request.
        rule: the rule that reads the answer.
        secrets: tokens to redact beside the account's own secrets.
    """

    request: Request
    rule: TokenAuthorization
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """The answer to a request for a token.

    Attributes:
        response: for its headers.
        body: the parsed body; None if there is none and the token stands in a header.
    """

    response: Response
    body: Any


def _read_token(rule: TokenAuthorization, answer: TokenAnswer) -> Any:
    if rule.token_path is not None:
        return read_path(answer.body, rule.token_path)[1]
    headers = answer.response.headers
    if rule.access_token_header is not None:
        return next((value for name, value in headers if name == rule.access_token_header.lower()), None)
    for value in (value for name, value in headers if name == "set-cookie"):
        name, _, text = value.partition(";")[0].partition("=")
        if name.strip() == rule.access_token_cookie:
            return text.strip()
    return None


def _token_request(
    scheme: AccountScheme, rule: TokenAuthorization, refresh_token: str, secrets: tuple[str, ...], stamp: Stamp
) -> TokenRequest:
    fields = {**scheme.values, "refresh_token": refresh_token, "token": ""}
    if rule.assertion is not None:
        fields["assertion"] = sign_token(rule.assertion, fields, stamp.moment, stamp.nonce)
    params = {name: template.fill(fields) for name, template in rule.params.items()}
    own = {"Accept": "application/json", **{name: text.fill(fields) for name, text in rule.token_headers.items()}}
    if rule.client is not None:
        own["Authorization"] = _basic(rule.client.username.fill(fields), rule.client.password.fill(fields))
    url, headers = scheme.token_url or "", tuple(own.items())
    # A request that may have used up a refresh token must not be repeated.
    is_safe = rule.refresh_token_path is None
    if rule.send_as == "query":
        request = Request("POST", url, encode_query(list(params.items())), headers, None, is_safe=is_safe)
    elif rule.send_as == "json" or rule.body is not None:
        content = json.dumps(params or fill_body(rule.body, fields), separators=(",", ":")).encode()
        request = Request("POST", url, "", (*headers, ("Content-Type", "application/json")), content, is_safe=is_safe)
    else:
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        request = Request(
            "POST", url, "", (*headers, kind), encode_query(list(params.items())).encode(), is_safe=is_safe
        )
    return TokenRequest(_with_identity(request, scheme), rule, secrets)


def _first_token(scheme: AccountScheme, rule: TokenAuthorization) -> str:
    return rule.first_token.fill(dict(scheme.values)) if rule.first_token else ""


def _is_expired(token: Token, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at - LEEWAY <= now


def _basic(username: str, password: str) -> str:
    """The header of HTTP Basic (RFC 7617)."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def _with_header(request: Request, name: str, value: str) -> Request:
    others = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
    return replace(request, headers=(*others, (name, value)))


def name_credentials(error: AuthenticationError, account: Account, scheme: AccountScheme) -> AuthenticationError:
    """The error with the names of the refused credentials, and their origins if known."""
    names = needed_credentials(scheme.rule) if scheme.rule is not None else ()
    parts = [f"{name} (from {account.origins[name]})" if name in account.origins else name for name in names]
    if parts:
        error.message = f"{error.message}; refused: {', '.join(parts)}"
        error.args = (error.message,)
    return error
