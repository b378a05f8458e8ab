"""A recording of each pretend store holds no person and no secret, and its replay gives the same records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from vcr.errors import CannotOverwriteExistingCassetteException

from tests.shipped import REGISTRY
from tests.testing.cassettes.play import CUSTOMERS, playing, record, replay, shape_of, telling_texts, written
from truto_unify import Account, Client, InvalidInput
from truto_unify.sandbox.serve import SLUGS
from truto_unify.sandbox.wix import app as wix
from truto_unify.sandbox.zohoinventory import app as zohoinventory
from truto_unify.testing.cassettes import check_cassettes, read_sidecar
from truto_unify.testing.cassettes.secrets import Secrets

if TYPE_CHECKING:
    from pathlib import Path

    from tests.loopback import Loopback

FIRST = {"limit": 3, "sort_by": {"created_at": "asc"}}
each_store = pytest.mark.parametrize("slug", SLUGS)


def ask(loopback: Loopback, account: Account, pages: int | None = 1, **query: Any) -> list[dict[str, Any]]:
    """The records of the store itself."""
    with Client(REGISTRY, sleep=loopback.clock.advance) as client:
        customers: list[Any] = []
        for number, page in enumerate(client.pages(CUSTOMERS, account, **query), start=1):
            customers += page.result
            if number == pages:
                break
    return [customer.model_dump(mode="json") for customer in customers]


def secret_left(cassette: Path, account: Account) -> str | None:
    """A credential of an account that the files still hold, in any spelling."""
    secrets = Secrets()
    for name, value in account.credentials.items():
        secrets.add(value, name)
    return secrets.find(written(cassette))


@each_store
def test_a_list_over_two_pages(slug: str, loopback: Loopback, tmp_path: Path) -> None:
    real = ask(loopback, loopback.account(slug), 2, limit=9)

    recording = record(loopback, slug, tmp_path, pages=2, arguments={"limit": 9})
    played = replay(recording.cassette)

    assert recording.cassette == tmp_path / slug / "customers-list.yaml"
    assert (recording.sidecar.provenance, recording.records, recording.doubts) == ("synthetic", 18, ())
    assert [text for text in telling_texts(real) if text in written(recording.cassette)] == []
    assert secret_left(recording.cassette, loopback.account(slug)) is None
    assert loopback.origin.partition("//")[2] not in written(recording.cassette)
    assert shape_of(played) == shape_of(real)
    assert check_cassettes([tmp_path], recording.sidecar.date, REGISTRY) == ([recording.cassette], [])


@each_store
def test_one_record(slug: str, loopback: Loopback, tmp_path: Path) -> None:
    account = loopback.account(slug)
    listed = ask(loopback, account, None, limit=50)
    wanted = next(customer["id"] for customer in listed if customer["addresses"] or customer["company_name"])
    with Client(REGISTRY) as client:
        real = [client.get(CUSTOMERS, account, wanted).model_dump(mode="json")]

    recording = record(loopback, slug, tmp_path, "get", record_id=wanted)

    assert [text for text in telling_texts(real) if text in written(recording.cassette)] == []
    assert shape_of(replay(recording.cassette)) == shape_of(real)
    assert read_sidecar(recording.cassette).call == {"id": wanted}


@each_store
def test_a_person_who_is_asked_for_by_email_and_name(slug: str, loopback: Loopback, tmp_path: Path) -> None:
    everybody = ask(loopback, loopback.account(slug), None, limit=50)
    person = next(
        customer
        for customer in everybody
        if customer["first_name"] == "Ingrid" and customer["last_name"] and customer["emails"]
    )
    email, last_name = person["emails"][0]["email"], person["last_name"]
    query = {"email": email.upper(), "first_name": "ingrid"}

    recording = record(loopback, slug, tmp_path, arguments=query)
    (played,) = replay(recording.cassette)
    asked: Any = (recording.sidecar.call or {})["arguments"]

    assert recording.cassette.name == "customers-list-email-first-name.yaml"
    content = written(recording.cassette)
    assert [text for text in (email, email.upper(), "Ingrid", "ingrid", last_name) if text in content] == []
    assert played["id"] == person["id"]
    assert played["emails"][0]["email"] == asked["email"].casefold()
    assert played["first_name"].casefold() == asked["first_name"]


@pytest.mark.parametrize(
    ("slug", "credentials"),
    [("wix", wix.OAUTH_CREDENTIALS), ("zohoinventory", zohoinventory.REFRESH_CREDENTIALS)],
)
def test_tokens_that_are_fetched(slug: str, credentials: dict[str, str], loopback: Loopback, tmp_path: Path) -> None:
    account = replace(loopback.account(slug), credentials=credentials)

    recording = record(loopback, slug, tmp_path, account=account, arguments={"limit": 2})
    used = {
        value.split()[-1]
        for request in loopback.store(slug).requests
        for name, value in request.headers
        if name == "authorization"
    }

    assert len(used) == 1
    assert [token for token in used if token in written(recording.cassette)] == []
    assert secret_left(recording.cassette, account) is None
    assert '"access_token": "FAKE_access_token"' in written(recording.cassette)
    assert recording.interactions == 2
    assert len(replay(recording.cassette)) == 2


def test_a_token_that_was_refused_and_renewed(loopback: Loopback, tmp_path: Path) -> None:
    credentials = {**zohoinventory.REFRESH_CREDENTIALS, "access_token": "1000.stale-token-of-the-account"}
    account = replace(loopback.account("zohoinventory"), credentials=credentials)

    recording = record(loopback, "zohoinventory", tmp_path, account=account, arguments={"limit": 2})

    assert recording.interactions == 3
    assert secret_left(recording.cassette, account) is None
    assert len(replay(recording.cassette)) == 2


def test_page_2_is_not_answered_with_page_1(loopback: Loopback, tmp_path: Path) -> None:
    cassette = record(loopback, "shopify", tmp_path, pages=2, arguments={"limit": 4}).cassette
    first, second = yaml.safe_load(cassette.read_text())["interactions"]

    with playing(cassette), httpx.Client() as client:
        answer = client.post(second["request"]["uri"], content=second["request"]["body"])
        with pytest.raises(CannotOverwriteExistingCassetteException):
            client.post(second["request"]["uri"], content=second["request"]["body"])

    assert answer.text == second["response"]["body"]["string"] != first["response"]["body"]["string"]
    assert first["request"]["uri"] == second["request"]["uri"]


def test_the_same_key_makes_the_same_people(loopback: Loopback, tmp_path: Path) -> None:
    shopify, woocommerce = (record(loopback, slug, tmp_path, arguments=FIRST) for slug in ("shopify", "woocommerce"))

    first, second = (
        {customer["created_at"]: customer["name"] for customer in replay(recording.cassette)}
        for recording in (shopify, woocommerce)
    )

    assert first == second


def test_a_refusal_is_recorded_where_it_is_expected(loopback: Loopback, tmp_path: Path) -> None:
    recording = record(loopback, "woocommerce", tmp_path, "get", record_id="999999", expects_error=True)

    assert recording.sidecar.error == "NotFoundError"
    assert recording.cassette.name == "customers-get-999999-refused.yaml"
    with playing(recording.cassette), Client(REGISTRY) as client, pytest.raises(Exception, match="Invalid") as caught:
        client.get(CUSTOMERS, recording.sidecar.replay_account(), "999999")
    assert type(caught.value).__name__ == "NotFoundError"


def test_a_refusal_that_does_not_come_writes_nothing(loopback: Loopback, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="did not refuse"):
        record(loopback, "woocommerce", tmp_path, arguments={"limit": 1}, expects_error=True)

    assert [*tmp_path.iterdir()] == []


def test_the_sandbox_is_never_called_recorded(loopback: Loopback, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="synthetic and never recorded"):
        record(loopback, "woocommerce", tmp_path, arguments={"limit": 1}, provenance="recorded")

    assert [*tmp_path.iterdir()] == []
