"""Reads the operations of a GraphQL document, their variables and what they select: enough to check a configuration.

https://spec.graphql.org/October2021/#sec-Document-Syntax
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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
_DEPTHS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


class UnreadableDocument(ValueError):
    """The document holds something that this reader does not understand.

    Attributes:
        offset: index of the first such character.
    """

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that an operation declares.

    Attributes:
        offset: of its ``$`` in the document.
        type: as the document writes it.
        is_required: whether it is not nullable and has no default.
    """

    offset: int
    type: str
    is_required: bool


_Fields = list["tuple[str, _Fields] | str"]
"""Fields with what they select, and names of fragments."""


@dataclass(slots=True)
class Definition:
    """An operation or a fragment.

    Attributes:
        kind: ``query``, ``mutation``, ``subscription`` or ``fragment``.
        name: empty for an operation without a name.
        offset: of its first word in the document.
        variables: what it declares, by name.
        uses: each variable that it uses itself, with its offset.
        spreads: each fragment that it names itself, with its offset.
        fields: what it selects.
    """

    kind: str
    name: str
    offset: int
    variables: dict[str, Variable] = field(default_factory=dict)
    uses: list[tuple[str, int]] = field(default_factory=list)
    spreads: list[tuple[str, int]] = field(default_factory=list)
    fields: _Fields = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Document:
    """The definitions of a document, in its order."""

    definitions: tuple[Definition, ...]

    @property
    def operations(self) -> dict[str, Definition]:
        """The operations by name."""
        return {definition.name: definition for definition in self.definitions if definition.kind != "fragment"}

    @property
    def fragments(self) -> dict[str, Definition]:
        """The fragments by name."""
        return {definition.name: definition for definition in self.definitions if definition.kind == "fragment"}

    def parts_of(self, operation: Definition) -> list[Definition]:
        """The operation, and each fragment that it holds; an unknown one is left out."""
        parts, fragments = [operation], self.fragments
        for part in parts:  # the list grows meanwhile
            for name, _ in part.spreads:
                if name in fragments and fragments[name] not in parts:
                    parts.append(fragments[name])
        return parts


@lru_cache(maxsize=256)
def read_document(text: str) -> Document:
    """The definitions of a document.

    Raises:
        UnreadableDocument: the reader does not understand the document.

    >>> document = read_document("query List($first: Int! = 5, $after: String) { people(first: $first) { id } }")
    >>> document.operations["List"].variables["after"]
    Variable(offset=29, type='String', is_required=False)
    """
    return _Reader([*_tokens(text), ("", len(text))]).read_document()


def read_selections(document: str) -> dict[str, Selection]:
    """The selection of each named operation.

    A fragment counts as if its fields stood in its place, whatever its type condition.

    Raises:
        UnreadableDocument: the reader does not understand the document.

    >>> read_selections("query List { people: customers(first: 5) { id ...Name } } fragment Name on Customer { name }")
    {'List': {'people': {'id': {}, 'name': {}}}}
    """
    content = read_document(document)
    fragments = {name: fragment.fields for name, fragment in content.fragments.items()}
    return {name: _resolve(operation.fields, fragments, ()) for name, operation in content.operations.items()}


@lru_cache(maxsize=256)
def reads_only(document: str, operation: str | None = None) -> bool:
    """Whether a document, or its operation of this name, certainly holds queries alone.

    >>> reads_only("query A { a } mutation B { b }"), reads_only("query A { a } mutation B { b }", "A")
    (False, True)
    >>> reads_only("{ a }"), reads_only("subscription { a }"), reads_only("query {")
    (True, False, False)
    """
    try:
        definitions = read_document(document).definitions
    except UnreadableDocument:
        return False
    kinds = {part.kind for part in definitions if part.kind != "fragment" and operation in (None, part.name)}
    return kinds == {"query"}


def operation_of(endpoint: Endpoint, documents: Mapping[str, str]) -> Definition | None:
    """The endpoint's operation; None if it is not known."""
    if endpoint.graphql is None or endpoint.graphql.document not in documents:
        return None
    try:
        return read_document(documents[endpoint.graphql.document]).operations.get(endpoint.graphql.operation)
    except UnreadableDocument:
        return None


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


