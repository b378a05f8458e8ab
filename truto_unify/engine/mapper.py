"""Turns native records into unified ones by the merged field table of one mapping.

The table runs compiled; interpretation by the official library stays as the oracle, and says what is wrong with a
field that failed.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from truto_unify import values
from truto_unify.compiler.mapping import Field, Part, is_compilable
from truto_unify.compiler.page import NotJson, cut_records
from truto_unify.compiler.table import Table
from truto_unify.compiler.times import pass_canonical
from truto_unify.config.schema import read_first, read_path, show_paths
from truto_unify.errors import MappingError
from truto_unify.expressions import EvaluationError, Expression, evaluate
from truto_unify.models.fields import Kind, field_kinds

if TYPE_CHECKING:
    from truto_unify.config.mapping import ElementRule, FieldRule
    from truto_unify.config.registry import LoadedMapping

_INDEX = re.compile(r"\[\d+\]")
_KEEP: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "emails": values.keep_emails,
    "phones": values.keep_phones,
    "addresses": values.keep_addresses,
    "all": list,
}


@dataclass(slots=True)
class Mapped:
    """What came of one native record.

    Attributes:
        record: the unified record; a field that failed is null, or ``[]`` for a list.
        faults: (unified field, what is wrong) for each that failed.
        unmapped: enum fields whose native value the table lacks, as ``status=INVITED``.
    """

    record: dict[str, Any]
    faults: list[tuple[str, str]] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)


class _Fault(ValueError):
    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


@dataclass(slots=True)
class _Scope:
    """What the rules of one record see and note."""

    native: Any
    call: Mapping[str, Any]
    unmapped: Counter[str]


_Make = Callable[[_Scope], Any]
_Clean = Callable[[Any, _Scope], Any]


Engine = Literal["compiled", "interpreter"]
NO_ID = "every record must have an id"


class Notes:
    """What the mapping of records has to say beside the records.

    Attributes:
        faults: (unified field, what is wrong) for each that failed.
        unmapped: each enum value that the table lacks, as ``status=INVITED``.
    """

    __slots__ = ("faults", "unmapped")

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []
        self.unmapped: list[str] = []


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
        self._run: Callable[..., dict[str, Any]] | None = None
        self._lock = threading.Lock()
        kinds = self._kinds = field_kinds(mapping.schema.record)
        rules = mapping.config.response_mapping
        self._makers: dict[str, tuple[_Make, bool]] = {}
        for name, kind in kinds.items():
            rule = rules.get(name)
            make: _Make = _empty_list if kind.item else _null
            self._makers[name] = (_maker(name, rule, kind) if rule else make, kind.item is not None)
        for name, rule in rules.items():
            if name not in kinds:
                self._makers[name] = (_maker(name, rule, None), rule.each is not None)

    def map(self, native: Any, *, query: Any = None, context: Any = None, loaded: Any = None) -> dict[str, Any]:
        """One unified record, every unified field present, ``remote_data`` being the native record itself.

        Args:
            native: one record as the provider's API gives it.
            query: the native query of the call, for expressions that name it.
            context: the account's context, for expressions that name it.
            loaded: the results of side loads by name.

        Raises:
            MappingError: the record does not fit the mapping.
        """
        if native.__class__ is dict and self._engine == "compiled":
            record = (self._run or self._compile().run)(native, native, query, context, loaded, None)
            if record["id"] is None:
                raise self.error(native, "id", NO_ID)
            return record
        mapped = self.interpret_record(native, query=query, context=context, loaded=loaded)
        if mapped.faults:
            raise self.error(native, *mapped.faults[0])
        return mapped.record

    def map_page(self, body: bytes, *, query: Any = None, context: Any = None) -> bytes:
        """The JSON array of unified records for the bytes of one native list answer.

        ``remote_data`` of each is the very bytes that the record had in the answer.

        Raises:
            MappingError: the body is not JSON, its records are not where they must be, or one does not fit.
        """
        return b"[" + b",".join(self.iter_page(body, query=query, context=context)) + b"]"

    def iter_page(self, body: bytes, *, query: Any = None, context: Any = None) -> Iterator[bytes]:
        """The JSON text of each unified record of one native list answer, one after the other, as ``map_page``.

        Raises:
            MappingError: the body is not JSON, its records are not where they must be, or one does not fit.
        """
        for text in self.cut_page(body):
            yield self._map_text(text, query, context)

    def cut_page(self, body: bytes) -> list[bytes]:
        """The bytes of each native record of a list answer.

        Raises:
            MappingError: the body is not JSON, or its records are not where they must be.
        """
        try:
            paths = self._records_paths()
            records = cut_records(body, paths[0])
            if records is None:
                document = json.loads(body)
                self.records_of(document, body)
                path = next(path for path in paths if read_path(document, path)[0])
                records = cut_records(body, path)
        except (NotJson, RecursionError) as error:
            what = str(error) if isinstance(error, NotJson) else f"the body is not JSON: {error}"
            raise self.error(body.decode(errors="replace"), "", what) from None
        assert records is not None  # noqa: S101 - records_of found the list at this path
        return records

    def _map_text(self, text: bytes, query: Any, context: Any) -> bytes:
        """The unified record of a native one, both as JSON."""
        if self._engine == "compiled":
            decoded = (self._table or self._compile()).decoded
            if decoded is not None:
                try:
                    record = decoded.run(decoded.decode(text), orjson.Fragment(text), query, context, None, None)
                    if record["id"] is not None:
                        return orjson.dumps(record)
                except Exception:  # noqa: BLE001, S110 - whatever does not fit goes the long way, which says what it is
                    pass
        return self._map_text_in_full(text, query, context)

    def _map_text_in_full(self, text: bytes, query: Any, context: Any) -> bytes:
        """As ``_map_text``, for a record that does not fit the decoder."""
        return dump_record(self.map(json.loads(text), query=query, context=context), text)

    def _records_paths(self) -> tuple[tuple[str, ...], ...]:
        method = self.mapping.config.list
        return (self.mapping.provider.endpoint(method.endpoint).records_path if method else None) or ((),)

    def records_of(self, document: Any, body: bytes = b"") -> list[Any]:
        """The native records in a parsed list answer.

        Raises:
            MappingError: the records path is missing: the API changed, or this is not a list answer.
        """
        paths = self._records_paths()
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
        record = (self._table or self._compile()).run(native, native, query, context, loaded, notes)
        if record["id"] is None and not notes.faults:
            notes.faults.append(("id", NO_ID))
        return Mapped(record, notes.faults, Counter(notes.unmapped))

    @property
    def source(self) -> str:
        """The Python source of the generated functions."""
        return (self._table or self._compile()).source

    def _compile(self) -> Table:
        """Compiles on first use, once whichever thread comes first."""
        with self._lock:
            if self._table is None:
                config = self.mapping.config
                told = {"keep": config.keep, "partial": config.list.partial if config.list else None}
                conditions = {name: one.tree for name, one in told.items() if one is not None}
                fields = [self._field(name, is_list) for name, (_, is_list) in self._makers.items()]
                name = f"{self.mapping.schema.name} of {self.mapping.provider.slug}"
                self._table = Table(fields, self._interpret_field, conditions=conditions, name=name)
                try:
                    self._table.run  # noqa: B018 - Python compiles it here
                except (SyntaxError, RecursionError, MemoryError):  # deeper than Python's own grammar goes
                    fields = [Field(name=one.name, is_slow=True) for one in fields]
                    self._table = Table(fields, self._interpret_field, conditions={}, name=name)
                self._run = self._table.run
            return self._table

    def _field(self, name: str, is_list: bool) -> Field:
        """The field as the compiler takes it; one that it cannot take is left to interpretation."""
        kind = self._kinds.get(name)
        rule = self.mapping.config.response_mapping.get(name)
        place = self.mapping.place_of(name)
        if rule is None:
            return Field(name=name, is_list=is_list)
        if rule.expr is not None:
            if not is_compilable(rule.expr.tree):
                return Field(name=name, is_slow=True)
            return Field(name=name, value=_part(name, rule, rule.expr, kind), place=place)
        if rule.each is None or not is_compilable(rule.each.tree):
            return Field(name=name, is_slow=True)
        inner = field_kinds(kind.item) if kind and kind.item else {}
        rules = {part: (rule.map or {}).get(part) for part in {**inner, **(rule.map or {})}}
        parts = {
            part: _part(f"{name}.{part}", one, one.expr, inner.get(part)) if one else None
            for part, one in rules.items()
        }
        elements = kind.elements if kind else "all"
        needs_id = _needs_id(kind)
        return Field(
            name=name, each=rule.each.tree, parts=parts, elements=elements, needs_id=needs_id, is_list=True, place=place
        )

    def _interpret_field(
        self, name: str, native: Any, query: Any, context: Any, loaded: Any, notes: Notes | None
    ) -> Any:
        """One field by interpretation, for its exact fault."""
        make, is_list = self._makers[name]
        unmapped: Counter[str] = Counter()
        try:
            made = make(_Scope(native, {"query": query, "context": context, "loaded": loaded}, unmapped))
        except _Fault as fault:
            if notes is None:
                raise self.error(native, fault.name, fault.message) from None
            notes.faults.append((fault.name, fault.message))
            made = [] if is_list else None
        if notes is not None:
            notes.unmapped += unmapped.elements()
        return made

    def interpret_record(self, native: Any, *, query: Any = None, context: Any = None, loaded: Any = None) -> Mapped:
        """As ``map_record``, each expression evaluated by the official interpreter."""
        scope = _Scope(native, {"query": query, "context": context, "loaded": loaded}, Counter())
        mapped = Mapped({}, unmapped=scope.unmapped)
        if not isinstance(native, dict):
            mapped.faults.append(("", f"a record must be an object, not {type(native).__name__}"))
            scope.native = {}
        for name, (make, is_list) in self._makers.items():
            try:
                mapped.record[name] = make(scope)
            except _Fault as fault:
                mapped.record[name] = [] if is_list else None
                mapped.faults.append((fault.name, fault.message))
        if mapped.record.get("id") is None and not mapped.faults:
            mapped.faults.append(("id", NO_ID))
        mapped.record["remote_data"] = native
        return mapped

    def error(self, native: Any, name: str, message: str) -> MappingError:
        """The error that says which rule failed, and where it is written."""
        mapping = self.mapping
        slug, resource = mapping.provider.slug, mapping.schema.name
        place = mapping.place_of(name)
        text = f"{slug} {resource}: {name or 'record'}: {message} ({place})"
        return MappingError(text, provider=slug, resource=resource, field=name, place=place, remote_data=native)


def _null(_scope: _Scope) -> None:
    return None


def _empty_list(_scope: _Scope) -> list[Any]:
    return []


def dump_record(record: Mapping[str, Any], remote_data: bytes) -> bytes:
    """A unified record as JSON, with these bytes for ``remote_data``."""
    try:
        return orjson.dumps({**record, "remote_data": orjson.Fragment(remote_data)})
    except (TypeError, ValueError):  # a number beyond 64 bits, in a field that passes raw
        rest = {name: value for name, value in record.items() if name != "remote_data"}
        text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
        return text[:-1].encode() + b',"remote_data":' + remote_data + b"}"


def _part(name: str, rule: FieldRule | ElementRule, expression: Expression, kind: Kind | None) -> Part:
    finish = _finisher(rule, kind)
    form = kind.name if kind else rule.type or "raw"

    def run(value: Any, notes: Notes | None, context: Any) -> Any:
        scope = _Scope(None, {"context": context}, Counter())
        made = finish(value, scope, name)
        if notes is not None:
            notes.unmapped += scope.unmapped.elements()
        return made

    zone, forms = rule.zone or "in_value", rule.format
    needs_context = zone.startswith("{")
    read_time: Callable[..., Any] | None = None
    if form == "time" and needs_context:

        def read_time(value: Any, context: Any) -> str | None:
            return _first_time(value, _zone(zone, _Scope(None, {"context": context}, Counter())), forms)

    elif form == "time":
        read_time = _time_rule(zone, forms)
    return Part(
        tree=expression.tree,
        kind=None if form == "raw" else form,
        finish=run,
        enum=rule.enum or {},
        has_default=rule.default is not None,
        read_time=read_time,
        needs_context=needs_context,
    )


def _time_rule(zone: str, forms: tuple[str, ...]) -> Callable[[Any], str | None]:
    """The rule of times whose zone is written in the mapping."""
    scope = _Scope(None, {}, Counter())

    def read(value: Any) -> str | None:
        return _first_time(value, _zone(zone, scope), forms)

    return pass_canonical(read, is_utc=zone == "utc") if forms[0] == "iso" else read


def _maker(name: str, rule: FieldRule, kind: Kind | None) -> _Make:
    if rule.each is not None:
        return _list_maker(name, rule, kind)
    assert rule.expr is not None  # noqa: S101 - the schema lets only one of the two forms through
    expression = rule.expr
    finish = _finisher(rule, kind)

    def make(scope: _Scope) -> Any:
        return finish(_search(name, expression, scope.native, scope.call), scope, name)

    return make


def _needs_id(kind: Kind | None) -> bool:
    """Whether an element of the list is none without an id."""
    id_field = kind.item.model_fields.get("id") if kind and kind.item else None
    return id_field is not None and id_field.is_required()


def _list_maker(name: str, rule: FieldRule, kind: Kind | None) -> _Make:
    assert rule.each is not None  # noqa: S101 - see _maker
    assert rule.map is not None  # noqa: S101 - see _maker
    each = rule.each
    inner = field_kinds(kind.item) if kind and kind.item else {}
    parts = {part: _part_maker(rule.map.get(part), inner.get(part)) for part in {**inner, **rule.map}}
    keep = _KEEP[kind.elements if kind else "all"]
    needs_id = _needs_id(kind)

    def make(scope: _Scope) -> list[dict[str, Any]]:
        native = _search(name, each, scope.native, scope.call)
        if native is None:
            return []
        if not isinstance(native, list):
            raise _Fault(name, f"expected a list, got {type(native).__name__}")
        made = []
        for index, item in enumerate(native):
            document = {"item": item, "parent": scope.native, **scope.call}
            made.append({part: run(f"{name}[{index}].{part}", document, scope) for part, run in parts.items()})
        for index, one in enumerate(made):
            if needs_id and one["id"] is None:
                raise _Fault(f"{name}[{index}].id", "every element must have an id")
        return keep(made)

    return make


def _part_maker(rule: ElementRule | None, kind: Kind | None) -> Callable[[str, dict[str, Any], _Scope], Any]:
    if rule is None:
        return lambda _name, _document, _scope: None
    expression = rule.expr
    finish = _finisher(rule, kind)

    def make(name: str, document: dict[str, Any], scope: _Scope) -> Any:
        try:
            return finish(expression.search(document), scope, name)
        except EvaluationError as error:
            raise _Fault(name, str(error)) from None

    return make


def _search(name: str, expression: Expression, native: Any, call: Mapping[str, Any]) -> Any:
    try:
        return evaluate(expression, native, call)
    except EvaluationError as error:
        raise _Fault(name, str(error)) from None


def _finisher(rule: FieldRule | ElementRule, kind: Kind | None) -> Callable[[Any, _Scope, str], Any]:
    """Default, enum and cleaning, in this order."""
    clean = _cleaner(rule, kind.name if kind else rule.type or "raw")
    table = {values.compare_text(native): unified for native, unified in (rule.enum or {}).items()}
    default = rule.default

    def finish(value: Any, scope: _Scope, name: str) -> Any:
        if table and value is not None and not isinstance(value, dict | list):
            value = _look_up(name, table, value, scope)
        try:
            cleaned = clean(value, scope)
            return clean(default, scope) if cleaned is None and default is not None else cleaned
        except ValueError as error:
            raise _Fault(name, str(error)) from None

    return finish


def _look_up(name: str, table: Mapping[str, str], value: Any, scope: _Scope) -> Any:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not text.strip():
        return None
    found = table.get(values.compare_text(text))
    if found is None:
        scope.unmapped[f"{_INDEX.sub('', name)}={text[:60]}"] += 1
        return text if isinstance(value, bool) else value
    return found


def _cleaner(rule: FieldRule | ElementRule, kind: str) -> _Clean:
    if kind == "time":
        zone_rule, forms = rule.zone or "in_value", rule.format
        # Where there is no time, nobody needs the zone.
        return lambda value, scope: None if value is None else _first_time(value, _zone(zone_rule, scope), forms)
    simple = {
        "id": values.clean_id,
        "text": values.clean_text,
        "status": values.clean_text,
        "country": values.clean_country,
        "money": values.clean_money,
        "boolean": values.clean_flag,
    }.get(kind)
    return (lambda value, _scope: simple(value)) if simple else (lambda value, _scope: value)


def _first_time(value: Any, zone: tzinfo | None, forms: tuple[str, ...]) -> str | None:
    """The time in the first of these forms that fits."""
    for form in forms[:-1]:
        try:
            return values.clean_time(value, zone=zone, form=form)
        except ValueError:
            continue
    return values.clean_time(value, zone=zone, form=forms[-1])


def _zone(rule: str, scope: _Scope) -> tzinfo | None:
    if rule == "utc":
        return UTC
    if rule == "in_value":
        return None
    if rule.startswith("{"):
        rule = str((scope.call.get("context") or {}).get(rule.removeprefix("{context.").removesuffix("}"), ""))
    try:
        return ZoneInfo(rule)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'unknown time zone "{rule}"') from None
