from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.accounts.material import NOBODY
from truto_unify import InvalidInput, NotVisible
from truto_unify.accounts import api_tokens as module
from truto_unify.accounts.bearer import is_genuine, make_token
from truto_unify.accounts.records import ACCOUNT_TOKEN_SCOPES, SCOPES, Identity
from truto_unify.accounts.tables import API_TOKENS, INTEGRATED_ACCOUNT_TOKENS

if TYPE_CHECKING:
    from tests.accounts.material import Clock
    from truto_unify.accounts.records import IntegratedAccount
    from truto_unify.accounts.store import AccountStore

pytestmark = pytest.mark.anyio


async def test_a_token_opens_its_environment_with_its_scopes(store: AccountStore, home: str) -> None:
    token, text = await store.api_tokens.create(home, name="sync", scopes=["proxy", "unified:read"])

    assert await store.identify(text) == Identity(
        environment_id=home, token_id=token.id, kind="api_token", scopes=frozenset({"proxy", "unified:read"})
    )
    assert text.startswith(f"{token.prefix}_")


async def test_a_token_without_a_choice_may_do_everything_but_make_tokens(store: AccountStore, home: str) -> None:
    token, _ = await store.api_tokens.create(home)

    assert token.scopes == frozenset(SCOPES)
    assert [scope for scope in SCOPES if scope.startswith("tokens:")] == ["tokens:read"]


async def test_the_database_holds_no_token(store: AccountStore, home: str, shop: IntegratedAccount) -> None:
    _, text = await store.api_tokens.create(home)
    other = await store.api_tokens.create_for_account(home, shop.id)

    async with store.database.read() as connection:
        stored_values = [
            str(row)
            for table in (API_TOKENS, INTEGRATED_ACCOUNT_TOKENS)
            for row in await connection.execute(sa.select(table))
        ]
    assert len(stored_values) == 2
    assert [value for value in stored_values if text.split("_", 2)[2] in value or other.split("_", 2)[2] in value] == []


async def test_an_expired_token_is_unknown_from_that_moment(store: AccountStore, home: str, clock: Clock) -> None:
    token, text = await store.api_tokens.create(home, lifetime=timedelta(days=30))

    clock.advance(days=30, microseconds=-1)
    assert (await store.identify(text)) is not None
    clock.advance(microseconds=1)
    assert await store.identify(text) is None
    assert token.expires_at == clock.now


async def test_a_revoked_token_is_unknown_and_stays_revoked(store: AccountStore, home: str, clock: Clock) -> None:
    token, text = await store.api_tokens.create(home)

    revoked = await store.api_tokens.revoke(home, token.id)
    clock.advance(hours=1)
    again = await store.api_tokens.revoke(home, token.id.upper())

    assert await store.identify(text) is None
    assert revoked == again
    assert revoked.revoked_at == clock.now - timedelta(hours=1)


@pytest.mark.parametrize(
    "text", ["", "x", "tuapi_none", "tuapi_none_" + "A" * 43, "\x00", "é", "tuapi_\ud800", "x" * 9999]
)
async def test_a_text_that_is_not_a_token_is_unknown(store: AccountStore, text: str) -> None:
    assert await store.identify(text) is None


async def test_a_forged_token_is_unknown(store: AccountStore, home: str) -> None:
    token, text = await store.api_tokens.create(home)
    swapped = {"A": "B"}.get(text[-1], "A")

    assert await store.identify(text[:-1] + swapped) is None
    assert await store.identify(token.prefix + "_" + "A" * 43) is None
    assert await store.identify(text.replace("tuapi", "tuacc")) is None
    assert await store.identify(f" {text}") is None
    assert await store.identify(text) is not None


