"""The forms of paging that a file can declare, each read from a small store that is written without the engine."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.engine.driver import Driver
from tests.engine.stores import MAPPING, PROVIDER, RESOURCE, ROOT, account, person, reply
from truto_unify.errors import ConfigError, MappingError, ProviderError
from truto_unify.registry import Registry
from truto_unify.testing.contract.paging import SCENARIOS, check_paging
from truto_unify.testing.provider_under_test import ProviderUnderTest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from truto_unify.types import Request, Response

COUNT = 12
MOST = 5
LIMITS = [None, 1, 3, 5, 7, 12, 50]
NUMBERS = "type: page_number, page_param: page, page_size_is_fixed: true"
OFFSETS = "type: offset, offset_param: start, page_size_is_fixed: true"
CURSORS = "type: cursor, cursor_param: after, page_size_param: size"
LINKS = "type: next_url, next_url_path: paging.next, page_size_param: size"
FORMS: dict[str, str] = {
    "numbers of a fixed size": NUMBERS,
    "numbers of a fixed size with a total": f"{NUMBERS}, total_path: total",
    "offsets of a fixed size": OFFSETS,
    "a cursor of a fixed size": "type: cursor, cursor_path: next, cursor_param: after, page_size_is_fixed: true",
    "offset and size": "type: offset, range_param: range",
    "first and last": 'type: offset, range_param: range, range_format: "{offset}-{last}", total_path: total',
    "whole addresses": LINKS,
    "relative addresses": LINKS,
    "addresses at a host of their own": f'{LINKS}, link_root: "https://pages.example.test/v2"',
    "a cursor in a header": f"{CURSORS}, cursor_header: X-Next",
    "the last record and a flag": f'{CURSORS}, cursor: "last_record.id", has_more_path: more',
    "since an id": f'{CURSORS}, cursor: "last_record.id", first_cursor: "0"',
    "since an id, short pages are last": f'{CURSORS}, cursor: "last_record.id", ends_on: short_page',
    "a cursor of the body": f'{CURSORS}, cursor: "body.version.max", ends_on: repeated_cursor',
    "a cursor of headers": f"""{CURSORS}, cursor: 'headers."x-next"'""",
    "a cursor that stays": f'{CURSORS}, cursor: "body.version.max", ends_on: empty_page',
    "a cursor without the filter": f"{CURSORS}, cursor_path: next, cursor_replaces: [since]",
    "a cursor alone": f'{CURSORS}, cursor_path: next, cursor_replaces: ["@"]',
}


@dataclass
class Shop:
    """Answers as the stores of all forms do at once; requests say which form is meant."""

    form: str
    asked: list[dict[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        asked = dict(parse_qsl(request.query))
        self.asked.append(asked)
        self.addresses.append(request.url)
        start, size = self.window(asked)
        people = [person(number) for number in range(1, COUNT + 1)][start : start + size]
        end = start + len(people)
        following = str(end) if end < COUNT else None
        body: dict[str, Any] = {"people": people, "total": COUNT, "next": following, "more": end < COUNT}
        body["version"] = {"max": str(end)}
        body["paging"] = {"next": self.address(asked, following)}
        return reply(body, headers={"x-next": following} if following else {})

    def window(self, asked: dict[str, str]) -> tuple[int, int]:
        size = int(asked.get("size", MOST))
        if "range" in asked:
            first, second = map(int, re.split("[,-]", asked["range"]))
            return first, second - first + 1 if "-" in asked["range"] else second
        if "page" in asked:
            return (int(asked["page"]) - 1) * size, size
        return int(asked.get("start") or asked.get("after") or 0), size

    def address(self, asked: dict[str, str], following: str | None) -> str | None:
        if following is None:
            return None
        roots = {"relative": "", "addresses": "https://pages.example.test/v2"}
        root = roots.get(self.form.split(" ", maxsplit=1)[0], ROOT)
        return f"{root}/people?{urlencode(asked | {'start': following})}".removeprefix("" if root else "/")


@pytest.fixture
def open_shop(tmp_path: Path) -> Callable[..., Driver]:
    """Writes a provider with a pagination block, and drives calls to its shop."""

    def write(form: str, answer: Any = None, **more: str) -> Driver:
        (tmp_path / "providers").mkdir()
        (tmp_path / "mappings" / RESOURCE).mkdir(parents=True)
        block = f"{{{FORMS.get(form, form)}, max_page_size: {MOST}}}"
        text = PROVIDER.format(
            method="GET", path="/people", records="people", read_only="false", graphql="", pagination=block
        )
        for name, value in more.items():
            text = text.replace("      list_path:", f"      {name}: {value}\n      list_path:")
        (tmp_path / "providers" / "acme.yaml").write_text(text)
        (tmp_path / "mappings" / RESOURCE / "acme.yaml").write_text(MAPPING)
        return Driver(Registry(overlay=[tmp_path]), answer or Shop(form))

    return write


@pytest.mark.parametrize("form", FORMS)
def test_a_list_is_read_to_its_end_whatever_the_limit(form: str, open_shop: Callable[..., Driver]) -> None:
    driver = open_shop(form)

    read = {limit: [record["id"] for page in driver.walk(account("acme"), limit=limit) for record in page.result]
            for limit in LIMITS}  # fmt: skip

    assert read == {limit: [str(number) for number in range(1, COUNT + 1)] for limit in LIMITS}


@pytest.mark.parametrize(
    ("form", "requests"),
    [
        ("numbers of a fixed size with a total", [{"page": "1"}, {"page": "2"}, {"page": "3"}]),
        ("first and last", [{"range": "0-4"}, {"range": "4-8"}, {"range": "8-12"}]),
        (
            "since an id, short pages are last",
            [{"size": "5"}, {"size": "5", "after": "5"}, {"size": "5", "after": "10"}],
        ),
        ("a cursor in a header", [{"size": "5"}, {"size": "5", "after": "5"}, {"size": "5", "after": "10"}]),
        ("a cursor alone", [{"since": "2020", "size": "5"}, {"after": "5"}, {"after": "10"}]),
        (
            "a cursor without the filter",
            [{"since": "2020", "size": "5"}, {"size": "5", "after": "5"}, {"size": "5", "after": "10"}],
        ),
    ],
)
def test_each_form_asks_for_its_pages_in_its_own_words(
    form: str, requests: list[dict[str, str]], open_shop: Callable[..., Driver]
) -> None:
    driver = open_shop(form)
    remote_query = {"since": "2020"} if "since" in requests[0] else {}

    driver.walk(account("acme"), limit=50, remote_query=remote_query)

    assert [dict(parse_qsl(request.query)) for request in driver.sent] == requests


def test_addresses_elsewhere_are_refused_and_nothing_is_sent_there(open_shop: Callable[..., Driver]) -> None:
    def answer(_: Request) -> Response:
        return reply({"people": [person(1)], "paging": {"next": "https://elsewhere.example.test/people"}})

    driver = open_shop(LINKS, answer)

    with pytest.raises(
        ProviderError, match=r"lies at https://elsewhere\.example\.test, outside its API root"
    ) as caught:
        driver.walk(account("acme"))

    assert (caught.value.code, len(driver.sent)) == ("foreign_page", 1)


def test_a_proxy_answers_for_the_host_of_the_addresses_too(open_shop: Callable[..., Driver]) -> None:
    driver = open_shop("addresses at a host of their own")

    driver.walk(account("acme", base_url="http://127.0.0.1:8080/shop"), limit=50)

    assert {request.url for request in driver.sent} == {"http://127.0.0.1:8080/shop/people"}


@pytest.mark.parametrize("following", [7, {"href": "x"}, ["x"]])
def test_an_address_that_is_no_text_ends_the_list_with_an_error(
    following: Any, open_shop: Callable[..., Driver]
) -> None:
    driver = open_shop(LINKS, lambda _: reply({"people": [person(1)], "paging": {"next": following}}))

    with pytest.raises(ProviderError, match=r"no address at paging\.next") as caught:
        driver.page(account("acme"), limit=50)

    assert caught.value.code == "page_lost"


@pytest.mark.parametrize("cursor", ["length(body.people[0].id)", "body.people"])
def test_a_cursor_that_cannot_be_read_ends_the_list_with_an_error(
    cursor: str, open_shop: Callable[..., Driver]
) -> None:
    driver = open_shop(f'{CURSORS}, cursor: "{cursor}"')

    with pytest.raises(ProviderError, match="the cursor of the next page") as caught:
        driver.page(account("acme"), limit=50)

    assert caught.value.code == "page_lost"


@pytest.mark.parametrize("body", [{}, {"people": None}, {"errors": []}])
def test_a_list_that_is_left_out_is_empty_where_that_is_declared(
    body: dict[str, Any], open_shop: Callable[..., Driver]
) -> None:
    driver = open_shop(f"{CURSORS}, cursor_path: next", lambda _: reply(body), missing_list="empty")

    assert driver.page(account("acme")).result == []


@pytest.mark.parametrize("body", [{"people": "none"}, {"people": {"id": 1}}, [], "none", None])
def test_anything_else_in_its_place_is_no_list(body: Any, open_shop: Callable[..., Driver]) -> None:
    driver = open_shop(f"{CURSORS}, cursor_path: next", lambda _: reply(body), missing_list="empty")

    with pytest.raises(MappingError, match="no list of records at people"):
        driver.page(account("acme"))


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            "type: cursor, cursor_param: a, page_size_param: s",
            'exactly one of "cursor_path", "cursor_header" and "cursor"',
        ),
        (f"{CURSORS}, cursor_path: a, cursor: last_record.id", 'exactly one of "cursor_path", "cursor_header" and'),
        (f"{CURSORS}, cursor: data.id", '"data" is unknown here; the expression sees body, headers, last_record'),
        (
            "type: offset, range_param: r, offset_param: o",
            'exactly one of "offset_param", "offset_body_path" and "range',
        ),
        ("type: offset, range_param: r, page_size_param: s", '"page_size_is_fixed" and "range_param"'),
        ('type: offset, range_param: r, range_format: "{size}"', "a range holds {offset}, and {size} or {last}"),
        (f"{NUMBERS}, ends_on: repeated_cursor", "empty_page"),
        (f'{LINKS}, link_root: "https://{{context.region}}.test"', "context.region"),
        ("type: next_url, page_size_param: size", 'missing key "next_url_path"'),
    ],
)
def test_a_block_that_cannot_work_is_a_problem_at_its_place(
    block: str, message: str, open_shop: Callable[..., Driver]
) -> None:
    registry = open_shop(block).registry

    problems = [problem for problem in registry.problems() if problem.file.endswith("acme.yaml") and problem.line]

    assert any(message in problem.message for problem in problems), problems
    with pytest.raises(ConfigError):
        registry.provider("acme")


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize(
    "form",
    [
        "numbers of a fixed size",
        "offsets of a fixed size",
        "first and last",
        "whole addresses",
        "a cursor in a header",
        "the last record and a flag",
        "since an id, short pages are last",
    ],
)
def test_the_contract_suite_knows_the_form(form: str, scenario: str, open_shop: Callable[..., Driver]) -> None:
    subject = ProviderUnderTest(open_shop(form).registry, "acme", RESOURCE)

    assert check_paging(subject, scenario) == []
