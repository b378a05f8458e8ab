"""Tells which leaves of a recorded exchange stay: words, ids, codes, times and amounts in fields of such names.

A leaf stays if the name of its field, or what the mapping makes of it, is on the list, and if its text has the form of
such a value. Everything else is replaced.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypedDict

from pydantic import BaseModel

from truto_unify.config.field_rules import mapped_names, rules_at, tables_of
from truto_unify.inspection.reading import reads_of_expression, reads_of_field
from truto_unify.models.fields import field_kinds, nested_kinds
from truto_unify.testing.cassettes.pseudonyms import fold, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.models.fields import Kind

_NAME_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_DIGITS_OF_A_PHONE = 7
_FLAGS = {"true", "false", "yes", "no", "0", "1"}
_UNREAD = {"label", "documentation", "unsupported", "title", "description", "example", "examples"}
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'|`\"([^`]*)\"`")
_CLASSES = {
    "id": "id",
    "time": "time",
    "country": "country",
    "status": "status",
    "money": "amount",
    "decimal": "amount",
    "integer": "amount",
}
_STATUS = r"[A-Za-z]+(?:[ _-][A-Za-z]+){0,3}"


class _Class(TypedDict):
    names: list[str]
    but: list[str]
    form: str


@cache
def _listed() -> dict[str, _Class]:
    """keep_list.json: the ends of field names, the words that make an exception, and the form of a value."""
    content: dict[str, _Class] = json.loads(_read("keep_list.json"))
    return content


@cache
def _forms() -> dict[str, re.Pattern[str]]:
    forms = {name: listed["form"] for name, listed in _listed().items()}
    forms["country"] = f"{forms['code']}|{forms['country']}"
    return {name: re.compile(form) for name, form in {**forms, "status": f"{forms['word']}|{_STATUS}"}.items()}


@cache
def plain_words() -> frozenset[str]:
    """The words of usual error messages, which stay so that a reader understands them."""
    return frozenset(_read("plain_words.txt").split())


def _read(name: str) -> str:
    return resources.files("truto_unify.testing.cassettes").joinpath(name).read_text(encoding="utf-8")


@cache
def class_of_name(name: str) -> str | None:
    """The class of a field by its name alone; None if it is not on the list.

    >>> class_of_name("dateCreated"), class_of_name("customer_id"), class_of_name("birthDate"), class_of_name("nick")
    ('time', 'id', None, None)
    """
    words = [word.casefold() for word in _NAME_PART.findall(name)]
    for length in (4, 3, 2, 1):
        for kind, listed in _listed().items():
            if len(words) >= length and " ".join(words[-length:]) in listed["names"]:
                return None if not set(words).isdisjoint(listed["but"]) else kind
    if words[:1] == ["date"] or words[:1] == ["is"]:
        return "time" if words[0] == "date" and set(words).isdisjoint(_listed()["time"]["but"]) else None
    return None


class KeepList:
    """Tells which leaves of a provider's answers stay.

    Args:
        mapping: a leaf that it reads as a status, an id or a time stays; a leaf that it reads as text is personal.

    Attributes:
        public: texts that the configuration itself holds: words of enums, conditions, addresses and queries.
    """

    def __init__(self, mapping: LoadedMapping | None = None) -> None:
        self.public: set[str] = set()
        self._read_as: dict[tuple[str, ...], str | None] = {}
        self._personal: set[str] = set()
        self._words: set[str] = set()
        if mapping is not None:
            self.public = {
                fold(text) for config in (mapping.config, mapping.provider.config) for text in config_texts(config)
            }
            for path, kind in _read_fields(mapping):
                self._read_as[path] = None if None in (kind, self._read_as.get(path, kind)) else kind

    def learn_person(self, text: str) -> None:
        """Notes a text of a person; neither the text nor a hash of it stays."""
        folded = fold(text)
        digits = "".join(letter for letter in folded if letter.isdecimal())
        if len(digits) < _DIGITS_OF_A_PHONE and not any(letter.isalpha() for letter in folded):
            return  # an extension, which may also be an id
        self._personal |= {folded, digits if len(digits) >= _DIGITS_OF_A_PHONE else folded}
        self._personal |= {hashlib.new(name, folded.encode()).hexdigest() for name in ("md5", "sha1", "sha256")}
        self._words.update(word for word in words_of(text) if len(word) > 2)

    def is_personal(self, text: str) -> bool:
        """Whether a text is that of a person, or has a word of such a text."""
        words = self._words.intersection(words_of(text))
        return fold(text) in self._personal or not words <= self.public

    def class_of(self, names: Sequence[str]) -> str | None:
        """The class of the leaf at these names, outermost first; None if it is replaced."""
        for length in (2, 1):
            if len(names) >= length and tuple(names[-length:]) in self._read_as:
                return self._read_as[tuple(names[-length:])]
        return class_of_name(names[-1]) if names else None

    def keeps(self, names: Sequence[str], text: str) -> bool:
        """Whether the leaf stays.

        >>> KeepList().keeps(["order", "status"], "completed"), KeepList().keeps(["order", "note"], "completed")
        (True, False)
        """
        kind = self.class_of(names)
        is_public = fold(text) in self.public or fold(text) in _FLAGS
        if is_public and not (kind is None and self._is_read(names)):
            return True
        return kind is not None and _forms()[kind].fullmatch(text.strip()) is not None and not self.is_personal(text)

    def keeps_key(self, name: str) -> bool:
        """Whether the key of an object belongs to the schema and not to a person; a key with a blank may be a name.

        >>> KeepList().keeps_key("first_name"), KeepList().keeps_key("Ana Example")
        (True, False)
        """
        is_name = re.fullmatch(r"[^\W\d][\w.$:@-]{0,80}|[@$]\w+", name) is not None and not re.search(r"@\w+\.", name)
        return fold(name) in self.public or (is_name and not self.is_personal(name))

    def _is_read(self, names: Sequence[str]) -> bool:
        return tuple(names[-2:]) in self._read_as or tuple(names[-1:]) in self._read_as


def personal_texts(mapping: LoadedMapping, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The texts of unified records that are about people: fields of kind text whose own name is not on the list."""
    kinds = field_kinds(mapping.schema.record)
    for record in records:
        for name, kind, value in _leaves(record, kinds):
            if isinstance(value, str) and _class_of_kind(name, kind) is None:
                yield value


