"""The schema of ``models/<model>/<resource>.yaml``: a unified resource, or fields that are added to one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from truto_unify.config.schema import Strict

ValueKind = Literal["id", "text", "phone", "time", "country", "status", "money", "decimal", "integer", "boolean"]
FieldKind = Literal[ValueKind, "object", "list"]


class ModelField(Strict):
    """A field of a unified record, or a part of an object or of the elements of a list."""

    kind: FieldKind = Field(description="What its values are; each kind has its own cleaning.", examples=["text"])
    description: str | None = Field(
        default=None, description="What it means, for the OpenAPI document.", examples=["When the doors open."]
    )
    filter: bool | str = Field(
        default=False,
        description="Whether lists are filtered by it: a field by its own name, a part of an object as object_part, "
        "a part of a list's elements as list[][part]. A text names the filter of a part, as email of emails.",
        examples=[True, "email"],
    )
    sort: bool = Field(default=False, description="Whether lists are sorted by it: a time or an id.", examples=[True])
    values: tuple[str, ...] = Field(
        default=(),
        description="Of a status, the values to which an enum may lead.",
        examples=[("live", "draft", "over")],
    )
    fields: dict[str, ModelField] = Field(
        default_factory=dict,
        description="Of an object, or of a list of objects, the parts.",
        examples=[{"name": {"kind": "text"}, "country": {"kind": "country"}}],
    )
    of: ValueKind | None = Field(default=None, description="Of a list of values, their kind.", examples=["text"])
    required: tuple[str, ...] = Field(
        default=(),
        description="Parts of which at least one must have a value; otherwise the element is dropped, or the object is "
        "null.",
        examples=[("street_1", "city")],
    )
    unique: bool | tuple[str, ...] = Field(
        default=False,
        description="Of a list of objects, the parts that make two elements equal; of a list of values, true. The "
        "first of equal ones stays.",
        examples=[("email",), True],
    )
    extension_of: str | None = Field(
        default=None,
        description="Of a text beside a phone, the part whose extension it takes.",
        examples=["number"],
    )


class ModelConfig(Strict):
    """A unified resource without Python, or fields that are added to a resource which exists already."""

    description: str | None = Field(
        default=None, description="One sentence about a record.", examples=["An event that sells tickets."]
    )
    fields: dict[str, ModelField] = Field(
        description="Each field by its name. A resource of its own has the field id, of kind id.",
        examples=[{"id": {"kind": "id"}, "starts_at": {"kind": "time", "filter": True, "sort": True}}],
    )
