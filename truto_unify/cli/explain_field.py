"""``explain --field``: explains the value of one field of one record."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.cli import output
from truto_unify.cli.input import find_records, read_document
from truto_unify.client import Client
from truto_unify.engine.route import find_route
from truto_unify.engine.send import open_session
from truto_unify.engine.side_loads import load_sides
from truto_unify.inspection.explanation import ExplainedRecord, explain_field
from truto_unify.mapping.record import NativeRecord
from truto_unify.transport import Transport

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.engine.send import Settings
    from truto_unify.inspection.explanation import FieldExplanation
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.registry import Registry
    from truto_unify.types import Account, Limits

_MAX_LISTED = 500


def explain_in_file(
    registry: Registry, account: Account, resource: str, field: str, file: Path, record_id: str | None, form: str
) -> None:
    """Explains a field of a native record in a file or on standard input: the record with this id, or the first."""
    mapper = registry.mapper(resource, account.provider, context=account.context)
    records, is_listed = find_records(mapper, read_document(file)[1])
    matches = [item for item in records if record_id is None or mapper.map_record(item).fields["id"] == record_id]
    if not matches or not isinstance(matches[0], dict):
        which = "" if record_id is None else f' with the id "{record_id}"'
        raise click.UsageError(f"{file} holds no record{which}")
    if len(matches) > 1:
        output.note(f"note: the file holds {len(matches)} records; this explains the first; an ID picks another")
    native = matches[0]
    record = ExplainedRecord(native, context=account.context, is_listed=is_listed or mapper.is_partial(native))
    _show(explain_field(mapper, record, field), form)


def explain_live(
    registry: Registry,
    account: Account,
    resource: str,
    record_id: str,
    field: str,
    form: str,
    *,
    limits: Limits,
    settings: Settings,
) -> None:
    """Explains a field of a record that is read from the provider now, by ``get`` and by ``list``."""
    mapper = registry.mapper(resource, account.provider, context=account.context)
    with Client(registry, settings=settings, limits=limits) as client:
        native = client.get(registry.schema(resource), account, record_id, response_format="raw")
        listed = _in_list(client, mapper, account, record_id)
        session = open_session(find_route(mapper.mapping, account, "get"), client.settings)
    loads = {name: load for name, load in mapper.mapping.config.side_loads.items() if "get" in load.methods}
    with Transport(limits, tokens=MemoryTokenStore()) as transport:
        loaded = transport.run(load_sides(session, mapper, loads, [NativeRecord(parsed=native)]))
    if listed is None:
        output.note(
            f"note: the first {_MAX_LISTED} records of the list do not hold the record: the answer of get is explained"
        )
    record = ExplainedRecord(loaded.natives[0].value, context=account.context, loaded=loaded.sides[0], listed=listed)
    _show(explain_field(mapper, record, field), form)


def _in_list(client: Client, mapper: Mapper, account: Account, record_id: str) -> Any:
    """The record from the list; None if it is not among the first records."""
    if mapper.mapping.config.list is None:
        return None
    for number, native in enumerate(client.iterate(mapper.mapping.schema, account, response_format="raw")):
        if number == _MAX_LISTED:
            break
        if mapper.map_record(native).fields["id"] == record_id:
            return native
    return None


def _show(explanation: FieldExplanation, form: str) -> None:
    if form == "json":
        output.print_json(asdict(explanation))
        return
    output.print_lines(f"{explanation.field}: {explanation.verdict}: {explanation.reason}")
    rows = [("reads", f"{read.path} = {_text(read.value)}") for read in explanation.reads if read.is_there]
    rows += [("not there", read.path) for read in explanation.reads if not read.is_there]
    rows += [("each", explanation.each or ""), ("expression", explanation.expression or "")]
    rows += [("layer", explanation.layer or ""), ("written", explanation.place or "")]
    rows += [("raw", _text(explanation.raw)), ("value", _text(explanation.value))]
    before = ""
    for name, text in rows:
        if text:
            output.print_lines(f"  {'' if name == before else name:<12}{text}")
        before = name


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 300 else f"{text[:300]}…"
