from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.config.invalid_files import GROUND
from truto_unify.config import configuration
from truto_unify.config.configuration import Configuration
from truto_unify.config.files import folder_layer
from truto_unify.config.pagination import PAGING_KINDS
from truto_unify.errors import ConfigError

if TYPE_CHECKING:
    from truto_unify.errors import Problem

PROVIDER = "providers/acme.yaml"
MAPPING = "mappings/ecommerce/customers/acme.yaml"
SIZE = "page_size_body_path: paging.size, max_page_size: 9, reserved: [paging.before]"
BLOCKS = {
    "page_number": f"page_body_path: paging.number, {SIZE}",
    "offset": f"offset_body_path: paging.start, {SIZE}",
    "cursor": f"cursor_path: next, cursor_body_path: paging.after, {SIZE}",
    "graphql_connection": f"connection_path: data.customers, cursor_body_path: paging.after, {SIZE}",
    "link_header": SIZE,
    "next_url": f"next_url_path: next, {SIZE}",
}


@pytest.fixture(autouse=True)
def _ship_the_good_files_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(configuration, "shipped_layer", lambda: folder_layer(GROUND))


def problems_of(mapping: str, block: str) -> list[Problem]:
    provider = (
        "resources:\n  people:\n    list:\n"
        f"      {{path: /people, method: POST, read_only: true, list_path: data, pagination: {{{block}}}}}\n"
    )
    for name, text in {PROVIDER: provider, MAPPING: mapping}.items():
        write(name, text)
    return Configuration(overlay=["x"]).problems()


def write(name: str, text: str) -> None:
    file = Path("x") / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


@pytest.mark.parametrize("kind", PAGING_KINDS)
def test_no_filter_takes_a_place_of_paging_whatever_the_kind(kind: str) -> None:
    block = f"type: {kind}, {BLOCKS[kind]}"
    places = re.findall(r"paging\.\w+", block)

    for place in places:
        mapping = f"list: {{endpoint: people.list, sort: null, filters: {{email: {{eq: {{path: {place}}}}}}}}}\n"
        (problem,) = problems_of(mapping, block)

        assert (problem.line, problem.rule) == (1, "place-used-twice")
        assert problem.message.startswith(f'a filter on email fills "{place}", and so does pagination.')
    assert places


def test_a_place_beside_those_of_paging_is_free() -> None:
    mapping = (
        "list:\n  endpoint: people.list\n  sort: null\n  query: {size: '1'}\n  body: {paging: {total: true}}\n"
        "  filters: {email: {eq: {path: paging.filter}}, name: {eq: start}}\n"
    )

    assert problems_of(mapping, f"type: offset, {BLOCKS['offset']}") == []


def test_the_first_page_may_have_a_constant_cursor() -> None:
    block = "type: cursor, cursor_path: next, cursor_body_path: paging.after, " + SIZE
    mapping = "list: {endpoint: people.list, sort: null, filters: null, body: {paging: {after: null}}}\n"

    assert problems_of(mapping, block) == []
    assert [problem.message for problem in problems_of(mapping, f"{block}, first_cursor: '0'")] == [
        '"paging.after" is never sent: pagination.cursor_body_path takes its place; remove it here'
    ]


def test_an_element_of_a_constant_list_may_take_paging() -> None:
    block = "type: offset, offset_body_path: args.1.start, page_size_body_path: args.1.size, max_page_size: 9"
    mapping = (
        "list:\n  endpoint: people.list\n  sort: null\n  body: {args: [shop, {size: 0}]}\n"
        "  filters: {email: {eq: {append: {path: args, value: '{value}'}}}}\n"
    )

    assert problems_of(mapping, block) == []


def test_an_override_sets_no_parameter_of_paging() -> None:
    write(PROVIDER, "{}\n")

    with pytest.raises(ConfigError) as caught:
        Configuration(overlay=["x"]).mapping(
            "ecommerce/customers", "acme", overrides=[{"list": {"query": {"per_page": "1000"}}}]
        )

    assert [problem.message for problem in caught.value.problems] == [
        '"per_page" would be sent twice: pagination.page_size_param sends it with each page; remove it here'
    ]
