"""``init``: asks for an account in the terminal, checks it, and adds it to the accounts file."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from truto_unify.accounts.file import add_account, check_new_name
from truto_unify.cli import output
from truto_unify.cli.account import (
    account_options,
    call_settings,
    connection_limits,
    find_account,
    variable_name,
)
from truto_unify.cli.check import describe
from truto_unify.cli.completion import ACCOUNTS_FILE
from truto_unify.cli.options import overlay_option
from truto_unify.client import Client
from truto_unify.config.authorization import needed_credentials
from truto_unify.engine.account_fields import read_field
from truto_unify.errors import InvalidInput, UnifyError
from truto_unify.expressions import suggest
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from truto_unify.config.configuration import Provider
    from truto_unify.config.provider import FieldDeclaration
    from truto_unify.types import Account

_SHOWN_RECORDS = 5
_WIDTH = 80
_GROUPS = ("context", "credentials")
_EXAMPLES = r"""
truto-unify init
truto-unify init --provider acme --account my_shop --context shop=demo
"""
Field = tuple[str, str]
"""The group of a field and its name."""


@click.command("init", epilog=f"\b{_EXAMPLES}")
@account_options
@overlay_option
def init_command(**options: Any) -> None:
    """Connects a store: asks for its keys, checks them, writes the accounts file, and lists the first records.

    What is given by options or environment variables is not asked; without a terminal everything must be given.
    --account names the new account; the provider's name if left out. Other accounts of the file stay as they are.
    """
    registry = Registry(overlay=options["overlay"])
    slug = options["provider"] or _ask_provider(registry)
    provider = registry.provider(slug)
    file: Path = options["accounts_file"]
    name = _new_name(file, options["account_name"], slug)
    account = find_account(registry, {**options, "provider": slug, "account_name": None})
    if _is_terminal():
        _show_setup(provider)
    account = _complete(provider, account)
    with Client(registry, settings=call_settings(account, options), limits=connection_limits(options)) as client:
        account = replace(_verify(client, provider, account), id=name)
        add_account(file, name, account)
        output.note(f'added the account "{name}" to {file}, which only you can read')
        _show_records(client, registry, account, options)


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _ask_provider(registry: Registry) -> str:
    slugs = registry.providers
    if not _is_terminal():
        raise click.UsageError(f"there is no terminal to ask in; name the store: --provider {'|'.join(slugs)}")
    labels = [registry.provider(slug).config.label for slug in slugs]
    for number, (slug, label) in enumerate(zip(slugs, labels, strict=True), 1):
        output.note(f"{number:>3}  {slug:<16} {label}")
    while True:
        answer = str(click.prompt("Which store (number or name)", err=True)).strip()
        if answer in slugs:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(slugs):
            return slugs[int(answer) - 1]
        output.note(f'there is no "{answer}"{suggest(answer, slugs)}')


def _new_name(file: Path, name: str | None, slug: str) -> str:
    if name is None and _is_terminal():
        while True:
            answer = str(click.prompt("Name of the account", default=slug, err=True)).strip()
            try:
                check_new_name(file, answer)
            except InvalidInput as error:
                output.note(error.message)
            else:
                return answer
    check_new_name(file, name or slug)
    return name or slug


def _show_setup(provider: Provider) -> None:
    """Where the keys are, and which rights they need."""
    setup, config = provider.config.setup, provider.config
    if setup is None:
        output.note(f"\n{config.label}: {config.documentation}\n")
        return
    lines = [config.label, textwrap.fill(setup.where, _WIDTH)]
    if setup.rights:
        lines += ["Rights:", *(f"  {right}" for right in setup.rights)]
    output.note("\n".join(["", *lines, setup.documentation, ""]))


def _complete(provider: Provider, account: Account, *, is_refused: bool = False) -> Account:
    """The account with the fields that it lacks, asked for one after the other.

    Raises:
        click.UsageError: fields are missing, and there is no terminal.
    """
    missing = [*_missing_context(provider, account, is_refused=is_refused), *_missing_credentials(provider, account)]
    if not _is_terminal():
        needed = [field for field in missing if _default(provider, field) is None]
        if needed:
            flags = " ".join(_flag(field) for field in needed)
            variables = ", ".join(variable_name(provider.slug, name) for group, name in needed if group != "context")
            hint = f" (or, for secrets, {variables})" if variables else ""
            raise click.UsageError(f"there is no terminal to ask in; give {flags}{hint}")
        return account
    values = {group: dict(getattr(account, group)) for group in _GROUPS}
    for group, name in missing:
        values[group][name] = _ask_field(group, name, _declaration(provider, (group, name)))
    return replace(account, context=values["context"], credentials=values["credentials"])


def _flag(field: Field) -> str:
    group, name = field
    return f"--{'context' if group == 'context' else 'credential'} {name}=…"


def _declaration(provider: Provider, field: Field) -> FieldDeclaration:
    group, name = field
    declared: Mapping[str, FieldDeclaration] = getattr(provider.config, group)
    return declared[name]


def _default(provider: Provider, field: Field) -> str | None:
    return _declaration(provider, field).default


def _missing_context(provider: Provider, account: Account, *, is_refused: bool) -> Iterator[Field]:
    """The context fields that every account needs; a choice with a default if it leads to another address.

    Any other choice rarely matters: it is a question only after the provider refuses the account.
    """
    only_in_address = provider.address_only_fields if account.base_url is not None else ()
    for name, declaration in provider.config.context.items():
        is_needed = declaration.required and declaration.default is None and f"context.{name}" not in only_in_address
        is_choice = declaration.choices and (is_refused or f"context.{name}" in provider.config.base_url.placeholders)
        if declaration.derived is None and name not in account.context and (is_needed or is_choice):
            yield "context", name


def _missing_credentials(provider: Provider, account: Account) -> Iterator[Field]:
    """The credentials that the account lacks for one of the provider's authentication schemes."""
    schemes = list(dict.fromkeys(needed_credentials(rule) for rule in provider.config.authorization))
    required = [name for name, declaration in provider.config.credentials.items() if declaration.required]
    if any(set(scheme) <= set(account.credentials) for scheme in schemes):
        scheme: Sequence[str] = ()
    else:
        begun = [names for names in schemes if set(names) & set(account.credentials)]
        scheme = begun[0] if begun else _choose_scheme(provider, schemes)
    for name in dict.fromkeys((*scheme, *required)):
        if name not in account.credentials:
            yield "credentials", name


