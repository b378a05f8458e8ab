from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.accounts.material import KEY, NOBODY
from truto_unify import Client, InvalidInput
from truto_unify.accounts import provider_tokens
from truto_unify.accounts.provider_tokens import LEASE, SqlTokenStore, account_of
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.tables import PROVIDER_TOKENS, TOKEN_LEASES
from truto_unify.types import Token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.accounts.material import Clock
    from truto_unify.accounts.records import IntegratedAccount

pytestmark = pytest.mark.anyio
OLD = Token("access-0", datetime(2026, 1, 1, tzinfo=UTC), "refresh-0")
NEW = Token("access-1", datetime(2026, 1, 1, 1, 0, 0, 5, tzinfo=UTC), "refresh-1")


@pytest.fixture
async def other(database_url: str, store: AccountStore, clock: Clock) -> AsyncIterator[AccountStore]:
    """The same database, as another process sees it."""
    opened = await AccountStore.open(database_url, KEY, now=clock)
    yield opened
    await opened.close()


def versions(store: AccountStore) -> Any:
    async def read() -> list[int]:
        async with store.database.read() as connection:
            return list((await connection.execute(sa.select(PROVIDER_TOKENS.c.version))).scalars())

    return read()


async def leases(store: AccountStore) -> int:
    async with store.database.read() as connection:
        return len((await connection.execute(sa.select(TOKEN_LEASES))).all())


# -------------------------------------------------------------------------------------------------- read and write


@pytest.mark.parametrize("token", [OLD, NEW, Token("access"), Token("ø" * 3000, None, "r")])
async def test_a_stored_token_is_visible_to_every_process(
    store: AccountStore, other: AccountStore, token: Token
) -> None:
    assert await other.tokens.read("k") is None
    await store.tokens.write("k", token)

    assert await other.tokens.read("k") == token
    assert await other.tokens.read("l") is None


async def test_a_token_stands_encrypted_in_the_row_that_it_is_bound_to(
    store: AccountStore, shop: IntegratedAccount
) -> None:
    await store.tokens.write(f"{shop.id}/1", NEW)
    async with store.database.read() as connection:
        row = (await connection.execute(sa.select(PROVIDER_TOKENS))).one()

    assert (row.integrated_account_id, row.version) == (shop.id, 1)
    assert "access-1" not in str(row)
    assert "refresh-1" not in str(row)
    assert store.vault.unseal(f"provider_tokens/{shop.id}/1", row.token)[0] == "access-1"


@pytest.mark.parametrize(
    ("key", "account"), [("abc", None), ("x/abc", None), (f"{NOBODY}/abc", NOBODY), (f"{NOBODY.upper()}/a", NOBODY)]
)
async def test_a_key_says_whose_token_it_is(key: str, account: str | None) -> None:
    assert account_of(key) == account


async def test_the_token_of_a_deleted_account_is_not_stored(
    store: AccountStore, home: str, shop: IntegratedAccount, caplog: pytest.LogCaptureFixture
) -> None:
    key = f"{shop.id}/1"
    await store.tokens.write(key, OLD)
    async with store.tokens.lock(key):
        await store.tokens.read(key)
        await store.accounts.delete(home, [shop.id])
        await store.tokens.write(key, NEW)
    await store.tokens.write(f"{NOBODY}/1", NEW)

    assert await versions(store) == []
    assert [record.getMessage() for record in caplog.records] == [
        "a renewed token was not stored: its account is deleted, or a newer token is stored already"
    ] * 2


async def test_a_synchronous_client_says_that_it_needs_another_store(store: AccountStore) -> None:
    with pytest.raises(InvalidInput, match="SqlTokenStore is an asynchronous token store: use it with AsyncClient"):
        Client(tokens=store.tokens)


# ------------------------------------------------------------------------------------------------------------ leases


async def test_renewals_of_the_same_key_run_one_after_another(store: AccountStore, other: AccountStore) -> None:
    inside, max_inside, done = 0, 0, Counter[str]()

    async def renew(name: str, tokens: SqlTokenStore, key: str) -> None:
        nonlocal inside, max_inside
        async with tokens.lock(key):
            inside += 1
            max_inside = max(max_inside, inside)
            for _ in range(5):
                await asyncio.sleep(0)
            done[name] += 1
            inside -= 1

    await asyncio.gather(
        *(renew("here", store.tokens, "k") for _ in range(10)), *(renew("there", other.tokens, "k") for _ in range(10))
    )

    assert (max_inside, done) == (1, {"here": 10, "there": 10})
    assert await leases(store) == 0


async def test_renewals_of_other_keys_do_not_wait(store: AccountStore, other: AccountStore) -> None:
    async with store.tokens.lock("k"), other.tokens.lock("l"), store.tokens.lock("m"):
        assert await leases(store) == 3


