"""Maps records twice, compiled and by the oracle, singly and as the bytes of a page; and builds models twice."""

from __future__ import annotations

import copy
import json
from math import isfinite
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from tests.compiler.fuzz.tables import native_shape, overrides
from tests.compiler.specification import OPTIONS
from tests.laid_over import mapper_of_file
from tests.shipped import REGISTRY
from truto_unify import MappingError, Registry, tree_interpreter
from truto_unify.mapping.json_input import to_strict_json
from truto_unify.mapping.record import UnifiedRecord
from truto_unify.models.construction import models_builder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    from tests.compiler.fuzz.shapes import Shape
    from tests.compiler.fuzz.tables import Case

COMPILED = REGISTRY
ORACLE = Registry(engine="interpreter")
by_the_specification = patch.object(tree_interpreter, "INTERPRETER_OPTIONS", OPTIONS)


class MappedTwice:
    """One mapping of a provider, or a table in its place, by both engines.

    Args:
        resource: the unified resource.
        slug: the provider.
        table: a ``response_mapping`` in place of the shipped one.

    Raises:
        ConfigError: the table is wrong.
    """

    def __init__(self, resource: str, slug: str, table: dict[str, Any] | None = None) -> None:
        layers = overrides(table, COMPILED.mapping(resource, slug)) if table is not None else []
        self.compiled, self.oracle = (
            mapper_of_file(registry, resource, slug, *layers) for registry in (COMPILED, ORACLE)
        )
        mapping = self.compiled.mapping
        self.shape: Shape = native_shape(mapping)
        method = mapping.config.list
        paths = mapping.provider.endpoint(method.endpoint).list_path if method else None
        self._path = (paths or ((),))[0]

    def record_difference(self, case: Case) -> str | None:
        """How the two engines differ in a record, its faults or its unmapped counts; None if they do not.

        A record without a fault must also give the same model, with and without the validation of pydantic.
        """
        before, records = repr(case), list[UnifiedRecord]()

        def map_compiled() -> UnifiedRecord:
            records.append(self.compiled.map_record(case.native, **case.call))
            return records[0]

        compiled = _outcome(map_compiled)
        with by_the_specification:
            wanted = _outcome(lambda: self.oracle.map_record(case.native, **case.call))
        if repr(case) != before:
            return "the native record was changed"
        if not wanted.startswith("UnifiedRecord("):
            return f"the oracle itself breaks: {wanted}"
        if wanted != compiled:
            return f"oracle {wanted}\ncompiled {compiled}"
        return self._model_difference(records[0].fields) if not records[0].faults else None

    def _model_difference(self, fields: dict[str, Any]) -> str | None:
        model = self.compiled.mapping.schema.record
        validated = _outcome(lambda: _as_shown(model.model_validate(fields)))
        if "string_unicode" in validated:  # such a record is never taken for valid
            return None
        (built,) = models_builder(model)([copy.deepcopy(fields)])
        shown = _outcome(lambda: _as_shown(built))
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
        """How the page of these records differs from its records mapped singly; None if it does not.

        ``remote_data`` must also hold the bytes of the native records, with U+FFFD for half of a character.
        """
        body = self.body(records)
        strict = to_strict_json(body) or body
        call = {name: value for name, value in call.items() if name != "loaded"}

        def singly() -> list[Any]:
            mapped = [self.oracle.map(native, **call) for native in self.oracle.records_of(json.loads(strict))]
            return [{**_as_json(record), "remote_data": record["remote_data"]} for record in mapped]

        with by_the_specification:
            wanted = _outcome(singly)
        page = b""

        def as_page() -> list[Any]:
            nonlocal page
            page = self.compiled.map_page(body, **call)
            unified: list[Any] = json.loads(page)
            return unified

        compiled = _outcome(as_page)
        if wanted != compiled:
            return f"oracle {wanted}\ncompiled {compiled}"
        natives = [record.encode() for record in records]
        changed = [native for native in natives if page and (to_strict_json(native) or native) not in page]
        return f"remote_data is not the native bytes: {changed[0]!r}" if changed else None


def _as_json(value: Any) -> Any:
    """The value as JSON can represent it: 1e400 is infinite in Python and null in JSON."""
    if isinstance(value, dict):
        return {key: _as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_json(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _as_shown(model: BaseModel) -> tuple[BaseModel, list[str], dict[str, Any] | None, dict[str, Any]]:
    return model, sorted(model.model_fields_set), model.model_extra, model.model_dump()


def _outcome(run: Callable[[], Any]) -> str:
    """The result as a text that distinguishes 1, 1.0 and true, or the error."""
    try:
        return repr(run())
    except MappingError:
        return "MappingError"
    except Exception as error:  # noqa: BLE001 - any other error is a finding
        return f"raises {type(error).__name__}: {error}"
