"""Guesses the rules of unified lists: e-mails, phones and addresses, from native lists, objects and plain fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.models.fields import Kind, field_kinds
from truto_unify.scaffold import values as kinds_of_values
from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.shape import EACH, Shape, expression_of
from truto_unify.scaffold.values import all_fit
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.scaffold.shape import Path
    from truto_unify.scaffold.vocabulary import Vocabulary

_WRAPPERS = {"items", "nodes", "data", "list", "values"}
_MAIN_PARTS = {"emails": "email", "phones": "number"}
_MAIN_TESTS: dict[str, Callable[[Any], bool]] = {
    "emails": kinds_of_values.is_email,
    "phones": kinds_of_values.is_phone,
}
_PLACE_PARTS = ("street_1", "city", "state", "postal_code", "country")
_TYPE_WORDS = ("billing", "shipping", "default", "primary", "mobile", "cell", "home", "work", "business", "delivery")
_FLAGS = ("isdefault", "default", "isprimary", "primary", "isdefaultaddress")


@dataclass
class Listed:
    """The guess about one unified list.

    Attributes:
        guess: its rule with ``each`` and ``map``.
        missing: parts that found no native field, each with the reason.
        read: native places that it reads.
    """

    guess: Guess
    missing: dict[str, str] = field(default_factory=dict)
    read: set[Path] = field(default_factory=set)


@dataclass
class Source:
    """One place that gives elements.

    Attributes:
        path: where it stands; () is the record itself.
        is_list: whether it is a native list.
        parts: unified part to its expression, seen from an element.
        read: native places, seen from an element.
    """

    path: Path
    is_list: bool
    parts: dict[str, str]
    read: set[Path]

    @property
    def expression(self) -> str:
        """The place as JMESPath."""
        return expression_of(self.path)


def guess_list(name: str, kind: Kind, shape: Shape, words: Vocabulary) -> Listed | None:
    """The rule of a unified list; None where nothing like it was seen.

    Args:
        name: the unified field.
        kind: its nature.
        shape: of the native records.
        words: what providers call its parts.
    """
    sources = _list_sources(name, kind, shape, words)
    if name in _MAIN_PARTS:
        return _from_list(kind, sources[0]) if sources else _from_leaves(name, kind, shape, words)
    if name == "addresses":
        return _from_places(kind, sources, shape, words)
    return _from_list(kind, sources[0]) if sources else None


def _list_sources(name: str, kind: Kind, shape: Shape, words: Vocabulary) -> list[Source]:
    """Native lists that are called like the unified one and whose elements have what makes it."""
    names = {one[-1] for one in words.names(name)}
    found = []
    for path, items in shape.lists.items():
        called = path[-2] if len(path) > 1 and fold(path[-1]) in _WRAPPERS else path[-1] if path else ""
        if EACH in path or fold(called) not in names:
            continue
        if name in _MAIN_PARTS and items and all_fit(_MAIN_TESTS[name], items):
            found.append(Source(path, is_list=True, parts={_MAIN_PARTS[name]: "item"}, read=set()))
            continue
        parts, read = _guess_parts(name, kind, shape.below((*path, EACH)), words)
        if _is_enough(name, parts):
            found.append(Source(path, is_list=True, parts=parts, read=read))
    return sorted(found, key=lambda one: (-len(one.parts), len(one.path)))


def _is_enough(name: str, parts: dict[str, str]) -> bool:
    if name == "addresses":
        return sum(part in parts for part in _PLACE_PARTS) >= 2
    return _MAIN_PARTS.get(name, "id") in parts


def _guess_parts(name: str, kind: Kind, inner: Shape, words: Vocabulary) -> tuple[dict[str, str], set[Path]]:
    """The expressions of an element's parts, without the ``item`` before them, and what they read."""
    assert kind.item is not None  # noqa: S101 - narrows the type; a list has elements
    parts: dict[str, str] = {}
    read: set[Path] = set()
    for part, part_kind in field_kinds(kind.item).items():
        label = f"{name}.{part}"
        fits = []
        for path, values in inner.find(words.names(label)):
            if path not in read and path not in fits and all_fit(_test_of(name, part, part_kind), values):
                fits.append(path)
        chosen = fits[:2] if label in words.code_or_text and len(fits) > 1 and _is_code(fits[0]) else fits[:1]
        if chosen:
            parts[part] = " || ".join(f"item.{expression_of(path)}" for path in chosen)
            read.update(chosen)
    if "type" not in parts and name == "addresses":
        flag = next((path for path in inner.leaves if len(path) == 1 and fold(path[0]) in _FLAGS), None)
        if flag is not None and all_fit(
            kinds_of_values.is_flag, [one for one in inner.leaves[flag] if one is not None]
        ):
            parts["type"] = f"item.{expression_of(flag)} && 'default' || `null`"
            read.add(flag)
    if name == "addresses":
        _add_street_lines(parts, read, inner, words)
    return {part: parts[part] for part in field_kinds(kind.item) if part in parts}, read


