"""Writes the types of public calls from the unified schema: ``make signatures``.

``truto_unify/models/queries.py`` is written as a whole. In the modules of the clients, the overloads before each
method are written again.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.library_page import write_page
from truto_unify.models import RESOURCES
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from truto_unify.models.resource import ResourceSchema

PACKAGE = Path(__file__).resolve().parents[1] / "truto_unify"
QUERIES = PACKAGE / "models" / "queries.py"
CLIENTS = (PACKAGE / "calls.py", PACKAGE / "client.py", PACKAGE / "async_client.py")

HEAD = '''"""The typed query of each unified resource, written by ``make signatures`` from the unified schema."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, Required, TypedDict

from truto_unify.models.query_values import (
    DictFormat,
    GetOptions,
    ListOptions,
    ModelFormat,
    TextFilter,
    TextValue,
    TimeFilter,
)
from truto_unify.types import Direction
'''
_PART_TYPES = {"text": "TextValue", "phone": "TextValue", "integer": "int", "boolean": "bool"}
_OVERLOADS = re.compile(r"(?:    @overload\n.*?: \.\.\.\n\n?)+(?=    (?:async )?def )", re.DOTALL)
_METHOD = re.compile(r"^    (?:async )?def (\w+)\(", re.MULTILINE)


@dataclass(frozen=True)
class Variant:
    """One overload of a method, for each resource; ``{record}`` is the name of its model.

    Attributes:
        query: the keyword arguments.
        result: what it returns.
        parameters: those that stand before the keyword arguments, after ``account``.
        is_coroutine: whether it is awaited.
        response_format: the parameter of this name, for resources whose query has no type.
    """

    query: str
    result: str
    parameters: str = "/"
    is_coroutine: bool = False
    response_format: str = ""

    def overload(self, method: str, schema: ResourceSchema) -> str:
        """The source of the overload."""
        record = schema.record.__name__
        parameters, result = self.parameters.format(record=record), self.result.format(record=record)
        query = f"Unpack[{self.query.format(record=record)}]"
        return self._source(method, _plural(schema), parameters, query, result)

    def own_overload(self, method: str) -> str:
        """The source of the overload for the schema of a resource of one's own, whose filters have no types."""
        parameters = self.parameters.replace("{record}Field", "str")
        if self.response_format:
            star = "" if "*" in parameters else "*, "
            parameters = f"{parameters}, {star}response_format: {self.response_format}"
        resource = "ResourceSchema[RecordModel]" if "{record}" in self.result else "ResourceSchema[Any]"
        return self._source(method, resource, parameters, "Any", self.result.format(record="RecordModel"))

    def _source(self, method: str, resource: str, parameters: str, query: str, result: str) -> str:
        head = "async def" if self.is_coroutine else "def"
        parameters = f"self, resource: {resource}, account: Account, {parameters}"
        return f"    @overload\n    {head} {method}({parameters}, **query: {query}) -> {result}: ...\n"


_MODELS, _DICTS = 'ModelFormat = "unified"', "DictFormat"


def _of_list(result: str, parameters: str = "/", *, is_coroutine: bool = False) -> tuple[Variant, ...]:
    """Records are models in some formats and dictionaries in others."""
    return (
        Variant("{record}Query", result, parameters, is_coroutine, _MODELS),
        Variant("{record}DictQuery", result.replace("{record}", "dict[str, Any]"), parameters, is_coroutine, _DICTS),
    )


def _of_get(result: str, *, is_coroutine: bool = False) -> tuple[Variant, ...]:
    parameters = "record_id: str, /"
    return (
        Variant("{record}GetOptions", result, parameters, is_coroutine, _MODELS),
        Variant(
            "{record}GetDictOptions", result.replace("{record}", "dict[str, Any]"), parameters, is_coroutine, _DICTS
        ),
    )


_KEY_BY = "/, *, key_by: {record}Field | None = None"
METHODS: dict[str, dict[str, tuple[Variant, ...]]] = {
    "calls.py": {
        "explain": (
            Variant("{record}Query", "Explanation", "record_id: None = None, /"),
            Variant("{record}GetOptions", "Explanation", "record_id: str, /"),
        ),
    },
    "client.py": {
        "list": _of_list("Page[{record}]"),
        "get": _of_get("{record}"),
        "pages": _of_list("Iterator[Page[{record}]]"),
        "iterate": _of_list("Iterator[{record}]"),
    },
    "async_client.py": {
        "list": _of_list("Page[{record}]", is_coroutine=True),
        "get": _of_get("{record}", is_coroutine=True),
        "pages": _of_list("AsyncIterator[Page[{record}]]"),
        "iterate": _of_list("AsyncIterator[{record}]"),
        "list_json": _of_list("JsonPage", _KEY_BY, is_coroutine=True),
        "get_json": _of_get("bytes", is_coroutine=True),
        "iterate_json": _of_list("AsyncIterator[bytes]"),
    },
}


def write_queries() -> str:
    """The source of ``models/queries.py``."""
    names = ", ".join(f'"{name}"' for name in RESOURCES)
    resources = f'ResourceName = Literal[{names}]\n"""Every unified resource."""\n'
    return _formatted("\n".join([HEAD, resources, *map(_resource_types, RESOURCES.values())]))


def _resource_types(schema: ResourceSchema) -> str:
    record, plural = schema.record.__name__, _plural(schema)
    fields = ", ".join(f'"{name}"' for name in (*field_kinds(schema.record), "remote_data"))
    elements = {name: f"{record}{_camel(name)}" for name in schema.element_filters}
    filters = {
        **dict.fromkeys(schema.time_filters, "TimeFilter"),
        **dict.fromkeys((*schema.text_filters, *schema.inner_filters), "TextFilter"),
        **{name: f"{element} | Sequence[{element}]" for name, element in elements.items()},
    }
    exclude = {"exclude_fields": f"Collection[{record}Field] | None"}
    models, dicts = {"response_format": "ModelFormat"}, {"response_format": "Required[DictFormat]"}
    what = schema.name.rpartition("/")[2]
    blocks = [
        f'{plural} = Literal["{schema.name}"]\n{record}Field = Literal[{fields}]\n',
        *(
            _typed_dict(
                element,
                "TypedDict",
                f"Parts of an element of ``{name}``, all of which must match the same one.",
                {part: _PART_TYPES[kind] for part, kind in schema.element_filters[name].items()},
            )
            for name, element in elements.items()
        ),
        _typed_dict(
            f"{record}Sort",
            "TypedDict",
            f"The field that {what} are sorted by.",
            dict.fromkeys(schema.sorts, "Direction"),
        ),
        _typed_dict(
            f"_{record}Query",
            "ListOptions",
            f"Filters, sort and options of a list of {what}.",
            {**filters, "sort_by": f"{record}Sort | None", **exclude},
        ),
        _typed_dict(f"{record}Query", f"_{record}Query", "The same, for records that are models.", models),
        _typed_dict(f"{record}DictQuery", f"_{record}Query", "The same, for records that are dictionaries.", dicts),
        _typed_dict(f"_{record}GetOptions", "GetOptions", f"Options of a get of one of the {what}.", exclude),
        _typed_dict(f"{record}GetOptions", f"_{record}GetOptions", "The same, for a record that is a model.", models),
        _typed_dict(
            f"{record}GetDictOptions", f"_{record}GetOptions", "The same, for a record that is a dictionary.", dicts
        ),
    ]
    return "\n".join(blocks)


def _typed_dict(name: str, parent: str, docstring: str, types: dict[str, str]) -> str:
    body = "".join(f"    {key}: {annotation}\n" for key, annotation in types.items())
    return f'class {name}({parent}, total=False):\n    """{docstring}"""\n\n{body}'


def _plural(schema: ResourceSchema) -> str:
    return _camel(schema.name.rpartition("/")[2])


def _camel(name: str) -> str:
    return name.title().replace("_", "")


def write_client(path: Path) -> str:
    """The source of a module with its overloads written again."""
    variants = METHODS[path.name]

    def with_overloads(method: re.Match[str]) -> str:
        known = variants.get(method[1], ())
        lines = [variant.overload(method[1], schema) for schema in RESOURCES.values() for variant in known]
        own = [variant.own_overload(method[1]) for variant in _own_variants(known)]
        return "".join([*lines, *own, method[0]])

    return _formatted(_METHOD.sub(with_overloads, _OVERLOADS.sub("", path.read_text(encoding="utf-8"))))


def _own_variants(variants: tuple[Variant, ...]) -> list[Variant]:
    """The overloads for resources of one's own: one, if the result does not depend on the format."""
    unformatted = {(variant.result, variant.parameters): replace(variant, response_format="") for variant in variants}
    return [*variants] if len(unformatted) == len(variants) else [*unformatted.values()]


def _formatted(source: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "written.py", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True, encoding="utf-8").stdout


def main() -> None:
    """Writes the files."""
    write_page(PACKAGE.parent)
    QUERIES.write_text(write_queries(), encoding="utf-8")
    for path in CLIENTS:
        path.write_text(write_client(path), encoding="utf-8")


if __name__ == "__main__":
    main()
