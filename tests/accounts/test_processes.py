"""Several processes on one database share a renewal, and a killed process leaves nothing half written."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.accounts.children import KEY as KEY_SETTING
from tests.accounts.children import URL as URL_SETTING
from tests.accounts.material import KEY, oauth_draft
from tests.loopback import THIS_MACHINE
from tests.shipped import REGISTRY
from truto_unify import AsyncClient
from truto_unify.accounts.admission import Admission
from truto_unify.accounts.listing import AccountFilter
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.tables import PROVIDER_TOKENS
from truto_unify.accounts.upkeep import check_database
from truto_unify.sandbox.zohoinventory import app as zohoinventory
from truto_unify.types import Token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.loopback import Loopback

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def child(database_url: str, *work: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own, ended at the latest when the test is."""
    environment = {**os.environ, URL_SETTING: database_url, KEY_SETTING: KEY, "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-m", "tests.accounts.children", *work]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def send_line(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


async def test_fifty_calls_of_two_processes_that_find_a_token_expired_renew_it_once(
    database_url: str, loopback: Loopback
) -> None:
    await AccountStore.migrate(database_url)
    store = await AccountStore.open(database_url, KEY, outbound=THIS_MACHINE)
    home = (await store.environments.ensure("home")).id
    at_store = loopback.account("zohoinventory", credentials=zohoinventory.REFRESH_CREDENTIALS)
    account = await store.accounts.create(
        home,
        oauth_draft(
            credentials=zohoinventory.REFRESH_CREDENTIALS,
            context=dict(at_store.context),
            base_url=at_store.base_url,
            token_url=at_store.token_url,
        ),
        Admission(REGISTRY, store.outbound),
    )
    async with AsyncClient(REGISTRY, tokens=store.tokens) as client:
        opened = await store.connection(home, account.id)
        assert opened is not None
        await client.list("ecommerce/customers", opened.account, limit=2)
    async with store.database.read() as connection:
        key = (await connection.execute(sa.select(PROVIDER_TOKENS.c.key))).scalar_one()
    await store.tokens.write(key, Token("expired", datetime(2026, 1, 1, tzinfo=UTC), "zoho_refresh"))
    requests = loopback.store("zohoinventory").requests
    requests.clear()

    with (
        child(database_url, "call", home, account.id, "25") as first,
        child(database_url, "call", home, account.id, "25") as other,
    ):
        assert [line_of(first), line_of(other)] == ["ready", "ready"]
        send_line(first, "go")
        send_line(other, "go")
        answers = [*json.loads(line_of(first)), *json.loads(line_of(other))]

    assert answers == ["2 customers"] * 50
    assert [request.path for request in requests].count(zohoinventory.TOKEN_PATH) == 1
    token = await store.tokens.read(key)
    await store.close()
    assert token is not None
    assert token.refresh_token == "zoho_refresh"
    shown = [value for request in requests for name, value in request.headers if name == "authorization"]
    assert shown == [f"Zoho-oauthtoken {token.access_token}"] * 50


async def test_a_process_that_is_killed_leaves_accounts_whole(database_url: str) -> None:
    await AccountStore.migrate(database_url)
    store = await AccountStore.open(database_url, KEY, outbound=THIS_MACHINE)
    home = (await store.environments.ensure("home")).id
    chance, number = random.Random(7), 0
    try:
        for _ in range(3):
            with child(database_url, "write", home, str(number + 1)) as writer:
                for _ in range(chance.randint(1, 12)):
                    number = int(line_of(writer))
                for _ in range(chance.randint(0, 60_000)):
                    pass  # lets the next write get somewhere, without the help of a clock
                writer.kill()
                writer.wait()

            assert await check_database(store) == []
            page = await store.accounts.page(home, AccountFilter())
            assert [record.tenant_id for record in page.result][:number] == [
                f"t{index}" for index in range(1, number + 1)
            ]
            assert len(page.result) - number in {0, 1}
            for account in page.result:
                await check_account(store, home, account.id, account.tenant_id.removeprefix("t"), account.version)
            last = page.result[-1]
            number = int(last.tenant_id.removeprefix("t"))
    finally:
        await store.close()


async def check_account(store: AccountStore, home: str, account_id: str, number: str, version: int) -> None:
    """Context, credentials and version are all from before the change, or all from after it."""
    connection = await store.connection(home, account_id)
    assert connection is not None
    old = ({"consumer_key": f"ck_{number}", "consumer_secret": f"cs_{number}"}, "https://shop.example", 1)
    new_secrets = {"consumer_key": f"ck_{number}_new", "consumer_secret": f"cs_{number}_new"}
    new = (new_secrets, f"https://shop-{number}.example", 2)
    assert (dict(connection.account.credentials), connection.account.context["store_url"], version) in (old, new)
    token = await store.tokens.read(f"{account_id}/{number}")
    assert token in (None, Token(f"access-{number}", None, f"refresh-{number}"))


def granted(database_url: str, budgets_url: str) -> int:
    """How often two processes that ask 20 times each, at the same time, may send to one store."""
    with (
        child(database_url, "claim", budgets_url, "20") as first,
        child(database_url, "claim", budgets_url, "20") as other,
    ):
        assert [line_of(first), line_of(other)] == ["ready", "ready"]
        send_line(first, "go")
        send_line(other, "go")
        return int(line_of(first)) + int(line_of(other))


async def test_two_processes_never_send_more_than_the_limit_of_the_store(database_url: str) -> None:
    await AccountStore.migrate(database_url)

    assert granted(database_url, database_url) == 5  # zohoinventory: five requests at the same time


def test_two_processes_share_a_budget_in_redis(redis_url: str) -> None:
    assert granted("", redis_url) == 5
