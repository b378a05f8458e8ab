"""What each fault makes of an answer, seen by a client of httpx."""

from __future__ import annotations

import json
import zlib
from typing import Any

import httpx
import pytest

from tests.chaos.store import PEOPLE, Store, page
from truto_unify.chaos import FAULTS, Chaos, ChaosTransport

SECOND = page(2)
FIRST_RECORD, LAST_RECORD = PEOPLE[3], PEOPLE[5]


def second_answer(name: str) -> httpx.Response:
    """The answer to the second page, after an honest first one."""
    chaos = Chaos({name: 1.0}, only={2})
    with httpx.Client(transport=ChaosTransport(chaos, Store()), base_url="https://store.example") as client:
        client.get("/people")
        return client.send(client.build_request("GET", "/people?page=2", headers={"X-Key": "secret"}))


def with_people(people: Any) -> dict[str, Any]:
    return {**SECOND, "people": people}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("total-low", {**SECOND, "meta": {"total": 1}}),
        ("total-zero", {**SECOND, "meta": {"total": 0}}),
        ("total-high", {**SECOND, "meta": {"total": 19}}),
        ("page-again", page(1)),
        ("page-skipped", with_people([])),
        ("record-again", with_people([PEOPLE[2], *SECOND["people"]])),
        ("record-twice", with_people([*SECOND["people"], FIRST_RECORD])),
        ("records-object", with_people({str(place): person for place, person in enumerate(SECOND["people"])})),
        ("records-null", with_people(None)),
        ("record-text", with_people(["4", *SECOND["people"][1:]])),
        ("record-null", with_people([None, *SECOND["people"][1:]])),
        ("no-ids", with_people([{"name": person["name"]} for person in SECOND["people"]])),
        ("null", None),
        ("error-in-200", {"error": "planted"}),
        ("wrong-type", SECOND),
    ],
)
def test_a_list_is_altered_where_it_is_wrong_and_nowhere_else(name: str, body: object) -> None:
    answer = second_answer(name)

    assert (answer.status_code, answer.json()) == (200, body)


def test_a_wrong_total_stands_in_the_headers_too() -> None:
    assert second_answer("total-zero").headers["X-Total"] == "0"


@pytest.mark.parametrize(
    ("name", "status", "headers"),
    [
        ("error", 500, {}),
        ("gateway", 502, {"content-type": "text/html"}),
        ("unavailable", 503, {}),
        ("storm", 429, {"retry-after": "1"}),
        ("not-found", 404, {"content-type": "text/html"}),
        ("redirect", 302, {"location": "https://elsewhere.example/"}),
        ("expired", 401, {}),
        ("web-page", 200, {"content-type": "text/html"}),
        ("wrong-type", 200, {"content-type": "text/html"}),
        ("clock-back", 200, {"date": "Mon, 30 Nov 2026 11:00:00 GMT", "expires": "Mon, 30 Nov 2026 11:00:00 GMT"}),
        ("clock-ahead", 200, {"date": "Mon, 30 Nov 2026 13:00:00 GMT", "expires": "Mon, 30 Nov 2026 13:00:00 GMT"}),
    ],
)
def test_a_refusal_and_a_clock_are_in_the_head_of_the_answer(name: str, status: int, headers: dict[str, str]) -> None:
    answer = second_answer(name)

    assert answer.status_code == status
    assert {header: answer.headers[header] for header in headers} == headers


def test_an_echo_repeats_what_the_client_sent() -> None:
    answer = second_answer("echo")

    assert (answer.status_code, "x-key: secret" in answer.json()["headers"]) == (500, True)
    assert answer.json()["message"] == "cannot serve /people?page=2"


def test_truncated_json_is_its_first_half() -> None:
    whole = Store().handle_request(httpx.Request("GET", "https://store.example/people?page=2")).content

    assert second_answer("truncated").content == whole[: len(whole) // 2]
    assert second_answer("empty").content == b""


def test_a_bomb_is_small_on_the_wire() -> None:
    chaos = Chaos({"bomb": 1.0})
    request = httpx.Request("GET", "https://store.example/people")
    answer = ChaosTransport(chaos, Store()).handle_request(request)
    wire = b"".join(answer.iter_raw())
    inflater = zlib.decompressobj(31)

    assert (len(wire) < 2_000_000, answer.headers["Content-Encoding"]) == (True, "gzip")
    assert inflater.decompress(wire, 1_000_000) == b'"' + b" " * 999_999


def test_a_token_lives_as_long_as_the_fault_says_and_nothing_else_changes() -> None:
    token = {"access_token": "new", "expires_in": 3600}
    store = httpx.MockTransport(lambda _: httpx.Response(200, json=token))
    with httpx.Client(transport=ChaosTransport(Chaos({"lifetime": 1.0}), store)) as client:
        bodies = [client.post("https://store.example/token").json() for _ in range(20)]

    assert {json.dumps(body["expires_in"]) for body in bodies} == {"0", "-1", "1e+308", '"soon"', "null"}
    assert [body["access_token"] for body in bodies] == ["new"] * 20


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.group in {"list", "token"}])
def test_what_does_not_fit_is_not_planted(name: str) -> None:
    chaos = Chaos({name: 1.0})
    store = httpx.MockTransport(lambda _: httpx.Response(200, json={"id": 1, "name": "Ana", "tags": []}))
    with httpx.Client(transport=ChaosTransport(chaos, store)) as client:
        body = client.get("https://store.example/people/1").json()

    fits = name == "expired"
    assert (body == {"id": 1, "name": "Ana", "tags": []}, bool(chaos.planted)) == (not fits, fits)


@pytest.mark.parametrize("name", ["page-again", "record-again"])
def test_a_page_that_overlaps_with_the_last_does_not_follow_it_and_is_not_struck(name: str) -> None:
    chaos = Chaos({name: 1.0})
    with httpx.Client(transport=ChaosTransport(chaos, Store()), base_url="https://store.example") as client:
        bodies = [client.get(f"/people?page=1&size={size}").json() for size in (3, 2)]

    assert (bodies, chaos.planted) == ([page(1)] * 2, [])
