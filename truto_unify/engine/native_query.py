"""Builds the native query from the plan's terms, the sort and the caller's ``remote_query``."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from truto_unify.config.forbidden_parameters import ACCOUNT_REASON, ForbiddenNames, refusal
from truto_unify.config.parameter_names import parameter_names
from truto_unify.config.schema import overlaps, read_path
from truto_unify.engine.json_body import merge_objects, set_path
from truto_unify.errors import InvalidInput
from truto_unify.values import type_in_words

if TYPE_CHECKING:
    from truto_unify.config.filters import SearchText
    from truto_unify.config.mapping import Inline, ListMethod
    from truto_unify.config.provider import Endpoint
    from truto_unify.config.sorts import SortForm


class Term(Protocol):
    """A condition of the provider's query language: the part of ``NativeTerm`` that a query needs."""

    @property
    def text(self) -> str:
        """The value that is sent."""
        raise NotImplementedError

    @property
    def param(self) -> str | None:
        """The query parameter that takes it; None if it goes elsewhere."""

    @property
    def path(self) -> tuple[str, ...] | None:
        """The path in the body that takes it; None if it goes elsewhere."""

    @property
    def value(self) -> Any:
        """What stands in the body, if it is not the text."""

    @property
    def appends(self) -> bool:
        """Whether it is added to a list at the path."""
        raise NotImplementedError


