"""Guesses the rules of unified lists and objects, at any depth; the model says what is in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from truto_unify.models.fields import Kind, field_kinds
from truto_unify.scaffold import values as kinds_of_values
from truto_unify.scaffold.element_kinds import is_place, list_name, main_part, type_word, value_test
from truto_unify.scaffold.element_source import ElementSource, NestedGuess, below_path, missing_parts, with_names
from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.money import money_rule, names_of_amount
from truto_unify.scaffold.plain_contacts import from_plain_fields
from truto_unify.scaffold.shape import EACH, RecordShape, expression_of, known_values
from truto_unify.scaffold.values import all_fit, guess_time
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.scaffold.shape import Path
    from truto_unify.scaffold.vocabulary import Vocabulary

_COUNTRY_AND_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
"""The code of a region, as ISO 3166-2 has it."""
_MIN_PARTS = 2
"""An element with fewer parts that are known may be of another kind."""
_OTHER_RECORDS = ("product", "variant", "listing", "order", "customer", "buyer", "parent", "tax", "category", "user")
"""The beginnings of names that are ids of other records."""
_FLAGS = ("isdefault", "default", "isprimary", "primary", "isdefaultaddress")


def guess_nested(name: str, kind: Kind, shape: RecordShape, words: Vocabulary) -> NestedGuess | None:
    """The rule of a list or an object; None if the records show nothing like it.

    Args:
        name: the unified field, or a part such as ``customer.emails``.
        kind: the kind of its value.
        shape: the shape of the objects that hold it: the native records, or the elements of a list.
        words: what providers call its parts.
    """
    if kind.of is not None:
        return guess_values(name, shape, words)
    return guess_list(name, kind, shape, words) if kind.is_list else guess_object(name, kind, shape, words)


def guess_list(name: str, kind: Kind, shape: RecordShape, words: Vocabulary) -> NestedGuess | None:
    """The rule of a unified list; None if the records show nothing like it.

    Args:
        name: the unified field.
        kind: the kind of its value.
        shape: the shape of the native records.
        words: what providers call its parts.
    """
    sources = _list_sources(name, kind, shape, words)
    if is_place(kind):
        return _from_places(name, kind, sources, shape, words)
    if sources:
        return _from_list(kind, sources[0])
    return from_plain_fields(name, kind, shape, words) if value_test(kind) is not None else None


def guess_object(name: str, kind: Kind, shape: RecordShape, words: Vocabulary) -> NestedGuess | None:
    """The parts of a unified object from a native object of its name; None if the records show nothing like it.

    Args:
        name: the unified object.
        kind: the kind of its value.
        shape: the shape of what holds the native object.
        words: what providers call its parts.
    """
    names = {steps[-1] for steps in words.names(name)}
    for path in sorted(shape.objects, key=len):
        if not path or EACH in path or fold(path[-1]) not in names:
            continue
        parts, read = guess_parts(name, kind, shape.below(path), words)
        if parts:
            rule = {part: below_path(path, expression) for part, expression in parts.items()}
            where = expression_of(path)
            guess = Guess(rule, f'by the name of the object "{where}" and of its parts')
            return NestedGuess(guess, missing_parts(kind, [rule], where), {(*path, *inner) for inner in read})
    return _object_beside(name, kind, shape, words) if name in words.beside else None


def _object_beside(name: str, kind: Kind, shape: RecordShape, words: Vocabulary) -> NestedGuess | None:
    """The parts of an object that the record lacks, from an address and from fields such as ``customer_id``."""
    own, natives = _fields_of(name, shape, words)
    parts, read = guess_parts(name, kind, own, words)
    parts = {part: with_names(rule, natives) for part, rule in parts.items()}
    read = {(natives.get(path[0], path[0]), *path[1:]) for path in read}
    names = {steps[-1] for field_name in words.beside[name] for steps in words.names(field_name)}
    paths = [path for path in sorted(shape.objects, key=len) if path and EACH not in path and fold(path[-1]) in names]
    for path in paths[:1]:
        further, below = guess_parts(name, kind, shape.below(path), words)
        parts = {part: below_path(path, rule) for part, rule in further.items() if part != "id"} | parts
        read |= {(*path, *inner) for inner in below}
    if not parts:
        return None
    ordered = {part: parts[part] for part in kind.parts if part in parts}
    where = f'the record, and "{".".join(paths[0])}"' if paths else "the record"
    guess = Guess(ordered, f'no object has the name of "{name}"; its parts are in {where}')
    return NestedGuess(guess, missing_parts(kind, [ordered], "the record"), read)


def _fields_of(name: str, shape: RecordShape, words: Vocabulary) -> tuple[RecordShape, dict[str, str]]:
    """The plain fields that begin with a name of the object, without that beginning, and their native names.

    A field such as ``customer_id`` stays under its whole name if the rest of it is none of the names of a part.
    """
    holders = sorted({steps[-1] for steps in words.names(name)}, key=len, reverse=True)
    leaves: dict[Path, list[Any]] = {}
    natives: dict[str, str] = {}
    for path, values in _flat(shape).leaves.items():
        holder = next((holder for holder in holders if fold(path[0]).startswith(holder)), None)
        if holder is None:
            continue
        leaves[path] = values
        rest = re.sub(rf"(?i)^[_-]*{'[_-]*'.join(holder)}[_-]*", "", path[0])
        if re.fullmatch(r"[A-Za-z]\w*", rest) and (rest,) not in leaves:
            leaves[(rest,)] = values
            natives[rest] = path[0]
    return RecordShape(leaves), natives


def guess_values(name: str, shape: RecordShape, words: Vocabulary) -> NestedGuess | None:
    """A list of texts from a native list of its name; None if the records show nothing like it."""
    names = {steps[-1] for steps in words.names(name)}
    for path, items in sorted(shape.lists.items(), key=lambda entry: len(entry[0])):
        if (
            path
            and EACH not in path
            and fold(path[-1]) in names
            and all_fit(kinds_of_values.is_id, known_values(items))
        ):
            guess = Guess({"expr": expression_of(path)}, f'by the name of the list "{".".join(path)}"')
            return NestedGuess(guess, read={(*path, EACH)})
    return None


def _list_sources(name: str, kind: Kind, shape: RecordShape, words: Vocabulary) -> list[ElementSource]:
    """Native lists with a name of the unified list, whose elements have its main parts."""
    list_names = {steps[-1] for steps in words.names(name)}
    main = main_part(kind)
    sources = []
    for path, items in shape.lists.items():
        is_named = list_name(path) in list_names or (is_place(kind) and "address" in list_name(path))
        if EACH in path or not is_named:
            continue
        if main is not None and items and all_fit(value_test(kind) or kinds_of_values.is_text, items):
            sources.append(ElementSource(path, is_list=True, parts={main: "@"}, read=set()))
            continue
        parts, read = guess_parts(name, kind, shape.below((*path, EACH)), words)
        if _is_enough(kind, parts):
            sources.append(ElementSource(path, is_list=True, parts=parts, read=read))
    return sorted(sources, key=lambda source: (-len(source.parts), len(source.path)))


def _is_enough(kind: Kind, parts: dict[str, Any]) -> bool:
    """Whether the guessed parts make an element. An address needs two: a single part may have its name by chance."""
    telling = kind.required or (("id",) if "id" in kind.parts else tuple(kind.parts))
    known = sum(part in parts for part in telling)
    return known >= (2 if is_place(kind) else 1)


def guess_parts(name: str, kind: Kind, inner: RecordShape, words: Vocabulary) -> tuple[dict[str, Any], set[Path]]:
    """The rules of an element's parts, and the native paths that they read.

    Args:
        name: the unified list or object.
        kind: the kind of its value.
        inner: the shape of the native elements.
        words: what providers call the parts.
    """
    assert kind.item is not None  # noqa: S101 - narrows the type; a list has elements
    parts: dict[str, Any] = {}
    read: set[Path] = set()
    for part, part_kind in field_kinds(kind.item).items():
        label = f"{name}.{part}"
        if part_kind.is_list or part_kind.item is not None:
            nested = guess_nested(label, part_kind, inner, words)
            if nested is not None:
                rule = nested.guess.value
                parts[part] = rule["expr"] if part_kind.of is not None else rule
                read |= nested.read
            continue
        if part_kind.name == "time":
            _add_time(part, parts, read, inner, words.names(label))
            continue
        names = names_of_amount(words.names(label)) if part_kind.name == "money" else words.names(label)
        candidates = []
        # An object inside of an element has its own id and its own type.
        deepest = max(map(len, names)) if part in {"id", "type"} else 3
        for path, values in inner.find(names, deepest=deepest):
            if path not in read and path not in candidates and all_fit(_test_of(kind, part, part_kind), values):
                candidates.append(path)
        has_code_and_text = part in words.code_or_text and len(candidates) > 1 and _is_code(candidates[0])
        chosen = candidates[: 2 if has_code_and_text else 1]
        if chosen:
            expression = " || ".join(expression_of(path) for path in chosen)
            rule = _with_form(expression, part_kind, inner.leaves[chosen[0]])
            is_money = part_kind.name == "money"
            parts[part] = money_rule(rule, chosen[0], inner, words, is_inside=True)[0] if is_money else rule
            read.update(chosen)
    _add_id(parts, read, inner, kind)
    if "type" in kind.parts and "type" not in parts and is_place(kind):
        flag = next((path for path in inner.leaves if len(path) == 1 and fold(path[0]) in _FLAGS), None)
        if flag is not None and all_fit(
            kinds_of_values.is_flag, [value for value in inner.leaves[flag] if value is not None]
        ):
            parts["type"] = f"when({expression_of(flag)}, 'default')"
            read.add(flag)
    if is_place(kind):
        _add_street_lines(name, kind, parts, read, inner, words)
    return {part: parts[part] for part in field_kinds(kind.item) if part in parts}, read


def _with_form(expression: str, kind: Kind, values: list[Any]) -> str:
    """The rule of a part: the last step of a global id or a region's code, no id of zero, no sign of an amount.

    >>> _with_form("id", Kind("id"), ["gid://shop/Order/7"]), _with_form("variant_id", Kind("id"), [0, 23])
    ("after_last(id, '/')", 'when(variant_id != `0`, variant_id)')
    >>> _with_form("total", Kind("money"), ["-9.00"]), _with_form("total", Kind("money"), ["9.00"])
    ('without_sign(total)', 'total')
    >>> _with_form("subdivision", Kind("text"), ["US-ME", "GB-ENG"])
    "after_last(subdivision, '-')"
    """
    known = known_values(values)
    if kind.name == "text" and known and all(_COUNTRY_AND_REGION.fullmatch(str(value)) for value in known):
        return f"after_last({expression}, '-')"
    if kind.name == "money" and known and all(str(value).startswith("-") for value in known):
        return f"without_sign({expression})"
    if kind.name != "id":
        return expression
    if known and all_fit(kinds_of_values.is_global_id, known):
        return f"after_last({expression}, '/')"
    return f"when({expression} != `0`, {expression})" if 0 in known else expression


def _add_id(parts: dict[str, Any], read: set[Path], inner: RecordShape, kind: Kind) -> None:
    """Adds the id of the elements of a list: the first field that is named as an id and has another value in each."""
    if len(parts) < _MIN_PARTS or "id" not in kind.parts or "id" in parts or is_place(kind):
        return
    others = {fold(part) for part in kind.parts}
    for path, values in inner.leaves.items():
        name = fold(path[-1]) if path else ""
        is_named = name.endswith("id") and name not in others and not name.startswith(_OTHER_RECORDS)
        if len(path) != 1 or path in read or not is_named or len(known_values(values)) < len(values):
            continue
        if all_fit(kinds_of_values.is_key, values) and len(set(map(str, values))) == len(values):
            parts["id"] = expression_of(path)
            read.add(path)
            return


def _add_time(
    part: str, parts: dict[str, Any], read: set[Path], inner: RecordShape, names: tuple[tuple[str, ...], ...]
) -> None:
    """Adds a part that is an instant, with its zone and format."""
    for path, values in inner.find(names):
        guess = guess_time(expression_of(path), path[-1], values) if path not in read else None
        if guess is not None:
            parts[part] = guess.value["expr"] if set(guess.value) == {"expr"} else guess.value
            read.add(path)
            return


def _add_street_lines(
    name: str, kind: Kind, parts: dict[str, Any], read: set[Path], inner: RecordShape, words: Vocabulary
) -> None:
    """Adds the first two parts of an address, its street, if the street is a list of lines."""
    lines_of_street = kind.required[:2]
    if not lines_of_street or lines_of_street[0] in parts:
        return
    names = {steps[-1] for steps in words.names(f"{name}.{lines_of_street[0]}")}
    for path, lines in inner.lists.items():
        if len(path) == 1 and fold(path[0]) in names and lines and all_fit(kinds_of_values.is_text, lines):
            parts |= {part: f"{expression_of(path)}[{number}]" for number, part in enumerate(lines_of_street)}
            read.add((*path, EACH))
            return


def _is_code(path: Path) -> bool:
    return "code" in path[-1].lower() or "iso" in path[-1].lower()


def _test_of(owner: Kind, part: str, kind: Kind) -> Callable[[Any], bool]:
    if part == main_part(owner):
        # The name of the list tells what it holds: its values need not look like the field's.
        return kinds_of_values.is_id
    # A postal code may be a number; nothing else that is text may be a truth value or an object.
    of_text = kinds_of_values.is_id if part == "postal_code" else kinds_of_values.is_text
    return kinds_of_values.TESTS.get(kind.name, of_text)


def _from_list(kind: Kind, source: ElementSource) -> NestedGuess:
    read = {(*source.path, EACH, *path) for path in source.read}
    reason = f'by the name of the list "{".".join(source.path)}" and of its parts'
    return NestedGuess(Guess([source.rule], reason), missing_parts(kind, [source.rule], source.expression), read)


def _from_places(
    name: str, kind: Kind, lists: list[ElementSource], shape: RecordShape, words: Vocabulary
) -> NestedGuess | None:
    """Addresses from lists, or from objects such as a billing address, or else from the record itself."""
    objects = _place_objects(name, kind, shape, words)
    if lists:
        # The list holds the default address too.
        objects = [
            source for source in objects if not fold(source.path[-1]).startswith(("default", "primary", "address"))
        ]
    sources = [*objects, *lists[:1]]
    if not sources:
        parts, read = guess_parts(name, kind, _flat(shape), words)
        parts.pop("id", None)
        if not _is_enough(kind, parts):
            return None
        sources = [ElementSource((), is_list=False, parts=parts, read=read)]
    if len(sources) == 1 and sources[0].is_list:
        return _from_list(kind, sources[0])
    return _from_several(kind, sources)


def _place_objects(name: str, kind: Kind, shape: RecordShape, words: Vocabulary) -> list[ElementSource]:
    names = {steps[-1] for steps in words.names(name)}
    sources: list[ElementSource] = []
    for path in sorted(shape.objects, key=len, reverse=True):
        is_address = bool(path) and (fold(path[-1]) in names or "address" in fold(path[-1]))
        if EACH in path or not is_address or any(source.path[: len(path)] == path for source in sources):
            continue
        parts, read = guess_parts(name, kind, shape.below(path), words)
        if _is_enough(kind, parts):
            sources.append(ElementSource(path, is_list=False, parts=parts, read=read))
    order = list(dict.fromkeys(path[:1] for path in shape.leaves))
    return sorted(sources, key=lambda source: order.index(source.path[:1]))


def _flat(shape: RecordShape) -> RecordShape:
    """The record's own plain fields."""
    return RecordShape({path: values for path, values in shape.leaves.items() if len(path) == 1})


def _from_several(kind: Kind, sources: list[ElementSource]) -> NestedGuess:
    """Elements from several native paths, in their order."""
    rules = [_with_type(source, is_only=len(sources) == 1) for source in sources]
    read = {(*source.path, *((EACH,) if source.is_list else ()), *path) for source in sources for path in source.read}
    names = ", ".join(f'"{".".join(source.path)}"' if source.path else "the record itself" for source in sources)
    reason = f"{names} {'look like addresses' if len(sources) > 1 else 'looks like an address'}"
    return NestedGuess(Guess(rules, reason), missing_parts(kind, rules, names), read)


def _with_type(source: ElementSource, *, is_only: bool) -> dict[str, Any]:
    """The rule with the type that the name of its object says; the only address of the record gets no type."""
    rule = source.rule
    if source.is_list:
        return rule
    word = type_word(source.path)
    rest = {part: expression for part, expression in rule.items() if part != "type"}
    if word is None or (is_only and not source.path):
        return rest
    return {"type": {"const": word}, **rest}
