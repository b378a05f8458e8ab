"""Tokens, organizations and rate limits of the pretend Zoho Inventory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.in_process import Clock
from tests.sandbox.json_keys import key_paths
from tests.sandbox.zohoinventory.organization import ORGANIZATION, TOKEN, Organization, organization
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.store import PlannedFailure, Store
from truto_unify.sandbox.zohoinventory.answers import ZohoError
from truto_unify.sandbox.zohoinventory.app import API_ROOT, REFRESH_CREDENTIALS, TOKEN_PATH
from truto_unify.sandbox.zohoinventory.auth import ZohoAccess

if TYPE_CHECKING:
    import httpx


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, 14),
        ("Bearer zoho_sandbox_token", 14),
        ("zoho_sandbox_token", 14),
        ("Zoho-oauthtoken 1000.unknown", 57),
    ],
)
def test_without_a_token_of_zoho_nothing_opens(authorization: str | None, code: int) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = organization().send("GET", f"{API_ROOT}/contacts", headers=headers, params=ORGANIZATION)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


@needs_shared
def test_the_error_answer_equals_the_recording() -> None:
    answer = organization().send("GET", f"{API_ROOT}/contacts", params=ORGANIZATION)
    assert answer.json() == read_payload("zohoinventory", "error_401_code14_recorded")


@pytest.mark.parametrize(("params", "code"), [({}, 6024), ({"organization_id": "63"}, 6041)])
def test_the_organization_must_be_named(params: dict[str, str], code: int) -> None:
    headers = {**TOKEN, **ORGANIZATION}
    answer = organization().send("GET", f"{API_ROOT}/contacts", headers=headers, params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_organizations_are_listed_without_an_organization_id() -> None:
    answer = organization().send("GET", f"{API_ROOT}/organizations", headers=TOKEN)
    assert [item["organization_id"] for item in answer.json()["organizations"]] == list(ORGANIZATION.values())
    assert not [name for name in answer.headers if name.startswith("x-rate-limit")]


def ask_token(place: Organization, **changes: str) -> httpx.Response:
    params = {"grant_type": "refresh_token", **REFRESH_CREDENTIALS, **changes}
    return place.send("POST", TOKEN_PATH, params=params)


def test_a_refreshed_token_opens_for_an_hour() -> None:
    clock = Clock()
    place = organization(clock=clock)
    granted = ask_token(place).json()
    assert granted["expires_in"] == 3600
    headers = {"Authorization": f"Zoho-oauthtoken {granted['access_token']}"}
    assert place.send("GET", f"{API_ROOT}/organizations", headers=headers).status_code == 200
    clock.now += 3600
    expired = place.send("GET", f"{API_ROOT}/organizations", headers=headers)
    assert (expired.status_code, expired.json()["code"]) == (401, 57)


def test_the_token_endpoint_reads_a_form_too() -> None:
    form = {"grant_type": "refresh_token", **REFRESH_CREDENTIALS}
    assert "access_token" in organization().send("POST", TOKEN_PATH, data=form).json()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "x"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client_secret"),
        ({"refresh_token": "x"}, "invalid_code"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ],
)
def test_the_token_endpoint_says_no_under_200(changes: dict[str, str], error: str) -> None:
    answer = ask_token(organization(), **changes)
    assert (answer.status_code, answer.json()) == (200, {"error": error})


def test_ten_tokens_in_ten_minutes() -> None:
    clock = Clock()
    place = organization(clock=clock)
    assert len({ask_token(place).json()["access_token"] for _ in range(10)}) == 10
    assert ask_token(place).json()["error"] == "Access Denied"
    clock.now += 600
    assert "access_token" in ask_token(place).json()


def test_more_than_a_hundred_requests_a_minute_block_the_organisation_for_an_hour() -> None:
    clock = Clock()
    place = organization(clock=clock)
    answers = [place.get("/salesorders") for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    refused = place.get("/salesorders")
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, 43, "3600")
    clock.now += 3599
    still = place.get("/salesorders")
    assert (still.status_code, still.json()["code"], still.headers["retry-after"]) == (429, 44, "1")
    clock.now += 1
    assert place.get("/salesorders").status_code == 200


def test_the_plan_allows_so_many_requests_a_day() -> None:
    clock = Clock()
    access = ZohoAccess(Store(people=[], clock=clock))
    for _ in range(7500):
        access.check_rate()
        clock.now += 1
    with pytest.raises(ZohoError) as refused:
        access.check_rate()
    assert json.loads(bytes(refused.value.response.body))["code"] == 45
    assert refused.value.response.headers["x-rate-limit-remaining"] == "0"
    clock.now += 86_400
    access.check_rate()


def test_the_day_counts_down() -> None:
    clock = Clock()
    place = organization(clock=clock)
    first = place.get("/salesorders")
    headers = {name: value for name, value in first.headers.items() if name.startswith("x-rate-limit")}
    assert headers == {
        "x-rate-limit-limit": "7500",
        "x-rate-limit-remaining": "7499",
        "x-rate-limit-reset": "86400",
    }
    clock.now += 34
    assert place.get("/salesorders").headers["x-rate-limit-reset"] == "86366"


def test_every_request_is_noted_and_faults_come_first() -> None:
    place = organization()
    place.store.failures.append(PlannedFailure(500, (), b"<html>"))
    assert place.send("GET", "/nowhere").text == "<html>"
    assert place.get("/nowhere").json() == {"code": 5, "message": "Invalid URL Passed"}
    ask_token(place)
    assert [seen.path for seen in place.store.requests] == ["/nowhere", f"{API_ROOT}/nowhere", TOKEN_PATH]


@needs_shared
def test_organizations_have_recorded_keys_alone() -> None:
    recorded = set(key_paths(read_payload("zohoinventory", "organizations_list_recorded")))
    answer = organization().send("GET", f"{API_ROOT}/organizations", headers=TOKEN).json()
    assert set(key_paths(answer)) <= recorded
