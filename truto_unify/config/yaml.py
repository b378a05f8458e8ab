"""Strict YAML: a tree of values with their places, without the surprises of YAML 1.1.

Every scalar is text, except ``true``, ``false``, ``null``, plain integers and decimals. Anchors, tags, duplicate
keys, ``no``, ``12:30`` and text that a `` #`` cuts are problems, all reported in one pass.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml
from yaml import events

from truto_unify.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Key = str | int

_WORDS = {"true": True, "false": False, "null": None, "": None}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_MAX_DEPTH = 100
_MAX_EVENTS = 20_000
"""Values, keys and ends of lists and mappings in a file; the largest file of a provider has some hundreds."""
_TOO_DEEP = f"nested more than {_MAX_DEPTH} levels deep"
_SURPRISES = (
    (re.compile(r"(?i)(y|n|yes|no|on|off)"), "older YAML reads it as a truth value"),
    (re.compile(r"True|TRUE|False|FALSE|Null|NULL|~"), "write true, false or null in lower case"),
    (re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?"), "older YAML reads it as a number in base 60"),
    (re.compile(r"[-+]?0[0-9_]+|[-+]?0[xob][0-9a-fA-F_]+"), "older YAML reads it as an octal or hex number"),
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*"), "older YAML reads it as a number"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A point in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place.

    Attributes:
        value: a mapping of nodes, a list of nodes, or a scalar.
        place: where the value starts.
        key_place: where its key starts, in a mapping.
        source: the lines of the file.
        style: the YAML style of a scalar: None (plain), ``'``, ``"``, ``|`` or ``>``.
        removed: keys of a mapping that an overlay removed.
        faulty: keys of a mapping that are left out because they are faulty.
    """

    value: Any
    place: Place
    key_place: Place | None = None
    source: Sequence[str] = field(default=(), repr=False)
    style: str | None = None
    removed: frozenset[str] = frozenset()
    faulty: frozenset[str] = frozenset()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a mapping that are not null, and the faulty ones; none for anything else."""
        inner: dict[str, Node] = self.value if isinstance(self.value, dict) else {}
        return (*(key for key, node in inner.items() if node.value is not None), *sorted(self.faulty))

    def plain(self) -> Any:
        """The value without places, for the schema."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return tuple(node.plain() for node in self.value)
        return self.value

    def at(self, path: Sequence[Key]) -> Node:
        """The node at this path, or the nearest one above it; a step without a child is skipped."""
        node = self
        for step in path:
            node = node.child(step) or node
        return node

    def child(self, step: Key) -> Node | None:
        """The value of this key, or the element at this index."""
        inner: Any = self.value
        if isinstance(inner, dict):
            child: Node | None = inner.get(step)
            return child
        if isinstance(inner, list) and isinstance(step, int) and step < len(inner):
            element: Node = inner[step]
            return element
        return None

    def problem(self, message: str, *, rule: str, at_key: bool = False, offset: int | None = None) -> Problem:
        """A problem here; with an offset, a caret under that character of the scalar."""
        place = (self.key_place if at_key else None) or self.place
        if offset is None:
            return Problem(place.file, place.line, place.column, message, rule=rule)
        place = self._place_of(offset)
        line = self.source[place.line - 1] if place.line <= len(self.source) else ""
        snippet = f"    {line.strip()}\n    {' ' * (place.column - 1 - _indent(line))}^" if line else ""
        return Problem(place.file, place.line, place.column, message, snippet, rule)

    def _place_of(self, offset: int) -> Place:
        """The place of a character of the scalar in the file.

        Each style folds and strips white space by its own rules, but every other character of the value is in the
        file, in the same order. So those are counted.
        """
        text = str(self.value)
        wanted = sum(not letter.isspace() for letter in text[:offset])
        is_at_letter = offset < len(text) and not text[offset].isspace()
        letters = list(islice(self._letters(), wanted + is_at_letter))
        if not letters:
            return self.place
        line, start, end = letters[-1]
        return replace(self.place, line=line, column=(start if is_at_letter else end) + 1)

    def _letters(self) -> Iterator[tuple[int, int, int]]:
        """(line, start, end) of each character of the scalar that is not white space, as the file spells it."""
        is_block = self.style in {"|", ">"}
        pattern = _LETTERS.get(self.style or "", _LETTERS[""])
        column = 0 if is_block else self.place.column - 1 + bool(self.style)
        for number in range(self.place.line + is_block, len(self.source) + 1):
            for match in pattern.finditer(self.source[number - 1], column):
                if match["letter"]:
                    yield number, match.start(), match.end()
            column = 0


