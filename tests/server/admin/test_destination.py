"""Credentials stay where they were entered: a host that nobody entered them for receives nothing."""

from __future__ import annotations

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from truto_unify import OutboundRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.admin.conftest import Administration

pytestmark = pytest.mark.anyio


class Thief:
    """A host on loopback that writes down what it receives."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str | None]] = []
        thief = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                thief.received.append((self.path, self.headers.get("Authorization")))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"[]")

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def thief() -> Iterator[Thief]:
    thief = Thief()
    thread = threading.Thread(target=thief.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield thief
    thief.server.shutdown()
    thief.server.server_close()
    thread.join()


async def call_list(admin: Administration, account_id: str) -> Any:
    path = f"/unified/ecommerce/customers?integrated_account_id={account_id}"
    return await admin.call("GET", path)


async def test_an_account_token_cannot_lead_the_stored_keys_to_another_host(
    admin: Administration, thief: Thief, caplog: pytest.LogCaptureFixture
) -> None:
    account = await admin.create_account(context={"store_url": "http://localhost:1"})
    made = await admin.call("POST", "/integrated-account/token", {"integrated_account_id": account["id"]})
    token = made.json()["integrated_account_token"]

    with caplog.at_level(logging.WARNING, "truto_unify.security"):
        answer = await admin.call("PATCH", "/integrated-account/me", {"context": {"store_url": thief.url}}, token=token)

    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "an integrated account token may not change context.store_url, which decides where the credentials of the "
        "account are sent; use an API token with the scope accounts:write",
    )
    (record,) = caplog.records
    fields = record.__dict__["fields"]
    assert (fields["event"], fields["error"]) == ("destination_refused", "ForbiddenDestination")
    assert fields["token_id"]
    await call_list(admin, account["id"])
    assert thief.received == []


@pytest.mark.parametrize("credentials", [{}, {"consumer_key": "ck_mine"}])
@pytest.mark.parametrize("field", ["context", "base_url"])
async def test_an_api_token_cannot_move_stored_keys(
    admin: Administration, thief: Thief, field: str, credentials: dict[str, str]
) -> None:
    account = await admin.create_account(context={"store_url": "http://localhost:1"})
    moves: dict[str, Any] = {"context": {"store_url": thief.url}, "base_url": thief.url}

    path = f"/integrated-account/{account['id']}"
    answer = await admin.call("PATCH", path, {field: moves[field], "credentials": credentials})

    assert (answer.status_code, "must come in the same request" in answer.json()["message"]) == (400, True)
    await call_list(admin, account["id"])
    assert thief.received == []


async def test_an_account_moves_with_all_its_credentials(admin: Administration, thief: Thief) -> None:
    account = await admin.create_account()
    new = {"consumer_key": "ck_mine", "consumer_secret": "cs_mine"}

    path = f"/integrated-account/{account['id']}"
    answer = await admin.call("PATCH", path, {"base_url": thief.url, "credentials": new})

    assert (answer.status_code, answer.json()["base_url"]) == (200, thief.url)
    assert (await call_list(admin, account["id"])).status_code == 200
    assert [authorization for _, authorization in thief.received] == ["Basic Y2tfbWluZTpjc19taW5l"]


async def test_allowed_hosts_hold_for_every_call_of_a_stored_account(admin: Administration, thief: Thief) -> None:
    account = await admin.create_account(context={"store_url": "http://localhost:1"}, base_url=thief.url)
    admin.store.outbound = OutboundRule.strict(hosts="api.example.com", allows_http=True)
    which = f"integrated_account_id={account['id']}"
    batch = {"integrated_account_id": account["id"], "resources": [{"resource": "ecommerce/customers"}]}
    one = {"integrated_account_id": account["id"]}

    answers = [
        await admin.call("GET", f"/unified/ecommerce/customers?{which}"),
        await admin.call("GET", f"/unified/ecommerce/customers/1?{which}"),
        await admin.call("GET", f"/proxy/customers?{which}"),
        await admin.call("GET", f"/custom/customers?{which}"),
        await admin.call("POST", "/batch-request", batch),
        await admin.call("POST", "/integrated-account/refresh-credentials", one),
    ]

    message = 'base_url: "127.0.0.1" is not one of the allowed hosts; TRUTO_UNIFY_ALLOWED_HOSTS'
    assert {(answer.status_code, answer.json()["message"][: len(message)]) for answer in answers} == {(403, message)}
    assert thief.received == []
