"""No planted secret and no planted person reaches a cassette, and the cassette still plays."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest
import yaml

from tests.testing.cassettes.plant import ACCOUNT, PEOPLE, SHOP, SPELLINGS, PlantStore, native, plant_registry
from tests.testing.cassettes.play import CUSTOMERS, KEY, replay, written
from truto_unify import AuthenticationError, Client, InvalidInput
from truto_unify.testing.cassettes import UnsafeCassette, read_sidecar
from truto_unify.testing.cassettes.record import Plan, Recording, record_call

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify import Registry


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return plant_registry(tmp_path / "repository")


def record(registry: Registry, folder: Path, method: str = "list", **plan: Any) -> Recording:
    call = Plan(resource=CUSTOMERS, method="get" if method == "get" else "list", provenance="synthetic", **plan)
    return record_call(registry, ACCOUNT, call, folder / "cassettes", transport=PlantStore(), key=KEY)


def people_in(text: str) -> list[str]:
    """The texts of the planted people that are left, in any case, also in parts and as digits alone."""
    whole = {value for person in PEOPLE for value in person.values() if value}
    parts = {part for value in whole for part in re.split(r"[\s@]", value) if len(part) > 4 and not part.isdecimal()}
    numbers = {re.sub(r"\D", "", person["tel"].partition("x")[0]) for person in PEOPLE}
    folded, digits = text.casefold(), re.sub(r"[ ().+-]", "", text)
    texts = {text for text in whole | parts if text.casefold() in folded}
    phones = {number for number in numbers if number in digits}
    return sorted(texts | phones | ({SHOP} if SHOP in text else set()))


def read_body(cassette: Path, number: int) -> Any:
    return yaml.safe_load(yaml.safe_load(cassette.read_text())["interactions"][number]["response"]["body"]["string"])


def test_the_plant_leaks_everything(registry: Registry) -> None:
    with Client(registry, transport=PlantStore()) as client:
        records = [customer.model_dump(mode="json") for customer in client.iterate(CUSTOMERS, ACCOUNT)]

    assert [customer["remote_data"] for customer in records] == [native(number) for number in range(3)]
    assert len(people_in(str(records))) > 40


def test_nothing_planted_is_in_a_list_of_two_pages(registry: Registry, tmp_path: Path) -> None:
    recording = record(registry, tmp_path, pages=None)
    text = written(recording.cassette)

    assert [secret for secret in SPELLINGS if secret in text] == []
    assert people_in(text) == []
    assert recording.doubts == ()
    assert (recording.interactions, recording.records) == (5, 3)


def test_the_replay_gives_the_records_of_the_stand_ins(registry: Registry, tmp_path: Path) -> None:
    recording = record(registry, tmp_path, pages=None)

    played = replay(recording.cassette, registry)
    first, second, third = played

    assert [customer["remote_data"] for customer in played] == [
        *read_body(recording.cassette, 3)["people"],
        *read_body(recording.cassette, 4)["people"],
    ]
    assert [customer["id"] for customer in played] == ["p-0", "p-1", "p-2"]
    assert [customer["status"] for customer in played] == ["active"] * 3
    assert first["first_name"] == third["first_name"]
    assert len({customer["name"] for customer in played}) == 3
    assert len({customer["emails"][0]["email"] for customer in played}) == 3
    assert [customer["phones"][0]["extension"] is None for customer in played] == [True, True, False]
    assert second["addresses"][0]["country"] == "PL"
    assert third["company_name"] is None


def test_the_same_value_has_the_same_stand_in_everywhere(registry: Registry, tmp_path: Path) -> None:
    recording = record(registry, tmp_path, "get", record_id="p-0")

    (played,) = replay(recording.cassette, registry)
    native = played["remote_data"]
    email, phone, name = native["post"]["elektronisch"], native["rufnummer"], played["name"]
    first_name, street = native["vorname"], native["wohnt"]["weg"]

    assert native["display_name"] == name.upper()
    assert native["shipping"] == {
        "first_name": first_name,
        "address_1": street,
        "phone": phone,
        "city": native["wohnt"]["ort"],
    }
    assert [pair["value"] for pair in native["custom"]] == [name, phone]
    assert yaml.safe_load(native["raw"]) == {"email": email, "name": name}
    assert re.fullmatch(
        rf"https://demo\.plant\.example/[a-z]\?mail={email}&name={re.escape(quote_plus(name))}", native["profile"]
    )
    assert email in native
    assert native["parcel"].endswith(f":{first_name}")
    assert native["note"].startswith(f"{first_name} ")
    assert native["note"].endswith(f" {street}")
    assert re.fullmatch(rf"[A-Z][a-z]+ {name}, [a-z]+ {re.escape(phone)}", native["greeting"])


def test_what_no_field_announces_is_replaced_too(registry: Registry, tmp_path: Path) -> None:
    recording = record(registry, tmp_path, "get", record_id="p-0")

    native = replay(recording.cassette, registry)[0]["remote_data"]

    assert re.fullmatch("opaque-[0-9a-f]{16}", native["token_of_page"])
    assert re.fullmatch(r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+", native["ip_address"])
    assert re.fullmatch(r"https://\w+\.\w+\.example\.test/[a-z]{32}", native["avatar_url"])
    assert (native["latitude"] == 52.0534, native["balance"]) == (False, 1.1)
    assert native["debug"]["said"] == "FAKE_password"
    assert read_sidecar(recording.cassette).replay_account().credentials == {
        "api_key": "FAKE_api_key",
        "password": "FAKE_password",
        "refresh_token": "FAKE_refresh_token",
    }


def test_headers_are_those_of_the_list_and_agree_with_the_body(registry: Registry, tmp_path: Path) -> None:
    recording = record(registry, tmp_path, pages=None)
    interactions = yaml.safe_load(recording.cassette.read_text())["interactions"]

    sent = {name for interaction in interactions for name in interaction["request"]["headers"]}
    assert sent == {"accept", "content-type"}
    assert [interaction["response"]["headers"] for interaction in interactions] == [
        {
            "content-type": ["application/json"],
            "x-plant-quota": ["3"],
            "location": [interactions[0]["response"]["headers"]["location"][0]],
            "link": ['<https://demo.plant.example/api/people?key=FAKE_api_key>; rel="self"'],
        }
    ] * 5
    assert re.fullmatch(
        r"https://demo\.plant\.example/next\?key=FAKE_api_key&mail=\w+\.\w+@\w+\.\w+\.example\.test",
        interactions[0]["response"]["headers"]["location"][0],
    )


@pytest.mark.parametrize(
    "query",
    [
        {"email": "ZORRILLA.OQ@gmail.com"},
        {"email": "lucja+shop@firma.pl", "name": "łucja wiśniewska-ray"},
        {"name": "Zorrilla Ferrante"},
        {"name": {"like": "zorrilla FERRANTE"}},
        {"name": {"like": "ferrante"}},
        {"remote_query": {"mail": "zorrilla.oq@gmail.com"}},
    ],
)
def test_a_filter_by_a_person_still_finds_the_stand_in(
    query: dict[str, Any], registry: Registry, tmp_path: Path
) -> None:
    recording = record(registry, tmp_path, arguments=query)

    (played,) = replay(recording.cassette, registry)

    assert people_in(written(recording.cassette)) == []
    assert played["name"]


def test_a_refused_token_leaves_nothing_behind(registry: Registry, tmp_path: Path) -> None:
    class Stubborn(PlantStore):
        def serve(self, request: Any) -> Any:
            if request.url.path == "/token":
                return self._answer({"error": "invalid", "echo": request.read().decode()}, 401)
            return super().serve(request)

    plan = Plan(resource=CUSTOMERS, method="list", expects_error=True, provenance="synthetic")
    recording = record_call(registry, ACCOUNT, plan, tmp_path / "one.yaml", transport=Stubborn(), key=KEY)

    assert recording.sidecar.error == AuthenticationError.__name__
    assert [secret for secret in SPELLINGS if secret in written(recording.cassette)] == []


def test_a_part_of_a_word_cannot_be_recorded(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(UnsafeCassette, match="a filter compares whole words: a part of a word has another pseudonym"):
        record(registry, tmp_path, arguments={"name": {"like": "Zorri"}}, pages=None)

    assert not (tmp_path / "cassettes").exists()


def test_a_short_credential_is_refused_by_name(registry: Registry, tmp_path: Path) -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "password": "abc"})

    with pytest.raises(UnsafeCassette) as caught:
        record_call(registry, account, Plan(CUSTOMERS, "list"), tmp_path / "one.yaml", transport=PlantStore())

    assert caught.value.message == (
        "credential password has fewer than 6 characters: a cassette cannot be searched for it"
    )
    assert not (tmp_path / "one.yaml").exists()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("interactions", "one.yaml: line 2: the secret that FAKE_password stands for"),
        ("people", "the cleaned answers do not carry the call: TransportError"),
    ],
)
def test_a_secret_that_cannot_be_taken_out_writes_nothing(
    word: str, message: str, registry: Registry, tmp_path: Path
) -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "password": word})
    plan = Plan(CUSTOMERS, "list", provenance="synthetic")

    with pytest.raises(UnsafeCassette) as caught:
        record_call(registry, account, plan, tmp_path / "one.yaml", transport=PlantStore(), key=KEY)

    assert caught.value.findings[0].endswith(message)
    assert "nothing was written" in caught.value.findings
    assert not (tmp_path / "one.yaml").exists()


def test_a_pretend_server_must_be_declared(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="--provenance recorded"):
        record_call(registry, ACCOUNT, Plan(CUSTOMERS, "list"), tmp_path / "one.yaml", transport=PlantStore(), key=KEY)
