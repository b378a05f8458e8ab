"""Logins whose token stands in a cookie, and errors with HTTP 200, are recorded and replayed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.testing.cassettes.play import CUSTOMERS, KEY, written
from tests.testing.evidence.shop import UNSUPPORTED
from truto_unify import Account, Registry
from truto_unify.testing.cassettes import read_sidecar
from truto_unify.testing.cassettes.record import Plan, Recording, record_call
from truto_unify.testing.evidence.replayed import replay_cassette

if TYPE_CHECKING:
    from pathlib import Path

PROVIDER = """
label: Kiosk
documentation: https://docs.kiosk.example
api_version: "1"
base_url: https://kiosk.example/api
credentials:
  user: {title: User, example: clerk}
  password: {title: Password, example: pass_0123}
authorization:
  type: session
  token_url: https://kiosk.example/login
  body: {user: "{credentials.user}", password: "{credentials.password}"}
  access_token_cookie: sid
  header: Cookie
  value: "sid={token}"
errors:
  error_when: error
  message: [error.message]
  rules:
    - {status: 200, when: "contains(error.message, 'Tariff Exhausted')", error: permission_denied}
    - {status: 200, when: "contains(error.message, 'not found')", error: not_found}
resources:
  people:
    list: {path: /people, list_path: people}
    get: {path: "/people/{id}", record_path: person}
"""
MAPPING = """
list: {endpoint: people.list}
get: people.get
response_mapping:
  id: id
  first_name: first
  emails: [{email: mail}]
unsupported:
"""
LACKING = ["created_at", "orders", *(name for name in UNSUPPORTED if not name.startswith("orders."))]
TOKEN = "s3cret-Cookie-9f8e7d6c5b4a"
ACCOUNT = Account(provider="kiosk", credentials={"user": "real-clerk", "password": "real-password"})
ANA = {"id": "p-1", "first": "Wilhelmina", "mail": "wilhelmina@firma.pl"}


def serve(request: httpx.Request) -> httpx.Response:
    """The shop: a login that sets several cookies, and errors with HTTP 200."""
    if request.url.path == "/login":
        cookies = [("Set-Cookie", f"{name}; Path=/") for name in (f"sid={TOKEN}", "tracking=Wilhelmina-17")]
        return httpx.Response(200, headers=cookies, json={})
    if request.headers["cookie"] != f"sid={TOKEN}":
        return httpx.Response(401)
    if request.url.path.endswith("/people"):
        return httpx.Response(200, json={"people": [ANA]})
    messages = {"p-1": "Dear Wilhelmina: Tariff Exhausted", "p-2": "person Wilhelmina was not found"}
    return httpx.Response(200, json={"error": {"message": messages[request.url.path[-3:]]}, "person": ANA})


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    missing = "".join(f"  {name}: It has none.\n" for name in LACKING)
    files = {"providers/kiosk.yaml": PROVIDER, "mappings/ecommerce/customers/kiosk.yaml": MAPPING + missing}
    for name, text in files.items():
        file = tmp_path / "kiosk" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Registry(overlay=[tmp_path / "kiosk"])


def record(registry: Registry, folder: Path, **plan: Any) -> Recording:
    call = Plan(resource=CUSTOMERS, provenance="synthetic", **plan)
    return record_call(registry, ACCOUNT, call, folder, transport=httpx.MockTransport(serve), key=KEY)


def test_the_cookie_of_the_token_is_kept_with_an_invented_token(registry: Registry, tmp_path: Path) -> None:
    recording = record(registry, tmp_path, method="list")

    text = written(recording.cassette)
    assert [secret for secret in (TOKEN, "tracking", "Wilhelmina", "real-clerk") if secret in text] == []
    assert "sid=FAKE_access_token" in text
    assert (recording.interactions, recording.records, recording.doubts) == (2, 1, ())
    assert replay_cassette(registry, recording.cassette).problems == ()


@pytest.mark.parametrize(("record_id", "error"), [("p-1", "PermissionDeniedError"), ("p-2", "NotFoundError")])
def test_an_error_with_http_200_is_the_same_in_its_replay(
    record_id: str, error: str, registry: Registry, tmp_path: Path
) -> None:
    recording = record(registry, tmp_path, method="get", record_id=record_id, expects_error=True)

    assert read_sidecar(recording.cassette).error == error
    assert replay_cassette(registry, recording.cassette).problems == ()
    assert "Wilhelmina" not in json.dumps(written(recording.cassette))
