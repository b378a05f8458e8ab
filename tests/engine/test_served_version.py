"""A version that fell forward is logged once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.twins import CUSTOMERS
from truto_unify import Account, Client
from truto_unify.engine.served_version import log_version

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _forget_versions() -> Iterator[None]:
    log_version.cache_clear()
    yield
    log_version.cache_clear()


@pytest.mark.parametrize(
    ("served", "messages"),
    [
        ("2026-07", []),
        (None, []),
        (
            "2025-10",
            [
                "shopify_rest served API version 2025-10 instead of 2026-07, which may be retired: results may differ; "
                "set a version that it supports"
            ],
        ),
    ],
)
def test_a_version_that_was_replaced_is_logged_once(
    served: str | None, messages: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"x-shopify-api-version": served} if served else {}

    def serve(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=headers, json={"customers": []})

    shop = Account(provider="shopify_rest", credentials={"access_token": "shpat_1"}, context={"shop": "acme"})
    with caplog.at_level(logging.WARNING, logger="truto_unify"), Client(transport=httpx.MockTransport(serve)) as client:
        client.list(CUSTOMERS, shop)
        client.list(CUSTOMERS, shop)

    assert [record.getMessage() for record in caplog.records] == messages