def _leaves(values: Mapping[str, Any], kinds: Mapping[str, Kind]) -> Iterator[tuple[str, Kind, Any]]:
    """Every value in a record or a part of it, with its name and its kind."""
    for name, kind in kinds.items():
        value = values.get(name)
        inner = value if isinstance(value, list) else (value,)
        if kind.item is not None:
            for element in inner:
                yield from _leaves(element or {}, kind.parts)
        else:
            yield from ((name, kind.of or kind, each) for each in inner)


def _class_of_kind(name: str, kind: Kind | None) -> str | None:
    if kind is None or kind.name in {"text", "phone"}:
        return class_of_name(name)
    return _CLASSES.get(kind.name, "word")


def _read_fields(mapping: LoadedMapping) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """The ends of the native paths that the mapping reads, each with the class of what it fills."""
    kinds = dict(nested_kinds(mapping.schema.record))
    rules = mapping.config.response_mapping
    for label in dict.fromkeys(mapped_names(rules)):
        if any(tables_of(rule) for rule in rules_at(rules, label)):
            continue
        name, _, part = label.partition(".")
        kind = kinds.get(label)
        leaf_class = _class_of_kind(label.rpartition(".")[2], kind.of or kind if kind is not None else None)
        yield from ((path[-2:], leaf_class) for path in reads_of_field(rules[name], part or None).values)
    for code in mapping.provider.config.errors.code:
        yield from ((path[-2:], "word") for path in reads_of_expression(code).values)


def literals_of(expression: str) -> Iterator[str]:
    """The texts in an expression.

    >>> list(literals_of("contains(message, 'No such')"))
    ['No such']
    """
    return (plain or quoted for plain, quoted in _LITERAL.findall(expression))


def config_texts(value: Any) -> Iterator[str]:
    """Every text that a configuration holds, and every literal of its expressions."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name not in _UNREAD:
                yield from config_texts(getattr(value, name))
        yield from config_texts(value.model_extra or {})
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in _UNREAD:
                yield str(key)
                yield from config_texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from config_texts(inner)
    elif (text := value if isinstance(value, str) else getattr(value, "text", None)) is not None:
        yield text
        yield from (step for step in re.split("[/?&=]", text) if "{" not in step)
        yield from literals_of(text)
