from __future__ import annotations

import asyncio
import copy
import dataclasses
import json
import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import fastapi
import httpx
import pytest
from pydantic import TypeAdapter

from truto_unify import Account, Budget, Customer, Page, Settings
from truto_unify.models.ecommerce import Email
from truto_unify.types import PlanEntry

SECRET = "cs_0123456789"
SHOP = Account(
    provider="woocommerce",
    credentials={"consumer_key": "ck_0123", "consumer_secret": SECRET},
    context={"store_url": "https://shop.example"},
    overrides={"ecommerce/customers": [{"response_mapping": {"status": None}}]},
)
PAGE = Page(
    result=[Customer(id="17", name="Ana Valverde", emails=[Email(email="ana@example.test")])],
    next_cursor="ana",
    query_plan=(PlanEntry("email", "native", "exact", "email=ana@example.test"),),
    unmapped={"status=INVITED": 1},
    request_count=2,
)


def respond(kind: Any, value: Any) -> tuple[Any, Any]:
    """The body of a FastAPI route that gives this value, and the schema of its type."""
    app = fastapi.FastAPI()
    app.add_api_route("/", lambda: value, response_model=kind)

    async def ask() -> tuple[Any, Any]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
            body, schema = await client.get("/"), await client.get("/openapi.json")
            return body.json(), schema.json()["paths"]["/"]["get"]["responses"]["200"]["content"]

    return asyncio.run(ask())


# ------------------------------------------------------------------------------- accounts


@pytest.mark.parametrize("duplicate", [lambda account: pickle.loads(pickle.dumps(account)), copy.copy, copy.deepcopy])
def test_a_copy_of_an_account_is_equal_and_has_the_same_hash(duplicate: Any) -> None:
    twin = duplicate(SHOP)

    assert (twin, hash(twin)) == (SHOP, hash(SHOP))
    assert repr(twin) == repr(SHOP)


def test_the_fields_of_an_account_are_a_plain_dictionary_for_dataclasses() -> None:
    values = dataclasses.asdict(SHOP)

    assert Account(**values) == SHOP
    assert (values["credentials"], values["context"]) == (dict(SHOP.credentials), dict(SHOP.context))
    with pytest.raises(TypeError, match="does not support item assignment"):
        SHOP.context["store_url"] = "https://other.example"  # type: ignore[index] # the point of the test


@pytest.mark.parametrize(
    "change",
    [
        {"provider": "wix"},
        {"credentials": {}},
        {"context": {"store_url": "https://other.example"}},
        {"base_url": "https://gateway.example"},
        {"token_url": "https://gateway.example/token"},
        {"id": "17"},
        {"overrides": {}},
    ],
    ids=str,
)
def test_accounts_that_differ_are_two_keys(change: dict[str, Any]) -> None:
    assert len({SHOP: 1, replace(SHOP, **change): 2}) == 2


def test_a_copied_account_cannot_be_changed() -> None:
    twin: Any = copy.deepcopy(SHOP)

    with pytest.raises(FrozenInstanceError):
        twin.provider = "wix"
    with pytest.raises(TypeError):
        twin.credentials["consumer_key"] = "ck_9"


def test_an_account_is_written_without_its_secrets() -> None:
    written = {
        "provider": "woocommerce",
        "credentials": {"consumer_key": "[redacted]", "consumer_secret": "[redacted]"},
        "context": {"store_url": "https://shop.example"},
        "base_url": None,
        "token_url": None,
        "id": None,
        "overrides": {"ecommerce/customers": [{"response_mapping": {"status": None}}]},
        "origins": {},
        "is_read_only": False,
    }
    adapter = TypeAdapter(Account)

    assert adapter.dump_python(SHOP) == json.loads(adapter.dump_json(SHOP)) == written
    assert respond(Account, SHOP) == (
        written,
        {"application/json": {"schema": {"$ref": "#/components/schemas/Account"}}},
    )
    assert SECRET not in repr(SHOP)


def test_an_account_is_read_with_its_secrets() -> None:
    text = json.dumps({"provider": "woocommerce", "credentials": {"consumer_secret": SECRET}})

    assert TypeAdapter(Account).validate_json(text) == Account(
        provider="woocommerce", credentials={"consumer_secret": SECRET}
    )


# ------------------------------------------------------------------------------- pages


def test_the_repr_of_a_page_is_short_and_names_nobody() -> None:
    assert repr(PAGE) == "Page(result_count=1, has_more=True, request_count=2)"
    assert str(Page(result=[])) == "Page(result_count=0, has_more=False, request_count=0)"


def test_a_page_of_customers_is_a_response() -> None:
    body, schema = respond(Page[Customer], PAGE)

    assert (body["result"][0]["name"], body["next_cursor"], body["result_count"]) == ("Ana Valverde", "ana", 1)
    assert schema == {"application/json": {"schema": {"$ref": "#/components/schemas/Page_Customer_"}}}


def test_a_written_page_is_read_back() -> None:
    adapter = TypeAdapter(Page[Customer])

    assert adapter.validate_json(adapter.dump_json(PAGE)) == PAGE


# ------------------------------------------------------------------------------- settings


def test_settings_are_written_without_the_cursor_key_and_the_clock() -> None:
    settings = Settings(cursor_key=b"s3cret", budget=Budget(max_requests=7))

    body, _ = respond(Settings, settings)

    assert body == json.loads(TypeAdapter(Settings).dump_json(settings))
    assert (sorted(body), body["budget"]["max_requests"]) == (["budget", "retry"], 7)