def _tokens(document: str) -> Iterator[tuple[str, int]]:
    """Each token with its offset."""
    position = 0
    while position < len(document):
        match = _TOKEN.match(document, position)
        if match is None:
            raise UnreadableDocument(f'unexpected "{document[position]}"', position)
        if not match["space"]:
            yield match["word"] or _TEXT, position
        position = match.end()


class _Reader:
    """Reads definitions from tokens with their offsets, of which the last is empty."""

    def __init__(self, tokens: list[tuple[str, int]]) -> None:
        self._tokens = tokens
        self._position = 0
        self._definition = Definition("query", "", 0)

    def read_document(self) -> Document:
        definitions: list[Definition] = []
        while self._ahead:
            if self._ahead == _TEXT:  # a description, https://spec.graphql.org/September2025/#sec-Descriptions
                self._take()
            offset = self._offset
            keyword = self._take() if self._ahead != "{" else "query"
            if keyword not in {*_OPERATIONS, "fragment"}:
                raise UnreadableDocument(f"unexpected {_shown(keyword)}; here a query or a fragment begins", offset)
            self._definition = Definition(keyword, self._take() if _is_name(self._ahead) else "", offset)
            if keyword != "fragment" and self._ahead == "(":
                self._variables()
            while self._ahead != "{":  # a type condition, directives
                self._skip()
            self._definition.fields = self._selection_set()
            definitions.append(self._definition)
        return Document(tuple(definitions))

    @property
    def _ahead(self) -> str:
        """The token that comes next; empty at the end."""
        return self._tokens[self._position][0]

    @property
    def _offset(self) -> int:
        """Where the next token begins."""
        return self._tokens[self._position][1]

    def _take(self) -> str:
        word, offset = self._tokens[self._position]
        if not word:
            raise UnreadableDocument("it ends too early: a brace or a parenthesis is open", offset)
        self._position += 1
        if word == "$":
            self._definition.uses.append((self._ahead, offset))
        return word

    def _expect(self, wanted: str) -> None:
        offset, token = self._offset, self._take()
        if token != wanted:
            raise UnreadableDocument(f'unexpected {_shown(token)}; "{wanted}" is expected', offset)

    def _name(self) -> str:
        offset, name = self._offset, self._take()
        if not _is_name(name):
            raise UnreadableDocument(f"unexpected {_shown(name)}; a name is expected", offset)
        return name

    def _variables(self) -> None:
        self._expect("(")
        while self._ahead != ")":
            offset = self._offset
            self._expect("$")
            self._definition.uses.pop()  # a declaration is no use
            name = self._name()
            self._expect(":")
            words, depth = list[str](), 0
            while depth or self._ahead not in {"$", ")"}:
                words.append(self._take())
                depth += _DEPTHS.get(words[-1], 0)
            end = next((index for index, word in enumerate(words) if word in {"=", "@"}), len(words))
            has_default = words[end : end + 1] == ["="]
            is_required = words[end - 1 : end] == ["!"] and not has_default
            self._definition.variables[name] = Variable(offset, "".join(words[:end]), is_required)
        self._expect(")")

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
            self._definition.spreads.append((self._ahead, self._offset))
            name = self._take()
            self._directives()
            return [name]
        if self._ahead == "on":
            self._take()
            self._take()
        self._directives()
        return self._selection_set()

    def _field(self) -> tuple[str, _Fields]:
        name = self._name()
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


def _shown(token: str) -> str:
    return "text" if token == _TEXT else f'"{token}"'


def _resolve(fields: _Fields, fragments: Mapping[str, _Fields], inside: tuple[str, ...]) -> Selection:
    """The fields with those of the fragments in place of their names."""
    selection: Selection = {}
    for entry in fields:
        if isinstance(entry, tuple):
            _merge(selection, {entry[0]: _resolve(entry[1], fragments, inside)})
        elif entry not in fragments or entry in inside:
            raise UnreadableDocument(f"fragment {entry}")
        else:
            _merge(selection, _resolve(fragments[entry], fragments, (*inside, entry)))
    return selection


def _merge(selection: Selection, further: Selection) -> None:
    for name, inner in further.items():
        _merge(selection.setdefault(name, {}), inner)
