"""Keys, tokens and the rate limit of the pretend Wix site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.in_process import Clock
from tests.sandbox.wix.site import KEY_HEADERS, LIST, Site, site
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.sandbox.wix.app import OAUTH_CREDENTIALS, TOKEN_PATH

if TYPE_CHECKING:
    import httpx


def test_the_raw_key_and_the_site_open() -> None:
    assert site().query().status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({**KEY_HEADERS, "Authorization": "Bearer wix_sandbox_key"}, 401),
        ({**KEY_HEADERS, "Authorization": "other"}, 401),
        ({"Authorization": "wix_sandbox_key"}, 403),
        ({**KEY_HEADERS, "wix-site-id": "another"}, 403),
        ({"Authorization": "wix_sandbox_key", "wix-account-id": "another"}, 403),
        ({**KEY_HEADERS, "wix-account-id": "another"}, 400),
    ],
)
def test_anything_else_is_refused(headers: dict[str, str], status: int) -> None:
    answer = site().send("GET", LIST, headers=headers)
    assert answer.status_code == status


def test_the_gateway_refuses_in_html() -> None:
    answer = site().send("GET", LIST, headers={"Authorization": "wix_sandbox_key"})
    assert answer.headers["content-type"].startswith("text/html")


def ask_token(place: Site, **changes: str) -> httpx.Response:
    body = {"grant_type": "client_credentials", **OAUTH_CREDENTIALS, **changes}
    return place.send("POST", TOKEN_PATH, headers={}, json=body)


def test_an_access_token_opens_without_the_site_until_it_expires() -> None:
    clock = Clock()
    place = site(clock=clock)
    granted = ask_token(place).json()
    assert (granted["expires_in"], granted["token_type"]) == (14_400, "Bearer")
    headers = {"Authorization": granted["access_token"]}
    assert place.send("GET", LIST, headers=headers).status_code == 200
    assert place.send("GET", LIST, headers={"Authorization": f"Bearer {granted['access_token']}"}).status_code == 401
    clock.now += 14_400
    expired = place.send("GET", LIST, headers=headers)
    assert expired.status_code == 401
    assert expired.json()["details"]["applicationError"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("changes", [{"client_secret": "wrong"}, {"instance_id": "x"}, {"grant_type": "password"}])
def test_no_token_for_wrong_credentials(changes: dict[str, str]) -> None:
    assert ask_token(site(), **changes).status_code == 400


def test_the_token_endpoint_reads_json_alone() -> None:
    body = {"grant_type": "client_credentials", **OAUTH_CREDENTIALS}
    answer = site().send("POST", TOKEN_PATH, headers={}, data=body)
    assert (answer.status_code, answer.json()) == (400, {"message": "Expected an object"})


def test_two_hundred_requests_a_minute_and_no_hint_when_to_come_back() -> None:
    clock = Clock()
    place = site(clock=clock)
    assert {place.send("GET", LIST).status_code for _ in range(200)} == {200}
    refused = place.send("GET", LIST)
    assert refused.status_code == 429
    assert "retry-after" not in refused.headers
    assert refused.json()["details"]["applicationError"]["code"] == "RESOURCE_EXHAUSTED"
    clock.now += 60
    assert place.send("GET", LIST).status_code == 200


def test_every_request_is_noted_and_faults_come_first() -> None:
    place = site()
    place.store.failures.extend([PlannedFailure(503, (("x-seen", "1"),), b"down"), PlannedFailure(500)])
    assert place.send("GET", "/nowhere", headers={}).text == "down"
    assert place.send("POST", TOKEN_PATH, headers={}).status_code == 500
    assert place.send("DELETE", LIST).status_code == 404
    assert [(seen.method, seen.path) for seen in place.store.requests] == [
        ("GET", "/nowhere"),
        ("POST", TOKEN_PATH),
        ("DELETE", LIST),
    ]
