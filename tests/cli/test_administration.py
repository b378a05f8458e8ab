from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING

import pytest

from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.vault import new_key

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from truto_unify.accounts.records import Identity

KEY, NEW_KEY = new_key(), new_key()
TOKEN = r"tuapi_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\n"
SHOP = ["--provider", "woocommerce", "--context", "store_url=https://shop.example"]
SECRETS = ["--credential", "consumer_key=ck_s3cret", "--credential", "consumer_secret=cs_s3cret"]


@pytest.fixture
def key(run: Run, monkeypatch: pytest.MonkeyPatch) -> str:
    """The secret key, in the environment."""
    monkeypatch.setenv("TRUTO_UNIFY_SECRET_KEY", KEY)
    return KEY


@pytest.fixture
def shop(run: Run, key: str) -> str:
    """The id of an account in a new database."""
    outcome = run("account", "create", "--tenant-id", "t1", *SHOP, *SECRETS)
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.out.strip()


def identify(text: str) -> Identity | None:
    async def look() -> Identity | None:
        store = await AccountStore.open("sqlite:///truto_unify.db", KEY)
        try:
            return await store.identify(text)
        finally:
            await store.close()

    return asyncio.run(look())


# ------------------------------------------------------------------------------------------------------------ token


def test_a_token_of_a_new_database_is_printed_once_and_works(run: Run) -> None:
    outcome = run("token", "create", "--scope", "unified:read", "--name", "nightly", "--expires-in", "30d")

    assert outcome.code == 0
    assert re.fullmatch(TOKEN, outcome.out)
    assert re.fullmatch(
        r"id [0-9a-f-]{36}, environment default, valid until \S+Z; the token is shown only now\n", outcome.err
    )
    identity = identify(outcome.out.strip())
    assert identity is not None
    assert identity.scopes == frozenset({"unified:read"})


def test_tokens_are_listed_and_revoked(run: Run) -> None:
    text = run("token", "create").out.strip()
    [listed] = json.loads(run("token", "list", "--format", "json").out)
    table = run("token", "list").out

    revoked = run("token", "revoke", listed["id"])

    assert (listed["prefix"], listed["expires_at"], listed["revoked_at"]) == ("_".join(text.split("_")[:2]), None, None)
    assert text.split("_", 2)[2] not in table + json.dumps(listed)
    assert re.search(r"\ball\b", table)
    assert (revoked.code, revoked.out, revoked.err) == (0, "", f"{listed['prefix']}… is revoked\n")
    assert identify(text) is None


def test_the_database_is_named_by_flag_or_environment(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("token", "create", "--database-url", f"sqlite:///{tmp_path}/other.db", "--environment", "prod")
    monkeypatch.setenv("TRUTO_UNIFY_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")

    assert len(json.loads(run("token", "list", "--environment", "prod", "--format", "json").out)) == 1
    assert [path.name for path in tmp_path.glob("*.db")] == ["other.db"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["token", "create", "--scope", "unified:red"],
            3,
            'unknown scope "unified:red" (did you mean "unified:read"?)',
        ),
        (
            ["token", "create", "--expires-in", "soon"],
            3,
            "--expires-in must be a number with s, m, h, d or w, for example 30d",
        ),
        (["token", "create", "--environment", ""], 3, "an environment's name must have 1 to 100 letters"),
        (["token", "list"], 5, "the database has no tables yet: run  truto-unify database migrate"),
        (
            ["token", "list", "--database-url", "mysql://a:s3cret@h/d"],
            2,
            "TRUTO_UNIFY_DATABASE_URL must be like sqlite",
        ),
        (["token", "list", "--database-url", "sqlite:///no/a.db"], 2, 'the folder "no" does not exist'),
        (["token", "list", "--database-url", "postgresql://a:s3cret@127.0.0.1:1/d"], 5, "the database does not answer"),
        (["account", "list"], 2, "no secret key: set TRUTO_UNIFY_SECRET_KEY"),
        (["account", "list", "--secret-key", "s3cret"], 2, "key 1 of TRUTO_UNIFY_SECRET_KEY is not a Fernet key"),
        (["account", "create", *SHOP], 3, "Missing option '--tenant-id'"),
        (["account", "create", *SHOP, *SECRETS, "--tenant-id", "t"], 2, "no secret key"),
    ],
)
def test_an_impossible_command_is_refused_with_what_would_work(
    run: Run, arguments: list[str], code: int, message: str
) -> None:
    ended = run(*arguments)

    assert (ended.code, ended.out) == (code, "")
    assert message in ended.err
    assert "s3cret" not in ended.err


