"""Turns the unified records of a call into models of the unified schema."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError, create_model

from truto_unify.engine.shaping import ResultShape, shape_of
from truto_unify.models.construction import models_builder

if TYPE_CHECKING:
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.mapping.record import UnifiedRecord
    from truto_unify.types import Call, Page

_PLAIN_FORMATS = ("raw", "normalized")
"""Formats whose records stay dictionaries."""


def model_page(page: Page[UnifiedRecord], call: Call, mapper: Mapper) -> Page[Any]:
    """The page with models for records, or with dictionaries if the format of the call asks for them."""
    shape, changed = shape_of(call), cast("Page[Any]", page)
    if call.response_format in _PLAIN_FORMATS:
        return replace(changed, result=[shape.value(record) for record in page.result])
    if shape.is_whole and all([record.is_valid for record in page.result]):  # noqa: C419 - a list is faster
        build_all = models_builder(mapper.mapping.schema.record)
        return replace(changed, result=build_all([record.fields for record in page.result]), columns=mapper.columns)
    may_be_broken = bool(page.record_errors)
    columns = tuple(column for column in mapper.columns if column.name not in shape.left_out)
    models = [_model(record, shape, mapper, may_be_broken) for record in page.result]
    return replace(changed, result=models, columns=columns)


def model_record(record: UnifiedRecord, call: Call, mapper: Mapper) -> Any:
    """The record as a model, or as a dictionary if the format of the call asks for it."""
    shape = shape_of(call)
    is_plain = call.response_format in _PLAIN_FORMATS
    return shape.value(record) if is_plain else _model(record, shape, mapper, may_be_broken=False)


def _model(record: UnifiedRecord, shape: ResultShape, mapper: Mapper, may_be_broken: bool) -> Any:
    """The pydantic model of a record."""
    model: Any = mapper.mapping.schema.record
    fields = shape.value(record)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        if may_be_broken or not fields.keys() >= _required(model):
            return _incomplete_model(model, fields)
        fault = error.errors(include_url=False)[0]
        name = ".".join(str(step) for step in fault["loc"])
        raise mapper.error(fields.get("remote_data"), name, fault["msg"]) from None


def _incomplete_model(model: type[BaseModel], fields: dict[str, Any]) -> BaseModel:
    """The model of a record without a required field: the caller left it out, or ``keep_raw`` kept the record.

    The fields that the record has are validated. The others are not attributes of the model.
    """
    checked = dict(_all_optional(model).model_validate(fields))
    absent = _required(model) - fields.keys()
    return model.model_construct(**{name: value for name, value in checked.items() if name not in absent})


def _required(model: type[BaseModel]) -> set[str]:
    return {name for name, info in model.model_fields.items() if info.is_required()}


@cache
def _all_optional(model: type[BaseModel]) -> type[BaseModel]:
    """The same model, but every field may be absent or null."""
    types: dict[str, Any] = {name: model.model_fields[name].annotation for name in _required(model)}
    optional: dict[str, Any] = {name: (kind | None, None) for name, kind in types.items()}
    return create_model(model.__name__, __base__=model, **optional)
