"""``database``: the schema, the keys and the checks of the service's database; and the options that name it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from truto_unify.cli import output
from truto_unify.errors import InvalidSetting, StorageError

Command = TypeVar("Command", bound=Callable[..., Any])
DEFAULT_URL = "sqlite:///truto_unify.db"

database_option = click.option(
    "--database-url",
    envvar="TRUTO_UNIFY_DATABASE_URL",
    show_envvar=True,
    default=DEFAULT_URL,
    show_default=True,
    metavar="URL",
    help="sqlite:///file.db or postgresql://user:password@host/database.",
)
keys_option = click.option(
    "--secret-key",
    envvar="TRUTO_UNIFY_SECRET_KEY",
    show_envvar=True,
    default="",
    metavar="KEY[,KEY]",
    help="Fernet keys; the first encrypts. Prefer the environment variable, which other users cannot see.",
)


def needs_server(command: Command) -> Command:
    """Explains how to install the packages of the account store if one is missing."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("truto_unify"):
                raise
            message = f'this needs "{error.name}": install it with  pip install "truto-unify[server]"'
            raise InvalidSetting(message) from None

    return run  # type: ignore[return-value]  # it has the signature of the command


@click.group("database")
def database_command() -> None:
    """The database of the HTTP service."""


@database_command.command("new-key")
@needs_server
def new_key_command() -> None:
    """Prints a new secret key for TRUTO_UNIFY_SECRET_KEY."""
    from truto_unify.accounts.vault import new_key

    click.echo(new_key())


@database_command.command("migrate")
@database_option
@needs_server
def migrate_command(database_url: str) -> None:
    """Migrates the schema; creates a missing SQLite file."""
    from truto_unify.accounts.store import AccountStore

    before, after = asyncio.run(AccountStore.migrate(database_url))
    output.note(f"the schema is {after}, " + ("as before" if before == after else f"it was {before or 'empty'}"))


@database_command.command("rotate-keys")
@database_option
@keys_option
@needs_server
def rotate_keys_command(database_url: str, secret_key: str) -> None:
    """Encrypts every secret again with the first key.

    The other keys can be removed afterwards.

    Put a new key before the old one, restart the service, run this command, and remove the old key.
    """
    from truto_unify.accounts.store import AccountStore
    from truto_unify.accounts.upkeep import rotate_keys

    async def run() -> int:
        store = await AccountStore.open(database_url, secret_key)
        try:
            return await rotate_keys(store)
        finally:
            await store.close()

    count = asyncio.run(run())
    output.note(f"{count} {'secret is' if count == 1 else 'secrets are'} encrypted with the first key")


@database_command.command("check")
@database_option
@keys_option
@needs_server
def check_command(database_url: str, secret_key: str) -> None:
    """Checks the schema, and decrypts each secret.

    The problems go to standard output.
    """
    from truto_unify.accounts.store import AccountStore
    from truto_unify.accounts.upkeep import check_database

    async def run() -> list[str]:
        store = await AccountStore.open(database_url, secret_key)
        try:
            return await check_database(store)
        finally:
            await store.close()

    problems = asyncio.run(run())
    for problem in problems:
        output.print_lines(problem)
    if problems:
        raise StorageError(f"the database has {len(problems)} {'problem' if len(problems) == 1 else 'problems'}")
    output.note("the database has no problems")
