"""Checks a YAML tree against a pydantic model and reports each fault at its place, with a suggestion.

It also holds the value types of the files: expressions, dotted paths, templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError, core_schema

from truto_unify.expressions import Expression, ExpressionError, parse_expression, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem

Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """A mapping with a fixed set of keys.

    Attributes:
        renamed: keys of an earlier edition, with their new names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)
    renamed: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @classmethod
    def branches(cls) -> tuple[type[Strict], ...]:
        """The models that are allowed in place of this one."""
        return (cls,)


def validate_node(model: type[Model], node: Node) -> tuple[Model | None, list[Problem]]:
    """The model built from the tree, or every reason why it cannot be built."""
    try:
        return model.model_validate(node.plain()), []
    except ValidationError as error:
        faults = error.errors(include_url=False)
    faults = [fault for fault in faults if not _is_renamed(model, node, fault)]
    return None, list(dict.fromkeys(_problem(model, node, group) for group in _groups(node, faults)))


def _is_renamed(model: type[BaseModel], node: Node, fault: ErrorDetails) -> bool:
    """Whether a missing key is present under its old name, which is a fault of its own."""
    *above, name = fault["loc"] or ("",)
    keys = node.at(above).keys
    renamed = (old for old in _renamed_at(model, tuple(above)) if fault["type"] == "missing")
    return any(old in keys and new == name for names in renamed for old, new in names.items())


def salvage_node(model: type[Model], node: Node) -> tuple[Model | None, Node]:
    """The model of a faulty tree without its faulty parts, for further checks.

    ``Node.faulty`` names the parts that are left out; a missing key of the root gets an empty value.
    """
    while True:
        try:
            return model.model_validate(node.plain()), node
        except ValidationError as error:
            faults = error.errors(include_url=False)
        missing = {str(fault["loc"][0]) for fault in faults if fault["type"] == "missing" and len(fault["loc"]) == 1}
        paths = {_path_of(node, fault["loc"]) for fault in faults} - {()}
        if not missing and not paths:
            return None, node
        node = without_parts(node, paths)
        stubs: dict[str, Any] = {name: _stub(model, name) for name in missing}
        node = replace(
            node,
            value={**node.value, **{name: replace(node, value=stub) for name, stub in stubs.items()}},
            faulty=node.faulty | missing,
        )


def _stub(model: type[BaseModel], name: str) -> Any:
    return {} if _containers(model.model_fields[name].annotation) else ""


