"""Turns native records into unified ones by the merged field table of one mapping.

This engine interprets the table; callers know only ``map_record``, ``map`` and ``map_page``, so that a
compiled one can take its place.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from truto_unify import values
from truto_unify.compiler.mapping import Field, Part, compile_mapping, is_compilable
from truto_unify.config.schema import read_first, show_paths
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


@dataclass(frozen=True, slots=True)
class Compiled:
    """The generated function of a field table, and its source."""

    run: Callable[..., dict[str, Any]]
    source: str


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
        self._compiled: Compiled | None = None
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
        mapped = self.map_record(native, query=query, context=context, loaded=loaded)
        if mapped.faults:
            raise self.error(native, *mapped.faults[0])
        return mapped.record

    def map_page(self, body: bytes, *, query: Any = None, context: Any = None) -> bytes:
        """The JSON array of unified records for the bytes of one native list answer.

        Raises:
            MappingError: the body is not JSON, its records are not where they must be, or one does not fit.
        """
        records = self.records_of(_decode(body, self), body)
        unified = [self.map(record, query=query, context=context) for record in records]
        text = json.dumps(unified, ensure_ascii=False, separators=(",", ":"))
        try:
            return text.encode()
        except UnicodeEncodeError:  # half of a surrogate pair, which JSON can only say escaped
            return json.dumps(unified, separators=(",", ":")).encode()

    def records_of(self, document: Any, body: bytes = b"") -> list[Any]:
        """The native records in a parsed list answer.

        Raises:
            MappingError: the records path is missing: the API changed, or this is not a list answer.
        """
        method = self.mapping.config.list
        paths = self.mapping.provider.endpoint(method.endpoint).records_path if method else None
        found, records = read_first(document, paths or ((),))
        if found and isinstance(records, list):
            return records
        message = f"no list of records at {show_paths(paths or ((),))}"
        raise self.error(document or body.decode(errors="replace"), "", message)

    def map_record(self, native: Any, *, query: Any = None, context: Any = None, loaded: Any = None) -> Mapped:
        """One unified record with its faults; never raises for what the record holds."""
        if native.__class__ is not dict or self._engine == "interpreter":
            return self.interpret_record(native, query=query, context=context, loaded=loaded)
        mapped = Mapped({})
        run = (self._compiled or self._compile()).run
        mapped.record = run(native, query, context, loaded, mapped.faults, mapped.unmapped)
        if mapped.record["id"] is None and not mapped.faults:
            mapped.faults.append(("id", NO_ID))
        return mapped

    @property
    def source(self) -> str:
        """The Python source of the generated function."""
        return (self._compiled or self._compile()).source

    def _compile(self) -> Compiled:
        """Compiles on first use; two threads that do it at the same time get equal functions."""
        fields = [self._compiled_field(name, is_list) for name, (_, is_list) in self._makers.items()]
        try:
            made = compile_mapping(fields, self._interpret_field)
        except (SyntaxError, RecursionError, MemoryError):  # deeper than Python's own grammar goes
            made = compile_mapping([Field(name, is_slow=True) for name in self._makers], self._interpret_field)
        self._compiled = Compiled(*made)
        return self._compiled

    def _compiled_field(self, name: str, is_list: bool) -> Field:
        """The field as the compiler takes it; one that it cannot take is left to interpretation."""
        kind = self._kinds.get(name)
        rule = self.mapping.config.response_mapping.get(name)
        if rule is None:
            return Field(name, keep=list if is_list else None)
        if rule.expr is not None:
            if not is_compilable(rule.expr.tree, is_element=False) or not _is_fixed(rule):
                return Field(name, is_slow=True)
            return Field(name, value=_part(name, rule, rule.expr, kind))
        inner = field_kinds(kind.item) if kind and kind.item else {}
        parts = {part: (rule.map or {}).get(part) for part in {**inner, **(rule.map or {})}}
        given = [part for part in parts.values() if part is not None]
        fits = all(is_compilable(part.expr.tree, is_element=True) and _is_fixed(part) for part in given)
        if rule.each is None or not fits or not is_compilable(rule.each.tree, is_element=False):
            return Field(name, is_slow=True)
        made = {
            part: _part(f"{name}.{part}", one, one.expr, inner.get(part)) if one else None
            for part, one in parts.items()
        }
        return Field(name, each=rule.each.tree, parts=made, keep=_keeper(kind))

    def _interpret_field(
        self,
        name: str,
        native: Any,
        query: Any,
        context: Any,
        loaded: Any,
        faults: list[tuple[str, str]],
        unmapped: Counter[str],
    ) -> Any:
        """One field by interpretation, for its exact fault."""
        make, is_list = self._makers[name]
        try:
            return make(_Scope(native, {"query": query, "context": context, "loaded": loaded}, unmapped))
        except _Fault as fault:
            faults.append((fault.name, fault.message))
            return [] if is_list else None

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


def _decode(body: bytes, mapper: Mapper) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise mapper.error(body.decode(errors="replace"), "", f"the body is not JSON: {error}") from None


def _null(_scope: _Scope) -> None:
    return None


def _empty_list(_scope: _Scope) -> list[Any]:
    return []


def _is_fixed(rule: FieldRule | ElementRule) -> bool:
    """Whether the rule needs nothing of the call: a zone may come from the account's context."""
    return rule.zone is None or not rule.zone.startswith("{")


def _part(name: str, rule: FieldRule | ElementRule, expression: Expression, kind: Kind | None) -> Part:
    finish = _finisher(rule, kind)
    form = kind.name if kind else rule.type or "raw"
    is_plain = rule.enum is None and rule.default is None and form != "time"

    def run(value: Any, unmapped: Counter[str]) -> Any:
        return finish(value, _Scope(None, {}, unmapped), name)

    return Part(expression.tree, None if form == "raw" else form, run, is_plain)


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


def _keeper(kind: Kind | None) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """What picks the elements that leave; it raises where one lacks its id, and interpretation then says which."""
    keep = _KEEP[kind.elements if kind else "all"]
    if not _needs_id(kind):
        return keep

    def check(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if any(one["id"] is None for one in items):
            raise ValueError("every element must have an id")
        return keep(items)

    return check


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
