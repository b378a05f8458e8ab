"""Maps native records to unified ones by the merged field table of one mapping.

=============== ========================== ======================= =================================
method          takes                      returns                 a record that does not fit
=============== ========================== ======================= =================================
``map``         the value of a record      a dict                  raises
``map_record``  the value of a record      a ``UnifiedRecord``     has ``faults``
``map_natives`` the records of a call      a ``UnifiedRecord`` of  has ``faults``
                                           each
``iter_page``   the bytes of a list answer the JSON of each record raises
``map_page``    the bytes of a list answer the JSON array          raises
=============== ========================== ======================= =================================

Values run through the compiled function of the field table, or through the interpreter (``Registry(engine=...)``), its
oracle. Bytes run through the byte path (``byte_path``); a record that does not fit there is parsed and mapped as a
value.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from truto_unify.compiler.content import Field
from truto_unify.compiler.table import Table
from truto_unify.config.schema import read_list, read_path, show_paths
from truto_unify.expressions import both_true, is_true, parse_expression
from truto_unify.forks import renew_after_fork
from truto_unify.mapping.byte_path import map_json
from truto_unify.mapping.columns import mapping_columns
from truto_unify.mapping.field_table import compilable_fields
from truto_unify.mapping.interpreted import InterpretedTable
from truto_unify.mapping.json_input import NotJson, check_texts, cut_members, cut_records, parse_json, to_strict_json
from truto_unify.mapping.override_bounds import MAX_NATIVE_BYTES, bounded, emptied, too_heavy
from truto_unify.mapping.record import NOTHING_UNMAPPED, Diagnostics, NativeRecord, UnifiedRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from typing_extensions import Buffer

    from truto_unify.compiler.table import DecodedTable
    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.config.mapping import MappingConfig
    from truto_unify.errors import MappingError
    from truto_unify.expressions import Expression
    from truto_unify.frames import Column

Engine = Literal["compiled", "interpreter"]


class MapRecord(Protocol):
    """The type of ``Mapper.map``, in both engines."""

    def __call__(
        self,
        native: Any,
        query: Any = None,
        context: Any = None,
        loaded: Any = None,
        diagnostics: Diagnostics | None = None,
    ) -> dict[str, Any]:
        """Maps one record. The result has every unified field, and the native record itself as ``remote_data``.

        Args:
            native: one record as the provider's API returns it.
            query: the native query of the call, for expressions that name it.
            context: the account's context, for expressions that name it.
            loaded: the results of side loads by name.
            diagnostics: collects the faults of the record instead of an error, and the enum values that a table lacks.

        Raises:
            MappingError: the record does not fit the mapping, and there are no ``diagnostics``.
        """
        raise NotImplementedError


class Mapper:
    """The mapping engine of one provider and resource: pure, without I/O, safe to share between threads.

    Args:
        mapping: the merged and checked mapping.
        engine: ``compiled`` runs one generated function for the whole field table; ``interpreter`` evaluates
            each expression with the official library, and is the oracle that ``compiled`` must equal.
    """

    def __init__(self, mapping: LoadedMapping, engine: Engine = "compiled") -> None:
        self.mapping = mapping
        self._engine = engine
        self._interpreted = InterpretedTable(mapping)
        self._table: Table | None = None
        self._renew_lock()
        renew_after_fork(self, Mapper._renew_lock)

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a table of mapped records."""
        return mapping_columns(self.mapping)

    # -- values ---------------------------------------------------------------------------------------------------

    @cached_property
    def map(self) -> MapRecord:
        """Maps one native record. It is the generated function itself, so that a call costs nothing more."""
        return self._interpreted.map_record if self._engine == "interpreter" else self._compile().map

    def map_record(self, native: Any, *, query: Any = None, context: Any = None, loaded: Any = None) -> UnifiedRecord:
        """Maps one record and reports its faults; never raises for the contents of the record."""
        return self._record(self.map, NativeRecord(parsed=native), query, context, loaded)

    def interpret_record(
        self, native: Any, *, query: Any = None, context: Any = None, loaded: Any = None
    ) -> UnifiedRecord:
        """As ``map_record``, with each expression evaluated by the official interpreter."""
        return self._record(self._interpreted.map_record, NativeRecord(parsed=native), query, context, loaded)

    def map_native(
        self, native: NativeRecord, *, query: Any = None, context: Any = None, loaded: Any = None
    ) -> UnifiedRecord:
        """As ``map_record``, for a record of a call."""
        return self._record(self.map, native, query, context, loaded)

    def _record(self, run: MapRecord, native: NativeRecord, query: Any, context: Any, loaded: Any) -> UnifiedRecord:
        diagnostics = Diagnostics()
        fields = run(native.value, query, context, loaded, diagnostics)
        fault = too_heavy(fields) if self.mapping.has_overrides else None
        if fault is not None:
            fields = emptied(fields)
            diagnostics.faults.append(("", fault))
        unmapped = Counter(diagnostics.unmapped) if diagnostics.unmapped else NOTHING_UNMAPPED
        is_valid = native.is_unicode and not loaded and not diagnostics.faults
        return UnifiedRecord(fields["id"], fields, native, diagnostics.faults, unmapped, is_valid=is_valid)

    # -- the records of a call ------------------------------------------------------------------------------------

    def map_natives(
        self, natives: Iterable[NativeRecord], *, query: Any = None, context: Any = None, keeps_fields: bool = True
    ) -> Iterator[UnifiedRecord | None]:
        """Maps listed records; the result is None for a record that does not belong to the resource.

        Args:
            natives: the native records; those that came as bytes take the byte path.
            query: as for ``map``.
            context: as for ``map``.
            keeps_fields: whether a later step reads more of a record than its id and its JSON.
        """
        run, has_keep, has_partial = self.map, "keep" in self._conditions, "partial" in self._conditions

        def map_value(native: NativeRecord) -> UnifiedRecord | None:
            if has_keep and not self._holds("keep", native.value):
                return None
            record = self._record(run, native, query, context, {})
            record.is_partial = has_partial and self._holds("partial", native.value)
            return record

        if self.mapping.has_overrides:
            natives = list(natives)
            is_large = any(
                native.source is not None and memoryview(native.source).nbytes > MAX_NATIVE_BYTES for native in natives
            )
            if is_large or self.mapping.has_copies or self._has_metered_conditions:
                return bounded(map(map_value, natives), self._refuse_page)
        if self._engine == "interpreter":
            return map(map_value, natives)
        records = map_json(
            self._compile(), natives, query, context, map_value, keeps_fields=keeps_fields, has_conditions=True
        )
        return bounded(records, self._refuse_page) if self.mapping.has_overrides else records

    def _refuse_page(self, message: str) -> MappingError:
        return self.error(None, "", message)

    @property
    def _has_metered_conditions(self) -> bool:
        return any(expression.is_metered for expressions in self._conditions.values() for expression in expressions)

    def _holds(self, name: str, value: Any) -> bool:
        """Whether one of the conditions of this name is true of a native record."""
        if self._engine == "compiled" and name in self._compile().conditions:
            try:
                return self._compile().conditions[name](value)
            except Exception:  # noqa: BLE001, S110 - a condition that fails is not true, but another may be
                pass
        return any(is_true(condition, value) for condition in self._conditions[name])

    @cached_property
    def _conditions(self) -> dict[str, list[Expression]]:
        return _conditions(self.mapping.config)

    def is_kept(self, native: Any) -> bool:
        """Whether a native record belongs to this resource."""
        return "keep" not in self._conditions or self._holds("keep", native)

    def is_partial(self, native: Any) -> bool:
        """Whether the list returns less of a record than ``get``, apart from side loads."""
        condition = self.mapping.config.list.is_partial if self.mapping.config.list else None
        return condition is not None and is_true(condition, native)

    # -- whole answers --------------------------------------------------------------------------------------------

    def map_page(self, body: bytes, *, query: Any = None, context: Any = None) -> bytes:
        """Maps the bytes of one native list answer to the JSON array of unified records.

        Their ``remote_data`` are the bytes of the native records.

        Raises:
            MappingError: the body is not JSON, has no list of records, or a record does not fit.
        """
        with self._refusing(body):
            records = self._map_body(body, query, context)
            return b"[" + b",".join([record.encoded or self._json_of(record) for record in records]) + b"]"

    def iter_page(self, body: bytes, *, query: Any = None, context: Any = None) -> Iterator[bytes]:
        """As ``map_page``, record by record.

        Raises:
            MappingError: the body is not JSON, has no list of records, or a record does not fit.
        """
        with self._refusing(body):
            for record in self._map_body(body, query, context):
                yield record.encoded or self._json_of(record)

    def _map_body(self, body: bytes, query: Any, context: Any) -> Iterator[UnifiedRecord]:
        """Maps each record of a list answer, whether or not it belongs to the resource."""

        def map_value(native: NativeRecord) -> UnifiedRecord:
            return self.map_native(native, query=query, context=context)

        natives = map(NativeRecord, self._cut_strict(body))
        if self._engine == "interpreter":
            return map(map_value, natives)
        return cast("Iterator[UnifiedRecord]", map_json(self._compile(), natives, query, context, map_value))

    def _json_of(self, record: UnifiedRecord) -> bytes:
        """The JSON of a record that was mapped as a value.

        Raises:
            MappingError: the record does not fit the mapping.
        """
        if record.faults:
            raise self.error(record.fields["remote_data"], *record.faults[0])
        return record.to_json()

    @contextmanager
    def _refusing(self, body: bytes) -> Iterator[None]:
        """Raises a ``MappingError`` for a body that is not JSON."""
        try:
            yield
        except (NotJson, RecursionError) as error:
            message = str(error) if isinstance(error, NotJson) else f"the body is not JSON: {error}"
            raise self.error(body.decode(errors="replace"), "", message) from None

    def _cut_strict(self, body: bytes) -> Sequence[Buffer]:
        """The JSON of each native record of a list answer.

        Raises:
            NotJson: the body is not JSON.
        """
        try:
            records = self._cut(body)
            check_texts(records)
        except NotJson:
            strict = to_strict_json(body)
            if strict is None:
                raise
            records = self._cut(strict)
            check_texts(records)
        return records

    def _cut(self, body: bytes) -> Sequence[Buffer]:
        """The bytes of each native record of a list answer."""
        paths = self.list_paths
        records = cut_records(body, paths[0])
        if records is None:
            try:
                document, _ = parse_json(body)
            except ValueError as error:
                raise NotJson(f"the body is not JSON: {error}") from None
            self.records_of(document, body)
            path = next(path for path in paths if read_path(document, path)[0])
            records = cut_records(body, path)
            return cut_members(body, path) if records is None else records
        return records

    @cached_property
    def list_paths(self) -> tuple[tuple[str, ...], ...]:
        """The paths at which a list answer may hold its records; the first that exists counts."""
        method = self.mapping.config.list
        return (self.mapping.provider.endpoint(method.endpoint).list_path if method else None) or ((),)

    def records_of(self, document: Any, body: bytes = b"") -> list[Any]:
        """The native records in a parsed list answer.

        Raises:
            MappingError: the list path is missing: the API changed, or this is not a list answer.
        """
        paths = self.list_paths
        records = read_list(document, paths)
        if records is not None:
            return records
        message = f"no list of records at {show_paths(paths)}"
        raise self.error(document or body.decode(errors="replace"), "", message)

    def error(self, native: Any, name: str, message: str) -> MappingError:
        """The error that names the rule that failed, and its place in the mapping."""
        return self._interpreted.error(native, name, message)

    # -- compiling ------------------------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """The Python source of the generated functions."""
        return self._compile().source

    def prepare(self) -> None:
        """Compiles the mapping now and not with its first record."""
        self.decoded  # noqa: B018 - reading it compiles

    @property
    def decoded(self) -> DecodedTable | None:
        """The functions of the byte path; None if the mapping reads records as a whole."""
        return self._compile().decoded

    def _compile(self) -> Table:
        """Compiles on first use, once for all threads."""
        if self._table is not None:
            return self._table
        with self._lock:
            if self._table is None:
                interpreted = self._interpreted
                fields = compilable_fields(self.mapping, interpreted.names)
                rules: dict[str, Callable[..., Any]] = {
                    "interpret_field": interpreted.map_field,
                    "interpret_record": interpreted.map_record,
                    "refuse": interpreted.refuse,
                }
                conditions = {
                    name: [expression.tree for expression in expressions]
                    for name, expressions in self._conditions.items()
                    if not any(expression.is_metered for expression in expressions)
                }
                name = f"{self.mapping.schema.name} of {self.mapping.provider.slug}"
                self._table = Table(fields, rules, conditions=conditions, name=name)
                try:
                    self._table.map  # noqa: B018 - reading it compiles
                except (SyntaxError, RecursionError, MemoryError):  # nested deeper than Python's grammar allows
                    fields = [Field(name=field.name, needs_interpreter=True) for field in fields]
                    self._table = Table(fields, rules, conditions={}, name=name)
            return self._table


def _conditions(config: MappingConfig) -> dict[str, list[Expression]]:
    """The conditions of a listed record: whether it belongs to the resource, and whether ``get`` returns more of it."""
    partial = [config.list.is_partial] if config.list and config.list.is_partial else []
    for load in config.side_loads.values():
        if "get" in load.methods:
            condition = load.id or parse_expression("id")
            for further in (load.where, load.inline.has_more if load.inline is not None else None):
                condition = condition if further is None else both_true(further, condition)
            partial.append(condition)
    conditions = {"keep": [config.where] if config.where else [], "partial": partial}
    return {name: expressions for name, expressions in conditions.items() if expressions}