def _path_of(node: Node, steps: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path without steps that name a branch of a union or a missing key."""
    path: tuple[str | int, ...] = ()
    for step in steps:
        child = node.child(step)
        if child is not None:
            path, node = (*path, step), child
    return path


def without_parts(node: Node, paths: set[tuple[str | int, ...]]) -> Node:
    """The tree without the parts at these paths, which ``Node.faulty`` then names."""
    inner: dict[str | int, set[tuple[str | int, ...]]] = {}
    for step, *rest in paths:
        inner.setdefault(step, set()).add(tuple(rest))
    removed = {step for step, rests in inner.items() if () in rests}
    faulty = node.faulty | {str(step) for step in removed}
    if isinstance(node.value, dict):
        children = {
            key: without_parts(child, inner.get(key, set())) for key, child in node.value.items() if key not in removed
        }
        return replace(node, value=children, faulty=faulty)
    if isinstance(node.value, list):
        indexed = enumerate(node.value)
        elements = [without_parts(child, inner.get(index, set())) for index, child in indexed if index not in removed]
        return replace(node, value=elements, faulty=faulty)
    return node


def _groups(node: Node, faults: list[ErrorDetails]) -> Iterator[list[ErrorDetails]]:
    """The faults to report, grouped if several branches of a union refuse the same value."""
    groups: dict[tuple[str | int, ...], list[ErrorDetails]] = {}
    for fault in faults:
        is_of_key = fault["type"] in {"missing", "extra_forbidden"}
        path = fault["loc"] if is_of_key else _path_of(node, fault["loc"])
        groups.setdefault(path, []).append(fault)
    outer = {path[:length] for path in groups for length in range(len(path))}
    for path, group in groups.items():
        # The branch that fits more of the value is probably the intended one.
        if path not in outer:
            yield group


def _problem(model: type[BaseModel], node: Node, group: list[ErrorDetails]) -> Problem:
    fault = group[0]
    path = tuple(fault["loc"])
    target = node.at(path)
    name = str(path[-1]) if path else ""
    if fault["type"] == "extra_forbidden":
        return _unknown_key(model, path, target)
    if fault["type"] == "missing":
        return target.problem(f'missing key "{name}"', rule="missing-key", at_key=True)
    if fault["type"] in {"union_tag_invalid", "literal_error", "enum"}:
        return _choice_problem(target, fault)
    if fault["type"] == "union_tag_not_found":
        return target.problem('missing key "type"', rule="missing-key", at_key=True)
    if fault["type"] in {"model_type", "model_attributes_type"}:
        message = f"must be a mapping; known here: {', '.join(sorted(_keys_at(model, path)))}"
        return target.problem(message, rule="wrong-type")
    words = [_words(other).removeprefix("must be ") for other in group[1:]]
    rule = _RULES.get(fault["type"], "wrong-type")
    return target.problem(" or ".join((_words(fault), *words)), rule=rule, offset=fault.get("ctx", {}).get("offset"))


def _unknown_key(model: type[BaseModel], path: tuple[str | int, ...], target: Node) -> Problem:
    name = str(path[-1])
    new = next((old[name] for old in _renamed_at(model, path[:-1]) if name in old), None)
    if new is not None:
        return target.problem(f'"{name}" is now "{new}"', rule="old-spelling", at_key=True)
    known = _keys_at(model, path[:-1])
    hint = suggest(name, known) or (f"; known here: {', '.join(sorted(known))}" if known else "")
    return target.problem(f'unknown key "{name}"{hint}', rule="unknown-key", at_key=True)


def _choice_problem(target: Node, fault: ErrorDetails) -> Problem:
    context = fault.get("ctx", {})
    expected = str(context.get("expected_tags") or context.get("expected") or "")
    choices = re.findall(r"'([^']*)'", expected)
    word = context.get("tag", target.value if not isinstance(target.value, dict | list) else "")
    hint = suggest(str(word), choices) or f"; one of {', '.join(choices)}"
    where = target.at(("type",)) if "tag" in context else target
    return where.problem(f'"{word}" is not known here{hint}', rule="unknown-choice")


_RULES = {
    "expression_error": "bad-expression",
    "form_error": "wrong-form",
    "greater_than_equal": "out-of-range",
    "large_expression": "large-expression",
    "path_error": "bad-path",
    "template_error": "bad-template",
}
_WORDS = {
    "string_type": "must be text; quote it",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping (key: value lines)",
    "tuple_type": "must be a list",
}


def _words(fault: ErrorDetails) -> str:
    message = fault["msg"]
    return _WORDS.get(fault["type"]) or message.replace("Input should", "must").removeprefix("Value error, ")


def _keys_at(model: type[BaseModel], path: tuple[str | int, ...]) -> set[str]:
    """The keys of the schema at this path, in every branch of its unions."""
    return {name for inner in _models_at(model, path) for name in _names(inner)}


def _renamed_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[Mapping[str, str]]:
    """The renamed keys at this path."""
    return [inner.renamed for inner in _models_at(model, path) if issubclass(inner, Strict)]


def _models_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[type[BaseModel]]:
    level: list[Any] = [model]
    for step in path:
        inner: list[Any] = []
        for annotation in level:
            inner += _step_into(annotation, step)
        # A step may be the name of a union's branch.
        level = (
            inner
            or [branch for annotation in level for branch in _models(annotation) if step in _tags(branch)]
            or level
        )
    return [inner_model for annotation in level for inner_model in _models(annotation)]


def _step_into(annotation: Any, step: str | int) -> list[Any]:
    annotations = []
    for model in _models(annotation):
        for name, info in model.model_fields.items():
            if step in {name, info.alias}:
                annotations.append(info.annotation)
        if model.model_config.get("extra") == "allow" and isinstance(step, str) and step not in model.model_fields:
            annotations.append(get_args(get_type_hints(model, include_extras=True)["__pydantic_extra__"])[-1])
    for container in _containers(annotation):
        if isinstance(step, int) == (get_origin(container) is not dict):
            annotations.append(get_args(container)[0 if get_origin(container) is tuple else -1])
    return annotations


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    info = model.model_fields.get("type")
    return get_args(info.annotation) if info else ()


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return list(annotation.branches())
    if get_origin(annotation) in {dict, list, tuple}:
        return []
    return [model for inner in get_args(annotation) for model in _models(inner)]


def _containers(annotation: Any) -> list[Any]:
    if get_origin(annotation) in {dict, list, tuple}:
        return [annotation]
    return [container for inner in get_args(annotation) for container in _containers(inner)]


def _names(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


class _ExpressionType:
    """The pydantic type of an expression: text in YAML, which is parsed and checked here.

    Args:
        names: the only names that the root has; None if the root is a record or body, which may have any.
    """

    def __init__(self, names: frozenset[str] | None = None) -> None:
        self._names = names

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        text_schema = core_schema.str_schema(metadata={"pydantic_js_updates": {"format": "jmespath"}})
        return core_schema.no_info_plain_validator_function(self._parse, json_schema_input_schema=text_schema)

    def _parse(self, value: Any) -> Expression:
        if not isinstance(value, str):
            raise PydanticCustomError("expression_error", "an expression must be text; quote it")
        try:
            expression = parse_expression(value)
        except ExpressionError as error:
            kind: Any = "large_expression" if error.is_too_large else "expression_error"
            raise PydanticCustomError(kind, "{reason}", {"reason": error.message, "offset": error.offset}) from None
        unknown = sorted(expression.root_names - self._names) if self._names is not None else []
        if unknown:
            known = ", ".join(sorted(self._names or ()))
            reason = f'"{unknown[0]}" is unknown here; the expression sees {known}'
            raise PydanticCustomError("expression_error", "{reason}", {"reason": reason, "offset": 0})
        return expression


Expr = Annotated[Expression, _ExpressionType()]
"""An expression; its root is a native record or body, or the element of a list."""
AccountExpr = Annotated[Expression, _ExpressionType(frozenset({"context"}))]
"""An expression over an account; it sees ``context``."""
AnswerExpr = Annotated[Expression, _ExpressionType(frozenset({"body", "headers", "last_record"}))]
"""An expression over a page: its parsed body, its headers by name in lower case, and its last record."""

_PATH = re.compile(r"@|([A-Za-z_][\w-]*(\[\])?|\d+)(\.([A-Za-z_][\w-]*(\[\])?|\d+))*")


def _parse_path(value: Any) -> tuple[str, ...]:
    if isinstance(value, tuple) and value and all(isinstance(step, str) and step for step in value):
        return value  # step by step, for names that hold dots
    if not isinstance(value, str) or not _PATH.fullmatch(value):
        message = 'a path is names joined by dots, as in data.customers, or "@" for the whole body'
        raise PydanticCustomError("path_error", "{reason}", {"reason": message})
    return () if value == "@" else tuple(value.split("."))


def _parse_paths(value: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(map(_parse_path, value if isinstance(value, tuple) and value else (value,)))


_PathText = Annotated[str, WithJsonSchema({"type": "string", "format": "dotted-path"})]
_PathForms = _PathText | tuple[str, ...]

Path = Annotated[tuple[str, ...], BeforeValidator(_parse_path, json_schema_input_type=_PathForms)]
"""The place of a value in a JSON body; () is the body itself, ``edges[].node`` goes into each element.

``args.1`` goes into the second element.
"""
Paths = Annotated[
    tuple[tuple[str, ...], ...],
    BeforeValidator(_parse_paths, json_schema_input_type=_PathText | tuple[_PathForms, ...]),
]
"""A path, or several, of which the first that exists counts."""

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """Text with ``{placeholders}``, such as ``https://{context.shop}.example``; ``{{`` and ``}}`` are braces."""

    text: str

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in it, in order."""
        return tuple(match[1] for match in _BRACES.finditer(self.text) if match[1] is not None)

    def fill(self, values: dict[str, str]) -> str:
        """The text with each placeholder replaced.

        Raises:
            KeyError: a placeholder has no value.

        >>> Template("https://{context.shop}.example").fill({"context.shop": "acme"})
        'https://acme.example'
        >>> Template('{{"shop": "{context.shop}"}}').fill({"context.shop": "acme"})
        '{"shop": "acme"}'
        """
        return _BRACES.sub(lambda match: match[0][0] if match[1] is None else values[match[1]], self.text)


def _parse_template(value: Any) -> Template:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise PydanticCustomError("template_error", "must be text")
    text = str(value)
    rest = _BRACES.sub("", text)
    if "{" in rest or "}" in rest:
        message = "a brace without its partner; a placeholder is {name}, and a brace that is sent is {twice}"
        raise PydanticCustomError("template_error", message, {"name": "{context.name}", "twice": "{{ or }}"})
    return Template(text)


_TemplateForm = Annotated[str, WithJsonSchema({"type": "string", "format": "template"})]

TemplateText = Annotated[Template, BeforeValidator(_parse_template, json_schema_input_type=_TemplateForm)]
"""Text with placeholders."""


def read_path(body: Any, path: tuple[str, ...]) -> tuple[bool, Any]:
    """Whether the path exists in the body, and its value.

    >>> read_path({"data": {"customers": []}}, ("data", "customers"))
    (True, [])
    >>> read_path({"data": None}, ("data", "customers"))
    (False, None)
    >>> read_path({"edges": [{"node": 1}, {"node": 2}]}, ("edges[]", "node"))
    (True, [1, 2])
    >>> read_path([{"id": 5}], ("0", "id"))
    (True, 5)
    """
    for index, step in enumerate(path):
        if isinstance(body, list) and step.isdecimal():
            if int(step) >= len(body):
                return False, None
            body = body[int(step)]
            continue
        name = step.removesuffix("[]")
        if not isinstance(body, dict) or name not in body:
            return False, None
        body = body[name]
        if step.endswith("[]"):
            if not isinstance(body, list):
                return False, None
            inner = [read_path(element, path[index + 1 :]) for element in body]
            return all(exists for exists, _ in inner), [value for _, value in inner]
    return True, body


def read_first(body: Any, paths: tuple[tuple[str, ...], ...]) -> tuple[bool, Any]:
    """The value at the first of these paths that exists."""
    for path in paths:
        exists, value = read_path(body, path)
        if exists:
            return True, value
    return False, None


def read_list(body: Any, paths: tuple[tuple[str, ...], ...]) -> list[Any] | None:
    """The list at the first of these paths that exists; None where anything else stands there.

    PHP writes a list whose numbers have a gap as an object, which counts as the list:
    https://www.php.net/manual/en/function.json-encode.php#refsect1-function.json-encode-notes

    >>> read_list({"data": [1]}, (("data",),)), read_list({"0": 1, "2": 3}, ((),)), read_list({"id": 1}, ((),))
    ([1], [1, 3], None)
    """
    _, value = read_first(body, paths)
    if isinstance(value, dict) and value and all(key.isdecimal() for key in value):
        return list(value.values())
    return value if isinstance(value, list) else None


def overlaps(first: str, second: str) -> bool:
    """Whether two places, written with dots, are the same or one lies inside the other.

    >>> overlaps("query.filter", "query.filter.email"), overlaps("query.filter", "query.filters")
    (True, False)
    """
    return first == second or first.startswith(f"{second}.") or second.startswith(f"{first}.")


def show_paths(paths: tuple[tuple[str, ...], ...]) -> str:
    """The paths as an author writes them.

    >>> show_paths((("data", "customers"), ()))
    'data.customers or the whole body'
    """
    return " or ".join(".".join(path) or "the whole body" for path in paths)
