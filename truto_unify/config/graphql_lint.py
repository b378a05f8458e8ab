"""Cross checks of GraphQL: each document by itself, and what a provider file says of the operations in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.config.graphql_document import (
    UnreadableDocument,
    answer_selection,
    read_document,
    selected_at,
)
from truto_unify.config.pagination import GraphqlConnectionPagination
from truto_unify.config.request_parts import endpoint_parts, paging_parts
from truto_unify.config.schema import show_paths
from truto_unify.errors import Problem
from truto_unify.expressions import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from truto_unify.config.graphql_document import Definition, Document
    from truto_unify.config.provider import Endpoint
    from truto_unify.config.request_parts import RequestPart
    from truto_unify.config.yaml import Node

VARIABLE = "graphql-variable"


def check_document(text: str, file: str) -> list[Problem]:
    """The problems of a document, at their places in it: its syntax, its names and its variables.

    Args:
        text: the document.
        file: its name in problems.
    """
    try:
        document = read_document(text)
    except UnreadableDocument as error:
        return [_problem(text, file, error.offset, f"not GraphQL: {error}", "graphql-syntax")]
    faults = [*_check_names(document), *_check_variables(document)]
    return [_problem(text, file, offset, message, rule) for offset, message, rule in dict.fromkeys(faults)]


def _problem(text: str, file: str, offset: int, message: str, rule: str) -> Problem:
    lines = re.split(r"\r\n|\n|\r", text[:offset])
    number, column = len(lines), len(lines[-1]) + 1
    line = re.split(r"\r\n|\n|\r", text)[number - 1]
    indent = len(line) - len(line.lstrip())
    snippet = f"    {line.strip()}\n    {' ' * (column - 1 - indent)}^" if line.strip() else ""
    return Problem(file, number, column, message, snippet, rule)


def _check_names(document: Document) -> Iterator[tuple[int, str, str]]:
    fragments = document.fragments
    taken: set[tuple[bool, str]] = set()
    for definition in document.definitions:
        name = definition.kind == "fragment", definition.name
        if name in taken:
            what = "fragment" if name[0] else "operation"
            yield definition.offset, f'a second {what} of the name "{definition.name}"', "graphql-name"
        taken.add(name)
        for spread, offset in definition.spreads:
            if spread not in fragments:
                hint = suggest(spread, fragments) or f"; it has {', '.join(fragments) or 'none'}"
                yield offset, f'the document has no fragment "{spread}"{hint}', "graphql-name"
            elif definition in document.parts_of(fragments[spread]):
                yield offset, f'the fragment "{spread}" would hold itself here', "graphql-name"


def _check_variables(document: Document) -> Iterator[tuple[int, str, str]]:
    """Servers refuse an operation that uses what it does not declare, or declares what it does not use.

    https://spec.graphql.org/October2021/#sec-All-Variable-Uses-Defined
    """
    for operation in document.operations.values():
        parts = document.parts_of(operation)
        uses = {name: offset for part in reversed(parts) for name, offset in reversed(part.uses)}
        for name, offset in uses.items():
            if name not in operation.variables:
                yield offset, f"{_missing(operation, name)}, and uses it here", VARIABLE
        is_whole = all(name in document.fragments for part in parts for name, _ in part.spreads)
        for name, variable in operation.variables.items() if is_whole else ():
            if name not in uses:
                message = f'the operation "{operation.name}" declares ${name} and does not use it, which servers refuse'
                yield variable.offset, f"{message}; remove it, or give it to a field", VARIABLE


def _missing(operation: Definition, name: str) -> str:
    hint = suggest(name, operation.variables) or f" (it declares {_listed(operation)})"
    return f'the operation "{operation.name}" declares no variable ${name}{hint}'


def _listed(operation: Definition) -> str:
    return ", ".join(f"${name}" for name in operation.variables) or "none"


def check_operation(endpoint: Endpoint, node: Node, documents: Mapping[str, str]) -> Iterator[Problem]:
    """The document, the operation, its variables and its selection, of an endpoint with GraphQL."""
    if endpoint.graphql is None:
        return
    document, name = endpoint.graphql.document, endpoint.graphql.operation
    place = node.at(("graphql",))
    if document not in documents:
        message = f'no file "{document}" beside the provider file'
        yield place.at(("document",)).problem(message, rule="graphql-document")
        return
    try:
        operations = read_document(documents[document]).operations
    except UnreadableDocument:
        return  # a problem of the document
    if name not in operations:
        hint = suggest(name, operations) or f"; it has {', '.join(operations) or 'none'}"
        message = f'"{document}" has no operation "{name}"{hint}'
        yield place.at(("operation",)).problem(message, rule="graphql-operation")
        return
    if endpoint.read_only and operations[name].kind != "query":
        message = f'"{name}" is a {operations[name].kind}, and the endpoint says read_only'
        yield place.at(("operation",)).problem(message, rule="read-only-mutation")
    yield from check_declared([*endpoint_parts(endpoint), *paging_parts(endpoint)], operations[name], node)
    yield from _check_selected_paths(endpoint, node, documents)


def check_declared(parts: Iterable[RequestPart], operation: Definition, node: Node) -> Iterator[Problem]:
    """A problem for each part of a request that goes into no variable of the operation.

    Args:
        parts: what is sent.
        operation: the operation that is sent.
        node: of the method or the side load that holds the rules of the parts.
    """
    for part in parts:
        path, place = tuple(part.path or ()), node.at(part.source)
        if len(path) > 1 and path[0] == "variables" and path[1] not in operation.variables:
            message = f"{_missing(operation, path[1])}, which {part.label} sends"
            yield place.problem(message, rule=VARIABLE, at_key=part.is_key)
        elif (part.param is not None and part.is_filled) or (part.is_paging and path[:1] != ("variables",)):
            message = (
                f'{part.label} fills "{part.name}", and a GraphQL operation sees variables alone; '
                f"write the path of one, as variables.{part.name.rpartition('.')[2]}"
            )
            # A gateway before the store may read parameters of its own.
            yield replace(place.problem(message, rule="graphql-parameter", at_key=part.is_key), is_warning=True)


def check_required(sent: Collection[str], operation: Definition, place: Node, call: str) -> Iterator[Problem]:
    """A problem for each variable that the operation needs and that a call does not always send.

    Args:
        sent: the names of the variables that each such request sends.
        operation: the operation that is sent.
        place: what names the endpoint.
        call: the call in messages, as ``a list``.
    """
    for name, variable in operation.variables.items():
        if variable.is_required and name not in sent:
            message = (
                f'{call} does not always send ${name}, which "{operation.name}" requires ({variable.type}); '
                "send it in the body, below variables, or give it a default in the document"
            )
            yield place.problem(message, rule=VARIABLE)


def sent_by_endpoint(endpoint: Endpoint) -> frozenset[str]:
    """The variables that each request of an endpoint sends, whatever the mapping adds."""
    places = [place.split(".") for place in (endpoint.pagination.constant_places if endpoint.pagination else ())]
    return variables_of(endpoint.body or {}) | {place[1] for place in places if place[0] == "variables" and place[1:]}


def variables_of(body: Mapping[str, Any]) -> frozenset[str]:
    """The variables that a body sends.

    >>> sorted(variables_of({"variables": {"first": 5, "filter": {}}}))
    ['filter', 'first']
    """
    variables = body.get("variables")
    return frozenset(variables) if isinstance(variables, Mapping) else frozenset()


def _check_selected_paths(endpoint: Endpoint, node: Node, documents: Mapping[str, str]) -> Iterator[Problem]:
    """A problem for each place of the answer that is read and that the operation does not select."""
    answer = answer_selection(endpoint, documents)
    if answer is None:
        return
    read: list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]] = [
        (("list_path",), endpoint.list_path or ()),
        (("record_path",), endpoint.record_path or ()),
    ]
    pagination = endpoint.pagination
    for name, path in pagination or ():
        if path and name.endswith("_path") and not name.endswith("_body_path"):
            read.append((("pagination", name), (path,)))
    if isinstance(pagination, GraphqlConnectionPagination) and selected_at(answer, pagination.connection_path):
        inner = [(*pagination.connection_path, "pageInfo", name) for name in ("hasNextPage", "endCursor")]
        read += [(("pagination", "connection_path"), (path,)) for path in inner]
    for place, paths in read:
        # Other parts of an answer, such as "extensions", do not follow from the operation.
        if paths and not any(path[:1] != ("data",) or selected_at(answer, path) is not None for path in paths):
            message = f"the GraphQL operation does not select {show_paths(paths)}"
            yield node.at(place).problem(message, rule="graphql-selection")
