"""Reads the fields of an account, and checks them against the provider's declarations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from truto_unify.errors import InvalidInput, MissingCredential
from truto_unify.expressions import suggest
from truto_unify.values import type_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.config.configuration import Provider
    from truto_unify.config.provider import FieldDeclaration
    from truto_unify.types import Account


def account_values(provider: Provider, account: Account, *, needs_credentials: bool = True) -> dict[str, str]:
    """The account's fields by placeholder name, checked against the provider's declarations.

    Raises:
        MissingCredential: a required field is missing.
        InvalidInput: a field is unknown to the provider or does not look as declared; secrets are not shown.
    """
    values: dict[str, str] = {}
    missing: list[str] = []
    groups = (
        ("context", provider.config.context, account.context),
        ("credentials", provider.config.credentials, account.credentials),
    )
    for group, declared, fields in groups:
        _refuse_unknown(provider.slug, group, fields, declared)
        for name, declaration in declared.items():
            if declaration.derived is not None:
                continue
            value = read_field(group, name, declaration, fields.get(name))
            if value is not None:
                values[f"{group}.{name}"] = value
            elif not needs_credentials and group == "credentials" and not fields:
                values[f"{group}.{name}"] = declaration.example or name
            elif not declaration.required or (
                account.base_url is not None and f"{group}.{name}" in provider.address_only_fields
            ):
                values[f"{group}.{name}"] = ""
            elif not needs_credentials:
                values[f"{group}.{name}"] = declaration.example or name
            else:
                missing.append(f"{group}.{name} ({declaration.title})")
        for name, declaration in declared.items():
            if declaration.derived is not None:
                source = values.get(f"{group}.{declaration.derived.source}", "")
                values[f"{group}.{name}"] = declaration.derived.table.get(source, "")
    if missing:
        raise MissingCredential(f"an account of {provider.slug} needs {', '.join(missing)}")
    return values


def read_address(text: str) -> str:
    """An http(s) address in its normal form: scheme and host in lower case, no slash at the end (RFC 3986, 6.2.2).

    >>> read_address("HTTPS://Shop.Example/Blog/")
    'https://shop.example/Blog'

    Raises:
        ValueError: It is no such address; the message says why, as the end of a sentence.
    """
    scheme, separator, _ = text.partition("://")
    if not separator or scheme.lower() not in {"http", "https"}:
        raise ValueError("must begin with https:// (or http://)")
    try:
        parts = urlsplit(text)
        is_whole = bool(parts.hostname) and (parts.port or True)
    except ValueError:
        raise ValueError("is no address") from None
    if not is_whole or re.search(r"\s", text):
        raise ValueError("is no address")
    if "@" in text or "?" in text or "#" in text:
        raise ValueError("must hold neither a user nor a query nor a fragment")
    return parts._replace(scheme=scheme.lower(), netloc=parts.netloc.lower()).geturl().rstrip("/")


def _refuse_unknown(slug: str, group: str, fields: Mapping[str, str], declared: Mapping[str, FieldDeclaration]) -> None:
    for name in fields:
        if name not in declared or declared[name].derived is not None:
            known = ", ".join(known for known in declared if declared[known].derived is None) or "none"
            raise InvalidInput(f'an account of {slug} has no {group} field "{name}"; it has {known}')


def read_field(group: str, name: str, declaration: FieldDeclaration, text: str | None) -> str | None:
    """The value of one field in its normal form, or its default; None if it has neither.

    Raises:
        InvalidInput: it does not look as declared; a secret is not shown.
    """
    value = text if text not in (None, "") else declaration.default
    if value is None:
        return None
    place = f"{group}.{name}"
    if not isinstance(value, str):
        raise InvalidInput(f"{place} must be text, not {type_in_words(value)}")
    if declaration.format == "pem":
        value = _read_pem(place, value)
    elif any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise InvalidInput(f"{place} holds a control character")
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise InvalidInput(f"{place} holds half of a surrogate pair")
    if declaration.format != "pem" and value != value.strip():
        raise InvalidInput(f"{place} begins or ends with a blank")
    # The text before an @ may be a password.
    shown = f'{place} "{value}"' if group == "context" and "@" not in value else place
    if declaration.format == "address":
        try:
            value = read_address(value)
        except ValueError as error:
            raise InvalidInput(f"{shown} {error}; {_expected(declaration)}") from None
    for pattern, advice in declaration.mistakes.items():
        if re.fullmatch(pattern, value):
            raise InvalidInput(f"{shown}: {advice}")
    if declaration.choices and value not in declaration.choices:
        hint = suggest(value, declaration.choices)
        raise InvalidInput(f"{shown} is not one of {', '.join(declaration.choices)}{hint}")
    if declaration.pattern and not re.fullmatch(declaration.pattern, value):
        raise InvalidInput(f"{shown} does not look right; {_expected(declaration)}")
    return value


def _read_pem(place: str, text: str) -> str:
    r"""PEM with lines of its own; the environment and JSON often hold them as ``\n``.

    >>> print(_read_pem("credentials.key", r"-----BEGIN KEY-----\nMA==\n-----END KEY-----"), end="")
    -----BEGIN KEY-----
    MA==
    -----END KEY-----
    """
    lines = [line.strip() for line in text.replace("\\n", "\n").strip().splitlines()]
    pem = "\n".join([*lines, ""])
    if not pem.startswith("-----BEGIN ") or not lines[-1].startswith("-----END "):
        raise InvalidInput(f"{place} is no PEM: it begins with -----BEGIN and ends with a line of -----END")
    if not pem.isascii() or any(ord(letter) < 32 for line in lines for letter in line):
        raise InvalidInput(f"{place} holds a character that no PEM has")
    return pem


def _expected(declaration: FieldDeclaration) -> str:
    example = f", as in {declaration.example}" if declaration.example else ""
    return f"expected: {declaration.title}{example}"
