"""``token`` and ``account``: API tokens and integrated accounts of the service, in its database."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from truto_unify.accounts.records import SCOPES
from truto_unify.cli import output
from truto_unify.cli.account import account_options, find_account
from truto_unify.cli.database import database_option, hosts_option, keys_option, needs_server
from truto_unify.cli.options import overlay_option

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from truto_unify.accounts.records import ApiToken, Environment, IntegratedAccount
    from truto_unify.accounts.store import AccountStore

Result = TypeVar("Result")
_SCOPE_LINES = "\n".join(f"  {name:<16} {meaning}" for name, meaning in SCOPES.items())
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


environment_option = click.option(
    "--environment", default="default", show_default=True, metavar="NAME", help="The unit of isolation."
)
format_option = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)


# ------------------------------------------------------------------------------------------------------------ token


@click.group("token")
def token_command() -> None:
    """API tokens of the HTTP service: with one, a caller reaches the accounts of one environment."""


@token_command.command("create", epilog=f"\b\nScopes:\n{_SCOPE_LINES}")
@database_option
@environment_option
@click.option("--name", default="", metavar="TEXT", help="What it is for.")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="What it may do; repeatable. All if left out.")
@click.option("--expires-in", metavar="TIME", help="As in 30d, 12h, 90m. Never if left out.")
@needs_server
def token_create(
    database_url: str, environment: str, name: str, scopes: tuple[str, ...], expires_in: str | None
) -> None:
    """Makes an API token and prints it, this once; of a new database, the tables are made first."""
    lifetime = _duration(expires_in)

    async def create(environments: Any, tokens: Any) -> tuple[ApiToken, str]:
        owner: Environment = await environments.ensure(environment)
        made: tuple[ApiToken, str] = await tokens.create(owner.id, name=name, scopes=scopes or None, lifetime=lifetime)
        return made

    token, text = _with_tokens(database_url, create, is_new=True)
    output.note(f"id {token.id}, environment {environment}, {_until(token.expires_at)}; this is shown only now")
    click.echo(text)


@token_command.command("list")
@database_option
@environment_option
@format_option
@needs_server
def token_list(database_url: str, environment: str, form: str) -> None:
    """Lists the API tokens of an environment, without their secrets."""

    async def read(environments: Any, tokens: Any) -> list[ApiToken]:
        found: list[ApiToken] = await tokens.all((await environments.get(environment)).id)
        return found

    found = _with_tokens(database_url, read)
    columns = ("id", "prefix", "name", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    if form == "json":
        output.print_json([{name: _plain(getattr(one, name)) for name in columns} for one in found])
        return
    rows = [[_cell(getattr(one, name)) for name in columns] for one in found]
    output.print_table(columns, [["all" if cell == _cell(frozenset(SCOPES)) else cell for cell in row] for row in rows])


@token_command.command("revoke")
@click.argument("token_id", metavar="ID")
@database_option
@environment_option
@needs_server
def token_revoke(token_id: str, database_url: str, environment: str) -> None:
    """Makes an API token useless from now on. ID is the one that list shows."""

    async def revoke(environments: Any, tokens: Any) -> ApiToken:
        revoked: ApiToken = await tokens.revoke((await environments.get(environment)).id, token_id)
        return revoked

    revoked = _with_tokens(database_url, revoke)
    output.note(f"{revoked.prefix}… does not count any more")


def _with_tokens(database_url: str, work: Callable[[Any, Any], Awaitable[Result]], *, is_new: bool = False) -> Result:
    """Runs some work on environments and tokens, which needs no secret key."""
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
@click.option("--tenant-id", required=True, metavar="TEXT", help="Whose account it is, in your own system's words.")
@click.option("--authentication-method", metavar="NAME", help="api_key, oauth2, oauth2_client_credentials.")
@click.option("--is-sandbox", is_flag=True, help="It is not a real store.")
@account_options
@database_option
@keys_option
@hosts_option
@environment_option
@overlay_option
@needs_server
def account_create(
    tenant_id: str,
    authentication_method: str | None,
    is_sandbox: bool,
    database_url: str,
    secret_key: str,
    allowed_hosts: str,
    environment: str,
    **options: Any,
) -> None:
    """Stores an account and prints its id; of a new database, the tables are made first."""
    from truto_unify.accounts.admission import Admission, Draft
    from truto_unify.registry import Registry

    registry = Registry(overlay=options["overlay"])
    account = find_account(registry, options)
    draft = Draft(
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
        return await store.accounts.create(owner.id, draft, Admission(registry, store.addresses))

    click.echo(_with_store(database_url, secret_key, create, allowed_hosts=allowed_hosts, is_new=True).id)


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
    """Lists the accounts of an environment, the oldest first, without their credentials."""
    from truto_unify.accounts.listing import AccountFilter

    asked = AccountFilter(tenant_id=tenant_id, integration=provider, status=(status,) if status else ())

    async def read(store: AccountStore) -> list[IntegratedAccount]:
        owner, cursor = await store.environments.get(environment), None
        found: list[IntegratedAccount] = []
        while True:
            page = await store.accounts.page(owner.id, asked, next_cursor=cursor)
            found += page.result
            cursor = page.next_cursor
            if cursor is None:
                return found

    found = _with_store(database_url, secret_key, read)
    if form == "json":
        output.print_json([_shown(one) for one in found])
        return
    columns = ("id", "tenant_id", "integration", "status", "is_sandbox", "created_at", "updated_at")
    output.print_table(columns, [[_cell(getattr(one, name)) for name in columns] for one in found])


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
    """Deletes accounts, with their tokens."""
    from truto_unify.errors import NotVisible

    async def delete(store: AccountStore) -> list[str]:
        return await store.accounts.delete((await store.environments.get(environment)).id, account_ids)

    gone = _with_store(database_url, secret_key, delete)
    for one in gone:
        click.echo(one)
    if len(gone) < len(set(account_ids)):
        raise NotVisible(f"{len(set(account_ids)) - len(gone)} of them are no integrated accounts of {environment}")


@account_command.command("token")
@click.argument("account_id", metavar="ID")
@database_option
@keys_option
@environment_option
@needs_server
def account_token(account_id: str, database_url: str, secret_key: str, environment: str) -> None:
    """Prints a token that opens this account alone, for 15 minutes."""

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
account_command.add_command(_block("unblock", "Lets calls with this account pass again.", is_blocked=False))


def _with_store(
    database_url: str,
    secret_key: str,
    work: Callable[[AccountStore], Awaitable[Result]],
    *,
    allowed_hosts: str = "",
    is_new: bool = False,
) -> Result:
    from truto_unify.accounts.database import Database
    from truto_unify.accounts.store import AccountStore
    from truto_unify.accounts.vault import Vault

    async def run() -> Result:
        Vault(secret_key)  # before a database is made that nobody can use
        if is_new:
            database = Database(database_url)
            try:
                await database.prepare()
            finally:
                await database.close()
        store = await AccountStore.open(database_url, secret_key, allowed_hosts=allowed_hosts)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


# ------------------------------------------------------------------------------------------------------------ words


def _duration(text: str | None) -> timedelta | None:
    if text is None:
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", text)
    if match is None:
        raise click.UsageError("--expires-in takes a number with s, m, h, d or w, as in 30d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _until(moment: datetime | None) -> str:
    return f"good until {_plain(moment)}" if moment else "good until it is revoked"


def _shown(account: IntegratedAccount) -> dict[str, Any]:
    return {name: _plain(getattr(account, name)) for name in account.__slots__}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return sorted(value) if isinstance(value, frozenset) else value


def _cell(value: Any) -> str:
    plain = _plain(value)
    return " ".join(plain) if isinstance(plain, list) else "" if plain is None else str(plain)
