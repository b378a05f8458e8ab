"""Builds the record models of resources that a file describes, and adds fields to models that exist."""

from __future__ import annotations

import copyreg
import json
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from truto_unify.models.fields import Instant, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    Key = tuple[str, str, str | None, type[BaseModel] | None, bool]


class _Open(BaseModel):
    """A record or a part of one; mappings may add further fields."""

    model_config = ConfigDict(extra="allow")


def define_record(
    resource: str, fields: Mapping[str, Any], description: str | None = None, parent: type[BaseModel] | None = None
) -> type[BaseModel]:
    """The pydantic model of a record; equal definitions give the same class.

    Args:
        resource: ``model/resource``, which names the class.
        fields: the definition of each field, as a model file has it.
        description: one sentence about a record.
        parent: the model that the fields are added to.

    >>> event = define_record("ticketing/events", {"id": {"kind": "id"}, "starts_at": {"kind": "time"}})
    >>> event.__name__, event(id="17").model_dump()
    ('TicketingEvents', {'id': '17', 'starts_at': None, 'remote_data': None})
    """
    name = parent.__name__ if parent is not None else _camel(resource.replace("/", "_"))
    model: type[BaseModel] = _define(name, json.dumps(fields), description, parent, False)
    return model


@cache
def _define(
    name: str, fields: str, description: str | None, parent: type[BaseModel] | None, is_part: bool
) -> type[BaseModel]:
    """The class; its arguments are the key under which a pickled record finds it again."""
    attributes = {
        field: _attribute(f"{name}{_camel(field)}", definition, is_id=field == "id" and not is_part)
        for field, definition in json.loads(fields).items()
    }
    if parent is None and not is_part:
        attributes["remote_data"] = (Any, Field(default=None, description="The store's own record, as received."))
    doc = description or (parent.__doc__ if parent is not None else None)
    arguments: dict[str, Any] = {"__base__": parent or _Open, "__module__": __name__, "__doc__": doc, **attributes}
    model: type[BaseModel] = create_model(name, **arguments)
    # No module holds the class under its name, so a pickle of a record holds the definition.
    copyreg.pickle(model, partial(_reduce, (name, fields, description, parent, is_part)))
    return model


def _attribute(class_name: str, definition: Mapping[str, Any], *, is_id: bool) -> tuple[Any, Any]:
    """The annotation and the default of a field."""
    kind = _kind(class_name, definition)
    description = definition.get("description")
    if is_id:
        return Annotated[str, kind], Field(description=description)
    if kind.is_list:
        item: Any = kind.item or _value_type(kind.of.name if kind.of is not None else "text")
        return Annotated[list[item], kind], Field(default_factory=list, description=description)
    value: Any = kind.item or _value_type(kind.name)
    return Annotated[value | None, kind], Field(default=None, description=description)


def _kind(class_name: str, definition: Mapping[str, Any]) -> Kind:
    parts, of, values = definition.get("fields"), definition.get("of"), tuple(definition.get("values", ()))
    unique = definition.get("unique", False)
    return Kind(
        name=definition["kind"],
        item=_define(class_name, json.dumps(parts), definition.get("description"), None, True) if parts else None,
        of=Kind(of, values=values) if of is not None else None,
        values=() if of is not None else values,
        required=tuple(definition.get("required", ())),
        unique=unique if isinstance(unique, bool) else tuple(unique),
        split_from=definition.get("extension_of"),
    )


def _value_type(kind: str) -> Any:
    return {"boolean": bool, "integer": int, "time": Instant}.get(kind, str)


def _camel(name: str) -> str:
    """The name as one of a class.

    >>> _camel("ticketing_events")
    'TicketingEvents'
    """
    return "".join(word.capitalize() for word in name.split("_"))


def _reduce(key: Key, record: BaseModel) -> tuple[Any, ...]:
    return _revive, key, record.__getstate__()


def _revive(*key: Any) -> BaseModel:
    """A record without values of the class with this key; pickle sets its values."""
    model = _define(*key)
    return model.__new__(model)
