"""The plan and the first request of a fixed set of queries at every provider, against a committed table."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.examples.outside import MEDUSA
from tests.golden_file import check_golden
from tests.providers.fake_stores import FAKES, open_fake
from tests.shipped import REGISTRY
from truto_unify import Account, Client, Registry, Settings, UnifyError
from truto_unify.sandbox.serve import SLUGS, create_sandbox
from truto_unify.testing.plugin import is_updating

if TYPE_CHECKING:
    from truto_unify.explanation import Explanation

SANDBOX = create_sandbox()
INSTANT = "2024-03-01T10:20:30.5Z"
LATER = "2024-04-02T00:00:00+02:00"
TEXTS = ("name", "first_name", "last_name", "company_name", "email")
TIMES = ("created_at", "updated_at")
PARTS = (
    {"email": "ana@example.test"},
    {"email": "ana@example.test", "is_primary": True},
    {"type": "billing"},
    {"status": "subscribed"},
    {"is_primary": False},
)
PHONES = (
    {"number": "+49 30 123456"},
    {"number": "+49 30 123456", "type": "primary"},
    {"extension": "12"},
    {"type": "mobile"},
)
SORTS = [{name: direction} for name, direction in product(TIMES, ("asc", "desc"))]

QUERIES: list[dict[str, Any]] = [
    {},
    {"limit": 7},
    {"limit": 1000},
    *[{name: "Ana, de 'la' \"Cruz\": 100% {x}"} for name in TEXTS],
    *[{name: {"in": ["Ana", "Bo B"]}} for name in TEXTS],
    *[{name: {"like": "an*a"}} for name in TEXTS],
    *[{name: {op: INSTANT}} for name, op in product(TIMES, ("eq", "gt", "gte", "lt", "lte"))],
    *[{name: {"gte": INSTANT, "lt": LATER}} for name in TIMES],
    {"created_at": {"gt": INSTANT}, "updated_at": {"lte": LATER}},
    *[{"emails": [part]} for part in PARTS],
    *[{"phones": [part]} for part in PHONES],
    *[{"sort_by": sort} for sort in SORTS],
    *[{"sort_by": sort, name: {"gte": INSTANT}} for sort, name in product(SORTS, TIMES)],
    {"email": "ana@example.test", "name": "Ana", "sort_by": {"created_at": "desc"}, "limit": 3},
]


def test_more_than_a_few_queries_are_in_the_table() -> None:
    assert len(QUERIES) >= 39


def account_of(slug: str) -> Account:
    origin = "https://sandbox.example.test"
    return open_fake(slug, []).account(origin) if slug in FAKES else Account(**SANDBOX.account_arguments(slug, origin))


def test_every_provider_has_a_table() -> None:
    assert sorted([*SLUGS, *FAKES]) == list(REGISTRY.providers)


@pytest.mark.parametrize("slug", [*SLUGS, *FAKES])
def test_plan_and_first_request_are_those_of_the_table(slug: str, request: pytest.FixtureRequest) -> None:
    account = account_of(slug)

    check_golden(f"plans/{slug}", plan_table(REGISTRY, account), update=is_updating(request.config))


def test_a_provider_of_an_overlay_has_a_table_too(request: pytest.FixtureRequest) -> None:
    account = Account(provider="medusa", context={"store_url": "https://medusa.example.test"})

    check_golden("plans/medusa", plan_table(Registry(overlay=[MEDUSA]), account), update=is_updating(request.config))


def plan_table(registry: Registry, account: Account) -> list[dict[str, Any]]:
    with Client(registry, settings=Settings()) as client:
        return [{"query": query, **asked(client, account, query)} for query in QUERIES]


def asked(client: Client, account: Account, query: dict[str, Any]) -> dict[str, Any]:
    try:
        return shown(client.explain("ecommerce/customers", account, **query))
    except UnifyError as error:
        return {"error": str(error)}


def shown(explanation: Explanation) -> dict[str, Any]:
    request = explanation.request
    return {
        "plan": [
            " | ".join([entry.parameter, entry.how, entry.match or "", entry.native or "", entry.reason or ""])
            for entry in explanation.query_plan
        ],
        "request": f"{request.method} {request.url}{'?' if request.query else ''}{request.query}",
        **({"body": body_of(request.body)} if request.body else {}),
    }


def body_of(body: bytes) -> dict[str, Any]:
    """The JSON body; of a GraphQL document, which is the same for all queries, the first line."""
    content: dict[str, Any] = json.loads(body)
    if isinstance(content.get("query"), str):
        content["query"] = content["query"].partition("\n")[0]
    return content
