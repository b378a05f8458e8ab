"""Turns native records into unified ones by the merged field table of one mapping.

The table runs compiled; interpretation by the official library stays as the oracle, and says what is wrong with a
field that failed.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from truto_unify.compiler.boundaries import guess_records
from truto_unify.compiler.mapping import Field
from truto_unify.compiler.page import NotJson, check_syntax, check_texts, cut_records
from truto_unify.compiler.table import Table
from truto_unify.config.schema import read_first, read_path, show_paths
from truto_unify.errors import MappingError
from truto_unify.expressions import both_true, is_true, parse_expression
from truto_unify.mapping.field_table import Notes, compilable_fields
from truto_unify.mapping.interpreter import Fault, Scope, make_fields
from truto_unify.mapping.json_text import RecordText, dump_record
from truto_unify.types import NativeText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from typing_extensions import Buffer

    from truto_unify.compiler.table import Decoded
    from truto_unify.config.mapping import MappingConfig
    from truto_unify.config.registry import LoadedMapping
    from truto_unify.expressions import Expression


@dataclass(slots=True)
class Mapped:
    """What came of one native record.

    Attributes:
        record: the unified record; a field that failed is null, or ``[]`` for a list.
        faults: (unified field, what is wrong) for each that failed.
        unmapped: enum fields whose native value the table lacks, as ``status=INVITED``.
        is_kept: whether the record is one of the resource at all; told of records that are given as bytes.
    """

    record: dict[str, Any]
    faults: list[tuple[str, str]] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)
    is_kept: bool = True


@dataclass(slots=True)
class MappedTexts:
    """What came of the native records of a page of bytes, all of them good.

    Attributes:
        records: the unified records as dicts, or each as a ``RecordText``; None for those that are none of the
            resource.
        unmapped: as in ``Mapped``.
    """

    records: list[Any]
    unmapped: Counter[str]


Engine = Literal["compiled", "interpreter"]
_AT_ONCE = 16
"""Records that are written together: few enough to stay in the cache of the processor."""
_ENCODER = msgspec.json.Encoder()
NO_ID = "every record must have an id"


class MapRecord(Protocol):
    """What ``Mapper.map`` is."""

    def __call__(self, native: Any, *, query: Any = None, context: Any = None, loaded: Any = None) -> dict[str, Any]:
        """One unified record, every unified field present, ``remote_data`` being the native record itself.

        Args:
            native: one record as the provider's API gives it.
            query: the native query of the call, for expressions that name it.
            context: the account's context, for expressions that name it.
            loaded: the results of side loads by name.

        Raises:
            MappingError: the record does not fit the mapping.
        """


class Mapper:
    """The mapping engine of one (provider, resource) pair: pure, without I/O, safe to share between threads.

    Args:
        mapping: the merged and checked mapping.
        engine: ``compiled`` runs one generated function for the whole field table; ``interpreter`` evaluates
            each expression with the official library, and is the oracle that the other must equal.
    """

    def __init__(self, mapping: LoadedMapping, engine: Engine = "compiled") -> None:
        self.mapping = mapping
        self._engine = engine
        self._table: Table | None = None
        self._lock = threading.Lock()
        self._makers = make_fields(mapping.schema.record, mapping.config.response_mapping)

    @cached_property
    def map(self) -> MapRecord:
        """Maps one native record: the generated function itself, so that nothing stands between it and the caller."""
        return self._interpret if self._engine == "interpreter" else self._compile().run

    def _interpret(self, native: Any, query: Any = None, context: Any = None, loaded: Any = None) -> dict[str, Any]:
        mapped = self.interpret_record(native, query=query, context=context, loaded=loaded)
        if mapped.faults:
            raise self.error(native, *mapped.faults[0])
        return mapped.record

    def _refuse(self, native: Any) -> None:
        raise self.error(native, "id", NO_ID)

    def map_page(self, body: bytes, *, query: Any = None, context: Any = None) -> bytes:
        """The JSON array of unified records for the bytes of one native list answer.

        ``remote_data`` of each is the very bytes that the record had in the answer.

        Raises:
            MappingError: the body is not JSON, its records are not where they must be, or one does not fit.
        """
        guessed = guess_records(body, self.records_paths[0])
        if guessed is not None:
            try:
                return self._join(guessed, 2 * len(body), query, context)
            except (NotJson, MappingError, RecursionError):
                pass  # it was guessed wrongly, or something is wrong with the body, which the exact way says
        with self._refusing(body):
            return self._join(map(bytes, self._cut(body)), 2 * len(body), query, context)

    def iter_page(self, body: bytes, *, query: Any = None, context: Any = None) -> Iterator[bytes]:
        """The JSON text of each unified record of one native list answer, one after the other, as ``map_page``.

        Raises:
            MappingError: the body is not JSON, its records are not where they must be, or one does not fit.
        """
        buffer = bytearray()
        with self._refusing(body):
            for record in self._cut(body):
                yield bytes(self._write_some([bytes(record)], buffer, query, context))

    def _join(self, records: Iterator[bytes], size: int, query: Any, context: Any) -> bytes:
        """The JSON array of the unified records of native ones; each is found to be one JSON text, or refused.

        Args:
            records: the native records.
            size: about how many bytes the array will have; more is better than less.
            query: as for ``map``.
            context: as for ``map``.

        Raises:
            NotJson: one is none.
        """
        # One buffer, and a few records at a time: a long page costs no more a record than a short one.
        page, buffer = BytesIO(), bytearray()
        page.seek(size)
        page.write(b"]")  # takes the room at once: a buffer that grows is copied again and again
        page.seek(0)
        write, before = page.write, b"["
        while some := list(islice(records, _AT_ONCE)):
            write(before)
            write(self._write_some(some, buffer, query, context))
            before = b","
        write(b"]" if before == b"," else b"[]")
        page.truncate()
        return page.getvalue()

    def _write_some(self, texts: Sequence[bytes], buffer: bytearray, query: Any, context: Any) -> Buffer:
        """The unified records of native ones, both as JSON, with commas between them; the buffer is overwritten."""
        check_texts(texts)
        made = self._write_decoded(texts, buffer, query, context)
        if made is None:
            check_syntax(texts)
            made = b",".join([self._map_text(text, query, context) for text in texts])
        return made

    def _write_decoded(self, texts: Sequence[bytes], buffer: bytearray, query: Any, context: Any) -> Buffer | None:
        """As ``_write_some``; None where one does not fit."""
        table = self._compile()
        decoded = table.decoded if self._engine == "compiled" else None
        if decoded is None:
            return None
        decode, write, raw = decoded.decode, decoded.write, msgspec.Raw
        try:
            made: list[Any] = [write(decode(text), raw(text), query, context, None) for text in texts]
            if None in [record.id for record in made]:
                return None
            _ENCODER.encode_into(made, buffer)
        except msgspec.ValidationError:
            return self._write_decoded(texts, buffer, query, context) if table.loosen(decoded) else None
        except Exception:  # noqa: BLE001 - whatever does not fit goes the long way, which says what it is
            return None
        return memoryview(buffer)[1:-1]

    @contextmanager
    def _refusing(self, body: bytes) -> Iterator[None]:
        """Says in our words that a body is no JSON text."""
        try:
            yield
        except (NotJson, RecursionError) as error:
            what = str(error) if isinstance(error, NotJson) else f"the body is not JSON: {error}"
            raise self.error(body.decode(errors="replace"), "", what) from None

    def _cut(self, body: bytes) -> Sequence[Buffer]:
        """The bytes of each native record of a list answer."""
        paths = self.records_paths
        records = cut_records(body, paths[0])
        if records is None:
            document = json.loads(body)
            self.records_of(document, body)
            path = next(path for path in paths if read_path(document, path)[0])
            records = cut_records(body, path)
        assert records is not None  # noqa: S101 - records_of found the list at this path
        return records

    def _map_text(self, text: bytes, query: Any, context: Any) -> bytes:
        """The unified record of a native one, both as JSON, whatever its shape."""
        record = self.map(json.loads(text), query=query, context=context)
        return dump_record({**record, "remote_data": NativeText(text)})

    @cached_property
    def records_paths(self) -> tuple[tuple[str, ...], ...]:
        """Where a list answer holds its records: the first of these places that exists."""
        method = self.mapping.config.list
        return (self.mapping.provider.endpoint(method.endpoint).records_path if method else None) or ((),)

    def records_of(self, document: Any, body: bytes = b"") -> list[Any]:
        """The native records in a parsed list answer.

        Raises:
            MappingError: the records path is missing: the API changed, or this is not a list answer.
        """
        paths = self.records_paths
        found, records = read_first(document, paths)
        if found and isinstance(records, list):
            return records
        message = f"no list of records at {show_paths(paths)}"
        raise self.error(document or body.decode(errors="replace"), "", message)

    def map_record(self, native: Any, *, query: Any = None, context: Any = None, loaded: Any = None) -> Mapped:
        """One unified record with its faults; never raises for what the record holds."""
        if native.__class__ is not dict or self._engine == "interpreter":
            return self.interpret_record(native, query=query, context=context, loaded=loaded)
        notes = Notes()
        record = self._compile().run(native, query, context, loaded, notes)
        if record["id"] is None and not notes.faults:
            notes.faults.append(("id", NO_ID))
        return Mapped(record, notes.faults, Counter(notes.unmapped))

    def map_texts(
        self, texts: Sequence[Buffer], *, query: Any = None, context: Any = None, is_written: bool = False
    ) -> MappedTexts | None:
        """The unified records of a page of bytes, where each of them fits the decoder; else None, and nothing is said.

        ``map_text`` then says it record by record.

        Args:
            texts: the native records.
            query: as for ``map``.
            context: as for ``map``.
            is_written: each record is a ``RecordText``, for those who only pass it on.
        """
        table = self._compile()
        decoded = table.decoded if self._engine == "compiled" else None
        if decoded is None:
            return None
        notes, records = Notes(), list[Any]()
        record: Any
        decode, run, write, raw, encode = decoded.decode, decoded.run, decoded.write, msgspec.Raw, _ENCODER.encode_into
        keep, partial = decoded.conditions.get("keep"), decoded.conditions.get("partial")
        buffer = bytearray()
        try:
            for text in texts:
                read = decode(text)
                if keep is not None and not keep(read):
                    records.append(None)
                    continue
                is_partial = partial is not None and partial(read)
                if is_written:
                    made: Any = write(read, raw(text), query, context, notes)
                    encode(made, buffer)
                    identity, record = made.id, RecordText(made.id, bytes(buffer), is_partial)
                else:
                    record = run(read, NativeText(bytes(text), is_partial), query, context, notes)
                    identity = record["id"]
                if identity is None:
                    return None
                records.append(record)
        except msgspec.ValidationError:
            is_new = table.loosen(decoded)
            return self.map_texts(texts, query=query, context=context, is_written=is_written) if is_new else None
        except Exception:  # noqa: BLE001 - whatever does not fit goes the long way, which says what it is
            return None
        return MappedTexts(records, Counter(notes.unmapped))

    def map_text(self, text: bytes, *, query: Any = None, context: Any = None) -> Mapped:
        """As ``map_record``, for the bytes of a record: ``remote_data`` is a ``NativeText`` of them.

        Raises:
            NotJson: the bytes are no JSON text.
        """
        page = self.map_texts([text], query=query, context=context)
        if page is not None:
            (record,) = page.records
            return Mapped(record or {}, [], page.unmapped, is_kept=record is not None)
        native = json.loads(text)
        mapped = self.map_record(native, query=query, context=context)
        told = {name: any(is_true(one, native) for one in many) for name, many in self._conditions.items()}
        mapped.is_kept = told.get("keep", True)
        mapped.record["remote_data"] = NativeText(text, told.get("partial", False))
        return mapped

    @cached_property
    def _conditions(self) -> dict[str, list[Expression]]:
        return _conditions(self.mapping.config)

    def is_kept(self, native: Any) -> bool:
        """Whether a native record is one of this resource at all."""
        keep = self.mapping.config.where
        return keep is None or is_true(keep, native)

    def is_partial(self, native: Any) -> bool:
        """Whether ``get`` would give more of a listed record."""
        told = self.mapping.config.list.is_partial if self.mapping.config.list else None
        return told is not None and is_true(told, native)

    @property
    def source(self) -> str:
        """The Python source of the generated functions."""
        return self._compile().source

    def prepare(self) -> None:
        """Compiles the mapping now rather than with its first record."""
        self.decoded  # noqa: B018 - Python compiles it here

    @property
    def decoded(self) -> Decoded | None:
        """The way for bytes; None where the mapping wants records as a whole."""
        return self._compile().decoded

    def _compile(self) -> Table:
        """Compiles on first use, once whichever thread comes first."""
        if self._table is not None:
            return self._table
        with self._lock:
            if self._table is None:
                conditions = self._conditions
                fields = compilable_fields(self.mapping, self._makers)
                rules: dict[str, Callable[..., Any]] = {
                    "slow": self._interpret_field,
                    "map_odd": self._interpret,
                    "refuse": self._refuse,
                }
                name = f"{self.mapping.schema.name} of {self.mapping.provider.slug}"
                self._table = Table(
                    fields,
                    rules,
                    conditions={key: [one.tree for one in many] for key, many in conditions.items()},
                    name=name,
                )
                try:
                    self._table.run  # noqa: B018 - Python compiles it here
                except (SyntaxError, RecursionError, MemoryError):  # deeper than Python's own grammar goes
                    fields = [Field(name=one.name, is_slow=True) for one in fields]
                    self._table = Table(fields, rules, conditions={}, name=name)
            return self._table

    def _interpret_field(
        self, name: str, native: Any, query: Any, context: Any, loaded: Any, notes: Notes | None
    ) -> Any:
        """One field by interpretation, for its exact fault."""
        make, is_list = self._makers[name]
        unmapped: Counter[str] = Counter()
        if notes is not None:  # what was noted before it failed is noted again
            notes.unmapped = [one for one in notes.unmapped if not one.startswith((f"{name}=", f"{name}."))]
        try:
            made = make(Scope(native, {"query": query, "context": context, "loaded": loaded}, unmapped))
        except Fault as fault:
            if notes is None:
                raise self.error(native, fault.name, fault.message) from None
            notes.faults.append((fault.name, fault.message))
            made = [] if is_list else None
        if notes is not None:
            notes.unmapped += unmapped.elements()
        return made

    def interpret_record(self, native: Any, *, query: Any = None, context: Any = None, loaded: Any = None) -> Mapped:
        """As ``map_record``, each expression evaluated by the official interpreter."""
        scope = Scope(native, {"query": query, "context": context, "loaded": loaded}, Counter())
        mapped = Mapped({}, unmapped=scope.unmapped)
        if not isinstance(native, dict):
            mapped.faults.append(("", f"a record must be an object, not {type(native).__name__}"))
            scope.native = {}
        for name, (make, is_list) in self._makers.items():
            try:
                mapped.record[name] = make(scope)
            except Fault as fault:
                mapped.record[name] = [] if is_list else None
                mapped.faults.append((fault.name, fault.message))
        if mapped.record.get("id") is None and not mapped.faults:
            mapped.faults.append(("id", NO_ID))
        mapped.record["remote_data"] = native
        return mapped

    def error(self, native: Any, name: str, message: str) -> MappingError:
        """The error that says which rule failed, and where it is written."""
        if isinstance(native, NativeText):
            native = json.loads(native.text)
        mapping = self.mapping
        slug, resource = mapping.provider.slug, mapping.schema.name
        place = mapping.place_of(name)
        text = f"{slug} {resource}: {name or 'record'}: {message} ({place})"
        return MappingError(text, provider=slug, resource=resource, field=name, place=place, remote_data=native)


def _conditions(config: MappingConfig) -> dict[str, list[Expression]]:
    """What is asked of a listed record beside its fields: whether it belongs here, and whether ``get`` gives more."""
    partial = [config.list.is_partial] if config.list and config.list.is_partial else []
    for load in config.side_loads.values():
        if "get" in load.methods:
            has_id = load.id or parse_expression("id")
            partial.append(has_id if load.where is None else both_true(load.where, has_id))
    told = {"keep": [config.where] if config.where else [], "partial": partial}
    return {name: many for name, many in told.items() if many}
