"""Invented stores, one for each way of paging: their configuration, and what they answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from truto_unify.registry import Registry
from truto_unify.types import Account, Response

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.types import Request

RESOURCE: Final = "ecommerce/customers"
ROOT = "https://acme.example.test/api"
MOST = 5
"""Records on a page at most."""

MAPPING = """
list:
  endpoint: people.list
  filters:
    created_at: {gte: since, match: exact}
    email: {eq: mail}
  sort:
    unique: true
    fields:
      updated_at: {asc: {query: {order: updated}}, desc: {query: {order: -updated}}}
  is_partial: is_brief
get: people.get
response_mapping:
  id: id
  name: name
  first_name: query.since
  company_name: context.shop
  emails: [{email: mail}]
  status: {expr: status, enum: {"on": active, "off": inactive}}
  created_at: {expr: created, zone: utc}
  updated_at: updated
unsupported:
  last_name: It has none.
  phones: It has none.
  addresses: It has none.
  currency: It has none.
  orders: It has none.
  emails.type: It has none.
  emails.status: It has none.
  emails.is_primary: It has none.
"""

PROVIDER = """
label: Store
documentation: https://docs.example.test
base_url: "https://{{context.shop}}.example.test/api"
context: {{shop: {{title: Shop, default: acme}}}}
credentials: {{token: {{title: Token}}}}
authorization: {{type: bearer, token: "{{credentials.token}}"}}
errors:
  message: [message]
  code: [code]
  rules:
    - {{code: LOST, error: not_found}}
resources:
  people:
    list:
      method: {method}
      path: {path}
      list_path: {records}
      empty_statuses: [204]
      read_only: {read_only}
      {graphql}
      pagination: {pagination}
    get: {{path: "/people/{{id}}", record_path: person, null_record: not_found, id_pattern: "[^x]+"}}
"""

OAUTH = """
label: Store
documentation: https://docs.example.test
base_url: "https://{context.shop}.example.test/api"
context: {shop: {title: Shop, default: acme}}
credentials:
  key: {title: Key, required: false}
  client_id: {title: Client, required: false}
  refresh_token: {title: Refresh token, required: false}
  token: {title: Token, required: false}
authorization:
  - {type: header, header: X-Key, value: "{credentials.key}", headers: {X-Shop: "{context.shop}"}}
  - type: oauth2
    value: "Bearer {token}"
    token_url: "https://{context.shop}.example.test/token"
    params: {grant_type: refresh_token, refresh_token: "{refresh_token}", client_id: "{credentials.client_id}"}
    refresh_token_path: refresh_token
    first_token: "{credentials.token}"
    error_when: error
rate_limit: {rules: [{type: window, requests: 3, seconds: 60, burst: 1}]}
resources:
  people:
    list: {path: /people, list_path: people}
    get: {path: "/people/{id}", record_path: person}
"""

SIDES = """
label: Store
documentation: https://docs.example.test
base_url: "https://acme.example.test/api"
credentials: {token: {title: Token}}
authorization: {type: bearer, token: "{credentials.token}"}
resources:
  people:
    list: {path: /people, list_path: people}
    filtered: {path: /people, query: {only: "{id}"}, list_path: people}
    one: {path: "/people/{id}", record_path: person}
    notes:
      path: "/people/{id}/notes"
      list_path: notes
      empty_statuses: [204]
      pagination: {type: cursor, cursor_path: next, cursor_param: after, page_size_param: size, max_page_size: 2}
    cards: {path: /cards, query: {owners: "{id}"}, list_path: cards}
    post_cards: {method: POST, path: /cards, read_only: true, body: {owners: ["{id}"]}, list_path: cards}
"""
SIDE_RULES = """
where: kind != 'robot'
side_loads:
  whole: {endpoint: people.one, where: "is_brief == `true`", replaces_record: true, methods: [list]}
  notes: {endpoint: people.notes, id: id, methods: [get]}
  cards: {endpoint: people.cards, batch: {size: 2, key: owner}}
  posted_cards: {endpoint: people.post_cards, batch: {size: 2, key: owner}}
"""
SIDE_FIELDS = """
  notes: {expr: "loaded.notes[].text"}
  cards: {expr: "loaded.cards[].number"}
