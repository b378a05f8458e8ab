"""A small shop, the provider files that describe it, and faults that break their claims."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import httpx

from truto_unify import Account, Client, Registry
from truto_unify.testing import ProviderUnderTest
from truto_unify.testing.evidence.prover import Prover
from truto_unify.testing.evidence.recording_transport import RecordingTransport

if TYPE_CHECKING:
    from pathlib import Path

RESOURCE: Final = "ecommerce/customers"
PROVIDER = """
label: Shop
documentation: https://docs.shop.example
api_version: "1"
base_url: "{context.store_url}/api"
context:
  store_url: {title: Address, example: https://shop.example}
credentials:
  key: {title: Key, example: key_0123}
authorization: {type: bearer, token: "{credentials.key}"}
errors: {message: [message]}
resources:
  people:
    list:
      path: /people
      list_path: people
      pagination: {type: page_number, page_param: page, page_size_param: size, max_page_size: 20, total_path: count}
    get: {path: "/people/{id}", record_path: person}
  orders:
    list: {path: "/orders", query: {person: "{id}"}, list_path: orders}
"""
MAPPING = """
list:
  endpoint: people.list
  filters:
    email: {eq: mail, match: exact}
    first_name: {eq: q, like: q}
    created_at: {gte: since, match: exact}
  sort:
    fields:
      created_at: {asc: {query: {order: joined}}, desc: {query: {order: -joined}}}
    default: {query: {order: id}}
get: people.get
side_loads:
  orders: orders.list
response_mapping:
  id: id
  first_name: first
  emails:
    - {email: mail}
  orders:
    - {each: loaded.orders, id: id}
  created_at: {expr: joined, zone: utc}
unsupported:
"""
UNSUPPORTED = (
    *("addresses", "company_name", "currency", "last_name", "name", "phones", "status", "updated_at"),
    *("emails.is_primary", "emails.status", "emails.type", "orders.status", "orders.total_amount"),
)


@dataclass
class Shop:
    """The shop.

    Attributes:
        faults: the claims that the shop breaks.
        people: the number of customers.
    """

    faults: frozenset[str] = frozenset()
    people: int = 30
    asked: list[httpx.Request] = field(default_factory=list)

    def person(self, number: int) -> dict[str, Any]:
        """A customer; a higher id has an earlier day."""
        first = f"{'Ana' if number % 3 else 'Bo'} {chr(65 + number % 26)}el{number}"
        joined = f"2024-05-{self.people - number + 1:02d}T08:00:00"
        return {"id": str(number), "first": first, "mail": f"p{number}@shop.test", "joined": joined}

    def serve(self, request: httpx.Request) -> httpx.Response:
        """The answer of the documentation, changed by the faults."""
        self.asked.append(request)
        params = dict(request.url.params)
        *_, kind, last = request.url.path.split("/")
        if last == "orders":
            return self._orders(params.get("person", ""))
        if kind == "people":
            return httpx.Response(200, json={"person": self.person(int(last))})
        return self._list(params)

    def _orders(self, person: str) -> httpx.Response:
        if "dead side load" in self.faults:
            return httpx.Response(404, json={"message": "no such page"})
        owner = "1" if "side load of somebody" in self.faults else person
        filled = "empty side load" not in self.faults and int(owner) % 2
        return httpx.Response(200, json={"orders": [{"id": f"o{owner}"}] if filled else []})

    def _list(self, params: dict[str, str]) -> httpx.Response:
        people = [self.person(number) for number in range(1, self.people + 1)]
        mail, words, since = params.get("mail"), params.get("q"), params.get("since")
        if mail and "ignores mail" not in self.faults:
            wanted = mail if "minds capitals" in self.faults else mail.casefold()
            people = [person for person in people if person["mail"] == wanted]
        if words and "ignores words" not in self.faults:
            begins = "searches beginnings" in self.faults
            people = [person for person in people if _has(person["first"], words, begins=begins)]
        if since and "ignores since" not in self.faults:
            people = [person for person in people if person["joined"] + "Z" >= since]
        order = params["order"].removeprefix("-")
        if "merged sort" in self.faults:
            order = "id"
        people.sort(key=lambda person: (int(person["id"]) if order == "id" else 0, person["joined"]))
        if params["order"].startswith("-") and "one direction" not in self.faults and order != "id":
            people.reverse()
        size = min(int(params["size"]), 8 if "page cap" in self.faults else 20)
        page = 1 if "ignores page" in self.faults else int(params["page"])
        count = {} if "no total" in self.faults else {"count": len(people) + ("lying total" in self.faults)}
        return httpx.Response(200, json={"people": people[(page - 1) * size : page * size], **count})


def _has(text: str, words: str, *, begins: bool) -> bool:
    folded = text.casefold()
    return folded.startswith(words.casefold()) if begins else words.casefold() in folded


def shop_registry(folder: Path) -> Registry:
    """A registry that knows the shop; its files are written into the folder."""
    mapping = MAPPING + "".join(f"  {name}: The shop has none.\n" for name in UNSUPPORTED)
    for name, text in (("providers/shop.yaml", PROVIDER), (f"mappings/{RESOURCE}/shop.yaml", mapping)):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Registry(overlay=[folder])


ACCOUNT = Account(provider="shop", credentials={"key": "key_of_the_shop"}, context={"store_url": "https://shop.test"})


def prove(registry: Registry, *faults: str, people: int = 30, budget: int = 200) -> dict[str, tuple[str, str]]:
    """The (verdict, text) of each claim for a shop with these faults."""
    transport = RecordingTransport(budget, httpx.MockTransport(Shop(frozenset(faults), people).serve))
    prover = Prover(
        ProviderUnderTest(registry, "shop", RESOURCE), ACCOUNT, transport, partial(Client, transport=transport)
    )
    findings = [*prover.run()]
    return {finding.claim: (finding.verdict, finding.text) for finding in findings}
