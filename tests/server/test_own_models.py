"""Models of an overlay of YAML files over HTTP: a resource of its own, and a field added to a model that ships."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.examples.outside import TICKETING
from tests.server.conftest import HOME, TOKEN, account_id
from tests.server.memory_store import MemoryStore
from tests.server.serving import make_app, serve_app
from truto_unify import Account, Registry
from truto_unify.sandbox.serve import Sandbox, run_in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

    from tests.loopback import Loopback

    Get = Callable[..., httpx.Response]

EVENTS, ORDERS, CUSTOMERS = (
    f"/unified/{name}" for name in ("ticketing/events", "ticketing/orders", "ecommerce/customers")
)
TICKET_ACCOUNT = "00000000-0000-4000-8000-00000000000a"
SAMPLES = TICKETING / "tests/pretix/samples/pretix/ticketing"
NATIVE = {
    name: json.loads((SAMPLES / f"{name}/list.json").read_text("utf-8"))["results"] for name in ("events", "orders")
}
ADDED = {
    "models/ecommerce/customers.yaml": """
fields:
  loyalty_tier: {kind: text, filter: true, description: "The tier: bronze, silver or gold."}
  seen_at: {kind: time, filter: true, sort: true}
""",
    "mappings/ecommerce/customers/woocommerce.yaml": """
response_mapping:
  loyalty_tier: {expr: role, enum: {customer: gold}}
  seen_at: {expr: date_created_gmt, zone: utc}
""",
}


def list_records(request: Request) -> JSONResponse:
    """As pretix: it filters by "live", sorts by the field of "ordering", and ignores any other parameter."""
    live, ordering = request.query_params.get("live"), request.query_params.get("ordering", "")
    records = [
        record
        for record in NATIVE[request.path_params["resource"]]
        if live is None or record["live"] == (live == "true")
    ]
    if ordering:
        records.sort(key=lambda record: record[ordering.lstrip("-")], reverse=ordering.startswith("-"))
    return JSONResponse({"count": len(records), "next": None, "previous": None, "results": records})


def get_record(request: Request) -> JSONResponse:
    key, resource = request.path_params["key"], request.path_params["resource"]
    return JSONResponse(next(record for record in NATIVE[resource] if key in {record.get("slug"), record.get("code")}))


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The models, the provider and the mappings of the example, and the added fields: YAML files only."""
    folder = tmp_path_factory.mktemp("overlay")
    for name in ("models", "providers", "mappings"):
        shutil.copytree(TICKETING / name, folder / name, ignore=shutil.ignore_patterns("*.json"))
    for name, text in ADDED.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    assert {file.suffix for file in folder.rglob("*") if file.is_file()} == {".yaml"}
    return Registry(overlay=folder)


@pytest.fixture(scope="module")
def get(registry: Registry, served_stores: Loopback) -> Iterator[Get]:
    """Calls a path of the service, of an account at the ticket server unless another is named."""
    prefix = "/api/v1/organizers/acme/{resource}/"
    app = Starlette(routes=[Route(prefix, list_records), Route(prefix + "{key}/", get_record)])
    store = MemoryStore()
    store.add_token(TOKEN, HOME)
    store.add_account(HOME, account_id("woocommerce"), served_stores.account("woocommerce"))
    with (
        pytest.MonkeyPatch.context() as patch,
        run_in_thread(Sandbox(stores={}, app=app)) as tickets,
        serve_app(make_app(registry, store)) as origin,
    ):
        patch.setenv("NO_PROXY", "127.0.0.1")
        context = {"server_url": tickets, "organizer": "acme"}
        account = Account(provider="pretix", credentials={"api_token": "token"}, context=context)
        store.add_account(HOME, TICKET_ACCOUNT, account)
        headers = {"Authorization": f"Bearer {TOKEN}"}

        def call(path: str, account_id: str = TICKET_ACCOUNT, **query: str) -> httpx.Response:
            params = {"integrated_account_id": account_id, **query} if path.startswith("/unified/") else query
            return httpx.get(origin + path, params=params, headers=headers, trust_env=False, timeout=60)

        yield call


@pytest.fixture(scope="module")
def document(get: Get) -> dict[str, Any]:
    body: dict[str, Any] = get("/openapi.json").json()
    return body


