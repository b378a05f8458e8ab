"""Finds the fields of a GraphQL schema that list the records of a resource and read a single record.

https://spec.graphql.org/October2021/#sec-Type-System
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    build_client_schema,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
    is_required_argument,
)

from truto_unify.errors import InvalidInput
from truto_unify.expressions import suggest
from truto_unify.scaffold.vocabulary import first_named, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphql import GraphQLArgument, GraphQLField, GraphQLSchema

    from truto_unify.scaffold.vocabulary import Vocabulary

_MAX_PATH_STEPS = 3
"""From Query to a list; objects that only group fields count."""
_MAX_SHOWN = 12
_LISTS = ("nodes", "items", "results", "data", "list", "records", "objects", "content", "entries", "values")
"""The names of a list beside its total."""
_TOTALS = ("totalcount", "totalitems", "total", "count")
_NEXT_CURSORS = ("nextcursor", "endcursor", "cursor")
_EXTENDS_QUERY = re.compile(r"^\s*extend\s+type\s+Query\b", re.MULTILINE)
_DEFINES_QUERY = re.compile(r"^\s*(type\s+Query|(extend\s+)?schema\b[^{]*\{[^}]*\bquery)\b", re.MULTILINE)
_AFFIXES = re.compile(r"^(all|get|list|find)_?|_?(list|connection|collection|s)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListShape:
    """How the type of a field holds a list of objects.

    Attributes:
        steps: from the value to an element; a list that the path goes through ends in ``[]``. Empty for a plain list.
        record: the type of an element, which has fields.
        has_page_info: whether ``pageInfo`` of a connection stands beside the list.
        total: the field beside the list that counts all elements; None if absent.
        next_cursor: the field beside the list that holds the cursor of the next page; None if absent.
    """

    steps: tuple[str, ...]
    record: Any
    has_page_info: bool = False
    total: str | None = None
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class QueryField:
    """A field that a query can ask for.

    Attributes:
        path: the names from Query to the field.
        arguments: the arguments of the field, by name.
    """

    path: tuple[str, ...]
    arguments: Mapping[str, GraphQLArgument]


@dataclass(frozen=True, slots=True)
class NativeList(QueryField):
    """A field that lists records.

    Attributes:
        shape: how its value holds the records.
    """

    shape: ListShape


@dataclass(frozen=True, slots=True)
class NativeGet(QueryField):
    """A field that reads one record.

    Attributes:
        id_argument: the argument that takes the id.
    """

    id_argument: str


def read_schema(text: str, name: str) -> GraphQLSchema:
    """Reads a schema.

    Args:
        text: SDL, or the JSON of an introspection result.
        name: the name of the file, for messages.

    Raises:
        InvalidInput: the text is neither, or the schema has no type Query.
    """
    try:
        if text.lstrip().startswith("{"):
            document = json.loads(text)
            schema = build_client_schema(document.get("data", document), assume_valid=True)
        else:
            schema = build_schema(_with_query(text), assume_valid=True, assume_valid_sdl=True)
    except (GraphQLError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise InvalidInput(
            f"{name} is neither a GraphQL schema in SDL nor the JSON of an introspection query: {reason}"
        ) from None
    if schema.query_type is None:
        raise InvalidInput(f"{name} has no type Query, so that nothing can be read")
    return schema


def _with_query(text: str) -> str:
    """The SDL of a schema; a subgraph may extend Query only (https://specs.apollo.dev/federation/v2.0)."""
    return f"{text}\ntype Query" if _EXTENDS_QUERY.search(text) and not _DEFINES_QUERY.search(text) else text


def find_list(schema: GraphQLSchema, name: str, words: Vocabulary, field: str | None) -> NativeList:
    """The field that lists the resource.

    Args:
        schema: the schema of the API.
        name: the name of its file, for messages.
        words: what providers call the resource.
        field: the names from Query to the field, with dots; if None, the field is found by its name.

    Raises:
        InvalidInput: there is no such list.
    """
    lists = list(native_lists(schema))
    if field is not None:
        named = _list_at(schema, field)
        if named is None:
            names = [".".join(native.path) for native in lists]
            hint = suggest(field, names) or f"; the lists of {name}: {_shown(names)}"
            raise InvalidInput(f'"{field}" is no list of objects in {name}{hint}')
        return named
    wanted = {_stem(word): rank for rank, word in reversed([*enumerate(words.resource_names)])}
    ranked = [
        (rank, len(native.path), native)
        for native in lists
        for rank in (wanted.get(_stem(native.path[-1])), wanted.get(_stem(native.shape.record.name)))
        if rank is not None
    ]
    if not ranked:
        shown = _shown([".".join(native.path) for native in lists]) or "it has none"
        raise InvalidInput(
            f"no list in {name} has a name of {words.resource_names[0]}; choose a list with --field: {shown}"
        )
    return min(ranked, key=lambda candidate: candidate[:2])[2]


def find_get(schema: GraphQLSchema, native: NativeList) -> NativeGet | None:
    """The field beside a list that reads one of its records by an id; None if there is none."""
    record = native.shape.record
    names = ("id", f"{fold(record.name)}id", "uuid")
    candidates: list[tuple[int, NativeGet]] = []
    owner: Any = schema.query_type
    for step in native.path[:-1]:
        owner = get_nullable_type(owner.fields[step].type)
    for name, field in owner.fields.items():
        if field.deprecation_reason is not None or get_nullable_type(field.type) is not record:
            continue
        for argument in field.args:
            if fold(argument) in names and is_leaf_type(get_named_type(field.args[argument].type)):
                get = NativeGet((*native.path[:-1], name), field.args, argument)
                candidates.append((names.index(fold(argument)), get))
    if candidates:
        return min(candidates, key=lambda candidate: candidate[0])[1]
    # Relay's way to read any object: https://relay.dev/graphql/objectidentification.htm
    node = schema.query_type.fields.get("node") if schema.query_type else None
    interfaces = getattr(record, "interfaces", ())
    if node is not None and "id" in node.args and get_named_type(node.type) in interfaces:
        return NativeGet(("node",), node.args, "id")
    return None


def native_lists(schema: GraphQLSchema) -> Iterator[NativeList]:
    """The lists of objects that can be queried, those with the shortest path first."""
    for path, field in _query_fields(schema):
        shape = list_shape(field.type)
        if shape is not None:
            yield NativeList(path, field.args, shape)


def list_shape(value_type: Any) -> ListShape | None:
    """How a type holds a list of objects: a plain list, a connection, or a list with a count; None for other types."""
    nullable = get_nullable_type(value_type)
    if is_list_type(nullable):
        element = get_nullable_type(nullable.of_type)
        return ListShape((), element) if has_fields(element) else None
    if not is_object_type(nullable) or "id" in nullable.fields:
        return None
    fields = nullable.fields
    steps, record = _steps(fields)
    if record is None:
        return None
    info = get_named_type(fields["pageInfo"].type) if "pageInfo" in fields else None
    has_page_info = {"hasNextPage", "endCursor"} <= {*getattr(info, "fields", ())}
    leaves = {fold(name): name for name, field in fields.items() if is_leaf_type(get_named_type(field.type))}
    return ListShape(steps, record, has_page_info, first_named(leaves, _TOTALS), first_named(leaves, _NEXT_CURSORS))


def has_fields(value_type: Any) -> bool:
    """Whether the type is an object or an interface."""
    return is_object_type(value_type) or is_interface_type(value_type)


def _steps(fields: Mapping[str, GraphQLField]) -> tuple[tuple[str, ...], Any]:
    """The steps to an element of the list among these fields, and its type; the type is None if there is no list."""
    for name in _LISTS:
        inner = _element(fields.get(name))
        if inner is not None:
            return (name,), inner
    edge = _element(fields.get("edges"))
    node = get_nullable_type(edge.fields["node"].type) if edge is not None and "node" in edge.fields else None
    return ("edges[]", "node"), node if has_fields(node) else None


def _element(field: GraphQLField | None) -> Any:
    """The type of an element of a plain list; None if the field is not a list of objects."""
    nullable = get_nullable_type(field.type) if field is not None else None
    element = get_nullable_type(nullable.of_type) if nullable is not None and is_list_type(nullable) else None
    return element if has_fields(element) else None


def _query_fields(schema: GraphQLSchema) -> Iterator[tuple[tuple[str, ...], GraphQLField]]:
    """Every field of Query and of objects that only group fields, with its shortest path; short paths come first."""
    seen = {schema.query_type}
    queue: deque[tuple[tuple[str, ...], Any]] = deque([((), schema.query_type)])
    while queue:
        path, owner = queue.popleft()
        for name, field in owner.fields.items():
            if field.deprecation_reason is not None:
                continue
            yield (*path, name), field
            inner = get_nullable_type(field.type)
            if inner in seen:
                continue
            groups = is_object_type(inner) and "id" not in inner.fields and list_shape(inner) is None
            if groups and len(path) + 1 < _MAX_PATH_STEPS and not any(map(is_required_argument, field.args.values())):
                seen.add(inner)
                queue.append(((*path, name), inner))


def _list_at(schema: GraphQLSchema, text: str) -> NativeList | None:
    """The list at a path of names with dots; None if there is none."""
    owner: Any = schema.query_type
    field: GraphQLField | None = None
    for name in text.split("."):
        field = owner.fields.get(name) if has_fields(owner) else None
        if field is None:
            return None
        owner = get_nullable_type(field.type)
    shape = list_shape(field.type) if field is not None else None
    return NativeList(tuple(text.split(".")), field.args, shape) if field is not None and shape is not None else None


def _stem(name: str) -> str:
    """The part of a list's name that is compared with the names of the resource.

    >>> [_stem(name) for name in ("allCustomers", "customerList", "customers", "Customer", "people")]
    ['customer', 'customer', 'customer', 'customer', 'people']
    """
    return fold(_AFFIXES.sub("", _AFFIXES.sub("", name)))


def _shown(names: list[str]) -> str:
    more = len(names) - _MAX_SHOWN
    return f"{', '.join(names[:_MAX_SHOWN])}{f' and {more} more' if more > 0 else ''}"
