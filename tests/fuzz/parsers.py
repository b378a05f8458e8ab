"""Every parser of foreign text: what it reads, and what it may raise. Anything else is a finding."""

from __future__ import annotations

import json
import tempfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx

from tests.shipped import REGISTRY
from truto_unify import Account, Client, InvalidInput, RetryPolicy, Settings, UnifyError
from truto_unify.accounts.bearer import read_prefix
from truto_unify.accounts.file import read_account
from truto_unify.answer_body import BodyReader, BodyRefused
from truto_unify.config.graphql_document import UnreadableDocument, read_selections, reads_only
from truto_unify.config.yaml import load_yaml, read_document
from truto_unify.engine.account_fields import read_address
from truto_unify.engine.api_root import ApiRoot, show_origin
from truto_unify.engine.bodies import UnreadableBody, in_utf8, parse_body
from truto_unify.engine.cursor import read_cursor
from truto_unify.engine.numbers import read_number
from truto_unify.engine.paging.links import read_links
from truto_unify.engine.waits import read_retry_after
from truto_unify.errors import ConfigError, InvalidCursor
from truto_unify.expressions import ExpressionError, parse_expression
from truto_unify.mapping.json_input import parse_json, split_page, to_strict_json
from truto_unify.models import RESOURCES
from truto_unify.outbound import OutboundRule
from truto_unify.query_string import read_query, split_query
from truto_unify.redaction import hide_query
from truto_unify.scaffold.curl_command import read_curl
from truto_unify.scaffold.har_file import read_har
from truto_unify.scaffold.native_call import api_of
from truto_unify.scaffold.postman_file import read_postman
from truto_unify.scaffold.vocabulary import read_vocabulary
from truto_unify.types import Limits, Response
from truto_unify.values import (
    clean_country,
    clean_flag,
    clean_id,
    clean_integer,
    clean_money,
    clean_text,
    clean_time,
    split_phone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SHOWN_BYTES = 300
NOW = datetime(2026, 11, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
_ROOT = ApiRoot("https://proxy.example/shop", "https://shop.example/api/2026-01", has_version=True)
_TIME_FORMS = ("iso", "rfc2822", "epoch_seconds", "epoch_milliseconds")


@dataclass(frozen=True, slots=True)
class Parser:
    """One parser.

    Attributes:
        read: reads bytes, in UTF-8 if the parser takes text.
        seeds: texts that it understands, or nearly.
        refusals: what it may raise.
    """

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    refusals: tuple[type[Exception], ...] = ()


def try_parser(parser: Parser, data: bytes) -> None:
    """Reads; what the parser may raise is well, and anything else names the input."""
    try:
        parser.read(data)
    except parser.refusals:
        return
    except Exception as error:
        error.add_note(f"the input is {data[:MAX_SHOWN_BYTES]!r}")
        raise


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _read_json(data: bytes) -> None:
    parse_json(data)
    for _ in range(3):  # bytes with NULs may be UTF-32 of UTF-16
        data = to_strict_json(data) or data
    assert to_strict_json(data) is None


def _read_page(data: bytes) -> None:
    page = split_page(data, ("data", "people"))
    if page is not None:
        assert page[0]["data"]["people"] == []


def _read_body(data: bytes) -> None:
    kind, _, body = data.partition(b"\n")
    response = Response(200, (("content-type", kind.decode("latin-1")),), body)
    in_utf8(response)
    parse_body(response)


def _read_retry_after(data: bytes) -> None:
    seconds = read_retry_after(_text(data), NOW)
    assert seconds is None or 0 <= seconds < float("inf")


def _read_links(data: bytes) -> None:
    for link in read_links(data.decode("latin-1")).values():
        located = _ROOT.locate(link, "https://proxy.example/shop/people")
        assert located is None or located.startswith(_ROOT.url)
        show_origin(link, "https://proxy.example/shop/people")


def _read_times(data: bytes) -> None:
    for form in _TIME_FORMS:
        try:
            text = clean_time(_text(data), zone=BERLIN, form=form)
        except ValueError:
            continue
        assert text is None or datetime.fromisoformat(text).tzinfo is not None


def _read_values(data: bytes) -> None:
    for clean in (clean_text, clean_id, clean_country, clean_flag, clean_integer, clean_money):
        try:
            once = clean(_text(data))
        except ValueError:
            continue
        assert clean(once) == once
    split_phone(_text(data))


def _read_graphql(data: bytes) -> None:
    document = _text(data)
    reads_only(document)
    read_selections(document)


def _read_yaml(data: bytes) -> None:
    node, problems = load_yaml(_text(data), "a.yaml")
    assert isinstance(node.value, dict)
    assert all(problem.line >= 1 for problem in problems)
    read_document(_text(data))


def _read_accounts(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "accounts.yaml"
        file.write_bytes(data)
        read_account(file, "shop")


def _read_address(data: bytes) -> None:
    rule = OutboundRule.strict()
    text = _text(data)
    hide_query(text)
    rule.check("https", text)
    read_address(text)


def _read_compressed(data: bytes) -> None:
    coding, _, body = data.partition(b"\n")
    reader = BodyReader([coding.decode("latin-1")], Limits(max_body=1_000_000))
    reader.add(body)
    reader.body()


def _send_headers(data: bytes) -> None:
    """An answer with these headers, ``Set-Cookie`` among them, passes through a client of this package."""
    lines = [line.partition(b":") for line in data.split(b"\n")[:20]]
    headers = [(name.strip() or b"Set-Cookie", value.strip(b" \r\0")) for name, _, value in lines]
    _answer_headers[:] = headers
    _client().list("ecommerce/customers", _ACCOUNT)


_answer_headers: list[tuple[bytes, bytes]] = []


@cache
def _client() -> Client:
    """A client whose store answers with the headers of this moment."""
    store = httpx.MockTransport(lambda _: httpx.Response(200, headers=_answer_headers, json=[]))
    settings = Settings(retry=RetryPolicy(attempts=1))
    return Client(REGISTRY, settings=settings, transport=store, sleep=lambda _: None)


_ACCOUNT = Account(
    provider="woocommerce",
    credentials={"consumer_key": "ck_0123", "consumer_secret": "cs_0123"},
    context={"store_url": "https://shop.example"},
)


def _read_postman(data: bytes) -> object:
    schema = RESOURCES["ecommerce/customers"]
    return read_postman(json.loads(_text(data)), "a.json", schema, read_vocabulary(schema.name))


def _read_har(data: bytes) -> object:
    schema = RESOURCES["ecommerce/customers"]
    return read_har(json.loads(_text(data)), "a.har", schema, read_vocabulary(schema.name))


PARSERS: dict[str, Parser] = {
    "JSON": Parser(
        _read_json, (b'{"a": [1, 1e400, NaN, "\\ud83d", -0.0]}', b"\xef\xbb\xbf[]"), (ValueError, RecursionError)
    ),
    "records of a page": Parser(_read_page, (b'{"data": {"people": [{"id": 1}, "\\u00e9"]}, "next": null}',)),
    "body of an answer": Parser(
        _read_body,
        (
            b"text/html; charset=latin-1\n<html><title>No</title>",
            b'application/json\n{"a": 1}',
            b"\n<!-- a --><b>Warning</b>: x {}",
        ),
        (UnreadableBody,),
    ),
    "compressed body": Parser(_read_compressed, (b"gzip\n\x1f\x8b\x08", b"deflate\nx\x9c"), (BodyRefused, zlib.error)),
    "cursor": Parser(
        lambda data: read_cursor(_text(data), "query", b"key"), (b"3q2-7w", b"eyJ2IjoxfQ"), (InvalidCursor,)
    ),
    "YAML": Parser(_read_yaml, (b"a: [1, {b: c}]\n", b"a: &x 1\nb: *x\n", b"a: |\n  text\n"), (ValueError,)),
    "accounts file": Parser(
        _read_accounts, (b"accounts: {shop: {provider: acme, context: {}}}\n",), (ConfigError, InvalidInput)
    ),
    "Link": Parser(_read_links, (b'<https://shop.example/api/2026-01/people?page=2>; rel="next", <x>; rel=prev',)),
    "Retry-After": Parser(_read_retry_after, (b"120", b"Mon, 30 Nov 2026 12:00:00 GMT", b"1e308")),
    "curl command": Parser(
        lambda data: api_of([read_curl(_text(data))], origin="a curl command"),
        (
            b"curl -u key: 'https://api.acme.test/v1/customers?page=1' -H 'X-Key: a' -d '{\"a\": 1}'",
            b"curl https://[::1]:80/17 -G -d limit=0",
        ),
        (InvalidInput,),
    ),
    "HAR file": Parser(
        _read_har,
        (
            b'{"log": {"entries": [{"request": {"method": "GET", "url": "https://api.acme.test/customers"}, '
            b'"response": {"status": 200, "content": {"text": "[{\\"id\\": 1, \\"email\\": \\"a@b.test\\"}]"}}}]}}',
        ),
        (InvalidInput, ValueError, RecursionError),
    ),
    "Postman collection": Parser(
        _read_postman,
        (
            b'{"item": [{"request": {"url": {"raw": "{{u}}/customers/:id"}, "auth": {"type": "basic", "basic": [{}]}}, '
            b'"response": [{"code": 200, "body": "[]"}]}], "variable": [{"key": "u", "value": "https://api.acme.test"}]}',
        ),
        (InvalidInput, ValueError, RecursionError),
    ),
    "number": Parser(lambda data: read_number(_text(data)), (b" 2.50 ", b"-1e9", b"NaN")),
    "time": Parser(_read_times, (b"2026-11-30T12:00:00Z", b"1764500000", b"Mon, 30 Nov 2026 12:00:00 +0100"), ()),
    "money, phone and other values": Parser(
        _read_values, (b"11884.90", b"+49 30 123456 ext. 7", b"DE", b"true", b"1e5")
    ),
    "GraphQL document": Parser(
        _read_graphql, (b"query A($a: Int = 1) { b: c(d: $a) { ...F } } fragment F on G { h }",), (UnreadableDocument,)
    ),
    "expression": Parser(
        lambda data: parse_expression(_text(data)), (b"a[?b == 'c'].{d: e} | [0]", b"join(', ', @)"), (ExpressionError,)
    ),
    "query string": Parser(
        lambda data: read_query(split_query(_text(data))),
        (b"created_at[gte]=2024&emails[][type]=work",),
        (InvalidInput,),
    ),
    "headers and cookies": Parser(
        _send_headers,
        (b"Set-Cookie: a=1; Max-Age=9e9; Expires=Mon, 30 Nov 2026 12:00:00 GMT", b"X-WP-Total: 7\nLink: <x>; rel=next"),
        (UnifyError,),
    ),
    "address": Parser(
        _read_address, (b"https://shop.example/api", b"0x7f.1", b"[::ffff:7f00:1]"), (UnifyError, ValueError)
    ),
    "bearer token": Parser(lambda data: read_prefix(_text(data)), (b"tu_api_abc_def",)),
}
