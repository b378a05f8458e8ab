"""Secrets occur in the authorization of a request and nowhere else, in whatever spelling."""

from __future__ import annotations

import base64
import html
import importlib
import json
import logging
import pickle
import sys
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest

from tests.loopback import serve_bytes
from tests.secret_search import KEY, SECRET, TOKEN, leaks, spellings, told_by
from tests.shipped import REGISTRY
from tests.twins import CUSTOMERS, STILL, SyncTwin, Twin, both
from truto_unify import Account, Client, MappingError, Registry, RetryPolicy, TransportError, UnifyError
from truto_unify.cli.main import main
from truto_unify.redaction import MASK
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.types import Limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.loopback import Loopback

ONCE = replace(STILL, retry=RetryPolicy(attempts=1))
WAYS = ("basic", "header", "query")
every_way = pytest.mark.parametrize("way", WAYS)


def test_the_spellings_find_a_secret_in_its_own_authorization() -> None:
    header = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()

    assert (
        {spelling in header for spelling in spellings(KEY)}
        == {spelling in header for spelling in spellings(SECRET)}
        == {True, False}
    )
    assert quote(SECRET, safe="") in f"?consumer_secret={quote(SECRET, safe='')}"


@pytest.fixture(scope="module")
def query_store(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The provider with its credentials in the query, as hosts need it that drop ``Authorization``."""
    folder = tmp_path_factory.mktemp("overlay")
    (folder / "providers").mkdir()
    names = ("consumer_key", "consumer_secret")
    rule = {"type": "query", "params": {name: f"{{credentials.{name}}}" for name in names}}
    text = json.dumps({"authorization": rule})
    (folder / "providers" / "woocommerce.yaml").write_text(text)
    return Registry(overlay=[folder])


@pytest.fixture
def registry(way: str, query_store: Registry) -> Registry:
    return {"query": query_store}.get(way, REGISTRY)


@pytest.fixture
def slug(way: str) -> str:
    return {"header": "shopify"}.get(way, "woocommerce")


@pytest.fixture
def account(slug: str) -> Account:
    return {
        "woocommerce": Account(
            provider="woocommerce",
            credentials={"consumer_key": KEY, "consumer_secret": SECRET},
            context={"store_url": "https://shop.example"},
        ),
        "shopify": Account(provider="shopify", credentials={"access_token": TOKEN}, context={"shop": "acme"}),
    }[slug]


@pytest.fixture
def live(account: Account, slug: str, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The account at a sandbox that knows its secrets."""
    module = importlib.import_module(f"truto_unify.sandbox.{slug}.app")
    for name, value in account.credentials.items():
        monkeypatch.setitem(module.ACCOUNT["credentials"], name, value)
    return replace(account, base_url=loopback.account(slug).base_url)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[object]]:
    """Everything that any logger said, down to DEBUG."""
    caplog.set_level(logging.DEBUG)
    return lambda: [(record.getMessage(), record.msg, record.args) for record in caplog.records]


