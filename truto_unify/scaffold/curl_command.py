"""Reads a curl command: the request that it would send."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from typing import NoReturn
from urllib.parse import parse_qsl

from truto_unify.errors import InvalidInput
from truto_unify.scaffold.native_call import NativeCall

_MAX_WORDS = 300
_MAX_LETTERS = 20_000
"""The greatest length of a command; twice the length takes argparse four times as long."""
_HINT = "the text is a command as \"curl -H 'Authorization: Bearer …' https://api.example/customers\""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Refuses the command, without the message of argparse, which may hold a secret.

        Raises:
            InvalidInput: always.
        """
        kind = "an option lacks its value" if "expected one argument" in message else "an option is malformed"
        raise InvalidInput(f"the curl command cannot be read: {kind}; {_HINT}")


def _parser() -> _Parser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    names: tuple[str, ...]
    for names in (
        ("-X", "--request"), ("-u", "--user"), ("--url",), ("--oauth2-bearer",), ("-A", "--user-agent"),
        ("-b", "--cookie"), ("-e", "--referer"), ("-o", "--output"), ("-m", "--max-time"), ("--connect-timeout",),
        ("-w", "--write-out"), ("-x", "--proxy"), ("--cacert",), ("-E", "--cert"), ("--key",), ("--retry",),
    ):  # fmt: skip
        parser.add_argument(*names)
    parser.add_argument("-H", "--header", action="append", default=[])
    for names in (("-d", "--data", "--data-ascii", "--data-raw", "--data-binary"), ("--data-urlencode",), ("--json",)):
        parser.add_argument(*names, action="append", default=[])
    for names in (
        ("-G", "--get"), ("-s", "--silent"), ("-S", "--show-error"), ("-k", "--insecure"), ("-L", "--location"),
        ("-g", "--globoff"), ("-i", "--include"), ("-v", "--verbose"), ("-f", "--fail"), ("-#", "--progress-bar"),
        ("-4", "--ipv4"), ("-6", "--ipv6"), ("-N", "--no-buffer"), ("--compressed",), ("--http1.1",), ("--http2",),
    ):  # fmt: skip
        parser.add_argument(*names, action="store_true")
    parser.add_argument("addresses", nargs="*")
    return parser


def read_curl(text: str) -> NativeCall:
    r"""The request of a curl command, as a person or a browser ("Copy as cURL") writes it.

    >>> call = read_curl("curl -u key: \\\n 'https://api.acme.test/v1/customers?limit=5'")
    >>> call.method, call.address, call.query, call.user
    ('GET', 'https://api.acme.test/v1/customers', (('limit', '5'),), ('key', ''))

    Raises:
        InvalidInput: the text is not one curl command with an address; no message holds a part of it.
    """
    if len(text) > _MAX_LETTERS:
        raise InvalidInput(f"the curl command cannot be read: it has more than {_MAX_LETTERS:,} letters")
    try:
        words = shlex.split(re.sub(r"\\\r?\n", " ", text.strip()).replace("$'", "'"))
    except ValueError:
        raise InvalidInput(f"the curl command cannot be read: a quote has no partner; {_HINT}") from None
    if words[:1] == ["$"]:
        words = words[1:]
    if words[:1] != ["curl"]:
        raise InvalidInput(f'the text is not a curl command: it does not begin with "curl"; {_HINT}')
    if len(words) > _MAX_WORDS:
        raise InvalidInput(f"the curl command cannot be read: it has more than {_MAX_WORDS} words")
    options, unknown = _parser().parse_known_args(words[1:])
    addresses = [word for word in (options.url, *options.addresses) if word]
    if unknown:
        option = _option_name(unknown[0])
        raise InvalidInput(f'the curl command cannot be read: its option "{option}" is not known here; {_HINT}')
    if len(addresses) != 1:
        raise InvalidInput(f"the curl command cannot be read: it has no single address; {_HINT}")
    return _call(options, addresses[0])


def _option_name(word: str) -> str:
    """The option without its value, which may be a secret.

    >>> _option_name("--token=s3cret"), _option_name("-Zs3cret")
    ('--token', '-Z')
    """
    return word.partition("=")[0] if word.startswith("--") else word[:2]


def _call(options: argparse.Namespace, text: str) -> NativeCall:
    address = text if "://" in text else f"https://{text}"
    headers = dict(_header(line) for line in options.header if ":" in line)
    if options.cookie:
        headers["Cookie"] = options.cookie
    if options.oauth2_bearer:
        headers["Authorization"] = f"Bearer {options.oauth2_bearer}"
    data = [*options.data, *options.data_urlencode, *options.json]
    more_query: list[tuple[str, str]] = []
    if options.get:
        more_query, data = parse_qsl("&".join(data), keep_blank_values=True), []
    name, _, password = (options.user or "").partition(":")
    return NativeCall.at(
        address,
        method=(options.request or ("POST" if data else "GET")).upper(),
        more_query=more_query,
        headers=headers,
        body=_body("&".join(data)),
        user=(name, password) if options.user else None,
    )


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def _body(text: str) -> object:
    """The parsed JSON of a body, or a form as an object of texts; None if the body is empty or of another kind.

    >>> _body("page=1&pin=4711"), _body("hunter2"), _body("<key id='5'>hunter2</key>")
    ({'page': '1', 'pin': '4711'}, None, None)
    """
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        form = dict(parse_qsl(text, keep_blank_values=True))
        is_form = "=" in text and all(re.fullmatch(r"[A-Za-z_][\w.\[\]-]*", name) for name in form)
        return form if is_form else None