def _add_street_lines(parts: dict[str, str], read: set[Path], inner: Shape, words: Vocabulary) -> None:
    """The street as a list of its lines."""
    if "street_1" in parts:
        return
    names = {one[-1] for one in words.names("addresses.street_1")}
    for path, lines in inner.lists.items():
        if len(path) == 1 and fold(path[0]) in names and lines and all_fit(kinds_of_values.is_text, lines):
            parts |= {f"street_{number + 1}": f"item.{expression_of(path)}[{number}]" for number in range(2)}
            read.add((*path, EACH))
            return


def _is_code(path: Path) -> bool:
    return "code" in path[-1].lower() or "iso" in path[-1].lower()


def _test_of(name: str, part: str, kind: Kind) -> Callable[[Any], bool]:
    if part == _MAIN_PARTS.get(name):
        # The list is called so: its values need not look like it.
        return kinds_of_values.is_id
    by_kind = {"id": kinds_of_values.is_id, "boolean": kinds_of_values.is_flag, "money": kinds_of_values.is_amount}
    # A postal code may be a number; nothing else that is text may be a truth value or an object.
    return by_kind.get(kind.name, kinds_of_values.is_id if part == "postal_code" else kinds_of_values.is_text)


def _from_list(kind: Kind, source: Source) -> Listed:
    rule = {"each": source.expression, "map": source.parts}
    read = {(*source.path, EACH, *path) for path in source.read}
    reason = f'by the name of the list "{".".join(source.path)}" and of its parts'
    return Listed(Guess(rule, reason), _missing_parts(kind, source.parts, source.expression), read)


def _missing_parts(kind: Kind, parts: dict[str, str], where: str) -> dict[str, str]:
    assert kind.item is not None  # noqa: S101 - narrows the type; a list has elements
    absent = [part for part, one in field_kinds(kind.item).items() if part not in parts and not one.is_derived]
    return dict.fromkeys(absent, f"nothing like it was seen in {where}")


def _from_leaves(name: str, kind: Kind, shape: Shape, words: Vocabulary) -> Listed | None:
    """E-mails or phones from plain fields, each of them one element."""
    main = _MAIN_PARTS[name]
    names = words.names(f"{name}.{main}")
    seen = [path for path, values in shape.find(names, deepest=2) if values and all_fit(_MAIN_TESTS[name], values)]
    seen = [path for path in seen if len(path) == 1 or _is_own(path, words)] or seen
    # Where no value was seen, nothing but the name speaks for it.
    paths = list(dict.fromkeys(seen)) or [path for path, values in shape.find(names, deepest=1) if not values][:1]
    further = _phones_of_places(shape, words) if name == "phones" else []
    if further:
        # The default address stands in the list too.
        paths = [path for path in paths if not fold(path[0]).startswith("default")]
    if not paths and not further:
        return None
    reason = "by names and values" if seen or further else "by the name; no value was seen"
    if name == "emails" and len(paths) == 1:
        parts = {main: "item", "type": "'primary'", "is_primary": "`true`"}
        each = f"[{expression_of(paths[0])}]"
        reason += "; the only one must be the primary one"
    else:
        parts = {main: f"item.{main}", "type": "item.type"} | ({"is_primary": "item.main"} if name == "emails" else {})
        each = _each_of(name, main, paths, further)
    read = {*paths, *((*place, EACH, *phone) for place, phone in further)}
    return Listed(Guess({"each": each, "map": parts}, reason), _missing_parts(kind, parts, "the record"), read)


def _is_own(path: Path, words: Vocabulary) -> bool:
    """Whether an inner object belongs to the person, as an address does, and is not somebody else, as a manager is."""
    holder = fold(path[0])
    return holder in {one[-1] for one in words.names("addresses")} or holder.startswith(("default", "primary"))


def _each_of(name: str, main: str, paths: list[Path], further: list[tuple[Path, Path]]) -> str:
    """A list made of fields, and of one field of each element of a list."""
    made = []
    for index, path in enumerate(paths):
        main_flag = f", main: `{'false' if index else 'true'}`" if name == "emails" else ""
        label = _type_word(path) or ("primary" if not index else path[-1])
        made.append(f"{{{main}: {expression_of(path)}, type: '{label}'{main_flag}}}")
    lists = [
        f"{expression_of(place)}[].{{{main}: {expression_of(phone)}, type: 'address'}}" for place, phone in further
    ]
    own = f"[{', '.join(made)}]"
    if not lists:
        return own
    return f"[{', '.join([own, *lists] if made else lists)}][]"