async def test_a_known_and_an_unknown_token_cost_the_same_steps(
    store: AccountStore, home: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Timing reveals nothing: each token costs one look-up and one comparison of hashes."""
    compared: list[int] = []

    def counting(bearer: str, secret_hash: str | None) -> bool:
        compared.append(len(bearer))
        return is_genuine(bearer, secret_hash)

    monkeypatch.setattr(module, "is_genuine", counting)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = store.database._engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    revoked, revoked_text = await store.api_tokens.create(home)
    await store.api_tokens.revoke(home, revoked.id)
    _, expired_text = await store.api_tokens.create(home, lifetime=timedelta(seconds=1))
    clock.advance(seconds=2)
    work = []
    for text in (revoked_text, expired_text, make_token("api_token").text, "tuapi_none", "x"):
        statements.clear()
        compared.clear()
        assert await store.identify(text) is None
        work.append((len(statements), len(compared)))

    assert len(set(work)) == 1
    assert work[0][1] == 1


async def test_the_use_of_a_token_is_noted_now_and_then(store: AccountStore, home: str, clock: Clock) -> None:
    token, text = await store.api_tokens.create(home)
    assert token.last_used_at is None
    first = clock.now

    await store.identify(text)
    clock.advance(minutes=9)
    await store.identify(text)
    assert (await store.api_tokens.get(home, token.id)).last_used_at == first
    clock.advance(minutes=1)
    await store.identify(text)
    assert (await store.api_tokens.get(home, token.id)).last_used_at == clock.now


async def test_tokens_are_listed_for_their_environment_alone(
    store: AccountStore, home: str, away: str, clock: Clock
) -> None:
    first, _ = await store.api_tokens.create(home, name="first")
    clock.advance(seconds=1)
    second, _ = await store.api_tokens.create(home, name="second")
    other, _ = await store.api_tokens.create(away)

    assert await store.api_tokens.all(home) == [first, second]
    for wrong in (other.id, NOBODY, "x", ""):
        with pytest.raises(NotVisible, match=r"^there is no such API token$"):
            await store.api_tokens.get(home, wrong)
        with pytest.raises(NotVisible, match=r"^there is no such API token$"):
            await store.api_tokens.revoke(home, wrong)
    assert (await store.api_tokens.get(away, other.id)).revoked_at is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scopes": ["unified:red"]}, 'unknown scope "unified:red" \\(did you mean "unified:read"\\?\\)'),
        ({"scopes": ["accounts:me"]}, 'unknown scope "accounts:me"'),
        ({"scopes": []}, "at least one scope"),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"name": "a\x00b"}, "control character"),
        ({"lifetime": timedelta(0)}, "must expire later than now"),
    ],
)
async def test_a_token_that_cannot_be_is_refused(
    store: AccountStore, home: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        await store.api_tokens.create(home, **arguments)
    assert await store.api_tokens.all(home) == []


# ------------------------------------------------------------------------------------------------ one account's token


async def test_a_token_of_an_account_opens_it_for_a_quarter_of_an_hour(
    store: AccountStore, home: str, shop: IntegratedAccount, clock: Clock
) -> None:
    text = await store.api_tokens.create_for_account(home, shop.id.upper())

    identity = await store.identify(text)
    assert identity is not None
    assert identity == Identity(
        environment_id=home,
        token_id=identity.token_id,
        kind="integrated_account_token",
        integrated_account_id=shop.id,
        scopes=ACCOUNT_TOKEN_SCOPES,
    )
    clock.advance(minutes=15, microseconds=-1)
    assert await store.identify(text) == identity
    clock.advance(microseconds=1)
    assert await store.identify(text) is None


async def test_a_token_for_an_account_of_another_environment_is_refused(
    store: AccountStore, away: str, shop: IntegratedAccount
) -> None:
    for wrong in (shop.id, NOBODY, "x", "\x00"):
        with pytest.raises(NotVisible, match=r"^there is no such integrated account$"):
            await store.api_tokens.create_for_account(away, wrong)


async def test_the_tokens_of_an_account_go_with_it(store: AccountStore, home: str, shop: IntegratedAccount) -> None:
    text = await store.api_tokens.create_for_account(home, shop.id)

    await store.accounts.delete(home, [shop.id])
    assert await store.identify(text) is None


async def test_tokens_that_are_over_are_cleared_away(
    store: AccountStore, home: str, shop: IntegratedAccount, clock: Clock
) -> None:
    await store.api_tokens.create_for_account(home, shop.id)
    clock.advance(minutes=15)
    await store.api_tokens.create_for_account(home, shop.id)

    async with store.database.read() as connection:
        count = (
            await connection.execute(sa.select(sa.func.count()).select_from(INTEGRATED_ACCOUNT_TOKENS))
        ).scalar_one()
    assert count == 1
