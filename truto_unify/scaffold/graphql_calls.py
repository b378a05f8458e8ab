"""Drafts the calls and the document of a GraphQL API from its schema."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphql import (
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from truto_unify.scaffold.context_fields import add_context_field
from truto_unify.scaffold.document_lines import indent_lines
from truto_unify.scaffold.envelope import write_path
from truto_unify.scaffold.graphql_schema import find_get, find_list, native_lists, read_schema
from truto_unify.scaffold.graphql_selection import (
    INNER_PAGE_SIZE,
    PAGE_SIZES,
    Fields,
    example_record,
    fit,
    inner_lists,
    narrow,
    select_fields,
    selection_lines,
    without_elements,
)
from truto_unify.scaffold.guess import Guess, Question
from truto_unify.scaffold.vocabulary import first_named, fold
from truto_unify.scaffold.yaml_text import Commented

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from truto_unify.scaffold.graphql_schema import NativeGet, NativeList
    from truto_unify.scaffold.shape import Path
    from truto_unify.scaffold.vocabulary import Vocabulary

_BACKWARDS = {"last", "before"}
"""Arguments of a connection that page from its end."""
_OFFSETS = ("skip", "offset", "start")
_PAGES = ("page", "pagenumber", "currentpage")
_CURSORS = ("after", "cursor", "nextcursor", "pagetoken")
_MIN_EXAMPLES, _MAX_EXAMPLES = 3, 40
_WIDTH = 110


@dataclass(frozen=True, slots=True)
class GraphqlCalls:
    """The calls that list records, and that read a single record.

    Attributes:
        native: the field that lists the records.
        getting: the field that reads a single record; None if absent.
        fields: what the document selects of a record.
        paging: the pagination block.
        is_named: whether the author named the list.
        left_out: the fields of a record that the document leaves out.
    """

    native: NativeList
    getting: NativeGet | None
    fields: Fields
    paging: Guess | Question
    is_named: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def list_path(self) -> Path:
        """The place of the records in an answer."""
        return ("data", *self.native.path, *self.native.shape.steps)

    def fit(self, record: Any) -> Any:
        """The part of a native record that the document selects."""
        return fit(record, self.fields)

    def records(self) -> list[dict[str, Any]]:
        """Invented records, in which each value of an enum occurs."""
        leaves = [selected.leaf for selected in self.fields.values() if selected.leaf is not None]
        sizes = [len(leaf.values) for leaf in leaves if is_enum_type(leaf)]
        count = min(max(_MIN_EXAMPLES, *sizes) if sizes else _MIN_EXAMPLES, _MAX_EXAMPLES)
        return [example_record(self.fields, number) for number in range(count)]

    def answers(self) -> dict[str, Any]:
        """Invented answers by method."""
        items = self.records()
        holder: Any = items
        for step in reversed(self.native.shape.steps):
            holder = {step.removesuffix("[]"): holder} if step != "node" else [{step: item} for item in items]
        if self.native.shape.total is not None and isinstance(holder, dict):
            holder[self.native.shape.total] = len(items)
        answers = {"list": _nested(("data", *self.native.path), holder)}
        if self.getting is not None:
            answers["get"] = _nested(("data", *self.getting.path), items[0])
        return answers

    def narrow(self, read: Collection[Path]) -> GraphqlCalls:
        """The calls without the fields that a mapping of these paths does not need."""
        fields = narrow(self.fields, without_elements(read))
        return replace(self, fields=fields, left_out=tuple(name for name in self.fields if name not in fields))

    # ------------------------------------------------------------------------------------------ the provider file

    def endpoints(self, slug: str, id_prefix: str, context: dict[str, Any]) -> dict[str, Any]:
        """The calls of the provider file; context fields that they need are added.

        Args:
            slug: the name of the provider.
            id_prefix: the beginning of native ids that the mapping cuts off, such as gid://shop/Customer/.
            context: the context fields of the provider file.
        """
        path = Commented("/graphql", ("ask: the path of the GraphQL endpoint",))
        name = ".".join(self.native.path)
        by_name = () if self.is_named else (f'guess: by the name of the list "{name}"; --field names another list',)
        paging = f"{'guess' if isinstance(self.paging, Guess) else 'ask: pagination'}: {self.paging.reason}"
        has_paging = bool(self.paging.value)
        listed = {
            **_call(slug, "List", path, tuple(self._ask_about_sizes())),
            "body": _body(_constants(self.native.arguments, self._paged, context)),
            "list_path": Commented(write_path(self.list_path), (*by_name, *(() if has_paging else (paging,)))),
            "pagination": Commented(self.paging.value, (paging,)) if has_paging else None,
        }
        calls = {"list": listed}
        if self.getting is not None:
            calls["get"] = self._endpoint_of_get(self.getting, slug, id_prefix, context)
        return {
            method: {key: value for key, value in call.items() if value is not None} for method, call in calls.items()
        }

    def _endpoint_of_get(
        self, getting: NativeGet, slug: str, id_prefix: str, context: dict[str, Any]
    ) -> dict[str, Any]:
        others = {name: argument for name, argument in getting.arguments.items() if name != getting.id_argument}
        constants = _constants(others, (), context)
        variables = {getting.id_argument: f"{id_prefix}{{id}}", **constants}
        is_number = get_named_type(getting.arguments[getting.id_argument].type).name == "Int"
        reason = f'guess: "{".".join(getting.path)}" reads a {self.native.shape.record.name} by its id'
        return {
            **_call(slug, "Get", "/graphql"),
            "body": Commented({"variables": variables}, (reason, *_question(constants))),
            "id_type": "number" if is_number else None,
            "record_path": write_path(("data", *getting.path)),
            "null_record": "not_found",
        }

    def _ask_about_sizes(self) -> Iterator[str]:
        lists = ", ".join(inner_lists(self.fields))
        if lists:
            yield f"ask: the document asks for {INNER_PAGE_SIZE} elements of {lists}; may a record have more of them?"

    @property
    def _paged(self) -> tuple[tuple[str, ...], ...]:
        """The places of the variables that paging sets."""
        texts = [str(value) for key, value in (self.paging.value or {}).items() if key.endswith("_body_path")]
        return tuple(tuple(text.split(".")[1:]) for text in texts)

    # ------------------------------------------------------------------------------------------ the document

    def document(self) -> str:
        """The GraphQL file: a list and a get that select the same fields."""
        record = self.native.shape.record.name
        notes = ["Drafted by truto-unify scaffold from a GraphQL schema."]
        notes += (
            [f"No rule reads these fields, which are left out: {', '.join(self.left_out)}."] if self.left_out else []
        )
        comments = [line for note in notes for line in textwrap.wrap(note, _WIDTH - 2)]
        arguments = {
            name: argument
            for name, argument in self.native.arguments.items()
            if fold(name) not in _BACKWARDS or is_required_argument(argument)
        }
        parts = [
            [
                *(f"# {line}" for line in comments),
                f"fragment Record on {record} {{",
                *selection_lines(self.fields),
                "}",
            ],
            _operation("List", arguments, self.native.path, self._list_lines()),
        ]
        if self.getting is not None:
            parts.append(_operation("Get", self.getting.arguments, self.getting.path, ["...Record"]))
        return "\n".join("".join(f"{line}\n" for line in indent_lines(lines)) for lines in parts)

    def _list_lines(self) -> list[str]:
        shape = self.native.shape
        names = [step.removesuffix("[]") for step in shape.steps]
        lines = [*(f"{name} {{" for name in names), "...Record", *("}" for _ in names)]
        kind = (self.paging.value or {}).get("type")
        if kind == "graphql_connection":
            return [*lines, "pageInfo {", "hasNextPage", "endCursor", "}"]
        beside = shape.next_cursor if kind == "cursor" else shape.total
        return [*lines, beside] if kind and beside else lines


def read_graphql(text: str, name: str, words: Vocabulary, field_name: str | None) -> GraphqlCalls:
    """The calls of a GraphQL schema that list the resource and read a record of it.

    Args:
        text: SDL, or the JSON of an introspection result.
        name: the name of the file, for messages.
        words: what providers call the resource.
        field_name: the names from Query to the list, with dots; if None, the list is found by its name.

    Raises:
        InvalidInput: the text is not a schema, or nothing in it lists the resource.
    """
    schema = read_schema(text, name)
    native = find_list(schema, name, words, field_name)
    listed = {other.shape.record.name for other in native_lists(schema)}
    return GraphqlCalls(
        native,
        find_get(schema, native),
        select_fields(native.shape.record, listed),
        _guess_paging(native),
        is_named=field_name is not None,
    )


def _places_of(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Where the arguments of a list, and the plain fields of its input objects, stand among the variables."""
    arguments = {name: argument for name, argument in arguments.items() if argument.deprecation_reason is None}
    inner = {
        fold(part): f"variables.{name}.{part}"
        for name, argument in arguments.items()
        if is_input_object_type(get_named_type(argument.type)) and not is_list_type(get_nullable_type(argument.type))
        for part, definition in get_named_type(argument.type).fields.items()
        if is_leaf_type(get_named_type(definition.type))
    }
    return {**inner, **{fold(name): f"variables.{name}" for name in arguments}}