def _phones_of_places(shape: Shape, words: Vocabulary) -> list[tuple[Path, Path]]:
    """Lists of addresses whose elements have a phone: the list's place, and the phone's place in an element."""
    names = {one[-1] for one in words.names("addresses")}
    found = []
    for path in shape.lists:
        if EACH not in path and path and fold(path[-1]) in names:
            phones = shape.below((*path, EACH)).find(words.names("phones.number"), deepest=1)
            found += [
                (path, phone) for phone, values in phones if values and all_fit(kinds_of_values.is_phone, values)
            ][:1]
    return found


def _type_word(path: Path) -> str | None:
    """``billing`` of billing_address, ``mobile`` of mobile_phone."""
    text = " ".join(fold(step) for step in path)
    return next((word for word in _TYPE_WORDS if word in text), None)


def _from_places(kind: Kind, lists: list[Source], shape: Shape, words: Vocabulary) -> Listed | None:
    """Addresses from lists, from objects like a billing address, or else from the record itself."""
    objects = _place_objects(kind, shape, words)
    if lists:
        # The default address stands in the list too.
        objects = [one for one in objects if not fold(one.path[-1]).startswith(("default", "primary", "address"))]
    sources = [*objects, *lists[:1]]
    if not sources:
        parts, read = _guess_parts("addresses", kind, _flat(shape), words)
        parts.pop("id", None)
        if not _is_enough("addresses", parts):
            return None
        sources = [Source((), is_list=False, parts=parts, read=read)]
    if len(sources) == 1 and sources[0].is_list:
        return _from_list(kind, sources[0])
    return _from_several(kind, sources)


def _place_objects(kind: Kind, shape: Shape, words: Vocabulary) -> list[Source]:
    names = {one[-1] for one in words.names("addresses")}
    found: list[Source] = []
    for path in sorted(shape.objects, key=len, reverse=True):
        is_called_so = bool(path) and (fold(path[-1]) in names or "address" in fold(path[-1]))
        if EACH in path or not is_called_so or any(one.path[: len(path)] == path for one in found):
            continue
        parts, read = _guess_parts("addresses", kind, shape.below(path), words)
        if _is_enough("addresses", parts):
            found.append(Source(path, is_list=False, parts=parts, read=read))
    order = list(dict.fromkeys(path[:1] for path in shape.leaves))
    return sorted(found, key=lambda one: order.index(one.path[:1]))


def _flat(shape: Shape) -> Shape:
    """The record's own plain fields."""
    return Shape({path: values for path, values in shape.leaves.items() if len(path) == 1})


def _from_several(kind: Kind, sources: list[Source]) -> Listed:
    """Elements that come from several places: each is wrapped as ``{at, type}``."""
    labels = [_label(one) for one in sources]
    if len(sources) == 1 and labels == ["`null`"]:
        return _from_object(kind, sources[0])
    made = [f"{{at: {one.expression}, type: {_label(one)}}}" for one in sources if not one.is_list]
    lists = [f"{one.expression}[].{{at: @, type: {_label(one)}}}" for one in sources if one.is_list]
    each = f"[[{', '.join(made)}], {', '.join(lists)}][]" if lists else f"[{', '.join(made)}]"
    parts: dict[str, str] = {}
    for source in sources:
        for part, expression in source.parts.items():
            if part != "type":
                inner = re.sub(r"\bitem\.", "item.at.", expression)
                known = parts.get(part, "").split(" || ")
                parts[part] = " || ".join(dict.fromkeys([*(one for one in known if one), *inner.split(" || ")]))
    parts["type"] = "item.type"
    order = [part for part in field_kinds(kind.item) if part in parts] if kind.item else []
    rule = {"each": each, "map": {part: parts[part] for part in order}}
    read = {(*one.path, *((EACH,) if one.is_list else ()), *path) for one in sources for path in one.read}
    names = ", ".join(f'"{".".join(one.path) or "the record"}"' for one in sources)
    reason = f"{names} {'look like addresses' if len(sources) > 1 else 'looks like an address'}"
    return Listed(Guess(rule, reason), _missing_parts(kind, parts, names), read)


def _from_object(kind: Kind, source: Source) -> Listed:
    """The only address, of which nothing says what kind it is."""
    where = f'"{".".join(source.path)}"' if source.path else "the record itself"
    parts = {part: expression for part, expression in source.parts.items() if part != "type"}
    rule = {"each": f"[{source.expression}]", "map": parts}
    reason = f"{where} looks like an address"
    return Listed(
        Guess(rule, reason), _missing_parts(kind, parts, where), {(*source.path, *one) for one in source.read}
    )


def _label(source: Source) -> str:
    """The type of an address: what its list says, or the word in the name of its object."""
    if source.is_list:
        return re.sub(r"\bitem\.", "", source.parts.get("type", "`null`"))
    word = _type_word(source.path)
    return f"'{word}'" if word else "`null`"
