"""``explain --field``: why one field of one record is what it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.cli import output
from truto_unify.cli.mappings import find_records, read_json
from truto_unify.client import Client
from truto_unify.engine.exchange import open_session
from truto_unify.engine.loading import load_sides
from truto_unify.engine.route import find_route
from truto_unify.inspection.explanation import Subject, explain_field
from truto_unify.transport import Transport

if TYPE_CHECKING:
    from truto_unify.engine.mapper import Mapper
    from truto_unify.inspection.explanation import FieldExplanation
    from truto_unify.registry import Registry
    from truto_unify.types import Account

_MOST_LISTED = 500


def explain_in_file(registry: Registry, account: Account, resource: str, field: str, file: Path, form: str) -> None:
    """Explains a field of the first native record in a file, or of standard input."""
    mapper = registry.mapper(resource, account.provider)
    records, is_listed = find_records(mapper, read_json(file))
    if not records or not isinstance(records[0], dict):
        raise click.UsageError(f"{file} holds no record")
    if len(records) > 1:
        output.note(f"note: the file holds {len(records)} records; this is the first")
    subject = Subject(records[0], context=account.context, is_listed=is_listed)
    _show(explain_field(mapper, subject, field), form)


def explain_live(registry: Registry, account: Account, resource: str, record_id: str, field: str, form: str) -> None:
    """Explains a field of a record that the provider gives now, by ``get`` and in its list."""
    mapper = registry.mapper(resource, account.provider)
    with Client(registry) as client:
        native = client.get(resource, account, record_id, response_format="raw")
        listed = _in_list(client, mapper, account, resource, record_id)
        session = open_session(find_route(mapper.mapping, account, "get"), client.settings)
    loads = {name: load for name, load in mapper.mapping.config.side_loads.items() if "get" in load.methods}
    with Transport(tokens=MemoryTokenStore()) as transport:
        loaded = transport.run(load_sides(session, mapper, loads, [native]))
    if listed is None:
        output.note(
            f"note: the first {_MOST_LISTED} records of the list do not hold it: it is explained as get gives it"
        )
    subject = Subject(loaded.natives[0], context=account.context, loaded=loaded.sides[0], listed=listed)
    _show(explain_field(mapper, subject, field), form)


def _in_list(client: Client, mapper: Mapper, account: Account, resource: str, record_id: str) -> Any:
    """The record as the list gives it; None where it is not among the first."""
    if mapper.mapping.config.list is None:
        return None
    for number, native in enumerate(client.iterate(resource, account, response_format="raw")):
        if number == _MOST_LISTED:
            break
        if mapper.map_record(native).record["id"] == record_id:
            return native
    return None


def _show(found: FieldExplanation, form: str) -> None:
    if form == "json":
        output.print_json(asdict(found))
        return
    output.print_lines(f"{found.field}: {found.verdict}: {found.reason}")
    rows = [
        ("reads", f"{one.path} = {_text(one.value)}" if one.is_there else f"{one.path} is not there")
        for one in found.reads
    ]
    rows += [("each", found.each or ""), ("expression", found.expression or "")]
    rows += [("layer", found.layer or ""), ("written", found.place or "")]
    rows += [("raw", _text(found.raw)), ("value", _text(found.value))]
    before = ""
    for name, text in rows:
        if text:
            output.print_lines(f"  {'' if name == before else name:<12}{text}")
        before = name


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 300 else f"{text[:300]}…"
