"""What the requests of a person say about an API: address, paging, filters and authorization, but no secret."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from truto_unify.errors import InvalidInput
from truto_unify.scaffold.openapi import Api, Operation
from truto_unify.scaffold.request_authorization import authorize, secrets_of
from truto_unify.scaffold.request_secrets import hide_in_address, hide_in_body, is_key, may_stay, placeholder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
        step = self.address.rpartition("/")[2].partition(".")[0]
        return _ID.fullmatch(step) is not None or is_key(step)


def api_of(calls: Iterable[NativeCall], *, origin: str) -> Api:
    """What the requests say about the API; the first list call and the first get call count.

    Args:
        calls: at least one request.
        origin: where they come from, in prose.
    """
    all_calls = list(calls)
    hidden: dict[str, str] = {}
    shown = [replace(call, address=hide_in_address(call.address, hidden, has_id=call.has_id)) for call in all_calls]
    listed = next((call for call in shown if not call.has_id), None)
    single = next((call for call in shown if call.has_id), None)
    base = _base(listed.address if listed is not None else _above(shown[0].address))
    authorized = authorize(listed or shown[0])
    used = authorized.parameters
    return Api(
        title=None,
        version=None,
        documentation=None,
        base_url=base,
        variables={name: "" for name in hidden.values() if f"{{{name}}}" in base},
        origin=origin,
        authorization=authorized.authorization,
        headers=authorized.headers,
        listing=_operation(listed, listed.address[len(base) :], used) if listed is not None else None,
        getting=_operation(single, _path_of_record(single.address, base), used) if single else None,
        secrets=frozenset(text for text in hidden if not text.isdecimal()).union(*map(secrets_of, all_calls)),
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


def _operation(call: NativeCall, path: str, used: frozenset[str]) -> Operation:
    """The call, without the parameters that authorize it."""
    parameters = {name: _parameter(name, value) for name, value in call.query if name not in used and not is_key(name)}
    body = hide_in_body(call.body) if call.method != "GET" and isinstance(call.body, dict) else None
    return Operation(path or "/", parameters, None, method=call.method, body=body)


def _parameter(name: str, value: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"default": value if may_stay(name, value) else placeholder(name, value)}
    if value == "0":
        schema["minimum"] = 0
    is_size = _SIZE.search(name) is not None and value.isdecimal() and int(value) > 0
    return {"required": bool(value), "schema": schema, **({"sent": int(value)} if is_size else {})}