async def test_a_lease_is_released_after_a_failure(store: AccountStore, other: AccountStore) -> None:
    async def fail() -> None:
        async with store.tokens.lock("k"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with asyncio.timeout(30), other.tokens.lock("k"):
        assert await leases(store) == 1


async def test_no_transaction_is_open_while_a_renewal_goes_on(store: AccountStore, other: AccountStore) -> None:
    async with store.tokens.lock("k"):
        await store.tokens.read("k")
        assert store.database._engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # declared by QueuePool alone
        await other.tokens.write("elsewhere", NEW)  # SQLite has one writer: it is nobody now


async def test_the_lease_of_a_process_that_died_runs_out(database_url: str, store: AccountStore, clock: Clock) -> None:
    """A dead owner left its row; the waiting process sleeps, by its clock, until the row expires."""
    held = {"key": "k", "owner": "dead", "expires_at": clock.now + LEASE}
    async with store.database.write() as connection:
        await connection.execute(sa.insert(TOKEN_LEASES).values(held))
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock.advance(seconds=seconds)

    tokens = SqlTokenStore(store.database, store.vault, now=clock, sleep=sleep)
    async with tokens.lock("k"):
        assert clock.now >= held["expires_at"]  # type: ignore[operator]  # the row holds a time
        assert clock.now - held["expires_at"] < timedelta(seconds=1)  # type: ignore[operator]  # as above
    assert all(0 < wait <= 0.25 for wait in waits)
    assert waits[0] <= 0.02


@pytest.mark.parametrize("ahead", [LEASE * 2, timedelta(hours=1), timedelta(days=9999)])
async def test_a_lease_that_nobody_grants_is_not_believed(store: AccountStore, clock: Clock, ahead: timedelta) -> None:
    """The clock of its owner was wrong, or that of this host was set back."""
    held = {"key": "k", "owner": "dead", "expires_at": clock.now + ahead}
    async with store.database.write() as connection:
        await connection.execute(sa.insert(TOKEN_LEASES).values(held))

    async def fail(_seconds: float) -> None:
        raise AssertionError

    async with SqlTokenStore(store.database, store.vault, now=clock, sleep=fail).lock("k"):
        async with store.database.read() as connection:
            lease = (await connection.execute(sa.select(TOKEN_LEASES))).one()
        assert (lease.owner != "dead", lease.expires_at) == (True, clock.now + LEASE)
    assert await leases(store) == 0


async def test_a_lease_is_prolonged_while_its_renewal_goes_on(
    store: AccountStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_tokens, "LEASE", timedelta(microseconds=3))

    async def held_until() -> datetime:
        async with store.database.read() as connection:
            expires_at: datetime = (await connection.execute(sa.select(TOKEN_LEASES.c.expires_at))).scalar_one()
            return expires_at

    async with store.tokens.lock("k"):
        clock.advance(seconds=60)
        async with asyncio.timeout(30):
            while await held_until() < clock.now:
                await asyncio.sleep(0)


async def test_a_newer_token_is_never_replaced_by_an_older_one(
    store: AccountStore, other: AccountStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The first holder sleeps so long that a second holder renews; then the first holder comes back."""
    await store.tokens.write("k", OLD)
    newest = Token("access-2", None, "refresh-2")
    async with store.tokens.lock("k"):
        assert await store.tokens.read("k") == OLD
        clock.advance(seconds=LEASE.total_seconds() + 1)

        async def overtake() -> None:
            async with other.tokens.lock("k"):
                assert await other.tokens.read("k") == OLD
                await other.tokens.write("k", newest)

        await asyncio.create_task(overtake())
        await store.tokens.write("k", NEW)

    assert await store.tokens.read("k") == newest
    assert await versions(store) == [2]
    assert "a renewed token was not stored" in caplog.text


async def test_a_first_token_is_not_replaced_by_an_older_one_either(store: AccountStore, other: AccountStore) -> None:
    async with store.tokens.lock("k"):
        assert await store.tokens.read("k") is None
        await asyncio.create_task(write(other, "k", NEW))
        await store.tokens.write("k", OLD)

    assert await store.tokens.read("k") == NEW


async def write(store: AccountStore, key: str, token: Token) -> None:
    await store.tokens.write(key, token)


async def test_a_token_is_written_before_the_lease_is_released(store: AccountStore, other: AccountStore) -> None:
    await store.tokens.write("k", OLD)
    tokens: list[Token | None] = []

    async def wait() -> None:
        async with other.tokens.lock("k"):
            tokens.append(await other.tokens.read("k"))

    async with store.tokens.lock("k"):
        waiting = asyncio.create_task(wait())
        await store.tokens.read("k")
        await store.tokens.write("k", NEW)
    await waiting

    assert tokens == [NEW]
