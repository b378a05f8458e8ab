"""The places of a list request that a mapping fills, each with the rule that fills it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.config.filters import OPERATORS
from truto_unify.config.sorts import SortForms
from truto_unify.config.spread import LAST, has_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.config.filters import FilterRule, NativeFilter, NativeRange
    from truto_unify.config.mapping import Inline, ListMethod
    from truto_unify.config.provider import Endpoint
    from truto_unify.config.sorts import SortForm, SortRules

Source = tuple[str | int, ...]
"""The path of a rule in its file."""


@dataclass(frozen=True, slots=True)
class RequestPart:
    """One place of a request that a rule fills.

    Exactly one of ``param`` and ``path`` is not None.

    Attributes:
        source: the path of the rule, from the method or the side load that holds it.
        label: the rule in messages, as ``a filter on email``.
        param: query parameter.
        path: path in the JSON body.
        value: what stands there; a text may hold placeholders.
        is_key: whether the key of the rule, and not its value, names the place.
    """

    source: Source
    label: str
    param: str | None = None
    path: tuple[str, ...] | None = None
    value: Any = None
    is_key: bool = False

    @property
    def name(self) -> str:
        """The parameter, or the path with dots."""
        return self.param if self.param is not None else ".".join(self.path or ())

    @property
    def is_paging(self) -> bool:
        """Whether it pages a list."""
        return self.source[:1] == ("pagination",)

    @property
    def is_filled(self) -> bool:
        """Whether a value of the call stands there, and not a constant."""
        return self.label != "the default order" and (self.source[:1] == ("sort",) or has_words(self.value))

    @property
    def is_list(self) -> bool:
        """Whether a list stands there, or an element of one."""
        return isinstance(self.value, list | tuple) or "append" in self.source


def endpoint_parts(endpoint: Endpoint) -> Iterator[RequestPart]:
    """The constants of a native call."""
    query = {name: template.text for name, template in endpoint.query.items()}
    yield from _constants((), "the endpoint", query, endpoint.body or {})


def paging_parts(endpoint: Endpoint) -> Iterator[RequestPart]:
    """What pages the list of a native call."""
    for name, value in endpoint.pagination or ():
        source, label = ("pagination", name), f"pagination.{name}"
        if value and name.endswith("_param"):
            yield RequestPart(source, label, param=value, value="{value}")
        elif value and name.endswith("_body_path"):
            yield RequestPart(source, label, path=value, value="{value}")


def constant_parts(method: ListMethod) -> Iterator[RequestPart]:
    """What every list sends: ``list.query`` and ``list.body``."""
    yield from _constants((), "every list", method.query, method.body)


def inline_parts(inline: Inline, name: str) -> Iterator[RequestPart]:
    """What the side load of this name adds to a list or a get."""
    yield from _constants(("inline",), f"the side load {name}", inline.query, inline.body)


def query_parts(method: ListMethod) -> Iterator[RequestPart]:
    """What the filters, the search text and the sorts of a list send."""
    for name, rule in method.filters.items():
        yield from _filter_parts(name, rule)
    if method.search is not None:
        key = "param" if method.search.param is not None else "path"
        yield RequestPart(("search", key), "the search text", method.search.param, method.search.path, "{value}")
    yield from sort_parts(method.sort)


def _filter_parts(name: str, rule: FilterRule) -> Iterator[RequestPart]:
    forms: list[tuple[str, NativeFilter | NativeRange | None]] = [(op, rule.native(op)) for op in OPERATORS]
    label = f"a filter on {name}"
    for op, form in (*forms, ("range", rule.native_range)):
        if form is None:
            continue
        source = ("filters", name, "operators" if op in rule.operators else op)
        if form.param is not None or form.path is not None:
            yield RequestPart(source, label, form.param, form.path, "{value}")
        for param, path, value in form.spread.places():
            if path is not None and path[-1] == LAST:
                yield RequestPart((*source, "append"), label, path=path[:-1], value=value)
            else:
                step: Source = ("query", param) if param is not None else ("body",)
                yield RequestPart((*source, *step), label, param, path, value)


def sort_parts(sort: SortRules) -> Iterator[RequestPart]:
    """What the sorts and the default order send."""
    for name, form in sort.fields.items():
        for direction in ("asc", "desc"):
            source = ("sort", "fields", name, direction) if isinstance(form, SortForms) else ("sort",)
            yield from _sort_form(source, f"a sort by {name}", sort.form(name, direction))
    if sort.default_form is not None and not isinstance(sort.default, str):
        yield from _sort_form(("sort", "default"), "the default order", sort.default_form)


def _sort_form(source: Source, label: str, form: SortForm | None) -> Iterator[RequestPart]:
    yield from _constants(source, label, form.query, form.body) if form is not None else ()


def _constants(source: Source, label: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Iterator[RequestPart]:
    for name, text in query.items():
        yield RequestPart((*source, "query", name), label, param=name, value=text, is_key=True)
    for path, value in body_leaves(body):
        yield RequestPart((*source, "body", *path), label, path=path, value=value, is_key=True)


def body_leaves(body: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The path and the value of each part of a body that is not an object; an empty object is no part.

    >>> list(body_leaves({"variables": {"first": 5, "filter": {}}}))
    [(('variables', 'first'), 5)]
    """
    for name, value in body.items():
        if isinstance(value, dict):
            yield from body_leaves(value, (*above, name))
        else:
            yield (*above, name), value
