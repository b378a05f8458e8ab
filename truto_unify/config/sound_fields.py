"""Leaves the faulty fields of a model file out of the model and of its mappings, so that lint checks the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.config.model_file import ModelField
from truto_unify.config.schema import without_parts
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from truto_unify.config.model_file import ModelConfig
    from truto_unify.config.yaml import Key, Node, Place
    from truto_unify.errors import Problem
    from truto_unify.models.resource import ResourceSchema


def leave_out_faulty(
    config: ModelConfig, node: Node, problems: Iterable[Problem], parent: ResourceSchema | None
) -> ModelConfig:
    """The model without the fields in which a problem lies.

    Args:
        config: the content, as far as it fits the schema of the file.
        node: the content with its places.
        problems: the problems of the file.
        parent: the resource that the file adds fields to; None if the file describes a resource of its own.
    """
    places = {(problem.file, problem.line, problem.column) for problem in problems if not problem.is_warning}
    table = node.at(("fields",))
    sound = {name: field for name, field in config.fields.items() if not _is_faulty(table.at((name,)), places)}
    if parent is None:
        sound["id"] = ModelField(kind="id")
    return config.model_copy(update={"fields": sound})


def leave_out_unknown(mapping: Node, model: Node, schema: ResourceSchema) -> Node:
    """The mapping without the rules, filters and sorts of those fields of the model file that the schema lacks.

    Args:
        mapping: the content of the mapping file.
        model: the content of the model file.
        schema: the resource without the faulty fields.
    """
    table = model.at(("fields",))
    faulty = {name: table.at((name,)) for name in table.keys if name not in field_kinds(schema.record)}
    filters = {name for field, place in faulty.items() for name in _filter_names(field, place)}
    paths: set[tuple[Key, ...]] = set()
    for path in (("response_mapping",), ("unsupported",), ("list", "filters"), ("list", "sort", "fields")):
        place = mapping.at(path)
        for name in place.keys:
            if name.partition(".")[0] in faulty or (path[-1] == "filters" and name in filters):
                paths.add((*path, name))
    return without_parts(mapping, paths)


def _is_faulty(field: Node, places: set[tuple[str, int, int]]) -> bool:
    return any((place.file, place.line, place.column) in places for place in _places(field)) or _lacks_part(field)


def _places(node: Node) -> Iterator[Place]:
    """Where the value and its key stand, and every value and key below."""
    yield from (place for place in (node.place, node.key_place) if place is not None)
    for child in _children(node):
        yield from _places(child)


def _lacks_part(node: Node) -> bool:
    """Whether a part does not fit the schema of the file, so that it is left out already."""
    return bool(node.faulty) or any(map(_lacks_part, _children(node)))


def _children(node: Node) -> Iterable[Node]:
    if isinstance(node.value, dict):
        return node.value.values()
    return node.value if isinstance(node.value, list) else ()


def _filter_names(field: str, place: Node) -> Iterator[str]:
    """The filters that a field may have: by its parts, and by the names that these give."""
    parts = place.child("fields")
    for part in parts.keys if parts is not None else ():
        yield f"{field}_{part}"
        name = place.at(("fields", part, "filter")).value
        if isinstance(name, str):
            yield name