class Echo(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A store that shows every caller his own request, in its body and in its headers.

    Args:
        status: of every answer.
        write: makes the body of the texts of the request.
        account: who asks; its secrets are repeated one by one, too.
    """

    def __init__(self, status: int, write: Callable[[list[str]], str], account: Account) -> None:
        self.status = status
        self.write = write
        self.apart = complaints(account)
        self.seen: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        texts = [str(request.url), *request.headers.values(), *self.apart]
        self.seen += texts
        headers = [(f"X-Echo-{number}", text) for number, text in enumerate(texts)]
        return httpx.Response(self.status, headers=[*headers, ("Location", str(request.url))], text=self.write(texts))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def complaints(account: Account) -> list[str]:
    return [f"the secret {secret} is wrong" for secret in account.credentials.values()]


BODIES: dict[str, Callable[[list[str]], str]] = {
    "json": lambda texts: json.dumps({"code": "no", "message": " ".join(texts), "errors": texts, "data": texts}),
    "code": lambda texts: json.dumps(
        {"code": texts[-2], "errors": [{"message": texts[-1], "extensions": {"code": texts[-1]}}]}
    ),
    "keys": lambda texts: json.dumps({"data": dict.fromkeys(texts, 1)}),
    "html": lambda texts: f"<html>{html.escape(' '.join(texts))}</html>",
    "text": " ".join,
    "long": lambda texts: "".join("x" * (9_990 - len("".join(texts[:1]))) + text for text in texts),
    "broken json": lambda texts: json.dumps(texts)[:-1],
}


# ------------------------------------------------------------------------------- calls that go well


@both
@every_way
def test_a_good_call_shows_no_secret(
    twin: type[Twin],
    registry: Registry,
    slug: str,
    live: Account,
    loopback: Loopback,
    logged: Callable[[], list[object]],
) -> None:
    client = twin(registry, on_wait=loopback.clock.advance)

    page = client.list(live, limit=20, name={"like": "a"})
    record = client.get(live, page.result[0].id)
    explanations = [client.explain(live, limit=20, email="a@b.example"), client.explain(live, record.id)]

    sent = loopback.store(slug).requests
    assert leaks(*((seen.query, seen.headers) for seen in sent)) != []
    assert leaks(*((seen.path, seen.body) for seen in sent)) == []
    assert leaks(page, page.next_cursor, base64.urlsafe_b64decode(f"{page.next_cursor}==")) == []
    assert leaks(record, record.model_dump_json(), pickle.dumps(page), *explanations, live, client.settings) == []
    assert leaks(*logged()) == []
    assert logged() != []


@every_way
def test_a_client_and_its_parts_show_no_secret(registry: Registry, live: Account, loopback: Loopback) -> None:
    with Client(registry, sleep=loopback.clock.advance) as client:
        page = client.list(CUSTOMERS, live, limit=1)

        assert leaks(client, vars(client), repr(live), f"{live}", page.query_plan) == []


# ------------------------------------------------------------------------------- refusals


def errors_of(twin: type[Twin], registry: Registry, account: Account, store: Echo) -> tuple[UnifyError, UnifyError]:
    """The errors of a list and of a get."""
    client = twin(registry, settings=ONCE, transport=store)
    with pytest.raises(UnifyError) as from_list:
        client.list(account)
    with pytest.raises(UnifyError) as from_get:
        client.get(account, "17")
    return from_list.value, from_get.value


@both
@every_way
def test_a_store_that_repeats_the_request_leaks_nothing_into_the_error(
    twin: type[Twin], registry: Registry, account: Account, logged: Callable[[], list[object]]
) -> None:
    shown, silent = {}, []
    for status, name in product((200, 302, 401, 404, 418, 429, 503), BODIES):
        store = Echo(status, BODIES[name], account)
        for error in errors_of(twin, registry, account, store):
            shown[status, name, error] = leaks(*told_by(error))
        silent += [(status, name)] * (not leaks(*store.seen))

    assert {case: secrets for case, secrets in shown.items() if secrets} == {}
    assert (len(shown), silent) == (98, [])
    assert leaks(*logged()) == []


@both
@every_way
def test_a_record_that_repeats_the_secret_keeps_it_in_remote_data_and_nowhere_else(
    twin: type[Twin], registry: Registry, slug: str, account: Account
) -> None:
    *_, secret = account.credentials.values()
    record = {"id": "17", "date_created_gmt": secret, "createdAt": secret, "legacyResourceId": "17"}
    connection = {"nodes": [record], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    bodies: dict[str, Any] = {"woocommerce": [record], "shopify": {"data": {"customers": connection}}}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=bodies[slug]))
    client = twin(registry, transport=transport)

    page = client.list(account)
    with pytest.raises(MappingError) as caught:
        client.list(account, on_record_error="raise")

    assert page.result[0].remote_data == record
    assert [fault.field for fault in page.record_errors] == ["created_at"]
    assert leaks(page.record_errors) == []
    assert leaks(*told_by(caught.value)) == []
    assert MASK in caught.value.message


# ------------------------------------------------------------------------------- no answer

FAULTS: list[type[httpx.RequestError]] = [
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.RemoteProtocolError,
    httpx.LocalProtocolError,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.DecodingError,
]


@both
@every_way
@pytest.mark.parametrize("kind", FAULTS)
def test_a_lost_request_shows_no_secret(
    kind: type[httpx.RequestError],
    twin: type[Twin],
    registry: Registry,
    account: Account,
    logged: Callable[[], list[object]],
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        message = f"cannot send {request.url} with {dict(request.headers)}"
        raise kind(message, request=request)

    with pytest.raises(TransportError) as caught:
        twin(registry, settings=ONCE, transport=httpx.MockTransport(fail)).list(account)

    assert leaks(*told_by(caught.value)) == []
    assert leaks(*logged()) == []
    assert caught.value.__cause__ is caught.value.__context__ is None


@both
@every_way
@pytest.mark.parametrize("sent", [b"", b"SSH-2.0\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[]"])
def test_a_lost_connection_shows_no_secret(
    sent: bytes,
    twin: type[Twin],
    registry: Registry,
    account: Account,
    logged: Callable[[], list[object]],
) -> None:
    with serve_bytes(sent) as origin, pytest.raises(TransportError) as caught:
        twin(registry, settings=ONCE, limits=Limits(read_timeout=0.5)).list(replace(account, base_url=origin))

    assert leaks(*told_by(caught.value)) == []
    assert leaks(*logged()) == []
    assert logged() != []


@both
@pytest.mark.parametrize("way", ["basic"])
@pytest.mark.parametrize("place", ["base_url", "path", "query", "headers"])
def test_a_provider_with_a_secret_in_its_address_does_not_show_it_either(
    place: str, twin: type[Twin], account: Account, tmp_path: Path, logged: Callable[[], list[object]]
) -> None:
    secret = "{credentials.consumer_secret}"
    changes = {
        "base_url": {"base_url": f"https://shop.example/{secret}"},
        "path": {"resources": {"customers": {"list": {"path": f"/{secret}/customers"}}}},
        "query": {"query": {"key": secret}},
        "headers": {"headers": {"X-Key": secret}},
    }[place]
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers" / "woocommerce.yaml").write_text(json.dumps(changes))
    store = Echo(404, BODIES["json"], account)
    client = twin(Registry(overlay=[tmp_path]), settings=ONCE, transport=store)

    with pytest.raises(UnifyError) as caught:
        client.list(account)

    assert leaks(*store.seen) != []
    assert leaks(*told_by(caught.value)) == []
    assert leaks(client.explain(account)) == []
    assert leaks(*logged()) == []


# ------------------------------------------------------------------------------- accounts that are wrong


@every_way
@pytest.mark.parametrize("spoil", ["{}\n", " {}", "{}\ud800", "\x00{}"], ids=ascii)
def test_a_malformed_secret_is_refused_without_being_shown(spoil: str, registry: Registry, account: Account) -> None:
    spoilt = replace(account, credentials={name: spoil.format(value) for name, value in account.credentials.items()})

    with pytest.raises(UnifyError) as caught:
        SyncTwin(registry).list(spoilt)

    assert leaks(*told_by(caught.value)) == []


@every_way
def test_a_secret_in_a_wrong_place_is_refused_without_being_shown(registry: Registry, account: Account) -> None:
    url = f"https://user:{quote(SECRET, safe='')}@shop.example"

    for wrong in (replace(account, base_url=url), replace(account, credentials={"secret": SECRET, "token": TOKEN})):
        with pytest.raises(UnifyError) as caught:
            SyncTwin(registry).list(wrong)
        assert leaks(*told_by(caught.value)) == []


# ------------------------------------------------------------------------------- the command line


@pytest.fixture
def run_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[object, str]]:
    """Runs the command line in this process: its exit code, and all that it printed."""

    def run(*arguments: str) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["truto-unify", *arguments])
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


def flags(account: Account) -> list[str]:
    words = ["--provider", account.provider]
    words += [word for name, value in account.credentials.items() for word in ("--credential", f"{name}={value}")]
    words += [word for name, value in account.context.items() for word in ("--context", f"{name}={value}")]
    return [*words, *(["--base-url", account.base_url] if account.base_url else [])]


@pytest.mark.parametrize("way", ["basic", "header"])
@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv"])
def test_lists_and_gets_print_no_secret(
    form: str, live: Account, run_command: Callable[..., tuple[object, str]], loopback: Loopback
) -> None:
    code, listed = run_command("list", CUSTOMERS, *flags(live), "--limit", "3", "--format", form)
    number = {"shopify": "7000000000005", "woocommerce": "5"}[live.provider]
    code_2, got = run_command("get", CUSTOMERS, number, *flags(live), "--format", form)

    assert (code, code_2) == (0, 0)
    assert len(listed) > 100
    assert leaks(listed, got) == []


@pytest.mark.parametrize("way", ["basic", "header"])
@pytest.mark.parametrize("form", ["table", "json"])
def test_explain_prints_no_secret(form: str, account: Account, run_command: Callable[..., tuple[object, str]]) -> None:
    code, printed = run_command("explain", CUSTOMERS, *flags(account), "--query", "name=Ana", "--format", form)

    assert code == 0
    assert MASK in printed
    assert leaks(printed) == []


@pytest.mark.parametrize("way", ["basic", "header"])
@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_failing_command_prints_no_secret(
    status: int, live: Account, run_command: Callable[..., tuple[object, str]], loopback: Loopback
) -> None:
    messages = complaints(live)
    body = json.dumps({"message": " ".join(messages), "errors": " ".join(messages), "code": messages[0]})
    headers = (("retry-after", "3600"),)
    loopback.store(live.provider).failures.extend([PlannedFailure(status, headers, body.encode())] * 5)

    code, printed = run_command("list", CUSTOMERS, *flags(live))

    assert code == 4
    assert leaks(printed) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--provider", "woocommerce", "--credential", SECRET],
        ["--provider", "woocommerce", "--credential", f"={SECRET}"],
        ["--provider", "woocommerce", "--credential", f"consumer_secrte={SECRET}"],
        ["--provider", "woocommerce", "--credential", f"consumer_secret={SECRET}"],
        ["--provider", "woocommerce", "--credential", f"consumer_secret={SECRET}\n"],
        [
            "--provider",
            "shopify",
            "--credential",
            f"access_token={TOKEN}",
            "--base-url",
            f"https://{'a' * 64}.é.example",
        ],
        ["--provider", "shopify", "--base-url", f"https://user:{quote(SECRET, safe='')}@shop.example"],
    ],
)
def test_a_mistake_on_the_command_line_is_reported_without_the_secret(
    arguments: list[str], run_command: Callable[..., tuple[object, str]]
) -> None:
    code, printed = run_command("list", CUSTOMERS, *arguments)

    assert code in {3, 5}
    assert leaks(printed) == []


ACCOUNTS = [
    "accounts: {{shop: {{provider: woocommerce, credentials: {{consumer_key: k, consumer_secrte: {0}}}}}}}",
    "accounts: {{shop: {{provider: woocommerce, credentials: {{consumer_key: [{0}]}}}}}}",
    "accounts: {{shop: {{provider: woocommerce, secret: {0}}}}}",
    "accounts: {{shop: {{provider: woocommerce, credentials: {{consumer_key: {0}, consumer_key: {0}}}}}}}",
    "accounts: {{shop: {{provider: woocommerce, credentials: {0}}}}}",
    "accounts: {{shop: &{1} {{provider: woocommerce}}}}",
    "accounts: {{shop: {{provider: woocommerce, credentials: {{consumer_key: {0}",
    "accounts: {{shop: {{provider: woocommerce, credentials: {{consumer_key: !{1} x}}}}}}",
    "{0}",
]


@pytest.mark.parametrize("text", ACCOUNTS)
def test_a_mistake_in_an_accounts_file_is_reported_without_the_secret(
    text: str, tmp_path: Path, run_command: Callable[..., tuple[object, str]]
) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text(text.format(json.dumps(SECRET), "cs_S3cret"), encoding="utf-8")

    code, printed = run_command("list", CUSTOMERS, "--account", "shop", "--accounts-file", str(file))

    assert code in {2, 3}
    assert leaks(printed) == []
    assert "cs_S3cret" not in printed
