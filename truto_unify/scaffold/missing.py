"""Says why a unified field has no guess: what the records have under its names, or that they have nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.scaffold.element_kinds import list_name
from truto_unify.scaffold.shape import EACH, known_values
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from truto_unify.models.fields import Kind
    from truto_unify.scaffold.shape import RecordShape
    from truto_unify.scaffold.vocabulary import Vocabulary

_MAX_VALUES = 5
_MAX_CHARS = 30


def why_missing(name: str, kind: Kind, shape: RecordShape, words: Vocabulary) -> str:
    """The reason in prose, for the records at hand.

    Args:
        name: the unified field.
        kind: the kind of its value.
        shape: the shape of the native records.
        words: what providers call the field.
    """
    if kind.is_list or kind.item is not None:
        return _why_no_parts(name, kind, shape, words)
    for path, values in shape.find(words.names(name)):
        if values:
            texts = dict.fromkeys(str(value)[:_MAX_CHARS] for value in values)
            where = ".".join(path)
            if kind.name != "status":
                return f'the values of "{where}" are of another kind'
            return f'nothing says what the values of "{where}" mean: {", ".join([*texts][:_MAX_VALUES])}'
    return "no field with a usual name was seen; the documentation may name it"


def _why_no_parts(name: str, kind: Kind, shape: RecordShape, words: Vocabulary) -> str:
    names = {steps[-1] for steps in words.names(name)}
    for path, items in shape.lists.items():
        if EACH not in path and list_name(path) in names:
            where = ".".join(path)
            if not known_values(items):
                return f'the list "{where}" is empty in each sample'
            if kind.item is not None and not kind.required and "id" in kind.parts:
                return f'the elements of "{where}" have no id that is seen, and each needs one'
            return f'the list "{where}" holds nothing with a usual name'
    for path in sorted(shape.objects, key=len):
        if path and EACH not in path and fold(path[-1]) in names:
            return f'the object "{".".join(path)}" holds nothing with a usual name'
    for path, values in shape.leaves.items():
        if EACH not in path and path and fold(path[-1]) in names and known_values(values):
            return f'"{".".join(path)}" holds a plain value'
    return "nothing with a usual name was seen; it may be a call of its own, as a side load"
