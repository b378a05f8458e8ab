"""Reads which fields the operations of a GraphQL document select: just enough of the language to check a mapping.

https://spec.graphql.org/October2021/#sec-Document-Syntax
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.config.provider import Endpoint

Selection = dict[str, "Selection"]
"""Response key to what is selected below it; empty below a field without a selection set."""

_TOKEN = re.compile(
    r"""(?P<space>[\s,\ufeff]+|\#[^\r\n]*)
    | (?P<text>\"{3}(?:\\\"{3}|.)*?\"{3}|"(?:\\.|[^"\\\r\n])*")
    | (?P<word>\.\.\.|[_A-Za-z]\w*|-?\d[\w.+-]*|[!$&():=@\[\]{|}])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_TEXT = '"'  # stands for every text, which says nothing about fields
_OPERATIONS = {"query", "mutation", "subscription"}


class UnreadableDocument(ValueError):
    """The document holds something that this reader does not understand."""


def read_selections(document: str) -> dict[str, Selection]:
    """The selection of each named operation.

    A fragment counts as if its fields stood in its place, whatever its type condition.

    Raises:
        UnreadableDocument: the reader does not understand the document.

    >>> read_selections("query List { people: customers(first: 5) { id ...Name } } fragment Name on Customer { name }")
    {'List': {'people': {'id': {}, 'name': {}}}}
    """
    reader = _Reader([*_tokens(document), ""])
    reader.read_document()
    return {name: _resolve(fields, reader.fragments, ()) for name, fields in reader.operations.items()}


@lru_cache(maxsize=256)
def reads_only(document: str, operation: str | None = None) -> bool:
    """Whether a document, or its operation of this name, certainly holds queries alone.

    >>> reads_only("query A { a } mutation B { b }"), reads_only("query A { a } mutation B { b }", "A")
    (False, True)
    >>> reads_only("{ a }"), reads_only("subscription { a }"), reads_only("query {")
    (True, False, False)
    """
    try:
        reader = _Reader([*_tokens(document), ""])
        reader.read_document()
    except UnreadableDocument:
        return False
    kinds = {kind for name, kind in reader.kinds if operation in (None, name)}
    return kinds == {"query"}


def answer_selection(endpoint: Endpoint, documents: Mapping[str, str]) -> Selection | None:
    """What the endpoint's operation selects, from the root of the answer; None if it is not known."""
    if endpoint.graphql is None or endpoint.graphql.document not in documents:
        return None
    try:
        selection = read_selections(documents[endpoint.graphql.document]).get(endpoint.graphql.operation)
    except UnreadableDocument:
        return None
    return {"data": selection} if selection is not None else None


def selected_at(selection: Selection, path: Sequence[str]) -> Selection | None:
    """What is selected at a path; None if the path is not selected.

    >>> selected_at({"data": {"people": {"nodes": {"id": {}}}}}, ("data", "people", "nodes"))
    {'id': {}}
    """
    for step in path:
        name = step.removesuffix("[]")
        if not selection:
            return selection  # below a scalar, which may hold JSON
        if name not in selection:
            return None
        selection = selection[name]
    return selection


def _tokens(document: str) -> Iterator[str]:
    position = 0
    while position < len(document):
        match = _TOKEN.match(document, position)
        if match is None:
            raise UnreadableDocument(f"unexpected character at {position}")
        position = match.end()
        if not match["space"]:
            yield match["word"] or _TEXT


_Fields = list["tuple[str, _Fields] | str"]
"""Fields with what they select, and names of fragments."""


class _Reader:
    """Reads definitions from tokens, of which the last is empty."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._position = 0
        self.operations: dict[str, _Fields] = {}
        self.kinds: list[tuple[str, str]] = []
        self.fragments: dict[str, _Fields] = {}

    def read_document(self) -> None:
        while self._ahead:
            keyword, name = self._take() if self._ahead != "{" else "query", ""
            if keyword not in {*_OPERATIONS, "fragment"}:
                raise UnreadableDocument(f"unexpected {keyword}")
            if _is_name(self._ahead):
                name = self._take()
            while self._ahead != "{":  # variables, a type condition, directives
                self._skip()
            if keyword != "fragment":
                self.kinds.append((name, keyword))
            definitions = self.fragments if keyword == "fragment" else self.operations
            definitions[name] = self._selection_set()

    @property
    def _ahead(self) -> str:
        """The token that comes next; empty at the end."""
        return self._tokens[self._position]

    def _take(self) -> str:
        token = self._ahead
        if not token:
            raise UnreadableDocument("unexpected end")
        self._position += 1
        return token

    def _skip(self) -> None:
        """Leaves out one token, or a pair of parentheses with what stands between them."""
        depth = 0
        while True:
            depth += {"(": 1, ")": -1}.get(self._take(), 0)
            if depth <= 0:
                return

    def _selection_set(self) -> _Fields:
        fields: _Fields = []
        self._take()
        while self._ahead != "}":
            if self._ahead == "...":
                fields += self._fragment()
            else:
                fields.append(self._field())
        self._take()
        return fields

    def _fragment(self) -> _Fields:
        self._take()
        if _is_name(self._ahead) and self._ahead != "on":
            name = self._take()
            self._directives()
            return [name]
        if self._ahead == "on":
            self._take()
            self._take()
        self._directives()
        return self._selection_set()

    def _field(self) -> tuple[str, _Fields]:
        name = self._take()
        if not _is_name(name):
            raise UnreadableDocument(f"unexpected {name}")
        if self._ahead == ":":
            self._take()
            self._take()
        if self._ahead == "(":
            self._skip()
        self._directives()
        return name, self._selection_set() if self._ahead == "{" else []

    def _directives(self) -> None:
        while self._ahead == "@":
            self._take()
            self._take()
            if self._ahead == "(":
                self._skip()


def _is_name(token: str) -> bool:
    return token[:1].isalpha() or token[:1] == "_"


def _resolve(fields: _Fields, fragments: Mapping[str, _Fields], inside: tuple[str, ...]) -> Selection:
    """The fields with those of the fragments in place of their names."""
    selection: Selection = {}
    for field in fields:
        if isinstance(field, tuple):
            _merge(selection, {field[0]: _resolve(field[1], fragments, inside)})
        elif field not in fragments or field in inside:
            raise UnreadableDocument(f"fragment {field}")
        else:
            _merge(selection, _resolve(fragments[field], fragments, (*inside, field)))
    return selection


def _merge(selection: Selection, further: Selection) -> None:
    for name, inner in further.items():
        _merge(selection.setdefault(name, {}), inner)
