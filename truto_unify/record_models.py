"""Turns the unified records of a call into models of the unified schema."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

if TYPE_CHECKING:
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.types import Call, Page

_PLAIN_FORMATS = ("raw", "normalized")
"""Formats whose records stay dictionaries."""


def model_page(page: Page[dict[str, Any]], call: Call, mapper: Mapper) -> Page[Any]:
    """The page with models for records, where the format of the call asks for them."""
    if call.response_format in _PLAIN_FORMATS:
        return page
    may_be_broken = bool(page.record_errors)
    return replace(page, result=[_model(record, mapper, may_be_broken) for record in page.result])


def model_record(record: dict[str, Any], call: Call, mapper: Mapper) -> Any:
    """The record as a model, where the format of the call asks for it."""
    return record if call.response_format in _PLAIN_FORMATS else _model(record, mapper, may_be_broken=False)


def _model(record: dict[str, Any], mapper: Mapper, may_be_broken: bool) -> Any:
    """The pydantic model of a record; one that ``keep_raw`` kept may lack what the model requires."""
    model: Any = mapper.mapping.schema.record
    try:
        return model.model_validate(record)
    except ValidationError as error:
        if may_be_broken or "id" not in record:
            return model.model_construct(**record)
        fault = error.errors(include_url=False)[0]
        name = ".".join(str(step) for step in fault["loc"])
        raise mapper.error(record.get("remote_data"), name, fault["msg"]) from None
