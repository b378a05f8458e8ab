"""What the requests of a person say about an API: address, paging, filters and authorization, but no secret."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from truto_unify.errors import InvalidInput
from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.openapi import Api, Authorization, Operation
from truto_unify.scaffold.security import guess_authorization
from truto_unify.scaffold.vocabulary import snake

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SECRET_NAME = re.compile(
    r"token|key|secret|auth|pass|pwd|\bpin\b|access|\bcode\b|otp|session|signature|\bsig\b|credential|hmac|jwt|nonce",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_\-+/=.]{20,}")
_HARMLESS = re.compile(r"[A-Za-z0-9 .,;=/*+_\[\]()@%-]*")
"""The form of a header value without a secret: media types, versions, words."""
_CLIENT_HEADERS = re.compile(
    r"(?i)accept(-\w+)?|user-agent|host|connection|content-(length|type)|cookie|origin|referer|sec-.*|priority|pragma|"
    r"cache-control|dnt|te|upgrade-insecure-requests|if-.*|x-requested-with|:.*"
)
"""Headers that browsers and curl add by themselves."""
_ID = re.compile(r"\d+|[0-9a-fA-F-]{32,36}|(?=.*\d)[A-Za-z]{1,6}_[A-Za-z0-9]+|gid:.*")
_SEARCHES = frozenset({"search", "query", "list"})
"""Last steps of a path that name no resource."""
_SIZE = re.compile(r"(?i)(per_?page|page_?size|limit|size|take|count|first|top|max_?results)$")


@dataclass(frozen=True, slots=True)
class NativeCall:
    """A request to an API.

    Attributes:
        method: HTTP method.
        address: the address without its query.
        query: the names and values of its query.
        headers: the headers by name.
        body: JSON, or the fields of a form; None if absent.
        user: name and password of HTTP Basic; None if absent.
    """

    method: str
    address: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Any = None
    user: tuple[str, str] | None = None

    @classmethod
    def at(
        cls,
        url: str,
        *,
        more_query: Iterable[tuple[str, str]] = (),
        user: tuple[str, str] | None = None,
        **parts: Any,
    ) -> NativeCall:
        """A request to a URL, which may hold a user and a query.

        Raises:
            InvalidInput: it is not an http address.
        """
        try:
            split = urlsplit(url)
            host, port = split.hostname, split.port
        except ValueError:
            host, port, split = None, None, urlsplit("")
        if split.scheme not in {"http", "https"} or not host:
            raise InvalidInput("the request has no address that begins with https:// and a host")
        query = (*parse_qsl(split.query, keep_blank_values=True), *more_query)
        if user is None and split.username is not None:
            user = (unquote(split.username), unquote(split.password or ""))
        place = f"[{host}]" if ":" in host else host
        address = f"{split.scheme}://{place}{f':{port}' if port else ''}{split.path.rstrip('/') or '/'}"
        return cls(address=address, query=query, user=user, **parts)

    @property
    def has_id(self) -> bool:
        """Whether the path ends in the id of a record."""
        return _ID.fullmatch(self.address.rpartition("/")[2].partition(".")[0]) is not None


def api_of(calls: Iterable[NativeCall], *, origin: str) -> Api:
    """What the requests say about the API; the first list call and the first get call count.

    Args:
        calls: at least one request.
        origin: where they come from, in prose.
    """
    all_calls = list(calls)
    listed = next((call for call in all_calls if not call.has_id), None)
    single = next((call for call in all_calls if call.has_id), None)
    base = _base(listed.address if listed is not None else _above(all_calls[0].address))
    shown = "/".join("{path_key}" if _SECRET_VALUE.fullmatch(step) else step for step in base.split("/"))
    authorization, headers, secret_names = _authorization(listed or all_calls[0])
    return Api(
        title=None,
        version=None,
        documentation=None,
        base_url=shown,
        variables={"path_key": ""} if shown != base else {},
        origin=origin,
        authorization=authorization,
        headers=headers,
        listing=_operation(listed, listed.address[len(base) :], secret_names) if listed is not None else None,
        getting=_operation(single, _path_of_record(single.address, base), secret_names) if single else None,
    )


def _base(address: str) -> str:
    """The address above the name of the resource.

    >>> _base("https://api.acme.test/v1/customers"), _base("https://api.acme.test/v1/customers/search")
    ('https://api.acme.test/v1', 'https://api.acme.test/v1')
    """
    above = _above(address)
    return _above(above) if address.rpartition("/")[2] in _SEARCHES else above


def _above(address: str) -> str:
    origin = re.match(r"https?://[^/]+", address)
    assert origin is not None  # noqa: S101 - NativeCall.at has checked it
    return max(address.rpartition("/")[0], origin[0], key=len)


def _path_of_record(address: str, base: str) -> str:
    """The path of a get call.

    >>> _path_of_record("https://api.acme.test/v1/customers/17.json", "https://api.acme.test/v1")
    '/customers/{id}.json'
    """
    _, dot, suffix = address.rpartition("/")[2].partition(".")
    return f"{_above(address)[len(base) :]}/{{id}}{dot}{suffix}"


def _operation(call: NativeCall, path: str, secret_names: frozenset[str]) -> Operation:
    parameters = {name: _parameter(name, value) for name, value in call.query if name not in secret_names}
    body = _without_secrets(call.body) if call.method != "GET" else None
    return Operation(path or "/", parameters, None, method=call.method, body=body)


def _parameter(name: str, value: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"default": value}
    if value == "0":
        schema["minimum"] = 0
    is_size = _SIZE.search(name) is not None and value.isdecimal() and int(value) > 0
    return {"required": bool(value), "schema": schema, **({"sent": int(value)} if is_size else {})}


def _authorization(call: NativeCall) -> tuple[Authorization, dict[str, str], frozenset[str]]:
    """The rule, the further headers, and the query parameters that hold secrets."""
    headers = {name: value for name, value in call.headers.items() if not _CLIENT_HEADERS.fullmatch(name)}
    secrets = {
        name: value for name, value in headers.items() if _is_secret(name, value) or not _HARMLESS.fullmatch(value)
    }
    params = {name: f"{{credentials.{_field(name)}}}" for name, value in call.query if _is_secret(name, value)}
    rest = {name: value for name, value in headers.items() if name not in secrets}
    user = call.user or _basic_user(secrets)
    value_of = {name.lower(): name for name in secrets}
    if user is not None:
        rule: dict[str, Any] = {"type": "basic", "username": "{credentials.username}"}
        rule["password"] = "{credentials.password}" if user[1] else ""
        reason = f"the request uses HTTP Basic{'' if user[1] else ' with an empty password'}"
        secrets.pop(value_of.get("authorization", ""), None)
    elif "authorization" in value_of:
        rule, reason = _by_header(secrets.pop(value_of["authorization"]))
    elif secrets:
        name = next(iter(secrets))
        secrets.pop(name)
        rule = {"type": "header", "header": name, "value": f"{{credentials.{_field(name)}}}"}
        reason = f"the request has a key in the header {name}"
    elif params:
        rule = {"type": "query", "params": params}
        reason = f"the request has a key in {', '.join(params)}"
    else:
        asked, titles = guess_authorization(None)
        return Authorization(asked, titles | _credentials(str(_without_secrets(call.body)))), rest, frozenset()
    rest |= {name: f"{{credentials.{_field(name)}}}" for name in secrets}
    texts = (rule, rest, _without_secrets(call.body))
    return Authorization(Guess(rule, reason), _credentials(str(texts))), rest, frozenset(params)


def _is_secret(name: str, value: str) -> bool:
    return bool(_SECRET_NAME.search(name) or _SECRET_VALUE.fullmatch(value))


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
    if not blank:
        rule = {"type": "header", "header": "Authorization", "value": "{credentials.api_key}"}
        return rule, "the request has a key in the header Authorization"
    if word.lower() == "bearer":
        return {"type": "bearer", "token": "{credentials.access_token}"}, "the request has a bearer token"
    shown = word if re.fullmatch(r"[A-Za-z][A-Za-z-]{1,30}", word) else "Bearer"
    rule = {"type": "header", "header": "Authorization", "value": f"{shown} {{credentials.access_token}}"}
    return rule, f"the header Authorization of the request begins with {shown}"


def _credentials(text: str) -> dict[str, str]:
    """The title of each credential that a text names."""
    names = dict.fromkeys(re.findall(r"\{credentials\.(\w+)\}", text))
    return {name: name.replace("_", " ").capitalize() for name in names}


def _field(name: str) -> str:
    """The credential of a header or a parameter.

    >>> _field("X-Acme-Access-Token"), _field("apiKey")
    ('acme_access_token', 'api_key')
    """
    return snake(name, "api_key").removeprefix("x_")


def _without_secrets(value: Any, name: str = "", *, is_inside: bool = False) -> Any:
    """A body with placeholders for secrets: texts that look secret, and every value below a key that names secrets."""
    is_inside = is_inside or bool(_SECRET_NAME.search(name))
    if isinstance(value, dict):
        return {key: _without_secrets(inner, str(key), is_inside=is_inside) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_secrets(inner, name, is_inside=is_inside) for inner in value]
    is_open = value is None or isinstance(value, bool) or (isinstance(value, str) and not value)
    is_secret = is_inside or (isinstance(value, str) and bool(_SECRET_VALUE.fullmatch(value)))
    return value if is_open or not is_secret else f"{{credentials.{_field(name)}}}"
