"""``list``, ``get`` and ``explain``: unified calls to a store."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from truto_unify.cli import output
from truto_unify.cli.account import account_options, call_settings, connection_limits, find_account
from truto_unify.cli.completion import complete_resources
from truto_unify.cli.options import overlay_option, query_options, read_arguments, side_load_option
from truto_unify.cli.parquet import check_output, write_parquet
from truto_unify.cli.progress import with_progress
from truto_unify.cli.tables import print_table
from truto_unify.client import Client
from truto_unify.engine.send import Budget
from truto_unify.frames import MoneyType
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.types import Account, Page, PlanEntry

_LIST_EXAMPLE = r"""
truto-unify list ecommerce/customers --provider acme \
    --context store_url=https://shop.example --credential access_token=... \
    --query 'created_at[gte]=2024-01-01T00:00:00Z' --sort created_at:desc --limit 20
"""


@click.command("list", epilog=f"\b{_LIST_EXAMPLE}")
@click.argument("resource", shell_complete=complete_resources)
@account_options
@query_options
@click.option("--all", "read_all", is_flag=True, help="Reads every page.")
@click.option("--format", "form", type=click.Choice([*output.FORMATS, "parquet"]), default="table", show_default=True)
@click.option(
    "--money",
    type=click.Choice(get_args(MoneyType)),
    default="text",
    show_default=True,
    help="The type of amounts in a Parquet file.",
)
@side_load_option
@click.option("--no-remote-data", is_flag=True, help="Leaves out remote_data.")
@click.option("--exclude-field", multiple=True, metavar="FIELD", help="Leaves out a unified field; repeatable.")
@click.option("--on-record-error", type=click.Choice(["keep_raw", "skip", "raise"]), default="keep_raw")
@click.option(
    "--max-requests", type=click.IntRange(min=1), default=100, show_default=True, help="Most requests for a page."
)
@overlay_option
def list_command(resource: str, read_all: bool, form: str, money: MoneyType, **options: Any) -> None:
    """Lists unified records of RESOURCE, for example ecommerce/customers."""
    if form == "parquet":
        check_output()
    registry = Registry(overlay=options["overlay"])
    account = find_account(registry, options)
    arguments = read_arguments(options)
    arguments |= {
        "on_record_error": options["on_record_error"],
        "ignore_remote_data": options["no_remote_data"],
    }
    arguments |= {"exclude_fields": options["exclude_field"], "side_load": options["side_load"]}
    notes = _Notes()
    budget = Budget(max_requests=options["max_requests"])
    settings = call_settings(account, options, budget=budget, on_shortage=notes.say_shortage)
    left_out = {*options["exclude_field"], *(("remote_data",) if options["no_remote_data"] else ())}
    schema = registry.schema(resource)
    with Client(registry, settings=settings, limits=connection_limits(options)) as client:
        if read_all and form == "parquet":
            write_parquet(notes.follow(with_progress(client.pages(schema, account, **arguments))), money)
        elif read_all:
            _list_all(client, schema, account, arguments, form, left_out, notes)
        else:
            page = client.list(schema, account, **arguments)
            notes.say_of(page)
            _print_page(page, form, left_out, schema, money)


def _records(page: Page[Any], left_out: set[str]) -> list[dict[str, Any]]:
    return [record.model_dump(mode="json", exclude=left_out or None) for record in page.result]


def _print_page(page: Page[Any], form: str, left_out: set[str], schema: ResourceSchema, money: MoneyType) -> None:
    if form == "json":
        output.print_json(_envelope(_records(page, left_out), page.next_cursor, [page]))
        return
    if form == "parquet":
        write_parquet([page], money)
    else:
        output.print_records(_records(page, left_out), form, schema, left_out)
    if page.next_cursor:
        output.note(f"more records follow: --next-cursor {page.next_cursor}")


def _envelope(records: Sequence[Any], cursor: str | None, pages: Sequence[Page[Any]]) -> dict[str, Any]:
    return {
        "result": records,
        "next_cursor": cursor,
        "prev_cursor": None,
        "result_count": len(records),
        "is_partial_response": any(page.is_partial_response for page in pages),
        "may_have_changed": any(page.may_have_changed for page in pages),
        "partial_reasons": [reason for page in pages for reason in page.partial_reasons],
    }


def _list_all(
    client: Client,
    schema: ResourceSchema,
    account: Account,
    arguments: dict[str, Any],
    form: str,
    left_out: set[str],
    notes: _Notes,
) -> None:
    read_pages: list[Page[Any]] = []

    def read() -> Iterator[dict[str, Any]]:
        pages = client.pages(schema, account, **arguments)
        # Records that are printed to the terminal one by one show the progress already.
        is_seen = form in {"ndjson", "csv"} and sys.stdout.isatty()
        for page in notes.follow(pages if is_seen else with_progress(pages)):
            read_pages.append(replace(page, result=[]))
            yield from _records(page, left_out)

    if form == "json":
        records = list(read())
        output.print_json(_envelope(records, None, read_pages))
    else:
        output.print_records(read(), form, schema, left_out)


class _Notes:
    """What is to be known about the pages of a list, on standard error; what is true of the whole list is said once."""

    def __init__(self) -> None:
        self._printed: set[str] = set()

    def say(self, text: str) -> None:
        if text not in self._printed:
            self._printed.add(text)
            output.note(text)

    def say_shortage(self, shortage: str) -> None:
        self.say(f"warning: items are missing: {shortage}")

    def follow(self, pages: Iterator[Page[Any]]) -> Iterator[Page[Any]]:
        for page in pages:
            self.say_of(page)
            yield page

    def say_of(self, page: Page[Any]) -> None:
        for text in _notes_of(page):
            self.say(text)
        for fault in page.record_errors:
            output.note(f"warning: record {fault.index} of the page: {fault.field or 'record'}: {fault.message}")


def _notes_of(page: Page[Any]) -> Iterator[str]:
    for entry in page.query_plan:
        if entry.how == "emulated":
            yield f"note: {entry.parameter} is emulated on the records that were read: {entry.reason}"
        elif entry.how == "ignored":
            yield f"warning: {entry.parameter} is ignored, so the result may hold more records: {entry.reason}"
        elif entry.match == "may_miss":
            yield f"note: the provider's filter for {entry.parameter} may miss records"
        elif entry.misses:
            count = f"{entry.misses} record{'' if entry.misses == 1 else 's'}"
            yield f"warning: the provider ignores {entry.parameter}; {count} that do not match are left out"
    if page.is_partial_response and not page.partial_reasons:
        yield "note: for some of these records, get returns more than the list"
    if page.may_have_changed:
        yield "warning: the list changed while it was read; records may be missing or come twice"


@click.command("get")
@click.argument("resource", shell_complete=complete_resources)
@click.argument("record_id", metavar="ID")
@account_options
@click.option("--format", "form", type=click.Choice(output.FORMATS), default="json", show_default=True)
@side_load_option
@click.option("--no-remote-data", is_flag=True, help="Leaves out remote_data.")
@overlay_option
def get_command(resource: str, record_id: str, form: str, **options: Any) -> None:
    """Gets one unified record of RESOURCE by its ID."""
    registry = Registry(overlay=options["overlay"])
    account = find_account(registry, options)
    settings = call_settings(account, options, on_shortage=_Notes().say_shortage)
    with Client(registry, settings=settings, limits=connection_limits(options)) as client:
        record = client.get(registry.schema(resource), account, record_id, side_load=options["side_load"])
    content = record.model_dump(mode="json", exclude={"remote_data"} if options["no_remote_data"] else None)
    if form == "json":
        output.print_json(content)
    else:
        output.print_records([content], form, registry.schema(resource))


@click.command("explain")
@click.argument("resource", shell_complete=complete_resources)
@click.argument("record_id", metavar="[ID]", required=False)
@account_options
@query_options
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--code", is_flag=True, help="Shows the generated mapping function instead.")
@click.option("--field", metavar="FIELD", help="Explains the value of a field, for example status or phones[0].number.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, allow_dash=True, dir_okay=False),
    help="With --field: a file with a native record or answer (- for standard input); no network.",
)
@overlay_option
def explain_command(resource: str, record_id: str | None, form: str, code: bool, **options: Any) -> None:
    """Shows the request that list (or get, with an ID) would send, without sending it; needs no credentials.

    With --field, explains the value of a field of a record: the record in a file (--record; an ID picks
    one of several), or else the record with this ID, which is read from the provider.
    """
    registry = Registry(overlay=options["overlay"])
    account = find_account(registry, options)
    if options["field"] or options["record"]:
        _explain_field(registry, account, resource, record_id, form, options)
        return
    if code:
        click.echo(registry.mapper(resource, account.provider, context=account.context).source, nl=False)
        return
    arguments = read_arguments(options) if record_id is None else {}
    with Client(registry, settings=call_settings(account, options)) as client:
        explanation = client.explain(registry.schema(resource), account, record_id, **arguments)
    request = explanation.request
    url = f"{request.url}?{request.query}" if request.query else request.url
    body = json.loads(request.body) if request.body else None
    if form == "json":
        plan = [_plan_row(entry) for entry in explanation.query_plan]
        request_row = {"method": request.method, "url": url, "headers": dict(request.headers), "body": body}
        output.print_json({"query_plan": plan, "max_requests": explanation.max_requests, "request": request_row})
        return
    if explanation.query_plan:
        rows = [[str(cell or "") for cell in _plan_row(entry).values()] for entry in explanation.query_plan]
        print_table(("parameter", "how", "match", "native", "reason"), rows)
        if any(entry.how == "emulated" for entry in explanation.query_plan):
            click.echo(f"emulated: on the records of the list, read with at most {explanation.max_requests} requests\n")
    click.echo(f"{request.method} {url}")
    for name, value in request.headers:
        click.echo(f"{name}: {value}")
    if body is not None:
        click.echo()
        document = body.pop("query", None) if isinstance(body.get("query"), str) else None
        click.echo(json.dumps(body, ensure_ascii=False, indent=2))
        if document:
            click.echo(f"\n{document.strip()}")


def _explain_field(
    registry: Registry, account: Account, resource: str, record_id: str | None, form: str, options: dict[str, Any]
) -> None:
    from truto_unify.cli.explain_field import explain_in_file, explain_live

    field, file = options["field"], options["record"]
    if field is None:
        raise click.UsageError("--record needs --field FIELD, the field to explain")
    if file is not None:
        explain_in_file(registry, account, resource, field, file, record_id, form)
    elif record_id is not None:
        explain_live(
            registry,
            account,
            resource,
            record_id,
            field,
            form,
            limits=connection_limits(options),
            settings=call_settings(account, options),
        )
    else:
        raise click.UsageError("--field needs a record: an ID, or --record FILE")


def _plan_row(entry: PlanEntry) -> dict[str, Any]:
    return {
        "parameter": entry.parameter,
        "how": entry.how,
        "match": entry.match,
        "native": entry.native,
        "reason": entry.reason,
    }
