"""The search language of Shopify's Admin GraphQL API: the records that match a ``query`` argument.

https://shopify.dev/docs/api/usage/search-syntax
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from truto_unify.sandbox.shopify.terms import InvalidValueError, match_values, show_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from graphql import GraphQLResolveInfo

    from truto_unify.sandbox.shopify.terms import Comparator, Kind, Value

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class SearchField(Generic[R]):
    """A search field: the kind of its values, and how to read them from a record."""

    kind: Kind
    read: Callable[[R], Iterable[Value]]


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """``field:<=value``; a bare word or phrase searches the field called ``default``."""

    field: str
    comparator: Comparator
    value: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Parts joined by AND or OR."""

    joiner: Literal["and", "or"]
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """``NOT part`` or ``-part``."""

    part: Node


Node = SearchTerm | Group | Negation

_WORD = r"""(?:\\.|[^\s:()\\"'])(?:\\.|[^\s:()\\])*"""
_PHRASE = r""""(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?"""  # a quote that is never closed runs to the end
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<mark>[()]|(?:AND|OR|NOT)(?=[\s()]|$)|-(?=[^\s]))
      | (?P<field>{_WORD}):(?P<comparator>[<>]=?|)(?P<sought>{_PHRASE}|{_WORD})?
      | (?P<bare>{_PHRASE}|{_WORD})
      | (?P<stray>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_COMPARATORS: dict[str, Comparator] = {"": "", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

# One recorded answer names `<` itself range_lte, another `>=` range_gte; the two others follow by symmetry.
_RANGES: dict[Comparator, str] = {"<": "range_lte", "<=": "range_lte", ">": "range_gte", ">=": "range_gte"}


def parse_search(query: str) -> Node:
    """Parse a search text; like Shopify's parser it never fails, but may read less than was meant.

    A value ends at a colon, so an unquoted timestamp falls apart:

    >>> parse_search("updated_at:<2000-01-01T00:00:00Z").parts[1]
    SearchTerm(field='00', comparator='', value='00Z', quoted=False)

    Args:
        query: The text of a ``query`` argument.

    Returns:
        The syntax tree; an empty group matches everything.
    """
    return _Parser(query).parse()


def search_records(
    query: str, records: Iterable[R], fields: Mapping[str, SearchField[R]]
) -> tuple[list[R], dict[str, object] | None]:
    """Select the records that match a search text, and report the parts that are not understood.

    Args:
        query: The text of a ``query`` argument.
        records: The records.
        fields: The search fields of the connection; ``default`` is for bare words.

    Returns:
        The matching records, and, if there are warnings, the entry for ``extensions.search`` without its
        path.
    """
    tree = parse_search(query)
    warnings = [warning for term in _list_terms(tree) if (warning := _find_warning(term, fields))]
    # A term that is not understood is dropped, so the result holds more records.
    matches = [record for record in records if _matches(tree, record, fields) is not False]
    if not warnings:
        return matches, None
    return matches, {"query": query, "parsed": _describe(tree, fields), "warnings": warnings}


def search_connection(
    records: Sequence[R],
    fields: Mapping[str, SearchField[R]],
    info: GraphQLResolveInfo[list[dict[str, object]]],
    query: str | None,
) -> Sequence[R]:
    """The records of a connection that match its ``query``.

    Args:
        records: All records of the connection.
        fields: Its search fields.
        info: The place in the query; its context collects the warnings of the search.
        query: The argument; everything matches without it.

    Returns:
        The matching records.
    """
    if not query:
        return records
    matches, report = search_records(query, records, fields)
    if report:
        info.context.append({"path": info.path.as_list()} | report)
    return matches


class _Parser:
    """Recursive descent: OR binds weakest, then AND (or a blank), then NOT."""

    def __init__(self, query: str) -> None:
        self._tokens = [match for match in _TOKEN.finditer(query.strip()) if not match["stray"]]
        self._next = 0

    def parse(self) -> Node:
        parts = []
        while self._next < len(self._tokens):
            parts.append(self._parse_any())
            self._take(")")  # an unmatched parenthesis
        return _join("and", parts)

    def _mark(self) -> str:
        return self._tokens[self._next]["mark"] or "" if self._next < len(self._tokens) else ")"

    def _take(self, mark: str) -> bool:
        taken = self._next < len(self._tokens) and self._mark() == mark
        self._next += taken
        return taken

    def _parse_any(self) -> Node:
        parts = [self._parse_all()]
        while self._take("OR"):
            parts.append(self._parse_all())
        return _join("or", parts)

    def _parse_all(self) -> Node:
        parts = []
        while self._mark() not in {"OR", ")"}:
            if not self._take("AND"):
                parts.append(self._parse_part())
        return _join("and", parts)

    def _parse_part(self) -> Node:
        if self._take("NOT") or self._take("-"):
            return Negation(_join("and", []) if self._mark() in {"AND", "OR", ")"} else self._parse_part())
        if self._take("("):
            inner = self._parse_any()
            self._take(")")
            return inner
        token = self._tokens[self._next]
        self._next += 1
        field = _unescape(token["field"]) if token["field"] else "default"
        written = token["sought"] or token["bare"] or ""
        quoted = written[:1] in {'"', "'"}
        if quoted:
            written = written[1:].removesuffix(written[0])
        return SearchTerm(field, _COMPARATORS[token["comparator"] or ""], _unescape(written), quoted)


def _unescape(written: str) -> str:
    return re.sub(r"\\(.)", r"\1", written, flags=re.DOTALL)


def _join(joiner: Literal["and", "or"], parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Group(joiner, tuple(parts))


def _list_terms(node: Node) -> list[SearchTerm]:
    if isinstance(node, SearchTerm):
        return [node]
    parts = node.parts if isinstance(node, Group) else (node.part,)
    return [term for part in parts for term in _list_terms(part)]


def _find_warning(term: SearchTerm, fields: Mapping[str, SearchField[R]]) -> dict[str, str] | None:
    if term.field not in fields:
        return {
            "field": term.field,
            "message": "Invalid search field for this query.",
            "code": "invalid_field",
        }
    try:
        match_values(fields[term.field].kind, (), term.comparator, term.value, quoted=term.quoted)
    except InvalidValueError as invalid:
        return {"field": term.field, "message": str(invalid), "code": "invalid_value"}
    return None


def _matches(node: Node, record: R, fields: Mapping[str, SearchField[R]]) -> bool | None:
    """True, False, or None if the whole node is dropped."""
    if isinstance(node, Negation):
        inner = _matches(node.part, record, fields)
        return None if inner is None else not inner
    if isinstance(node, Group):
        answers = [answer for part in node.parts if (answer := _matches(part, record, fields)) is not None]
        if not answers:
            return None
        return all(answers) if node.joiner == "and" else any(answers)
    if _find_warning(node, fields):
        return None
    field = fields[node.field]
    return match_values(field.kind, tuple(field.read(record)), node.comparator, node.value, quoted=node.quoted)


def _describe(node: Node, fields: Mapping[str, SearchField[R]]) -> dict[str, object]:
    """The ``parsed`` part of a report."""
    if isinstance(node, Negation):
        return {"not": _describe(node.part, fields)}
    if isinstance(node, Group):
        return {node.joiner: [_describe(part, fields) for part in node.parts]}
    how = _RANGES.get(node.comparator) or ("match_phrase" if node.quoted else "match_all")
    kind = fields[node.field].kind if node.field in fields else "text"
    return {"field": node.field, how: show_value(kind, node.comparator, node.value)}
