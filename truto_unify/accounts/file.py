"""Accounts in a YAML file, by name, for the command line and for development."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from truto_unify.config.schema import Strict, validate_node
from truto_unify.config.yaml import load_yaml
from truto_unify.errors import ConfigError, InvalidInput, Problem
from truto_unify.expressions import suggest
from truto_unify.types import Account

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN_KEY = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)\Z)[A-Za-z_][A-Za-z0-9_-]*", re.IGNORECASE)
_FIRST_ENTRY = re.compile(r"^accounts:[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*(?P<indent> +)(?=[^ #\n])", re.MULTILINE)
_NO_ENTRY = re.compile(r"^accounts:[ \t]*\{\s*\}[ \t]*$", re.MULTILINE)


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


def read_accounts(file: Path) -> dict[str, AccountEntry]:
    """The accounts of the file by name.

    Raises:
        ConfigError: the file cannot be read or is wrong; its values are not shown.
    """
    return _parse(_read_text(file), file)


def read_account(file: Path, name: str) -> Account:
    """The account of this name.

    Raises:
        ConfigError: the file cannot be read or is wrong; its values are not shown.
        InvalidInput: the file has no account of this name.
    """
    accounts = read_accounts(file)
    entry = accounts.get(name)
    if entry is None:
        hint = suggest(name, accounts) or f"; its accounts: {', '.join(accounts) or 'none'}"
        raise InvalidInput(f'{file} has no account "{name}"{hint}')
    fields: dict[str, Any] = entry.model_dump()
    origin = f'the account "{name}" of {file}'
    return Account(id=name, origins=dict.fromkeys(entry.credentials, origin), **fields)


def check_new_name(file: Path, name: str) -> None:
    """Checks that an account of this name can be added.

    Raises:
        ConfigError: the file cannot be read or is wrong; its values are not shown.
        InvalidInput: the file has an account of this name.
    """
    if name in _present_accounts(file)[1]:
        raise InvalidInput(f'{file} has an account "{name}" already; choose another name')


def add_account(file: Path, name: str, account: Account) -> None:
    """Adds an account at the end of the file, or makes the file; only its owner can read it then.

    Raises:
        ConfigError: the file cannot be read or is wrong; its values are not shown.
        InvalidInput: the file has an account of this name, or its form allows no addition; it stays as it is.
    """
    check_new_name(file, name)
    text, accounts = _present_accounts(file)
    entry = AccountEntry(
        provider=account.provider,
        credentials=dict(account.credentials),
        context=dict(account.context),
        base_url=account.base_url,
        token_url=account.token_url,
    )
    extended = _extended(text, name, entry)
    try:
        is_right = extended is not None and _parse(extended, file) == {**accounts, name: entry}
    except ConfigError:
        is_right = False
    if extended is None or not is_right:
        raise InvalidInput(
            f'no account can be added to {file} as it is written; write it as "accounts:", then a line each'
        )
    _write_private(file, extended)


def _present_accounts(file: Path) -> tuple[str, dict[str, AccountEntry]]:
    """The text and the accounts of a file that may be missing or hold nothing but comments."""
    text = _read_text(file) if file.exists() else ""
    is_blank = all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())
    return text, {} if is_blank else _parse(text, file)


def _extended(text: str, name: str, entry: AccountEntry) -> str | None:
    """The text of the file with one more account; None if its form allows no addition."""
    text = _NO_ENTRY.sub("accounts:", text)
    if text and not text.endswith("\n"):
        text += "\n"
    match = _FIRST_ENTRY.search(text)
    if match is None and re.search("^accounts:[ \t]*[^ \t\n#]", text, re.MULTILINE):
        return None
    if not re.search("^accounts:", text, re.MULTILINE):
        text += "accounts:\n"
    fields = {key: value for key, value in entry.model_dump().items() if value}
    return text + "".join(f"{line}\n" for line in _lines({name: fields}, match["indent"] if match else "  "))


def _lines(values: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in values.items():
        written = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
        if isinstance(value, dict):
            yield f"{indent}{written}:"
            yield from _lines(value, f"{indent}  ")
        else:
            yield f"{indent}{written}: {json.dumps(value, ensure_ascii=False)}"


def _write_private(file: Path, text: str) -> None:
    """Replaces the file at once; a failure leaves the old one, and a link stays a link."""
    target = file.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".accounts-")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        hint = "; truto-unify init writes one" if isinstance(error, FileNotFoundError) else ""
        problem = Problem(str(file), 1, 1, f"cannot read the accounts file: {reason}{hint}", has_line=False)
        raise ConfigError([problem]) from None


def _parse(text: str, file: Path) -> dict[str, AccountEntry]:
    node, problems = load_yaml(text, str(file), is_secret=True)
    if problems:
        raise ConfigError(problems)
    content, faults = validate_node(AccountsFile, node)
    if content is None:
        raise ConfigError(faults)
    return content.accounts
