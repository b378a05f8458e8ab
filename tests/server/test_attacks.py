"""Hostile answers of a store end in one clear error, and the operator reads of it as a security event."""

from __future__ import annotations

import gzip
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.conftest import HOME
from truto_unify.sandbox.store import PlannedFailure

if TYPE_CHECKING:
    from tests.server.conftest import Service

pytestmark = pytest.mark.anyio
LIST = "/unified/ecommerce/customers"
JSON = ("content-type", "application/json")
ACCOUNT = "00000009-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Answer:
    """A hostile answer of a store, and what the service makes of it."""

    body: bytes
    message: str
    slug: str = "woocommerce"
    event: str = "answer_refused"
    headers: tuple[tuple[str, str], ...] = ()


HOSTILE = {
    "compressed twice": Answer(
        gzip.compress(gzip.compress(bytes(1_000_000))),
        "the answer is compressed 2 times (gzip, gzip), which is never accepted",
        headers=(("content-encoding", "gzip, gzip"),),
    ),
    "inflates past the limit": Answer(
        gzip.compress(bytes(17 * 2**20), 1),
        "the answer is larger than 16777216 bytes",
        headers=(("content-encoding", "gzip"),),
    ),
    "too many values": Answer(b"[" + b"0," * 1_000_000 + b"0]", "the answer holds more than 1000000 JSON values"),
    "too many records": Answer(
        b"[" + b'{"id":1},' * 10_000 + b'{"id":1}]',
        "a page holds 10001 records, and Budget.max_page_records allows 10000",
    ),
    "a link to another host": Answer(
        b'{"customers":[{"id":1}]}',
        "the provider's next page lies at https://evil.example, outside its API root",
        "shopify_rest",
        "link_refused",
        (("link", '<https://evil.example/customers?page_info=x>; rel="next"'),),
    ),
}


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The fields of the logged security events."""
    return [record.__dict__["fields"] for record in caplog.records if record.name == "truto_unify.security"]


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_answer_is_refused_and_logged(
    service: Service, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    answer = HOSTILE[kind]
    service.store.add_account(HOME, ACCOUNT, service.loopback.account(answer.slug))
    service.loopback.store(answer.slug).failures.append(PlannedFailure(200, (JSON, *answer.headers), answer.body))

    with caplog.at_level(logging.WARNING, "truto_unify.security"):
        reply = await service.call(f"{LIST}?integrated_account_id={ACCOUNT}&limit=1", None)

    (event,) = events(caplog)
    assert (reply.status_code, answer.message in reply.json()["message"]) == (502, True)
    assert (event["event"], event["provider"], event["account_id"]) == (answer.event, answer.slug, ACCOUNT)
    assert len(reply.content) < 2_000


async def test_a_forged_cursor_is_refused_and_logged(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "truto_unify.security"):
        reply = await service.call(f"{LIST}?next_cursor=eyJ1cmwiOiJodHRwczovL2V2aWwuZXhhbXBsZSJ9")

    assert (reply.status_code, reply.json()["message"].partition(";")[0]) == (400, "this cursor is damaged")
    assert [event["event"] for event in events(caplog)] == ["cursor_refused"]
    assert service.loopback.store("woocommerce").requests == []
