"""What a file can say of requests beyond one value at one place, each looked at in the request that is sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from tests.engine.driver import Driver
from tests.engine.stores import MAPPING, RESOURCE, account, person, reply
from truto_unify.errors import InvalidId
from truto_unify.registry import Registry
from truto_unify.types import Filter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from truto_unify.config.filters import Operator
    from truto_unify.types import Request

PROVIDER = """
label: Store
documentation: https://docs.example.test
base_url: "https://{context.shop}.example.test/api"
context: {shop: {title: Shop, default: acme}}
credentials: {token: {title: Token}}
authorization: {type: bearer, token: "{credentials.token}"}
resources:
  people:
    list: LIST
    get: GET
"""
PLAIN_LIST = "{path: /people, list_path: people}"
PLAIN_GET = '{path: "/people/{id}", record_path: person}'
POSTED = "{method: POST, read_only: true, path: /search, list_path: people}"
EMAIL = Filter("email", "eq", "p1@x.test")


@pytest.fixture
def open_store(tmp_path: Path) -> Callable[..., Driver]:
    """Writes a provider with these calls and filters."""

    def write(calls: dict[str, str] | None = None, filters: str = "{}", answer: Any = None) -> Driver:
        (tmp_path / "providers").mkdir()
        (tmp_path / "mappings" / RESOURCE).mkdir(parents=True)
        chosen = {"list": PLAIN_LIST, "get": PLAIN_GET} | (calls or {})
        text = PROVIDER.replace("LIST", chosen["list"]).replace("GET", chosen["get"])
        (tmp_path / "providers" / "acme.yaml").write_text(text)
        rest = MAPPING.partition("is_partial")[2].partition("\n")[2]
        mapping = f"list:\n  endpoint: people.list\n  filters: {filters}\n{rest}".replace("query.since", "nick")
        (tmp_path / "mappings" / RESOURCE / "acme.yaml").write_text(mapping)
        default = {"people": [person(1)], "person": person(1)}
        return Driver(Registry(overlay=[tmp_path]), answer or (lambda _: reply(default)))

    return write


def query_of(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.query, keep_blank_values=True))


def body_of(request: Request) -> Any:
    return json.loads(request.body or b"null")


GROUPS = "searchCriteria[filter_groups]"


def test_a_filter_sets_several_parameters(open_store: Callable[..., Driver]) -> None:
    eq = (
        f'{{query: {{"{GROUPS}[0][filters][0][field]": email, "{GROUPS}[0][filters][0][value]": "{{value}}", '
        f'"{GROUPS}[0][filters][0][condition_type]": eq}}}}'
    )
    driver = open_store(filters=f"{{email: {{eq: {eq}}}}}")

    page = driver.page(account("acme"), filters=(EMAIL,))

    assert query_of(driver.sent[0]) == {
        f"{GROUPS}[0][filters][0][field]": "email",
        f"{GROUPS}[0][filters][0][value]": "p1@x.test",
        f"{GROUPS}[0][filters][0][condition_type]": "eq",
    }
    assert [(entry.how, entry.match) for entry in page.query_plan] == [("native", "wider")]


def test_filters_append_to_one_list_of_the_body(open_store: Callable[..., Driver]) -> None:
    posted = "{method: POST, read_only: true, path: /search, list_path: people, body: {domain: [[active, '=', true]]}}"
    email = "{eq: {append: {path: domain, value: [email, '=', \"{value}\"]}}}"
    since = "{gte: {append: {path: domain, value: [created, '>=', \"{value}\"]}}, format: '%Y-%m-%d %H:%M:%S'}"
    driver = open_store({"list": posted}, f"{{email: {email}, created_at: {since}}}")

    driver.page(account("acme"), filters=(EMAIL, Filter("created_at", "gte", datetime(2020, 1, 1, 10, tzinfo=UTC))))

    assert body_of(driver.sent[0]) == {
        "domain": [["active", "=", True], ["email", "=", "p1@x.test"], ["created", ">=", "2020-01-01 10:00:00"]]
    }


def test_a_filter_sets_parts_of_the_body(open_store: Callable[..., Driver]) -> None:
    eq = '{eq: {body: {query: {text_query: {fields: [email], search_phrase: "{value}"}}}}}'
    driver = open_store({"list": POSTED}, f"{{email: {eq}}}")

    driver.page(account("acme"), filters=(EMAIL,))

    assert body_of(driver.sent[0]) == {"query": {"text_query": {"fields": ["email"], "search_phrase": "p1@x.test"}}}


def test_both_ends_of_a_range_have_places_of_their_own(open_store: Callable[..., Driver]) -> None:
    between = '{range: {body: {filter: {createdAt: {between: {start: "{gte}", end: "{lte}"}}}}}}'
    driver = open_store({"list": POSTED}, f"{{created_at: {between}}}")
    bounds: dict[Operator, datetime] = {
        "gte": datetime(2020, 1, 1, tzinfo=UTC),
        "lte": datetime(2030, 1, 1, tzinfo=UTC),
    }

    page = driver.page(
        account("acme"), filters=tuple(Filter("created_at", end, moment) for end, moment in bounds.items())
    )

    assert body_of(driver.sent[0]) == {
        "filter": {"createdAt": {"between": {"start": "2020-01-01T00:00:00Z", "end": "2030-01-01T00:00:00Z"}}}
    }
    assert [entry.how for entry in page.query_plan] == ["native", "native"]


def test_a_constant_of_a_filter_gives_way_to_the_caller(open_store: Callable[..., Driver]) -> None:
    driver = open_store(filters="{email: {eq: {param: mail, query: {role: all}}}}")

    driver.page(account("acme"), filters=(EMAIL,), remote_query={"role": "guest"})

    assert query_of(driver.sent[0]) == {"mail": "p1@x.test", "role": "guest"}


@pytest.mark.parametrize(
    ("rule", "moment", "sent", "match"),
    [
        ("epoch_milliseconds", "2024-01-02T03:04:05.678Z", "1704164645678", "exact"),
        ("epoch_milliseconds", "2024-01-02T03:04:05.678901Z", "1704164645678", "wider"),
        ("'%Y-%m-%d %H:%M:%S'", "2024-01-02T03:04:05Z", "2024-01-02 03:04:05", "exact"),
        ("'%Y-%m-%d %H:%M:%S', zone: Europe/Berlin", "2024-07-02T03:04:05.5Z", "2024-07-02 05:04:05", "wider"),
        ("'%d.%m.%Y', zone: Asia/Tokyo", "2024-01-02T20:00:00Z", "03.01.2024", "wider"),
        ("'%Y-%m-%dT%H:%M:%S%z', zone: Europe/Berlin", "2024-10-27T00:30:00Z", "2024-10-27T02:30:00+0200", "exact"),
        # 02:30 comes twice that night; the store may mean the later one, so an hour before is asked for.
        ("'%Y-%m-%d %H:%M', zone: Europe/Berlin", "2024-10-27T00:30:00Z", "2024-10-27 01:30", "wider"),
    ],
)
def test_instants_are_written_in_the_form_and_zone_of_the_store(
    rule: str, moment: str, sent: str, match: str, open_store: Callable[..., Driver]
) -> None:
    driver = open_store(filters=f"{{created_at: {{gte: since, match: exact, format: {rule}}}}}")

    page = driver.page(account("acme"), filters=(Filter("created_at", "gte", datetime.fromisoformat(moment)),))

    assert query_of(driver.sent[0]) == {"since": sent}
    assert page.query_plan[0].match == match


def test_an_id_is_sent_as_a_number(open_store: Callable[..., Driver]) -> None:
    sent = '{method: POST, read_only: true, path: /read, id_type: number, body: {ids: ["{id}"], as: "{id}"}'
    read = sent + ', record_path: "0"}'
    driver = open_store({"get": read}, answer=lambda _: reply([person(5)]))

    record = driver.get(account("acme"), "5")

    assert (record["id"], body_of(driver.sent[0])) == ("5", {"ids": [5], "as": 5})
    with pytest.raises(InvalidId, match=r'^"x5" is not a valid id of acme; an id is a number$'):
        driver.get(account("acme"), "x5")


def test_paging_goes_into_an_element_of_a_list(open_store: Callable[..., Driver]) -> None:
    posted = (
        "{method: POST, read_only: true, path: /rpc, list_path: result, body: {args: ['{context.shop}', {limit: 0}]}, "
        "pagination: {type: offset, offset_body_path: args.1.offset, page_size_body_path: args.1.limit, "
        "max_page_size: 5, ends_on: short_page}}"
    )
    driver = open_store({"list": posted}, answer=lambda _: reply({"result": [person(1)]}))

    driver.page(account("acme"), limit=3)

    assert body_of(driver.sent[0]) == {"args": ["acme", {"limit": 3, "offset": 0}]}


def test_a_body_is_sent_as_a_form(open_store: Callable[..., Driver]) -> None:
    posted = (
        "{method: POST, read_only: true, path: /search, list_path: people, send_as: form, "
        "body: {page: {size: 2}, tags: [new, old], is_live: true}}"
    )
    driver = open_store({"list": posted})

    driver.page(account("acme"))

    [request] = driver.sent
    assert request.body == b"page%5Bsize%5D=2&tags%5B0%5D=new&tags%5B1%5D=old&is_live=true"
    assert dict(request.headers)["Content-Type"] == "application/x-www-form-urlencoded"


def test_an_endpoint_has_a_host_of_its_own_and_a_proxy_stands_for_it(open_store: Callable[..., Driver]) -> None:
    listed = '{base_url: "https://{context.shop}.search.example.test/v1", path: /people, list_path: people}'
    driver = open_store({"list": listed})

    for base_url in (None, "http://127.0.0.1:8080"):
        driver.page(account("acme", base_url=base_url))
        driver.get(account("acme", base_url=base_url), "1")

    assert [request.url for request in driver.sent] == [
        "https://acme.search.example.test/v1/people",
        "https://acme.example.test/api/people/1",
        "http://127.0.0.1:8080/people",
        "http://127.0.0.1:8080/people/1",
    ]


def test_braces_are_written_twice(open_store: Callable[..., Driver]) -> None:
    listed = """{path: /people, list_path: people, query: {where: '{{"shop": "{context.shop}"}}'}}"""
    driver = open_store({"list": listed})

    driver.page(account("acme"))

    assert query_of(driver.sent[0]) == {"where": '{"shop": "acme"}'}


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ("{email: {eq: {query: {field: email}}}}", 'or {value} in its "query", "body" or "append"'),
        (
            '{email: {eq: {param: mail, query: {mail2: "{value}"}}}}',
            'needs one of "param", "path", "search", or {value}',
        ),
        ('{created_at: {range: {body: {from: "{gte}"}}}}', 'a range needs "value", or {gte} and {lte}'),
        ("{created_at: {gte: since, format: rfc333}}", '"rfc333" is not known here; one of rfc3339'),
        ("{created_at: {gte: since, format: '%Y-%q'}}", "%q is not known here; a format holds %Y %m"),
        ("{created_at: {gte: since, format: '%H:%M'}}", "a format holds %Y, %m and %d, and"),
        ("{created_at: {gte: since, format: '%Y-%m-%d', zone: Mars/Base}}", '"Mars/Base" is no time zone'),
        ("{created_at: {gte: since, zone: Europe/Paris}}", '"zone" is for a format with %'),
    ],
)
def test_what_cannot_work_is_a_problem_at_its_place(
    filters: str, message: str, open_store: Callable[..., Driver]
) -> None:
    registry = open_store(filters=filters).registry

    problems = [problem.message for problem in registry.problems() if problem.file.endswith("acme.yaml")]

    assert any(message in problem for problem in problems), problems
