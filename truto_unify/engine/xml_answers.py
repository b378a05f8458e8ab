"""Reads XML into plain values by one fixed rule, and refuses what XML can do beyond holding data.

Entities, document types and references to other files are refused (https://pypi.org/project/defusedxml/).
"""

from __future__ import annotations

from typing import Any

from truto_unify.engine.bodies import UnreadableBody
from truto_unify.errors import InvalidEnvironment

MAX_DEPTH = 100
MAX_ELEMENTS = 200_000
"""Elements and attributes of an answer; an element takes some hundred bytes of memory."""
MAX_NAMESPACE_LETTERS = 1000
"""Letters of an address of a namespace, which the parser repeats in each name."""
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def read_xml(body: bytes, lists: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The document as an object with the name of its root.

    An element is its text, or null if it is empty. If it has children or attributes, it is an object: children by name,
    attributes as ``@name``, its own text as ``#text``. Children of the same name are a list. Prefixes are left out.

    Args:
        body: the bytes; the document says its encoding.
        lists: names of elements that are a list even if there is one of them.

    Raises:
        UnreadableBody: the body is no XML, or does more than hold data, or exceeds a limit.
        InvalidEnvironment: the library that reads XML is not installed.

    >>> read_xml(b'<people><person id="1"><name>Ana</name><note/></person></people>', frozenset({"person"}))
    {'people': {'person': [{'@id': '1', 'name': 'Ana', 'note': None}]}}
    """
    try:
        from defusedxml import DefusedXmlException  # noqa: PLC0415 - an extra
        from defusedxml.ElementTree import DefusedXMLParser, ParseError  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        message = 'answers in XML need "defusedxml": install it with  pip install "truto-unify[xml]"'
        raise InvalidEnvironment(message) from None
    builder = _Builder(lists)
    try:
        parser = DefusedXMLParser(target=builder, forbid_dtd=True)
        parser.feed(body)
        parser.close()
    except DefusedXmlException:
        raise UnreadableBody("is XML with a document type or entities, which are never read") from None
    except (ParseError, ValueError, LookupError) as error:
        if isinstance(error, UnreadableBody):
            raise
        raise UnreadableBody(f"is broken XML: {error}") from None
    return builder.root


class _Builder:
    """Takes the events of the parser; no recursion, whatever the depth."""

    def __init__(self, lists: frozenset[str]) -> None:
        self.root: dict[str, Any] = {}
        self._lists = lists
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        self._count = 0

    def start_ns(self, _prefix: str, address: str) -> None:
        if len(address) > MAX_NAMESPACE_LETTERS:
            raise UnreadableBody(f"is XML with a namespace of more than {MAX_NAMESPACE_LETTERS} letters")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1 + len(attributes)
        if len(self._open) >= MAX_DEPTH:
            raise UnreadableBody(f"is XML of more than {MAX_DEPTH} levels")
        if self._count > MAX_ELEMENTS:
            raise UnreadableBody(f"is XML of more than {MAX_ELEMENTS} elements")
        shown = {f"@{_local(name)}": value for name, value in attributes.items() if name != _NIL}
        if len(shown) < sum(name != _NIL for name in attributes):
            raise UnreadableBody("is XML with attributes that differ only by their prefix")
        self._open.append((_local(tag), shown, []))

    def data(self, text: str) -> None:
        self._open[-1][2].append(text)

    def end(self, _tag: str) -> None:
        name, members, texts = self._open.pop()
        text = "".join(texts).strip() or None
        if members and text is not None:
            members["#text"] = text
        self._add(self._open[-1][1] if self._open else self.root, name, members or text)

    def close(self) -> None:
        """The parser calls it at the end."""

    def _add(self, parent: dict[str, Any], name: str, value: Any) -> None:
        if name not in parent:
            parent[name] = [value] if name in self._lists else value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]


def _local(name: str) -> str:
    """A name without its namespace.

    >>> _local("{http://www.w3.org/1999/xlink}href"), _local("href")
    ('href', 'href')
    """
    return name.rpartition("}")[2]
