"""Every pretend store recorded over loopback: nobody and no secret in the bytes, and the same records on replay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from vcr.errors import CannotOverwriteExistingCassetteException  # type: ignore[import-untyped]

from tests.testing.cassettes.play import CUSTOMERS, REGISTRY, playing, record, replay, shape_of, telling_texts, written
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
    """What the store itself gives."""
    with Client(REGISTRY, sleep=loopback.clock.advance) as client:
        found: list[Any] = []
        for number, page in enumerate(client.pages(CUSTOMERS, account, **query), start=1):
            found += page.result
            if number == pages:
                break
    return [one.model_dump(mode="json") for one in found]


def secrets_left(cassette: Path, account: Account) -> list[str]:
    """The credentials of an account that the files still hold, in any spelling."""
    text = written(cassette)
    left = []
    for name, value in account.credentials.items():
        secrets = Secrets()
        secrets.add(value, name)
        if secrets.find(text):
            left.append(name)
    return left


@each_store
def test_a_list_over_two_pages(slug: str, loopback: Loopback, tmp_path: Path) -> None:
    real = ask(loopback, loopback.account(slug), 2, limit=9)

    recording = record(loopback, slug, tmp_path, pages=2, arguments={"limit": 9})
    played = replay(recording.cassette)

    assert recording.cassette == tmp_path / slug / "customers-list.yaml"
    assert (recording.about.provenance, recording.records, recording.doubts) == ("synthetic", 18, ())
    assert [one for one in telling_texts(real) if one in written(recording.cassette)] == []
    assert secrets_left(recording.cassette, loopback.account(slug)) == []
    assert loopback.origin.partition("//")[2] not in written(recording.cassette)
    assert shape_of(played) == shape_of(real)
    assert check_cassettes([tmp_path], recording.about.date, REGISTRY) == ([recording.cassette], [])


@each_store
def test_one_record(slug: str, loopback: Loopback, tmp_path: Path) -> None:
    account = loopback.account(slug)
    listed = ask(loopback, account, None, limit=50)
    wanted = next(one["id"] for one in listed if one["addresses"] or one["company_name"])
    with Client(REGISTRY) as client:
        real = [client.get(CUSTOMERS, account, wanted).model_dump(mode="json")]

    recording = record(loopback, slug, tmp_path, "get", record_id=wanted)

    assert [one for one in telling_texts(real) if one in written(recording.cassette)] == []
    assert shape_of(replay(recording.cassette)) == shape_of(real)
    assert read_sidecar(recording.cassette).call == {"id": wanted}


@each_store
def test_a_person_who_is_asked_for_by_email_and_name(slug: str, loopback: Loopback, tmp_path: Path) -> None:
    everybody = ask(loopback, loopback.account(slug), None, limit=50)
    person = next(one for one in everybody if one["first_name"] == "Ingrid" and one["last_name"] and one["emails"])
    email, last_name = person["emails"][0]["email"], person["last_name"]
    query = {"email": email.upper(), "first_name": "ingrid"}

    recording = record(loopback, slug, tmp_path, arguments=query)
    (played,) = replay(recording.cassette)
    asked: Any = (recording.about.call or {})["arguments"]

    assert recording.cassette.name == "customers-list-email-first-name.yaml"
    text = written(recording.cassette)
    assert [one for one in (email, email.upper(), "Ingrid", "ingrid", last_name) if one in text] == []
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
    assert [one for one in used if one in written(recording.cassette)] == []
    assert secrets_left(recording.cassette, account) == []
    assert '"access_token": "FAKE_access_token"' in written(recording.cassette)
    assert recording.interactions == 2
    assert len(replay(recording.cassette)) == 2


def test_a_token_that_was_refused_and_renewed(loopback: Loopback, tmp_path: Path) -> None:
    credentials = {**zohoinventory.REFRESH_CREDENTIALS, "access_token": "1000.stale-token-of-the-account"}
    account = replace(loopback.account("zohoinventory"), credentials=credentials)

    recording = record(loopback, "zohoinventory", tmp_path, account=account, arguments={"limit": 2})

    assert recording.interactions == 3
    assert secrets_left(recording.cassette, account) == []
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
    one, other = (record(loopback, slug, tmp_path, arguments=FIRST) for slug in ("shopify", "woocommerce"))

    names = [{person["created_at"]: person["name"] for person in replay(which.cassette)} for which in (one, other)]

    assert names[0] == names[1]


def test_a_refusal_is_recorded_where_it_is_expected(loopback: Loopback, tmp_path: Path) -> None:
    recording = record(loopback, "woocommerce", tmp_path, "get", record_id="999999", expects_error=True)

    assert recording.about.error == "NotFoundError"
    assert recording.cassette.name == "customers-get-999999-refused.yaml"
    with playing(recording.cassette), Client(REGISTRY) as client, pytest.raises(Exception, match="Invalid") as caught:
        client.get(CUSTOMERS, recording.about.replay_account(), "999999")
    assert type(caught.value).__name__ == "NotFoundError"


def test_a_refusal_that_does_not_come_writes_nothing(loopback: Loopback, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="did not refuse"):
        record(loopback, "woocommerce", tmp_path, arguments={"limit": 1}, expects_error=True)

    assert [*tmp_path.iterdir()] == []


def test_the_sandbox_is_never_called_recorded(loopback: Loopback, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="synthetic and never recorded"):
        record(loopback, "woocommerce", tmp_path, arguments={"limit": 1}, provenance="recorded")

    assert [*tmp_path.iterdir()] == []
