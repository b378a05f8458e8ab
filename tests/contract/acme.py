"""A provider that an outside author might write: its files, its samples, and ways to spoil them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from truto_unify import Registry
from truto_unify.testing import ProviderUnderTest, read_samples

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from truto_unify.testing import Samples

RESOURCE: Final = "ecommerce/customers"
PROVIDER = """\
label: Acme
documentation: https://docs.acme.example
base_url: "https://{context.shop}.acme.example/api"
context:
  shop: {title: Shop, example: demo}
credentials:
  token: {title: Token, example: acme_0123}
authorization: {type: bearer, token: "{credentials.token}"}
errors:
  error_when: fault
  message: [fault.text]
  code: [fault.code]
  rules:
    - {code: BUSY, error: rate_limited}
    - {status: 400, when: fault.taken, error: conflict}
    - {status: 200, error: rejected_input}
verify: people.list
resources:
  people:
    list:
      method: POST
      path: /people/search
      read_only: true
      list_path: data.people
      pagination:
        type: cursor
        cursor_path: data.next
        cursor_body_path: page.after
        page_size_body_path: page.size
        max_page_size: 40
        has_more_path: data.more
    get: {path: "/people/{id}", record_path: person}
"""
MAPPING = """\
list:
  endpoint: people.list
  search: {path: search}
  filters:
    name: {eq: "name:{value}", encode: quoted}
    email:
      eq: {path: mail}
      in: {path: mails, encode: list_item, join: ","}
    updated_at:
      gte: {path: since, match: exact}
  sort:
    body: {order: "{direction}{field}"}
    fields: {updated_at: updated}
    directions: {asc: "", desc: "-"}
get: people.get
response_mapping:
  id: id
  name: join_text(' ', [first, last])
  first_name: first
  last_name: last
  company_name: company
  emails:
    - {each: mails, email: address, type: {const: work}}
  phones:
    - {number: phone}
  addresses:
    - {city: home.city, country: home.country}
  status: {expr: state, enum: {open: active, closed: inactive}}
  created_at: {expr: created, zone: utc}
  updated_at: updated
unsupported:
  currency: Acme has one.
  orders: {not_yet: Acme has them.}
  emails.status: Acme does not tell.
  emails.is_primary: Acme does not tell.
  phones.type: Acme does not tell.
  addresses: Acme keeps the town only.
"""
PEOPLE: list[dict[str, Any]] = [
    {
        "id": 7,
        "first": "Ana",
        "last": "Ruiz",
        "company": "Ruiz y Cía",
        "mails": [{"address": "ana@example.test"}, {"address": "ANA@example.test"}],
        "phone": "+1 555-0100 x12",
        "home": {"city": "Lima", "country": "pe"},
        "state": "open",
        "created": "2024-05-02T08:00:00",
        "updated": "2024-05-02T08:00:00-05:00",
    },
    {
        "id": 8,
        "first": "Bo",
        "last": "",
        "company": None,
        "mails": [],
        "phone": "",
        "home": {"city": None, "country": ""},
        "state": "closed",
        "created": "2024-05-03T08:00:00",
        "updated": None,
    },
]
MAPPING = MAPPING.replace("  addresses: Acme keeps the town only.\n", "").replace(
    "unsupported:\n",
    "unsupported:\n"
    + "".join(
        f"  addresses.{part}: Acme keeps the town only.\n"
        for part in ("id", "type", "street_1", "street_2", "state", "postal_code")
    ),
)


def write_acme(
    folder: Path, provider: Mapping[str, str] | None = None, mapping: Mapping[str, str] | None = None
) -> None:
    """Writes the provider, its mapping and its samples.

    Args:
        folder: the author's repository.
        provider: pieces of the provider's file to be replaced.
        mapping: pieces of the mapping to be replaced.
    """
    place = folder / "mappings" / RESOURCE
    samples = folder / "samples" / "acme" / RESOURCE
    for directory in (folder / "providers", place, samples):
        directory.mkdir(parents=True)
    (folder / "providers" / "acme.yaml").write_text(_replaced(PROVIDER, provider or {}), encoding="utf-8")
    (place / "acme.yaml").write_text(_replaced(MAPPING, mapping or {}), encoding="utf-8")
    answer = {"data": {"people": PEOPLE, "next": None, "more": False}}
    (samples / "list.json").write_text(json.dumps(answer), encoding="utf-8")
    (samples / "get.json").write_text(
        json.dumps([{**customer, "note": "whole"} for customer in PEOPLE]), encoding="utf-8"
    )


def _replaced(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
        text = text.replace(old, new)
    return text


def acme(
    folder: Path, provider: Mapping[str, str] | None = None, mapping: Mapping[str, str] | None = None
) -> ProviderUnderTest:
    """The provider as the contract sees it, with these pieces of its files replaced."""
    write_acme(folder, provider, mapping)
    return ProviderUnderTest(Registry(overlay=[folder]), "acme", RESOURCE)


def acme_samples(under_test: ProviderUnderTest, folder: Path) -> Samples:
    """Its samples."""
    return read_samples(under_test, folder / "samples")