def parameters_of(document: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    """The parameters of a list by name."""
    return {parameter["name"]: parameter for parameter in document["paths"][path]["get"]["parameters"]}


def plan_of(response: httpx.Response) -> dict[str, str]:
    """Who serves each parameter."""
    return {entry["parameter"]: entry["how"] for entry in json.loads(response.headers["X-Unify-Query-Plan"])}


def test_a_list_is_filtered_by_the_server_and_by_the_engine(get: Get) -> None:
    response = get(EVENTS, status="live", **{"venue_name[like]": "town", "sort_by[starts_at]": "desc"})
    events = response.json()["result"]

    assert plan_of(response) == {"status": "native", "venue_name[like]": "emulated", "sort_by[starts_at]": "native"}
    assert [(event["id"], event["status"], event["venue"]["name"]) for event in events] == [
        ("event5", "live", "Town Hall\n1 Invented Street"),
        ("event0", "live", "Town Hall\n1 Invented Street"),
    ]


def test_a_list_of_orders_is_filtered_by_parts_of_its_tickets(get: Get) -> None:
    response = get(ORDERS, **{"tickets[][is_cancelled]": "true", "buyer_name": "chen wei"})
    orders = response.json()["result"]

    assert plan_of(response) == {"tickets[][is_cancelled]": "emulated", "buyer_name": "emulated"}
    assert {order["buyer"]["name"] for order in orders} == {"Chen Wei"}
    assert [[ticket["is_cancelled"] for ticket in order["tickets"]].count(True) for order in orders] == [1]


def test_a_get_answers_the_record_of_the_list(get: Get) -> None:
    listed = get(EVENTS).json()["result"]

    event = get(f"{EVENTS}/event1").json()

    assert event == next(record for record in listed if record["id"] == "event1")


def test_an_unknown_parameter_is_refused_as_for_any_resource(get: Get) -> None:
    response = get(EVENTS, starst_at="2026-01-01")

    assert (response.status_code, response.json()["message"]) == (
        400,
        'ticketing/events has no query parameter "starst_at" (did you mean "starts_at"?)',
    )


def test_an_added_field_filters_and_sorts(get: Get) -> None:
    query = {"loyalty_tier": "gold", "sort_by[seen_at]": "desc", "limit": "5"}

    response = get(CUSTOMERS, account_id("woocommerce"), **query)
    customers = response.json()["result"]

    assert plan_of(response) == {"loyalty_tier": "emulated", "sort_by[seen_at]": "emulated"}
    assert {customer["loyalty_tier"] for customer in customers} == {"gold"}
    seen = [customer["seen_at"] for customer in customers]
    assert (len(seen), seen) == (5, sorted(seen, reverse=True))


def test_the_openapi_document_is_valid_and_has_every_resource(document: dict[str, Any]) -> None:
    paths, schemas = document["paths"], document["components"]["schemas"]
    own = {path: item for path, item in paths.items() if "/ticketing/" in path}
    schemathesis.openapi.from_dict({**document, "paths": own}).validate()
    for name in ("Customer", "TicketingEvents", "TicketingOrders"):
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schemas[name]})
    operations = [operation["operationId"] for item in paths.values() for operation in item.values()]

    assert len(operations) == len({*operations})
    assert {"list_ticketing_events", "get_ticketing_events", "list_ticketing_orders"} <= {*operations}


def test_the_openapi_document_has_the_fields_filters_and_sorts(document: dict[str, Any]) -> None:
    events, customers = parameters_of(document, EVENTS), parameters_of(document, CUSTOMERS)
    customer = document["components"]["schemas"]["Customer"]["properties"]

    assert events["starts_at"]["x-unify-support"] == {"pretix": "native"}
    assert events["venue_name"]["x-unify-support"] == {"pretix": "emulated"}
    assert events["sort_by"]["schema"]["properties"].keys() == {"starts_at"}
    assert customers["loyalty_tier"]["x-unify-support"]["woocommerce"] == "emulated"
    assert "seen_at" in customers["sort_by"]["schema"]["properties"]
    assert customer["loyalty_tier"]["description"] == "The tier: bronze, silver or gold."


def test_catalogue_capabilities_and_meta_have_them(get: Get) -> None:
    models = get("/unified-model").json()["result"]
    ticketing = get("/unified-model/ticketing").json()
    capabilities = get("/integration/pretix/capabilities").json()
    meta = get(f"{EVENTS}/pretix/meta/list").json()
    notes = get("/unified/meta/ticketing/pretix", format="md")

    assert [model["name"] for model in models] == ["ecommerce", "ticketing"]
    assert ticketing["resources"]["events"]["description"] == "An event that sells tickets."
    assert [(entry["model"], entry["resource"]) for entry in capabilities["unified"]] == [
        ("ticketing", "events"),
        ("ticketing", "orders"),
    ]
    assert {"starts_at", "status", "venue_name", "sort_by"} <= meta["query_schema"]["properties"].keys()
    assert (notes.status_code, "venue_name" in notes.text) == (200, True)