_LETTERS = {
    "": re.compile(r"(?P<letter>\S)"),
    "'": re.compile(r"(?P<letter>''|\S)"),
    '"': re.compile(r"\\[tnvr NL_P\t]|\\$|(?P<letter>\\x..|\\u.{4}|\\U.{8}|\\.|\S)"),
}
"""The spelling of one character in each style; an escape of white space is not a letter."""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def load_yaml(text: str, file: str, *, is_secret: bool = False) -> tuple[Node, list[Problem]]:
    """Parses one YAML file.

    Args:
        text: the content.
        file: the name that problems carry.
        is_secret: whether values may be secrets, so that problems do not show them.

    Returns:
        The root node (an empty mapping if nothing can be read) and every problem found.
    """
    builder = _Builder(file, text.splitlines(), is_secret=is_secret)
    try:
        stream, excess = _parse(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"not YAML: {error.problem}{_hints(error, line)}"
        return builder.empty(), [Problem(file, line, column, message, rule="yaml-syntax")]
    except yaml.reader.ReaderError as error:
        before = text[: error.position].splitlines() or [""]
        message = f"not YAML: the character U+{error.character:04X} is not allowed"
        return builder.empty(), [Problem(file, len(before), len(before[-1]) + 1, message, rule="yaml-encoding")]
    if excess is not None:
        message, event = excess
        builder.refuse(builder.place(event), message, "yaml-syntax")
        return builder.empty(), builder.problems
    starts = [event for event in stream if isinstance(event, events.DocumentStartEvent)]
    if not starts:
        return builder.empty(), [Problem(file, 1, 1, "the file is empty", rule="yaml-empty")]
    root = builder.build(iter(event for event in stream if not isinstance(event, events.DocumentStartEvent)))
    if not isinstance(root.value, dict):
        message = "the file must hold a mapping (key: value lines)"
        builder.problems.append(root.problem(message, rule="yaml-not-a-mapping"))
        root = builder.empty()
    for start in starts[1:]:
        builder.refuse(builder.place(start), '"---" starts a second document; a file holds one', "yaml-documents")
    return root, builder.problems


def _parse(text: str) -> tuple[list[Any], tuple[str, Any] | None]:
    """As ``_read_events``, from libyaml if PyYAML has it, which is ten times as fast.

    The parser in Python explains what libyaml refuses, and refuses tabs and byte order marks that libyaml accepts.
    """
    if "\t" not in text and "\ufeff" not in text:
        try:
            return _read_events(yaml.parse(text, Loader=_Loader))
        except (yaml.YAMLError, UnicodeEncodeError):
            pass
    return _read_events(yaml.parse(text, Loader=yaml.SafeLoader))


def depth_problems(value: Any, file: str) -> list[Problem]:
    """A problem if a value that is not from a file, such as an override, is nested too deep or holds itself.

    >>> depth_problems({"list": {"filters": {}}}, "override")
    []
    """
    level: dict[int, Any] = {id(value): value}
    for _ in range(_MAX_DEPTH + 1):
        containers = [outer for outer in level.values() if isinstance(outer, dict | list | tuple)]
        inner = [item for outer in containers for item in (outer.values() if isinstance(outer, dict) else outer)]
        level = {id(item): item for item in inner}
        if not level:
            return []
    return [Problem(file, 1, 1, _TOO_DEEP, rule="yaml-syntax")]


def _read_events(parser: Iterable[Any]) -> tuple[list[Any], tuple[str, Any] | None]:
    """The events of a file, up to the first that exceeds its depth or size; then also a message and that event."""
    stream: list[Any] = []
    depth = 0
    for event in parser:
        if isinstance(event, events.CollectionStartEvent):
            depth += 1
        elif isinstance(event, events.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            return stream, (_TOO_DEEP, event)
        if len(stream) == _MAX_EVENTS:
            return stream, (f"the file is too large: a file holds at most {_MAX_EVENTS} keys and values", event)
        if isinstance(event, _KNOWN_EVENTS):
            stream.append(event)
    return stream, None


def _hints(error: yaml.MarkedYAMLError, line: int) -> str:
    """The line on which the faulty part begins, if it is another one, and what would help."""
    began = error.context_mark.line + 1 if error.context_mark else line
    hint = f" ({error.context} that starts at line {began})" if began != line else ""
    words = f"{error.problem} {error.context}"
    if "'\\t'" in words:
        return f"{hint}; indent with spaces, not with tabs"
    signs = ("'@'", "'`'", "'%'", "mapping values", "block end", "alias", "flow", "scanning a simple key")
    return f"{hint}; quote the text if it is an expression" if any(sign in words for sign in signs) else hint


_KNOWN_EVENTS = (
    events.DocumentStartEvent,
    events.ScalarEvent,
    events.AliasEvent,
    events.SequenceStartEvent,
    events.SequenceEndEvent,
    events.MappingStartEvent,
    events.MappingEndEvent,
)


class _Builder:
    """Builds nodes from parser events and collects problems."""

    def __init__(self, file: str, source: list[str], *, is_secret: bool) -> None:
        self.file = file
        self.source = source
        self.is_secret = is_secret
        self.problems: list[Problem] = []

    def empty(self) -> Node:
        return Node({}, Place(self.file, 1, 1), source=self.source)

    def build(self, stream: Iterator[Any]) -> Node:
        return self._node(next(stream), stream)

    def _node(self, event: Any, stream: Iterator[Any], key_place: Place | None = None) -> Node:
        place = self.place(event)
        if isinstance(event, events.AliasEvent):
            message = f"alias {self._shown(f'*{event.anchor}')}: quote the text, or write the value out"
            self.refuse(place, message, "yaml-alias")
            return Node("", place, key_place, self.source, '"')
        if event.anchor:
            message = f"anchor {self._shown(f'&{event.anchor}')}: quote the text, or write the value out each time"
            self.refuse(place, message, "yaml-anchor")
        if event.tag and not (isinstance(event, events.ScalarEvent) and event.tag == "!"):
            message = f"tag {self._shown(event.tag)}: quote the text; types follow from the key"
            self.refuse(place, message, "yaml-tag")
        if isinstance(event, events.MappingStartEvent):
            return Node(self._mapping(stream), place, key_place, self.source)
        if isinstance(event, events.SequenceStartEvent):
            return Node(self._sequence(stream), place, key_place, self.source)
        style = event.style or None  # libyaml calls the plain style ""
        return Node(self._scalar(str(event.value), style, event, place), place, key_place, self.source, style)

    def _mapping(self, stream: Iterator[Any]) -> dict[str, Node]:
        children: dict[str, Node] = {}
        while not isinstance(event := next(stream), events.MappingEndEvent):
            key = self._node(event, stream)
            value = self._node(next(stream), stream, key.place)
            if key.value == "<<" and key.style is None:
                self.refuse(key.place, 'merge key "<<": write the values out', "yaml-merge-key")
                continue
            if not isinstance(key.value, str | int) or isinstance(key.value, bool):
                self.refuse(key.place, "a key must be text; quote it", "yaml-key-not-text")
                continue
            name = str(key.value)
            if name in children:
                first = children[name].key_place
                message = f'duplicate key "{name}" (first at line {first.line if first else "?"})'
                self.refuse(key.place, message, "yaml-duplicate-key")
                continue
            children[name] = value
        return children

    def _sequence(self, stream: Iterator[Any]) -> list[Node]:
        elements: list[Node] = []
        while not isinstance(event := next(stream), events.SequenceEndEvent):
            elements.append(self._node(event, stream))
        return elements

    def _scalar(self, text: str, style: str | None, event: events.ScalarEvent, place: Place) -> Any:
        if style is not None:
            return text
        self._check_cut(event, place)
        for pattern, why in _SURPRISES:
            if pattern.fullmatch(text):
                message = f"unquoted {self._shown(text)}: {why}; put it in quotes"
                self.refuse(place, message, "yaml-surprise")
                return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _DECIMAL.fullmatch(text) else text

    def _check_cut(self, event: events.ScalarEvent, place: Place) -> None:
        """Refuses a comment behind an unquoted value: the author may mean `` #`` as text."""
        mark: Any = event.end_mark
        rest = self.source[mark.line][mark.column :] if mark.line < len(self.source) else ""
        if event.value and re.match(r"\s+#", rest):
            shown = self._shown(event.value)
            message = f'" #" ends the value {shown}; quote it, or move the comment to a line of its own'
            self.refuse(place, message, "yaml-cut-text")

    def _shown(self, text: str) -> str:
        return "text" if self.is_secret else f'"{text}"'

    def refuse(self, place: Place, message: str, rule: str) -> None:
        self.problems.append(Problem(place.file, place.line, place.column, message, rule=rule))

    def place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)


def merge_nodes(base: Node, over: Node) -> Node:
    """The base with the overlay's values on top: mappings merge key by key, ``null`` removes, the rest replaces.

    The place of a merged mapping is that in the overlay, which caused its faults.
    """
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    merged, removed = dict(base.value), set(base.removed)
    for key, node in over.value.items():
        removed.discard(key)
        if node.value is None:
            merged.pop(key, None)
            removed.add(key)
        else:
            merged[key] = merge_nodes(merged[key], node) if key in merged else node
    return replace(over, value=merged, removed=frozenset(removed))


def nodes_from(value: Any, file: str) -> Node:
    """Nodes of a value that is not from a file, such as an account's override.

    The places are those in the value as JSON, ``json.dumps(value, indent=2)``.

    >>> node = nodes_from({"get": None, "list": {"endpoint": "people.list"}}, "override")
    >>> node.at(["list", "endpoint"]).place
    Place(file='override', line=4, column=17)
    """
    return _nodes(value, Place(file, 1, 1), 2)[0]


def _nodes(value: Any, place: Place, column: int) -> tuple[Node, int]:
    """The nodes of a value, and its last line; inner values begin in ``column`` of lines of their own."""
    line = place.line
    if isinstance(value, dict):
        inner = {}
        for key, child in value.items():
            at = Place(place.file, line + 1, column + 1)
            begin = replace(at, column=at.column + len(json.dumps(str(key), ensure_ascii=False)) + 2)
            node, line = _nodes(child, begin, column + 2)
            inner[str(key)] = replace(node, key_place=at)
        return Node(inner, place), line + bool(inner)
    if isinstance(value, list | tuple):
        items = []
        for element in value:
            node, line = _nodes(element, Place(place.file, line + 1, column + 1), column + 2)
            items.append(node)
        return Node(items, place), line + bool(items)
    return Node(value, place, style='"' if isinstance(value, str) else None), line


def read_document(text: str) -> Any:
    """The plain value of a YAML file that is not configuration, such as a cassette.

    Raises:
        ValueError: it is not YAML, or it holds tags that name code.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - it is a safe loader
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"not YAML: {type(error).__name__}") from None


def write_document(value: Any) -> str:
    """A YAML file with this value: keys in order, letters unescaped, texts of several lines as blocks."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**30)


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the fast one, if it was built
    """Writes texts of several lines as blocks."""


def _represent_text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)