"""

GRAPHQL = "graphql: {document: people.graphql, operation: ListPeople}"
DOCUMENT = """\
query ListPeople($after: String, $size: Int!) {
  people(after: $after, size: $size) { nodes { id } pageInfo { hasNextPage endCursor } }
}
"""
SIZED = f"max_page_size: {MOST}"
PAGINATIONS: dict[str, str] = {
    "numbers": f"{{type: page_number, page_param: page, page_size_param: size, {SIZED}}}",
    "numbers_total": (
        f"{{type: page_number, page_param: page, page_size_param: size, {SIZED}, "
        "total_header: X-Total, total_pages_header: X-Pages}"
    ),
    "numbers_more": f"{{type: page_number, page_param: page, page_size_param: size, {SIZED}, has_more_path: more}}",
    "numbers_body": (
        f"{{type: page_number, page_body_path: paging.page, page_size_body_path: paging.size, {SIZED}, "
        "first_page: 0, total_path: total}"
    ),
    "numbers_offset": (
        f"{{type: page_number, page_param: page, page_size_param: size, {SIZED}, offset_param: offset, "
        "total_header: X-Total, total_pages_header: X-Pages}"
    ),
    "offsets": f"{{type: offset, offset_param: offset, page_size_param: size, {SIZED}}}",
    "offsets_body": (
        f"{{type: offset, offset_body_path: paging.offset, page_size_body_path: paging.size, {SIZED}, "
        "total_path: total}"
    ),
    "cursors": f"{{type: cursor, cursor_path: next, cursor_param: after, page_size_param: size, {SIZED}}}",
    "cursors_more": (
        f"{{type: cursor, cursor_path: next, cursor_body_path: paging.after, page_size_body_path: paging.size, "
        f"{SIZED}, has_more_path: more, first_cursor: begin}}"
    ),
    "links": f"{{type: link_header, page_size_param: size, {SIZED}}}",
    "edges": (
        "{type: graphql_connection, connection_path: data.people, cursor_body_path: variables.after, "
        f"page_size_body_path: variables.size, {SIZED}}}"
    ),
    "one_page": "null",
    "unsafe": f"{{type: offset, offset_body_path: paging.offset, page_size_body_path: paging.size, {SIZED}}}",
}
KINDS = tuple(kind for kind in PAGINATIONS if kind not in {"one_page", "unsafe"})
FREE_START = frozenset({"numbers_offset", "offsets", "offsets_body"})
IN_BODY = frozenset({"numbers_body", "offsets_body", "cursors_more", "edges", "unsafe"})


def write_stores(folder: Path) -> Registry:
    """A registry that knows one store of each kind, beside what ships."""
    (folder / "providers").mkdir()
    (folder / "mappings" / RESOURCE).mkdir(parents=True)
    (folder / "providers" / "people.graphql").write_text(DOCUMENT)
    for kind, pagination in PAGINATIONS.items():
        in_body = kind in IN_BODY
        provider = PROVIDER.format(
            method="POST" if in_body else "GET",
            path="/graphql" if kind == "edges" else "/people",
            records="data.people.nodes" if kind == "edges" else "people",
            read_only=str(in_body and kind != "unsafe").lower(),
            graphql=GRAPHQL if kind == "edges" else "",
            pagination=pagination,
        ).replace("      pagination: null\n", "")
        (folder / "providers" / f"{kind}.yaml").write_text(provider)
        (folder / "mappings" / RESOURCE / f"{kind}.yaml").write_text(MAPPING)
    mapping = MAPPING.replace("response_mapping:", f"{SIDE_RULES}response_mapping:{SIDE_FIELDS}")
    mapping = mapping.replace("context.shop", "shop").replace("people.get", "people.one")
    by_list = MAPPING.replace("context.shop", "shop").replace("people.get", "people.filtered")
    for name, provider, text in (
        ("by_list", SIDES, by_list),
        ("oauth", OAUTH, MAPPING),
        ("sides", SIDES, mapping),
    ):
        (folder / "providers" / f"{name}.yaml").write_text(provider)
        (folder / "mappings" / RESOURCE / f"{name}.yaml").write_text(text)
    return Registry(overlay=[folder])


def account(kind: str, **changes: Any) -> Account:
    return replace(Account(provider=kind, credentials={"token": "t0ken-of-acme"}), **changes)


def person(number: int, **changes: Any) -> dict[str, Any]:
    """A native record; people are created a minute apart."""
    return {
        "id": number,
        "name": f"P{number}",
        "mail": f"p{number}@x.test",
        "status": "on",
        "created": f"2024-01-01T{number // 60:02}:{number % 60:02}:00",
        "updated": "2024-02-01T00:00:00Z",
    } | changes


def people(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [person(number, **changes) for number in range(1, count + 1)]


def unified(native: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the mapping makes of a native record."""
    return {
        "id": str(native["id"]),
        "name": native["name"],
        "first_name": None,
        "last_name": None,
        "company_name": "acme",
        "emails": [{"email": native["mail"], "type": None, "status": None, "is_primary": None}],
        "phones": [],
        "addresses": [],
        "currency": None,
        "status": {"on": "active", "off": "inactive"}[native["status"]],
        "orders": [],
        "created_at": f"{native['created']}Z",
        "updated_at": native["updated"],
        "remote_data": native,
    } | changes


@dataclass
class PretendStore:
    """Answers list requests of one kind from a list of native records."""

    kind: str
    people: list[dict[str, Any]]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        ask = self.read(request)
        self.asked.append(ask)
        size = min(int(ask.get("size", MOST)), MOST)
        start = self.start(ask, size)
        chosen = self.people[start : start + size]
        return self.answer(chosen, start + len(chosen), size)

    def read(self, request: Request) -> dict[str, Any]:
        if self.kind not in IN_BODY:
            return dict(parse_qsl(request.query, strict_parsing=True))
        content = json.loads(request.body or b"")
        return dict(content["variables"] if self.kind == "edges" else content["paging"])

    def start(self, ask: dict[str, Any], size: int) -> int:
        if "offset" in ask:
            return int(ask["offset"])
        if "page" in ask:
            return (int(ask["page"]) - (0 if self.kind == "numbers_body" else 1)) * size
        after = str(ask.get("after", ask.get("token", "")))
        return int(after.removeprefix("after-")) if after.startswith("after-") else 0

    def answer(self, chosen: list[dict[str, Any]], end: int, size: int) -> Response:
        total, more = len(self.people), end < len(self.people)
        following = f"after-{end}" if more else None
        if self.kind == "edges":
            info = {"hasNextPage": more, "endCursor": following}
            return reply({"data": {"people": {"nodes": chosen, "pageInfo": info}}})
        body = {"people": chosen, "total": total, "more": more, "next": following}
        headers = {"x-total": str(total), "x-pages": str(-(-total // size))}
        if self.kind == "links" and more:
            query = urlencode({"token": following, "size": size})
            headers["link"] = f'<{ROOT}>; rel="https://api.w.org/", <{ROOT}/people?{query}>; rel="next"'
        return reply(body, headers=headers)


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, tuple((headers or {}).items()), content)
