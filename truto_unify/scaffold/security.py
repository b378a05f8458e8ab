"""Turns a security scheme of an OpenAPI document, or an answer in a line, into an authorization rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from truto_unify.scaffold.guess import Guess, Question

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z0-9_.\[\]-]+")
_BEARER = {"type": "bearer", "token": "{credentials.access_token}"}
_TITLES = {
    "username": "User name or key",
    "password": "Password or secret",
    "api_key": "API key",
    "access_token": "Access token",
    "client_id": "Client id",
    "client_secret": "Client secret",
    "refresh_token": "Refresh token",
}


def guess_authorization(security: Mapping[str, Any] | None) -> tuple[Guess | Question, dict[str, str]]:
    """The authorization block, and the titles of the credentials that it needs.

    >>> rule, credentials = guess_authorization({"type": "apiKey", "in": "header", "name": "X-Key"})
    >>> rule.value, credentials
    ({'type': 'header', 'header': 'X-Key', 'value': '{credentials.api_key}'}, {'api_key': 'API key'})
    """
    rule = _rule_of(security or {})
    return rule, {name: title for name, title in _TITLES.items() if _has_placeholder(rule.value, name)}


def _has_placeholder(rule: Mapping[str, Any], name: str) -> bool:
    """Whether a rule reads this credential."""
    texts = [text for text in (*rule.values(), *rule.get("params", {}).values()) if isinstance(text, str)]
    return any(text in {f"{{credentials.{name}}}", f"{{{name}}}"} for text in texts)


def _rule_of(security: Mapping[str, Any]) -> Guess | Question:
    kind, location, name = security.get("type"), security.get("in"), str(security.get("name"))
    if kind == "http" and str(security.get("scheme")).lower() == "basic":
        rule = {"type": "basic", "username": "{credentials.username}", "password": "{credentials.password}"}
        return Guess(rule, "the document says HTTP Basic")
    if kind == "apiKey" and location == "header":
        rule = {"type": "header", "header": name, "value": "{credentials.api_key}"}
        return Guess(rule, f"the document puts a key in the header {name}")
    if kind == "apiKey" and location == "query":
        params = {name: "{credentials.api_key}"}
        return Guess({"type": "query", "params": params}, f"the document puts a key in the parameter {name}")
    if kind == "oauth2":
        return _oauth2(security.get("flows") or {})
    if kind in {"http", "openIdConnect"}:
        return Guess(_BEARER, "the document says a bearer token")
    return Question(_BEARER, "nothing says how requests are authorized: basic, bearer, header, query or oauth2?")


def _oauth2(flows: Mapping[str, Any]) -> Guess | Question:
    grant = "client_credentials" if "clientCredentials" in flows else "refresh_token"
    flow = flows.get("clientCredentials") or flows.get("authorizationCode") or flows.get("password") or {}
    address = str(flow.get("tokenUrl", ""))
    if not urlsplit(address).hostname:
        return Question(_BEARER, "the document says OAuth 2.0 and no token URL")
    params = {"grant_type": grant} | ({"refresh_token": "{refresh_token}"} if grant == "refresh_token" else {})
    params |= {"client_id": "{credentials.client_id}", "client_secret": "{credentials.client_secret}"}
    rule = {"type": "oauth2", "value": "Bearer {token}", "token_url": address, "params": params}
    return Guess(rule, f"the document says OAuth 2.0 ({grant.replace('_', ' ')})")


def is_address(text: str) -> bool:
    """Whether it is the address of a server, without a user and a password.

    >>> [is_address(text) for text in ("https://api.test/v1", "https://user:pw@api.test", "https://", "api.test")]
    [True, False, False, False]
    """
    if re.search(r"\s", text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname) and "@" not in parts.netloc


def authorization_of(answer: str) -> tuple[Guess | Question, dict[str, str]] | None:
    """The authorization block of an answer in a line, and its credentials; None if it is not understood.

    >>> authorization_of("header X-Key")[0].value
    {'type': 'header', 'header': 'X-Key', 'value': '{credentials.api_key}'}
    >>> authorization_of("header"), authorization_of("a key"), authorization_of("header X-Key: 123")
    (None, None, None)
    """
    kind, _, name = answer.strip().partition(" ")
    forms: dict[str, dict[str, Any]] = {
        "basic": {"type": "http", "scheme": "basic"},
        "bearer": {"type": "http", "scheme": "bearer"},
        "header": {"type": "apiKey", "in": "header", "name": name.strip()},
        "query": {"type": "apiKey", "in": "query", "name": name.strip()},
        "oauth2": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": name.strip()}}},
    }
    if kind not in forms or bool(name.strip()) != (kind in {"header", "query", "oauth2"}):
        return None
    if kind in {"header", "query"} and not _NAME.fullmatch(name.strip()):  # as "X-Key: 123", with a secret
        return None
    if kind == "oauth2" and not is_address(name.strip()):
        return None
    rule, credentials = guess_authorization(forms[kind])
    return (rule, credentials) if isinstance(rule, Guess) else None
