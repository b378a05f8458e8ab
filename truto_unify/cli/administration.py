"""``token`` and ``account``: API tokens and integrated accounts of the service, in its database."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from truto_unify.accounts.records import SCOPES
from truto_unify.cli import output
from truto_unify.cli.account import account_options, call_settings, connection_limits, find_account
from truto_unify.cli.database import database_option, keys_option, needs_server
from truto_unify.cli.options import outbound_options, overlay_option
from truto_unify.cli.tables import print_table

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from truto_unify.accounts.records import ApiToken, Environment, IntegratedAccount
    from truto_unify.accounts.store import AccountStore
    from truto_unify.outbound import OutboundRule

Result = TypeVar("Result")
_SCOPE_LINES = "\n".join(f"  {name:<16} {meaning}" for name, meaning in SCOPES.items())
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


environment_option = click.option(
    "--environment",
    default="default",
    show_default=True,
    metavar="NAME",
    help="The environment; environments are isolated from each other.",
)
format_option = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)


# ------------------------------------------------------------------------------------------------------------ token


@click.group("token")
def token_command() -> None:
    """API tokens of the HTTP service; each gives access to the accounts of one environment."""


@token_command.command("create", epilog=f"\b\nScopes:\n{_SCOPE_LINES}")
@database_option
@environment_option
@click.option("--name", default="", metavar="TEXT", help="A description for people.")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="A scope; repeatable. Default: all scopes.")
@click.option("--expires-in", metavar="TIME", help="Lifetime, for example 30d, 12h, 90m. Default: never expires.")
@needs_server
def token_create(
    database_url: str, environment: str, name: str, scopes: tuple[str, ...], expires_in: str | None
) -> None:
    """Creates an API token and prints it; it is shown only once. Creates the tables of a new database."""
    lifetime = _duration(expires_in)

    async def create(environments: Any, tokens: Any) -> tuple[ApiToken, str]:
        owner: Environment = await environments.ensure(environment)
        created: tuple[ApiToken, str] = await tokens.create(
            owner.id, name=name, scopes=scopes or None, lifetime=lifetime
        )
        return created

    token, text = _with_tokens(database_url, create, is_new=True)
    output.note(f"id {token.id}, environment {environment}, {_until(token.expires_at)}; the token is shown only now")
    click.echo(text)


@token_command.command("list")
@database_option
@environment_option
@format_option
@needs_server
def token_list(database_url: str, environment: str, form: str) -> None:
    """Lists the API tokens of an environment, without their secrets."""

    async def read(environments: Any, tokens: Any) -> list[ApiToken]:
        records: list[ApiToken] = await tokens.all((await environments.get(environment)).id)
        return records

    api_tokens = _with_tokens(database_url, read)
    columns = ("id", "prefix", "name", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    if form == "json":
        output.print_json([{name: _plain(getattr(token, name)) for name in columns} for token in api_tokens])
        return
    rows = [[_cell(getattr(token, name)) for name in columns] for token in api_tokens]
    print_table(columns, [["all" if cell == _cell(frozenset(SCOPES)) else cell for cell in row] for row in rows])


@token_command.command("revoke")
@click.argument("token_id", metavar="ID")
@database_option
@environment_option
@needs_server
def token_revoke(token_id: str, database_url: str, environment: str) -> None:
    """Revokes an API token. ID is the id that list shows."""

    async def revoke(environments: Any, tokens: Any) -> ApiToken:
        revoked: ApiToken = await tokens.revoke((await environments.get(environment)).id, token_id)
        return revoked

    revoked = _with_tokens(database_url, revoke)
    output.note(f"{revoked.prefix}… is revoked")


def _with_tokens(database_url: str, work: Callable[[Any, Any], Awaitable[Result]], *, is_new: bool = False) -> Result:
    """Runs work on environments and tokens; it needs no secret key."""
    from datetime import UTC

    from truto_unify.accounts.api_tokens import ApiTokens
    from truto_unify.accounts.database import Database
    from truto_unify.accounts.environments import Environments

    def now() -> datetime:
        return datetime.now(UTC)

    async def run() -> Result:
        database = Database(database_url)
        try:
            await (database.prepare() if is_new else database.require_newest_schema())
            return await work(Environments(database, now), ApiTokens(database, now))
        finally:
            await database.close()

    return asyncio.run(run())


# ---------------------------------------------------------------------------------------------------------- account


@click.group("account")
def account_command() -> None:
    """Integrated accounts of the HTTP service, in its database."""


@account_command.command("create")
@click.option(
    "--tenant-id", required=True, metavar="TEXT", help="The tenant that owns the account, as your own system names it."
)
@click.option("--authentication-method", metavar="NAME", help="api_key, oauth2, oauth2_client_credentials.")
@click.option("--is-sandbox", is_flag=True, help="Marks a test store; the service only reads from it.")
@click.option("--verify", is_flag=True, help="Stores the account only if its provider accepts it.")
@account_options
@database_option
@keys_option
@outbound_options
@environment_option
@overlay_option
@needs_server
def account_create(
    tenant_id: str,
    authentication_method: str | None,
    is_sandbox: bool,
    verify: bool,
    database_url: str,
    secret_key: str,
    outbound: OutboundRule,
    environment: str,
    **options: Any,
) -> None:
    """Stores an account and prints its id. Creates the tables of a new database."""
    from truto_unify.accounts.admission import AccountDraft, Admission
    from truto_unify.registry import Registry

    registry = Registry(overlay=options["overlay"])
    account = find_account(registry, options)
    draft = AccountDraft(
        tenant_id=tenant_id,
        integration=account.provider,
        authentication_method=authentication_method,
        credentials=dict(account.credentials),
        context=dict(account.context),
        base_url=account.base_url,
        token_url=account.token_url,
        is_sandbox=is_sandbox,
    )

    async def create(store: AccountStore) -> IntegratedAccount:
        owner = await store.environments.ensure(environment)
        stored = await store.accounts.create(owner.id, draft, Admission(registry, store.outbound))
        if verify:
            await prove(store, owner.id, stored.id)
        return stored

    async def prove(store: AccountStore, environment_id: str, account_id: str) -> None:
        from truto_unify.async_client import AsyncClient

        settings, limits = call_settings(account, options), replace(connection_limits(options), outbound=outbound)
        connection = await store.connection(environment_id, account_id)
        assert connection is not None  # noqa: S101 - it was stored just now
        try:
            async with AsyncClient(registry, settings=settings, limits=limits, tokens=store.tokens) as client:
                await client.verify(connection.account)
        except BaseException:
            await store.accounts.delete(environment_id, [account_id])
            raise

    click.echo(_with_store(database_url, secret_key, create, outbound=outbound, is_new=True).id)


@account_command.command("list")
@click.option("--tenant-id", metavar="TEXT")
@click.option("--provider", metavar="SLUG")
@click.option("--status", metavar="NAME")
@database_option
@keys_option
@environment_option
@format_option
@needs_server
def account_list(
    tenant_id: str | None,
    provider: str | None,
    status: str | None,
    database_url: str,
    secret_key: str,
    environment: str,
    form: str,
) -> None:
    """Lists the accounts of an environment."""
    from truto_unify.accounts.listing import AccountFilter

    account_filter = AccountFilter(tenant_id=tenant_id, integration=provider, status=(status,) if status else ())

    async def read(store: AccountStore) -> list[IntegratedAccount]:
        owner, cursor = await store.environments.get(environment), None
        accounts: list[IntegratedAccount] = []
        while True:
            page = await store.accounts.page(owner.id, account_filter, next_cursor=cursor)
            accounts += page.result
            cursor = page.next_cursor
            if cursor is None:
                return accounts

    accounts = _with_store(database_url, secret_key, read)
    if form == "json":
        output.print_json([_shown(account) for account in accounts])
        return
    columns = ("id", "tenant_id", "integration", "status", "is_sandbox", "created_at", "updated_at")
    print_table(columns, [[_cell(getattr(account, name)) for name in columns] for account in accounts])


@account_command.command("show")
@click.argument("account_id", metavar="ID")
@database_option
@keys_option
@environment_option
@needs_server
def account_show(account_id: str, database_url: str, secret_key: str, environment: str) -> None:
    """Shows an account, without its credentials."""

    async def read(store: AccountStore) -> IntegratedAccount:
        return await store.accounts.get((await store.environments.get(environment)).id, account_id)

    output.print_json(_shown(_with_store(database_url, secret_key, read)))


@account_command.command("delete")
@click.argument("account_ids", metavar="ID...", nargs=-1, required=True)
@database_option
@keys_option
@environment_option
@needs_server
def account_delete(account_ids: tuple[str, ...], database_url: str, secret_key: str, environment: str) -> None:
    """Deletes accounts and their tokens."""
    from truto_unify.errors import NotVisible

    async def delete(store: AccountStore) -> list[str]:
        return await store.accounts.delete((await store.environments.get(environment)).id, account_ids)

    deleted_ids = _with_store(database_url, secret_key, delete)
    for account_id in deleted_ids:
        click.echo(account_id)
    if len(deleted_ids) < len(set(account_ids)):
        missing = len(set(account_ids)) - len(deleted_ids)
        raise NotVisible(
            f"{missing} of these ids {'is' if missing == 1 else 'are'} not in the environment {environment}"
        )


@account_command.command("token")
@click.argument("account_id", metavar="ID")
@database_option
@keys_option
@environment_option
@needs_server
def account_token(account_id: str, database_url: str, secret_key: str, environment: str) -> None:
    """Prints a token for this account only, valid for 15 minutes."""

    async def create(store: AccountStore) -> str:
        owner = await store.environments.get(environment)
        return await store.api_tokens.create_for_account(owner.id, account_id)

    click.echo(_with_store(database_url, secret_key, create))


def _block(name: str, help_text: str, *, is_blocked: bool) -> click.Command:
    @click.command(name, help=help_text)
    @click.argument("account_id", metavar="ID")
    @database_option
    @keys_option
    @environment_option
    @needs_server
    def command(account_id: str, database_url: str, secret_key: str, environment: str) -> None:
        async def change(store: AccountStore) -> IntegratedAccount:
            owner = await store.environments.get(environment)
            return await store.block(owner.id, account_id, is_blocked=is_blocked)

        account = _with_store(database_url, secret_key, change)
        output.note(f"{account.id} is {account.status}")

    return command


account_command.add_command(_block("block", "Makes every call with this account fail with 503.", is_blocked=True))
account_command.add_command(_block("unblock", "Allows calls with this account again.", is_blocked=False))


def _with_store(
    database_url: str,
    secret_key: str,
    work: Callable[[AccountStore], Awaitable[Result]],
    *,
    outbound: OutboundRule | None = None,
    is_new: bool = False,
) -> Result:
    from truto_unify.accounts.database import Database
    from truto_unify.accounts.store import AccountStore
    from truto_unify.accounts.vault import Vault

    async def run() -> Result:
        Vault(secret_key)  # checks the key before the database is created
        if is_new:
            database = Database(database_url)
            try:
                await database.prepare()
            finally:
                await database.close()
        store = await AccountStore.open(database_url, secret_key, outbound=outbound)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


# ------------------------------------------------------------------------------------------------------- formatting


def _duration(text: str | None) -> timedelta | None:
    if text is None:
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", text)
    if match is None:
        raise click.UsageError("--expires-in must be a number with s, m, h, d or w, for example 30d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _until(moment: datetime | None) -> str:
    return f"valid until {_plain(moment)}" if moment else "valid until it is revoked"


def _shown(account: IntegratedAccount) -> dict[str, Any]:
    return {name: _plain(getattr(account, name)) for name in account.__slots__}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return sorted(value) if isinstance(value, frozenset) else value


def _cell(value: Any) -> str:
    plain = _plain(value)
    return " ".join(plain) if isinstance(plain, list) else "" if plain is None else str(plain)
