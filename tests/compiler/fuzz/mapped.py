"""Maps records twice, compiled and by the oracle, one by one and as the bytes of a page; and builds models twice."""

from __future__ import annotations

import copy
import json
import re
from math import isfinite
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from tests.compiler.fuzz.tables import native_shape, overrides
from tests.compiler.specification import OPTIONS, SpecificationInterpreter
from truto_unify import MappingError, Registry, expressions
from truto_unify.mapping.record import UnifiedRecord
from truto_unify.models.construction import models_builder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    from tests.compiler.fuzz.shapes import Shape
    from tests.compiler.fuzz.tables import Case

RESOURCE: Final = "ecommerce/customers"
COMPILED = Registry()
ORACLE = Registry(engine="interpreter")
by_the_specification = patch.multiple(
    expressions, TreeInterpreter=SpecificationInterpreter, INTERPRETER_OPTIONS=OPTIONS
)


class MappedTwice:
    """One provider's mapping, or a table in its place, by both engines.

    Args:
        slug: the provider.
        table: the ``response_mapping`` that stands in for the one that ships.

    Raises:
        ConfigError: the table is wrong.
    """

    def __init__(self, slug: str, table: dict[str, Any] | None = None) -> None:
        layers = overrides(table, COMPILED.mapping(RESOURCE, slug).config) if table is not None else []
        self.compiled = COMPILED.mapper(RESOURCE, slug, layers)
        self.oracle = ORACLE.mapper(RESOURCE, slug, layers)
        mapping = self.compiled.mapping
        self.shape: Shape = native_shape(mapping.config)
        method = mapping.config.list
        paths = mapping.provider.endpoint(method.endpoint).list_path if method else None
        self._path = (paths or ((),))[0]

    def record_difference(self, case: Case) -> str | None:
        """How the two engines differ in a record, its faults or its unmapped counts; None where they do not.

        A record without a fault must also come out as the same model, whether pydantic validates it or not.
        """
        before, records = repr(case), list[UnifiedRecord]()

        def map_compiled() -> UnifiedRecord:
            records.append(self.compiled.map_record(case.native, **case.call))
            return records[0]

        found = _told(map_compiled)
        with by_the_specification:
            wanted = _told(lambda: self.oracle.map_record(case.native, **case.call))
        if repr(case) != before:
            return "the native record was changed"
        if not wanted.startswith("UnifiedRecord("):
            return f"the oracle itself breaks: {wanted}"
        if wanted != found:
            return f"oracle {wanted}\ncompiled {found}"
        return self._model_difference(records[0].fields) if not records[0].faults else None

    def _model_difference(self, fields: dict[str, Any]) -> str | None:
        model = self.compiled.mapping.schema.record
        validated = _told(lambda: _as_shown(model.model_validate(fields)))
        if "string_unicode" in validated:  # such a record is never taken for valid
            return None
        (built,) = models_builder(model)([copy.deepcopy(fields)])
        shown = _told(lambda: _as_shown(built))
        return None if validated == shown else f"validated model {validated}\nbuilt model {shown}"

    def is_faulty(self, native: Any, call: dict[str, Any]) -> bool:
        """Whether the oracle finds a fault in the record, without side loads."""
        with by_the_specification:
            return bool(self.oracle.map_record(native, **{**call, "loaded": None}).faults)

    def body(self, records: list[str]) -> bytes:
        """The bytes of a native list answer that holds these records, each a JSON text."""
        text = f"[{','.join(records)}]"
        for step in reversed(self._path):
            text = f'{{"before": [1, {{}}], {json.dumps(step)}: {text}, "after": "x"}}'
        return text.encode()

    def page_difference(self, records: list[str], call: dict[str, Any]) -> str | None:
        """How the page of these records differs from its records mapped one by one; None where it does not.

        ``remote_data`` must also hold the very bytes that came.
        """
        body = self.body(records)
        call = {name: value for name, value in call.items() if name != "loaded"}

        def one_by_one() -> list[Any]:
            mapped = [self.oracle.map(one, **call) for one in self.oracle.records_of(json.loads(body))]
            return [{**_written(one), "remote_data": one["remote_data"]} for one in mapped]

        with by_the_specification:
            wanted = _told(one_by_one) if not _SURROGATE.search("".join(records)) else "MappingError"
        page = b""

        def at_once() -> list[Any]:
            nonlocal page
            page = self.compiled.map_page(body, **call)
            made: list[Any] = json.loads(page)
            return made

        found = _told(at_once)
        if wanted != found:
            return f"oracle {wanted}\ncompiled {found}"
        changed = [record for record in records if page and record.encode() not in page]
        return f"remote_data is not the bytes that came: {changed[0]}" if changed else None


def _written(value: Any) -> Any:
    """The value as JSON can say it: 1e400 is infinite in Python and null in JSON."""
    if isinstance(value, dict):
        return {key: _written(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_written(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


_SURROGATE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
"""The first half of a pair without the second: no Unicode text, though JSON's grammar has it."""


def _as_shown(model: BaseModel) -> tuple[BaseModel, list[str], dict[str, Any] | None, dict[str, Any]]:
    return model, sorted(model.model_fields_set), model.model_extra, model.model_dump()


def _told(run: Callable[[], Any]) -> str:
    """The result as text that tells 1, 1.0 and true apart, or what it raised."""
    try:
        return repr(run())
    except MappingError:
        return "MappingError"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        return f"raises {type(error).__name__}: {error}"
