"""The paging kinds, each as an overlay of two small YAML files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

PAGE_SIZE = 5
"""The largest page that the YAML declares, and that an honest store gives."""
Style = Literal["number", "offset", "cursor", "connection", "link"]
Signal = Literal["total", "pages", "more", "following"]


@dataclass(frozen=True)
class Kind:
    """One way of paging.

    Attributes:
        name: slug of its provider.
        style: what a page is asked for by.
        pagination: the rules in the provider's YAML.
        signals: what an answer says about the end of the list.
        has_offset: whether numbered pages may also start anywhere.
        in_header: whether totals stand in headers.
        in_link: whether the next page stands in the header ``Link``.
        in_body: whether the address of the next page stands in the body.
        after_record: whether a page is asked for by the id of the record before it.
        has_fixed_size: whether each page but the last is full, whatever is asked for.
        ends_short: whether the file declares that a short page is the last, so that no other proof is looked for.
    """

    name: str
    style: Style
    pagination: str
    signals: frozenset[Signal] = frozenset()
    has_offset: bool = False
    in_header: bool = False
    in_link: bool = False
    in_body: bool = False
    after_record: bool = False
    has_fixed_size: bool = False
    ends_short: bool = False

    @property
    def counts_places(self) -> bool:
        """Whether a page is "the records from the 11th on", and not "what comes after this record"."""
        return self.style in {"number", "offset"}

    @property
    def is_silent(self) -> bool:
        """Whether nothing but an empty page tells the end."""
        return not self.signals


_SIZE = f"page_size_param: size, max_page_size: {PAGE_SIZE}"
_NUMBER = f"type: page_number, page_param: page, {_SIZE}"
_FIXED = f"type: page_number, page_param: page, page_size_is_fixed: true, max_page_size: {PAGE_SIZE}"
_OFFSET = f"type: offset, offset_param: offset, {_SIZE}"
_CURSOR = f"type: cursor, cursor_param: after, cursor_path: next, {_SIZE}"
_RECORD = f"type: cursor, cursor_param: after, cursor: last_record.id, {_SIZE}"
_CONNECTION = (
    "type: graphql_connection, connection_path: data.people, cursor_body_path: variables.after, "
    f"page_size_body_path: variables.size, max_page_size: {PAGE_SIZE}"
)

KINDS = (
    Kind("number_total", "number", f"{{{_NUMBER}, total_path: total}}", frozenset({"total"})),
    Kind(
        "number_pages",
        "number",
        f"{{{_NUMBER}, total_pages_header: X-Pages}}",
        frozenset({"pages"}),
        in_header=True,
    ),
    Kind(
        "number_offset",
        "number",
        f"{{{_NUMBER}, offset_param: offset, total_header: X-Total, total_pages_header: X-Pages}}",
        frozenset({"total", "pages"}),
        has_offset=True,
        in_header=True,
    ),
    Kind("number_link", "number", f"{{{_NUMBER}}}", frozenset({"following"}), in_link=True),
    Kind("number_more", "number", f"{{{_NUMBER}, has_more_path: more}}", frozenset({"more"})),
    Kind("number_silent", "number", f"{{{_NUMBER}}}"),
    Kind("offset_total", "offset", f"{{{_OFFSET}, total_path: total}}", frozenset({"total"})),
    Kind("offset_silent", "offset", f"{{{_OFFSET}}}"),
    Kind("cursor_more", "cursor", f"{{{_CURSOR}, has_more_path: more}}", frozenset({"more", "following"})),
    Kind("cursor_plain", "cursor", f"{{{_CURSOR}}}", frozenset({"following"})),
    Kind(
        "connection",
        "connection",
        f"{{{_CONNECTION}}}",
        frozenset({"more", "following"}),
    ),
    Kind("link", "link", f"{{type: link_header, {_SIZE}}}", frozenset({"following"}), in_link=True),
    Kind(
        "next_url", "link", f"{{type: next_url, next_url_path: next, {_SIZE}}}", frozenset({"following"}), in_body=True
    ),
    Kind(
        "cursor_header",
        "cursor",
        f"{{type: cursor, cursor_param: after, cursor_header: X-Next, {_SIZE}}}",
        frozenset({"following"}),
        in_header=True,
    ),
    Kind("record_more", "cursor", f"{{{_RECORD}, has_more_path: more}}", frozenset({"more"}), after_record=True),
    Kind("record_silent", "cursor", f"{{{_RECORD}}}", after_record=True),
    Kind(
        "range_total",
        "offset",
        f"{{type: offset, range_param: range, max_page_size: {PAGE_SIZE}, total_path: total}}",
        frozenset({"total"}),
    ),
    Kind(
        "number_fixed",
        "number",
        f"{{{_FIXED}, total_path: total}}",
        frozenset({"total"}),
        has_fixed_size=True,
    ),
    Kind("number_fixed_silent", "number", f"{{{_FIXED}}}", has_fixed_size=True),
)

_PROVIDER = """
label: Store
documentation: https://docs.example.test
base_url: https://store.example.test/api
credentials: {{token: {{title: Token}}}}
authorization: {{type: bearer, token: "{{credentials.token}}"}}
resources:
  people:
    list: {{path: /people, list_path: people, pagination: {pagination}}}
    get: {{path: "/people/{{id}}", record_path: person}}
  orders:
    list: {{path: "/people/{{id}}/orders", list_path: people, pagination: {pagination}}}
