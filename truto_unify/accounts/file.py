"""Accounts in a YAML file, by name, for the command line and for development."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from truto_unify.config.schema import Strict, validate_node
from truto_unify.config.yaml import load_yaml
from truto_unify.errors import ConfigError, InvalidInput, Problem
from truto_unify.expressions import suggest
from truto_unify.types import Account

if TYPE_CHECKING:
    from pathlib import Path


class AccountEntry(Strict):
    """One account of the file."""

    provider: str
    credentials: dict[str, str] = Field(default_factory=dict)
    context: dict[str, str] = Field(default_factory=dict)
    base_url: str | None = None
    token_url: str | None = None
    is_read_only: bool = False


class AccountsFile(Strict):
    """The file: ``accounts: {name: {provider, credentials, context}}``."""

    accounts: dict[str, AccountEntry]


def read_account(file: Path, name: str) -> Account:
    """The account of this name.

    Raises:
        ConfigError: the file cannot be read or is wrong; its values are not shown.
        InvalidInput: the file has no account of this name.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError([Problem(str(file), 1, 1, f"cannot read the accounts file: {reason}")]) from None
    node, problems = load_yaml(text, str(file), is_secret=True)
    if problems:
        raise ConfigError(problems)
    content, faults = validate_node(AccountsFile, node)
    if content is None:
        raise ConfigError(faults)
    entry = content.accounts.get(name)
    if entry is None:
        hint = suggest(name, content.accounts) or f"; its accounts: {', '.join(content.accounts) or 'none'}"
        raise InvalidInput(f'{file} has no account "{name}"{hint}')
    fields: dict[str, Any] = entry.model_dump()
    origin = f'the account "{name}" of {file}'
    return Account(id=name, origins=dict.fromkeys(entry.credentials, origin), **fields)
