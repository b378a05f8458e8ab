"""A pretend Shopify store as the tests ask it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.sandbox.in_process import open_client
from truto_unify.sandbox.people import Person, invent_people
from truto_unify.sandbox.shopify.app import ACCOUNT, API_ROOT, create_app
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    import httpx

PEOPLE = invent_people()
CUSTOMERS = [person for person in PEOPLE if person.first_name or person.last_name or person.email or person.phone]
PLAIN = replace(CUSTOMERS[0], addresses=(), orders=(), phone="", phone_extension="")
TOKEN = {"X-Shopify-Access-Token": ACCOUNT["credentials"]["access_token"]}
PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
LIST = f"""query List($first: Int, $last: Int, $after: String, $before: String, $query: String,
                      $sortKey: CustomerSortKeys, $reverse: Boolean) {{
  customers(first: $first, last: $last, after: $after, before: $before, query: $query, sortKey: $sortKey,
            reverse: $reverse) {{
    edges {{ cursor node {{ legacyResourceId }} }}
    {PAGE_INFO}
  }}
}}"""


@dataclass(frozen=True)
class Shop:
    client: httpx.Client

    def send(self, *, url: str = f"{API_ROOT}/graphql.json", **options: Any) -> httpx.Response:
        return self.client.post(url, **{"headers": TOKEN} | options)

    def ask(self, query: str, /, **variables: object) -> dict[str, Any]:
        response = self.send(json={"query": query, "variables": variables})
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    def list_ids(self, **variables: object) -> list[int]:
        edges = self.ask(LIST, **variables)["data"]["customers"]["edges"]
        return [int(edge["node"]["legacyResourceId"]) - 7_000_000_000_000 for edge in edges]

    def refuse(self, query: str, /, **variables: object) -> dict[str, Any]:
        answer = self.ask(query, **variables)
        assert answer.get("data") is None
        error: dict[str, Any] = answer["errors"][0]
        return error


def shop_of(store: Store) -> Shop:
    return Shop(open_client(create_app(store), {}))


def shop(*people: Person) -> Shop:
    """A shop whose clock stands still, so that no points come back."""
    return shop_of(Store.of(people or PEOPLE, clock=lambda: 0.0))


def read_customer(person: Person, selection: str) -> dict[str, Any]:
    answer = shop(person).ask(f"{{ customers(first: 1) {{ nodes {{ {selection} }} }} }}")
    node: dict[str, Any] = answer["data"]["customers"]["nodes"][0]
    return node


def describe_shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: describe_shape(item) for key, item in value.items()}
    return type(value).__name__