def _guess_paging(native: NativeList) -> Guess | Question:
    """The pagination block that the arguments of a list and the fields beside it suggest."""
    shape, places = native.shape, _places_of(native.arguments)
    holder = ("data", *native.path)
    size, unseen = first_named(places, PAGE_SIZES), "; max_page_size is a guess"
    cursor = first_named(places, _CURSORS)
    if size is not None and cursor is not None and shape.has_page_info:
        rule: dict[str, Any] = {"type": "graphql_connection", "connection_path": write_path(holder)}
        rule |= {"cursor_body_path": cursor, "page_size_body_path": size, "max_page_size": 50}
        return Guess(rule, f"a connection with pageInfo{unseen}")
    total = {"total_path": write_path((*holder, shape.total))} if shape.total is not None else {}
    for kind, names, key in (("offset", _OFFSETS, "offset_body_path"), ("page_number", _PAGES, "page_body_path")):
        place = first_named(places, names)
        if place is not None and size is not None:
            rule = {"type": kind, key: place, "page_size_body_path": size, "max_page_size": 100, **total}
            return Guess(rule, f"by the arguments {_last(place)} and {_last(size)}{unseen}")
    if size is not None and cursor is not None and shape.next_cursor is not None:
        rule = {"type": "cursor", "cursor_path": write_path((*holder, shape.next_cursor)), "cursor_body_path": cursor}
        rule |= {"page_size_body_path": size, "max_page_size": 50}
        return Guess(rule, f"by the arguments {_last(cursor)} and {_last(size)}{unseen}")
    return Question(
        None, "the list has no arguments for pages that are known here; without them, a single answer is the whole list"
    )


