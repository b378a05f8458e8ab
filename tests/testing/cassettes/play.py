"""Records calls to the pretend stores, and plays cassettes with vcrpy as pytest-recording does."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import vcr

from tests.shipped import REGISTRY
from truto_unify import Client, Registry
from truto_unify.testing.cassettes import read_sidecar, register_matchers, replay_call, sidecar_path
from truto_unify.testing.cassettes.record import Plan, Recording, record_call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.loopback import Loopback

CUSTOMERS: Final = "ecommerce/customers"
KEY = b"a key for tests"


def record(loopback: Loopback, slug: str, folder: Path, method: str = "list", **plan: Any) -> Recording:
    """Records a call to a pretend store."""
    account = plan.pop("account", None) or loopback.account(slug)
    call = Plan(resource=CUSTOMERS, method="get" if method == "get" else "list", **plan)
    return record_call(REGISTRY, account, call, folder, key=KEY)


@contextmanager
def playing(cassette: Path) -> Iterator[Any]:
    """Answers requests from the cassette alone."""
    recorder = vcr.VCR(record_mode="none")
    register_matchers(recorder)
    with recorder.use_cassette(str(cassette)) as played:
        yield played


def replay(cassette: Path, registry: Registry = REGISTRY) -> list[dict[str, Any]]:
    """The unified records that a cassette gives; every interaction is played once."""
    with playing(cassette) as played, Client(registry, sleep=lambda _: None) as client:
        records = replay_call(client, read_sidecar(cassette))
        assert sorted(played.play_counts.elements()) == [*range(len(played))]
    return [record.model_dump(mode="json") for record in records]


def written(cassette: Path) -> str:
    """Everything that a recording wrote, as a single text."""
    return cassette.read_bytes().decode() + sidecar_path(cassette).read_bytes().decode()


def telling_texts(records: list[dict[str, Any]]) -> set[str]:
    """The texts of unified records that tell about people, as a file writes them.

    Leaves out initials and codes, which occur by chance, and the city that is also a country.
    """
    texts: set[str] = set()
    for customer in records:
        texts |= {customer[name] for name in ("name", "first_name", "last_name", "company_name") if customer[name]}
        texts |= {email["email"] for email in customer["emails"]}
        texts |= {phone["number"] for phone in customer["phones"]}
        for address in customer["addresses"]:
            texts |= {text for part in ("street_1", "street_2", "city", "postal_code") if (text := address[part])}
    telling = {text for text in texts if len(text) > 3 and not text.isdecimal()} - {"Singapore"}
    return {json.dumps(text, ensure_ascii=False)[1:-1] for text in telling}


def shape_of(value: Any) -> Any:
    """A unified record that holds, instead of each text about a person, whether it is present."""
    if isinstance(value, dict):
        safe = {"id", "type", "status", "is_primary", "currency", "country", "created_at", "updated_at", "total_amount"}
        return {key: inner if key in safe else shape_of(inner) for key, inner in value.items() if key != "remote_data"}
    if isinstance(value, list):
        return [shape_of(inner) for inner in value]
    return value is not None