def test_an_unknown_token_is_named_in_the_error(run: Run) -> None:
    run("token", "create")

    for arguments, expected_message in (
        (["revoke", "x"], "NotVisible: there is no such API token\n"),
        (["list", "--environment", "prod"], 'NotVisible: there is no environment "prod"; the environments: default\n'),
    ):
        ended = run("token", *arguments)
        assert (ended.code, ended.err) == (3, expected_message)


# ---------------------------------------------------------------------------------------------------------- account


def test_an_account_is_stored_shown_and_deleted_without_its_secrets(run: Run, shop: str) -> None:
    shown = run("account", "show", shop)
    listed = run("account", "list", "--tenant-id", "t1", "--provider", "woocommerce", "--format", "json")
    table = run("account", "list")

    account = json.loads(shown.out)
    assert json.loads(listed.out) == [account]
    assert (account["id"], account["status"], account["authentication_method"]) == (shop, "active", "api_key")
    assert account["context"] == {"store_url": "https://shop.example"}
    assert shop in table.out
    assert "s3cret" not in shown.out + listed.out + table.out
    deleted = run("account", "delete", shop)
    again = run("account", "delete", shop)
    assert (deleted.code, deleted.out) == (0, f"{shop}\n")
    assert (again.code, again.err) == (3, "NotVisible: 1 of these ids is not in the environment default\n")


def test_an_account_that_could_not_work_is_refused(run: Run, key: str) -> None:
    flags = ["--tenant-id", "t1", *SHOP, *SECRETS]

    ended = run("account", "create", *flags, "--base-url", "http://10.0.0.1/")
    narrow = run("account", "create", *flags, "--allowed-hosts", "*.shop.example")

    assert (ended.code, narrow.code) == (3, 3)
    assert 'base_url: "10.0.0.1" is addressed by http://' in ended.err
    assert 'the address of context.store_url: "shop.example" is not one of the allowed hosts' in narrow.err
    assert "s3cret" not in ended.err + narrow.err


def test_an_account_s_token_opens_it(run: Run, shop: str) -> None:
    outcome = run("account", "token", shop)

    identity = identify(outcome.out.strip())
    assert identity is not None
    assert (identity.kind, identity.integrated_account_id) == ("integrated_account_token", shop)


def test_an_account_can_be_blocked_and_unblocked(run: Run, shop: str) -> None:
    assert run("account", "block", shop).err == f"{shop} is blocked\n"
    assert json.loads(run("account", "list", "--status", "blocked", "--format", "json").out)[0]["id"] == shop
    assert run("account", "unblock", shop).err == f"{shop} is active\n"


# --------------------------------------------------------------------------------------------------------- database


def test_a_database_is_migrated_once(run: Run) -> None:
    assert run("database", "migrate").err == "the schema is 0002, it was empty\n"
    assert run("database", "migrate").err == "the schema is 0002, as before\n"


def test_a_new_key_is_a_key(run: Run) -> None:
    outcome = run("database", "new-key")

    assert run("database", "check", "--secret-key", outcome.out.strip()).code == 5
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}=\n", outcome.out)


def test_keys_are_rotated(run: Run, shop: str) -> None:
    before = run("database", "check", "--secret-key", NEW_KEY)
    rotated = run("database", "rotate-keys", "--secret-key", f"{NEW_KEY},{KEY}")
    after = run("database", "check", "--secret-key", NEW_KEY)

    assert (before.code, before.err) == (5, "StorageError: the database has 1 problem\n")
    assert f"no key of TRUTO_UNIFY_SECRET_KEY decrypts integrated_accounts/{shop}/credentials" in before.out
    assert (rotated.code, rotated.err) == (0, "1 secret is encrypted with the first key\n")
    assert (after.code, after.out, after.err) == (0, "", "the database has no problems\n")