def _choose_scheme(provider: Provider, schemes: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    if len(schemes) < 2 or not _is_terminal():
        return schemes[0] if schemes else ()
    for number, names in enumerate(schemes, 1):
        output.note(f"{number:>3}  {', '.join(_declaration(provider, ('credentials', name)).title for name in names)}")
    numbers = click.IntRange(1, len(schemes))
    return schemes[int(click.prompt("Which keys do you have", type=numbers, default=1, err=True)) - 1]


def _ask_field(group: str, name: str, declaration: FieldDeclaration) -> str:
    """A value of the field that looks as declared; what is typed for a secret is not shown."""
    is_secret = group == "credentials"
    hint = f" ({', '.join(declaration.choices)})" if declaration.choices else ""
    if not hint and declaration.default is None and declaration.example and not is_secret:
        hint = f" (for example {declaration.example})"
    while True:
        answer = click.prompt(
            declaration.title + hint, default=declaration.default, hide_input=is_secret, show_default=True, err=True
        )
        try:
            value = read_field(group, name, declaration, str(answer).strip())
        except InvalidInput as error:
            output.note(error.message)
        else:
            if value is not None:
                return value


def _verify(client: Client, provider: Provider, account: Account) -> Account:
    """The account that the provider accepts; after a refusal the values can be entered again.

    Raises:
        UnifyError: the provider refuses the account, and nobody enters another one.
    """
    while True:
        try:
            output.note(describe(account, client.verify(account)))
        except UnifyError as error:
            if not _is_terminal():
                raise
            output.fault(f"{type(error).__name__}: {error.message}")
            if not click.confirm("Enter the values again", default=True, err=True):
                raise
            account = _complete(provider, replace(account, credentials={}, context={}, origins={}), is_refused=True)
        else:
            return account


def _show_records(client: Client, registry: Registry, account: Account, options: Mapping[str, Any]) -> None:
    resource = next((name for name, slug in registry.mappings if slug == account.provider), None)
    if resource is None:
        return
    schema = registry.schema(resource)
    page = client.list(schema, account, limit=_SHOWN_RECORDS)
    output.print_records([record.model_dump(mode="json") for record in page.result], "table", schema)
    file = options["accounts_file"]
    which = "" if str(file) == ACCOUNTS_FILE else f" --accounts-file {file}"
    output.note(f"next: {output.program()} list {resource} --account {account.id}{which}")
