"""What the fields of native records hold, as far as it concerns people: from the mapping, else from their names."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from truto_unify.config.field_rules import ValueRule
from truto_unify.models.fields import field_kinds
from truto_unify.testing.cassettes.pseudonyms import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.config.field_rules import Source
    from truto_unify.config.registry import LoadedMapping

Class = Literal["plain", "blank", "birth", "place", "picture", "ip", "secret"] | Kind
"""``plain`` is kept. ``blank`` is emptied. The others are replaced by inventions of their kind."""

UNIFIED: dict[str, Class] = {
    "name": "name",
    "first_name": "name",
    "last_name": "name",
    "company_name": "name",
    "emails.email": "email",
    "phones.number": "phone",
    "phones.extension": "extension",
    "addresses.street_1": "street",
    "addresses.street_2": "street",
    "addresses.city": "city",
    "addresses.state": "state",
    "addresses.postal_code": "postal",
}
"""The class of each unified field that is about a person; the others are plain."""

_CALL = ("query", "context")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class _FieldWords(TypedDict):
    """field_words.json: how stores name the fields that concern people; of ``classes`` the first that fits counts."""

    person_words: list[str]
    person_parents: list[str]
    classes: dict[Class, list[str]]


@cache
def _words() -> _FieldWords:
    text = resources.files("truto_unify.testing.cassettes").joinpath("field_words.json").read_text(encoding="utf-8")
    words: _FieldWords = json.loads(text)
    return words


class FieldClasses:
    """Tells the class of a field by the names on the way to it.

    Args:
        mapping: what it reads as a name, an e-mail, a phone or an address is known for one, and what it reads as
            something else is kept; None where there is none.
    """

    def __init__(self, mapping: LoadedMapping | None = None) -> None:
        self._mapped: dict[tuple[str, ...], Class] = {}
        if mapping is not None:
            for path, found in _mapped_classes(mapping):
                if self._mapped.get(path, "plain") == "plain":
                    self._mapped[path] = found

    def class_of(self, names: Sequence[str]) -> Class | None:
        """The class of the field at these names, outermost first; None where nothing is known.

        >>> classes = FieldClasses()
        >>> classes.class_of(["billing", "firstName"]), classes.class_of(["order", "total"])
        ('name', None)
        """
        for length in (2, 1):
            mapped = self._mapped.get(tuple(names[-length:]))
            if mapped is not None and len(names) >= length:
                return mapped
        return class_of_name(names)


def class_of_name(names: Sequence[str]) -> Class | None:
    """The class of a field by its name alone, and its parent's."""
    if not names:
        return None
    words = [word.casefold() for word in _WORD.findall(names[-1])]
    known = _words()
    for found, phrases in known["classes"].items():
        if any(" ".join(words[-count:]) in phrases for count in (1, 2, 3, 4) if count <= len(words)):
            return found
    if words[-1:] == ["name"]:
        parents = {word.casefold() for word in _WORD.findall(names[-2])} if len(names) > 1 else {"record"}
        alone = len(words) == 1
        near, telling = (parents, known["person_parents"]) if alone else (set(words[:-1]), known["person_words"])
        return "name" if near & set(telling) else None
    return None


def _mapped_classes(mapping: LoadedMapping) -> Iterator[tuple[tuple[str, ...], Class]]:
    """Each path that a rule of the mapping reads, by its last names, with the class of what it fills."""
    kinds = field_kinds(mapping.schema.record)
    for name, rule in mapping.config.response_mapping.items():
        if isinstance(rule, ValueRule):
            yield from _paths_of(rule, UNIFIED.get(name, "plain"), known=name in kinds)
            continue
        for source in rule:
            yield from _paths_of_source(name, source)


def _paths_of_source(name: str, source: Source) -> Iterator[tuple[tuple[str, ...], Class]]:
    """The paths that the parts of a list's element read, with the class of each part."""
    inner: dict[str, list[Any]] = {}
    for key, tree in _hashes(source.each.tree) if source.each is not None else ():
        inner.setdefault(key, []).append(tree)
    whole = list(_paths(source.each.tree)) if source.each is not None else []
    for part, rule in source.parts.items():
        found = UNIFIED.get(f"{name}.{part}", "plain")
        tree = rule.expression.tree
        for path in _paths(tree, skip_comparisons=found == "plain"):
            if path and path[0] not in _CALL:
                yield from ((native, found) for native in _native_paths(path, inner))
        if source.each is not None and tree["type"] in {"current", "identity"}:
            yield from ((one[-2:], found) for one in whole if one)


def _paths_of(rule: ValueRule, found: Class, *, known: bool) -> Iterator[tuple[tuple[str, ...], Class]]:
    if not known and rule.type in {None, "raw", "text"}:
        return  # an overlay's own text may be anything: the name of the field decides
    for path in _paths(rule.expression.tree, skip_comparisons=found == "plain"):
        if path and path[0] not in _CALL:
            yield path[-2:], found


def _native_paths(path: tuple[str, ...], inner: dict[str, list[Any]]) -> Iterator[tuple[str, ...]]:
    """Where a path of an element's scope leads in the native record."""
    if len(path) == 1 and path[0] in inner:
        yield from (one[-2:] for tree in inner[path[0]] for one in _paths(tree) if one)
    else:
        yield (path[1:] if path[0] in inner else path)[-2:]


def _hashes(tree: Any) -> Iterator[tuple[str, Any]]:
    """Every key that an expression makes, with what fills it."""
    if tree["type"] == "key_val_pair":
        yield tree["value"], tree["children"][0]
    for child in tree.get("children", ()):
        if isinstance(child, dict):
            yield from _hashes(child)


def _paths(tree: Any, *, skip_comparisons: bool = False) -> Iterator[tuple[str, ...]]:
    """The paths at whose ends the values of an expression stand; whatever is between them is passed through."""
    kind, children = tree["type"], [child for child in tree.get("children", ()) if isinstance(child, dict)]
    if kind == "field":
        yield (tree["value"],)
    elif kind == "variable":
        yield (tree["value"],) if tree["value"] in _CALL else ()
    elif kind in {"subexpression", "index_expression", "pipe", "projection", "value_projection", "filter_projection"}:
        joined: list[tuple[str, ...]] = []
        for child in children[:2] if kind == "filter_projection" else children:
            below = list(_paths(child, skip_comparisons=skip_comparisons))
            joined = [one + two for one in joined or [()] for two in below] if below else joined
        yield from joined
    elif kind == "flatten":
        yield from _paths(children[0], skip_comparisons=skip_comparisons)
    elif kind != "comparator" or not skip_comparisons:
        for child in children:
            yield from _paths(child, skip_comparisons=skip_comparisons)
