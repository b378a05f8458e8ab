"""The pretend WooCommerce shop as the tests ask it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.in_process import open_client
from tests.shared_material import SHARED
from truto_unify.sandbox.people import Person, invent_people
from truto_unify.sandbox.store import Store
from truto_unify.sandbox.woocommerce.app import API_ROOT, create_app

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

RECORDINGS = SHARED / "recordings" / "woocommerce"
KEY = ("ck_sandbox", "cs_sandbox")
PEOPLE = invent_people()
CUSTOMERS = [person for person in PEOPLE if person.email]

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="shared/recordings/woocommerce is not beside this checkout"
)

# What no two servers have alike, or what the server in front adds.
SERVER_HEADERS = {"host", "date", "connection", "x-powered-by", "content-length"}


def recorded(name: str) -> dict[str, Any]:
    exchange: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
    return exchange


def shop(store: Store | None = None, auth: tuple[str, str] | None = KEY) -> httpx.Client:
    app = create_app(store or Store.of(PEOPLE))
    return open_client(app, {}, auth, origin="https://shop.example.test")  # the origin of the recordings


def listed_ids(path: str, people: tuple[Person, ...] = PEOPLE) -> list[int]:
    answer = shop(Store.of(people)).get(API_ROOT + path)
    assert answer.status_code == 200, answer.text
    return [record["id"] for record in answer.json()]


def shape(value: object) -> object:
    """The keys at every level, and the kind of each value."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def pick(condition: Callable[[Person], bool]) -> Person:
    return next(person for person in CUSTOMERS if condition(person))


def get_customer(person: Person) -> dict[str, Any]:
    answer = shop(Store.of([person])).get(f"{API_ROOT}/customers/{person.number + 1}")
    record: dict[str, Any] = answer.json()
    return record