def _last(path: str) -> str:
    return f'"{path.rpartition(".")[2]}"'


def _constants(
    arguments: Mapping[str, Any], paged: tuple[tuple[str, ...], ...], context: dict[str, Any]
) -> dict[str, Any]:
    """The variables that the schema requires, with values; those of paging are left out."""
    values: dict[str, Any] = {}
    for name, argument in arguments.items():
        inside = tuple(path[1:] for path in paged if path[:1] == (name,))
        if () in inside or not (is_required_argument(argument) or inside):
            continue
        value = _required_value(name, argument.type, inside, context)
        if value != {} or not inside:
            values[name] = value
    return values


def _required_value(
    name: str,
    value_type: Any,
    paged: tuple[tuple[str, ...], ...],
    context: dict[str, Any],
    above: tuple[Any, ...] = (),
) -> Any:
    """An example of a type; no value satisfies an input object that requires itself, so its example ends there."""
    nullable = get_nullable_type(value_type)
    if is_list_type(nullable):
        return []
    if is_input_object_type(nullable):
        return {
            part: _required_value(part, inner.type, (), context, (*above, nullable))
            for part, inner in nullable.fields.items()
            if is_required_input_field(inner) and (part,) not in paged and nullable not in above
        }
    if is_enum_type(nullable):
        return next(iter(nullable.values), None)
    if nullable.name in {"Int", "Float", "Boolean"}:
        return {"Int": 1, "Float": 1, "Boolean": False}[nullable.name]
    return add_context_field(context, name)


def _question(constants: Mapping[str, Any]) -> Iterator[str]:
    if constants:
        yield f"ask: the schema requires {', '.join(constants)}; which values are right?"


def _body(constants: dict[str, Any]) -> Commented | None:
    return Commented({"variables": constants}, tuple(_question(constants))) if constants else None


def _call(slug: str, operation: str, path: Any, comments: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the list call and the get call share; each is a POST that changes nothing."""
    document = {"document": f"{slug}.graphql", "operation": operation}
    return {"method": "POST", "path": path, "read_only": True, "graphql": Commented(document, comments)}


def _operation(name: str, arguments: Mapping[str, Any], path: tuple[str, ...], inner: list[str]) -> list[str]:
    """A query with a variable for each argument of its field."""
    shown = {key: argument for key, argument in arguments.items() if argument.deprecation_reason is None}
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in shown.items())
    passed = ", ".join(f"{key}: ${key}" for key in shown)
    calls = [*path[:-1], f"{path[-1]}({passed})" if shown else path[-1]]
    head = f"query {name}({declared}) {{" if shown else f"query {name} {{"
    return [head, *(f"{call} {{" for call in calls), *inner, *("}" for _ in calls), "}"]


def _nested(path: tuple[str, ...], value: Any) -> Any:
    for step in reversed(path):
        value = {step: value}
    return value