"""
_GRAPHQL_PROVIDER = """
label: Store
documentation: https://docs.example.test
base_url: https://store.example.test/api
credentials: {{token: {{title: Token}}}}
authorization: {{type: bearer, token: "{{credentials.token}}"}}
resources:
  people:
    list:
      method: POST
      path: /graphql
      read_only: true
      graphql: {{document: {document}, operation: ListPeople}}
      list_path: data.people.nodes
      pagination: {pagination}
    get:
      method: POST
      path: /graphql
      read_only: true
      graphql: {{document: {document}, operation: GetPerson}}
      body: {{variables: {{id: "{{id}}"}}}}
      record_path: data.person
  orders:
    list:
      method: POST
      path: /graphql
      read_only: true
      graphql: {{document: {document}, operation: ListOrders}}
      body: {{variables: {{id: "{{id}}"}}}}
      list_path: data.people.nodes
      pagination: {pagination}
"""
_DOCUMENT = """
query ListPeople($after: String, $size: Int!, $sort: String, $order: String, $company: String) {
  people(after: $after, size: $size, sort: $sort, order: $order, company: $company) { ...Page }
}
query GetPerson($id: ID!) { person(id: $id) { ...Person } }
query ListOrders($id: ID!, $after: String, $size: Int!) { people(of: $id, after: $after, size: $size) { ...Page } }
fragment Page on People { nodes { ...Person } pageInfo { hasNextPage endCursor } }
fragment Person on Person { id name mail company created updated }
"""
_MAPPING = """
list:
  endpoint: people.list
  sort:
    {sort}
    unique: false
    fields: {{created_at: created, updated_at: updated}}
    {default}
  filters:
    company_name: {{eq: {{{company}}}, match: exact}}
get: people.get
side_loads:
  orders: orders.list
response_mapping:
  id: id
  name: name
  company_name: company
  emails: [{{email: mail}}]
  orders: [{{each: loaded.orders, id: id}}]
  created_at: created
  updated_at: updated
unsupported:
  first_name: It has none.
  last_name: It has none.
  phones: It has none.
  addresses: It has none.
  currency: It has none.
  status: It has none.
  emails.type: It has none.
  emails.status: It has none.
  emails.is_primary: It has none.
  orders.status: It has none.
  orders.total_amount: It has none.
"""
TIMED = "_by_time"
"""Ends the slug of a store whose lists come by creation time if nobody asks for an order."""


def write_overlay(folder: Path) -> Path:
    """Writes both files of every kind, and of its twin whose default order is by creation time."""
    providers, mappings = folder / "providers", folder / "mappings" / "ecommerce" / "customers"
    providers.mkdir(parents=True)
    mappings.mkdir(parents=True)
    for kind in KINDS:
        for slug, is_timed in ((kind.name, False), (f"{kind.name}{TIMED}", True)):
            is_graphql = kind.style == "connection"
            template = _GRAPHQL_PROVIDER if is_graphql else _PROVIDER
            provider = template.format(pagination=kind.pagination, document=f"{slug}.graphql")
            (providers / f"{slug}.yaml").write_text(provider, encoding="utf-8")
            (mappings / f"{slug}.yaml").write_text(_mapping(is_graphql, is_timed), encoding="utf-8")
            if is_graphql:
                (providers / f"{slug}.graphql").write_text(_DOCUMENT, encoding="utf-8")
    return folder


def _mapping(is_graphql: bool, is_timed: bool) -> str:
    order = '{sort: "{field}", order: "{direction}"}'
    return _MAPPING.format(
        sort=f"body: {{variables: {order}}}" if is_graphql else f"query: {order}",
        default="default: created_at" if is_timed else "",
        company="path: variables.company" if is_graphql else "param: company",
    )