@dataclass(slots=True)
class NativeQuery:
    """Query parameters and JSON body of a native list call."""

    params: dict[str, list[str]] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query parameters as pairs; a parameter with several values has several pairs."""
        return [(name, value) for name, values in self.params.items() for value in values]


def build_query(
    method: ListMethod,
    terms: Iterable[Term],
    sort: SortForm | None,
    remote_query: Mapping[str, Any],
    endpoint: Endpoint,
    forbidden: ForbiddenNames,
    inlines: Iterable[Inline] = (),
) -> NativeQuery:
    """The native query without its page.

    Args:
        method: the mapping's list declarations.
        terms: the native conditions.
        sort: what sorts the list; None for the default order of the mapping.
        remote_query: the caller's own native parameters; they win.
        endpoint: the native call; a GraphQL call takes ``remote_query`` as variables.
        forbidden: the parameters that nobody may set.
        inlines: what makes the records hold the items of side loads.

    Raises:
        ForbiddenParameter: ``remote_query`` sets one of them.
        InvalidInput: ``remote_query`` sets paging, or holds a value that is not plain.
    """
    native = NativeQuery({name: [value] for name, value in method.query.items()}, copy.deepcopy(dict(method.body)))
    form = sort or method.sort.default_form
    if form is not None:
        native.params |= {name: [value] for name, value in form.query.items()}
        native.body = merge_objects(native.body, form.body)
    _add_inlines(native, inlines)
    searched: list[str] = []
    for term in terms:
        if term.param is not None:
            native.params[term.param] = [term.text]
        elif term.path is not None and term.appends:
            listed = read_path(native.body, term.path)[1] or read_path(endpoint.body, term.path)[1] or []
            set_path(native.body, term.path, [*listed, term.value])
        elif term.path is not None:
            set_path(native.body, term.path, term.text if term.value is None else term.value)
        else:
            searched.append(term.text)
    if searched and method.search is not None:
        _add_search(native, method.search, searched)
    _add_remote(native, remote_query, endpoint, forbidden)
    return native


def _add_search(native: NativeQuery, search: SearchText, terms: list[str]) -> None:
    """Adds the search terms after the constant search text of the mapping, if it has one."""
    if search.param is not None:
        native.params[search.param] = [search.join.join([*native.params.get(search.param, ()), *terms])]
    elif search.path is not None:
        has_constant, constant = read_path(native.body, search.path)
        set_path(native.body, search.path, search.join.join([*([constant] if has_constant else []), *terms]))


def build_record_query(
    remote_query: Mapping[str, Any],
    endpoint: Endpoint,
    forbidden: ForbiddenNames,
    label: str = "remote_query",
    inlines: Iterable[Inline] = (),
) -> NativeQuery:
    """The native query of a ``get``: what makes the record hold side loads, and the caller's ``remote_query``.

    Args:
        remote_query: the caller's own native parameters; they win.
        endpoint: the native call.
        forbidden: the parameters that nobody may set.
        label: what messages call ``remote_query``.
        inlines: what makes the record hold the items of side loads.

    Raises:
        ForbiddenParameter: ``remote_query`` sets a parameter that nobody may set.
        InvalidInput: ``remote_query`` sets the id of the record, or holds a value that is not plain.
    """
    native = NativeQuery()
    _add_inlines(native, inlines)
    _add_remote(native, remote_query, endpoint, forbidden, label)
    return native


def _add_inlines(native: NativeQuery, inlines: Iterable[Inline]) -> None:
    for inline in inlines:
        native.params |= {name: [value] for name, value in inline.query.items()}
        native.body = merge_objects(native.body, copy.deepcopy(dict(inline.body)))


def remote_places(remote_query: Mapping[str, Any], endpoint: Endpoint) -> frozenset[str]:
    """The places that ``remote_query`` sets; they take no filter and no sort of ours."""
    return frozenset(place for _, place in _remote_places(remote_query, endpoint))


def _remote_places(remote_query: Mapping[str, Any], endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    """Each name of ``remote_query`` with the places that it sets."""
    for name, value in remote_query.items():
        if endpoint.graphql is not None:
            yield from ((name, place) for place in _leaves(f"variables.{name}", value))
        elif endpoint.method != "GET":
            yield from ((name, place) for place in _leaves(name, value))
        else:
            yield from ((name, place) for place in {name, name.partition("[")[0]})


def _leaves(place: str, value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield place
        return
    for key, inner in value.items():
        yield from _leaves(f"{place}.{key}", inner)


def _add_remote(
    native: NativeQuery,
    remote_query: Mapping[str, Any],
    endpoint: Endpoint,
    forbidden: ForbiddenNames,
    label: str = "remote_query",
) -> None:
    is_query = endpoint.graphql is None and endpoint.method == "GET"
    pages = endpoint.pagination.places if endpoint.pagination else ()
    ids = {name for name, template in endpoint.query.items() if "id" in template.placeholders}
    ids.update(_leaves_holding(_ID, endpoint.body or {}))
    of_account = set(_leaves_holding(_ACCOUNT, endpoint.body or {}))
    for name, place in _remote_places(remote_query, endpoint):
        spellings = parameter_names(place) if is_query else {place}
        if any(_is_in(spellings, page, is_query=is_query) for page in pages):
            raise InvalidInput(f'{label} may not set "{name}", which pages the list; use limit and next_cursor')
        if any(_is_in(spellings, id_place, is_query=is_query) for id_place in ids):
            raise InvalidInput(f'{label} may not set "{name}", which names the record')
        if any(place == account_place for account_place in of_account):
            raise refusal(label, name, ACCOUNT_REASON)
    if endpoint.graphql is None:
        forbidden.check("query" if is_query else "body", remote_query, label)
    for name, value in remote_query.items():
        if endpoint.graphql is not None:
            native.body = merge_objects(native.body, {"variables": {name: _json_value(name, value)}})
        elif endpoint.method != "GET":
            native.body = merge_objects(native.body, {name: _json_value(name, value)})
        else:
            values = value if isinstance(value, list | tuple) else [value]
            native.params[name] = [_plain(name, plain) for plain in values]


def _is_in(spellings: Set[str], declared: str, *, is_query: bool) -> bool:
    """Whether a place of the caller is one that the provider file declares, or overlaps it."""
    names = parameter_names(declared) if is_query else {declared}
    return any(overlaps(spelling, name) for spelling in spellings for name in names)


def _leaves_holding(pattern: re.Pattern[str], body: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for key, value in body.items():
        if isinstance(value, Mapping):
            yield from _leaves_holding(pattern, value, f"{above}{key}.")
        elif pattern.search(str(value)):
            yield f"{above}{key}"


_ID = re.compile(r"\{id\}")
_ACCOUNT = re.compile(r"\{(context|credentials)\.\w+\}")


def _plain(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise InvalidInput(f"remote_query[{name}] must be a plain value or a list of them, not {type_in_words(value)}")
    _json_value(name, value)
    return str(value)


def _json_value(name: str, value: Any) -> Any:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise InvalidInput(f"remote_query[{name}] holds a value that JSON cannot represent") from None
    return value
