"""A paging kind is a model and a class: here one that goes on from the id of the last record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl

import pytest
from pydantic import Field

from tests.engine.driver import Driver
from tests.engine.stores import MAPPING, PROVIDER, RESOURCE, account, person, reply
from truto_unify.config import pagination, schema
from truto_unify.config.json_schema import provider_schema
from truto_unify.engine.paging import PageAnswer, PageRequest, PageState, Paging
from truto_unify.errors import ConfigError, InvalidInput
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from truto_unify.types import Request, Response

BLOCK = "{type: last_id, after_id_param: starting_after, has_more_path: more, page_size_param: size, max_page_size: 5}"


def define_kind() -> None:
    """All that a new kind takes. https://docs.stripe.com/api/pagination"""

    class LastIdPagination(pagination.PageSize):
        """A page starts after the record with an id."""

        type: Literal["last_id"] = Field(description="A page starts after a record.", examples=["last_id"])
        after_id_param: str | None = Field(default=None, description="Takes the id.", examples=["starting_after"])
        after_id_body_path: schema.Path | None = Field(
            default=None, description="Takes the id.", examples=["page.after"]
        )
        has_more_path: schema.Path = Field(description="Whether a page follows.", examples=["has_more"])

    class LastIdPaging(Paging[LastIdPagination], model=LastIdPagination):
        """Pages are ``{"after": 7}``."""

        has_free_size = True

        def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
            return self.write(size, (self.rules.after_id_param, self.rules.after_id_body_path, page.get("after")))

        def next(self, answer: PageAnswer) -> PageState | None:
            is_last = answer.value(self.rules.has_more_path) is False
            return None if is_last else {"after": answer.record(-1)["id"]}


@pytest.fixture
def write_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Registry]:
    """Writes a store with this pagination block; the kind is forgotten after the test."""
    monkeypatch.setattr(pagination, "PAGING_KINDS", dict(pagination.PAGING_KINDS))
    monkeypatch.setattr(Paging, "KINDS", dict(Paging.KINDS))
    define_kind()

    def write(block: str) -> Registry:
        (tmp_path / "providers").mkdir()
        (tmp_path / "mappings" / RESOURCE).mkdir(parents=True)
        provider = PROVIDER.format(
            method="GET", path="/people", records="people", read_only="false", graphql="", pagination=block
        )
        (tmp_path / "providers" / "acme.yaml").write_text(provider)
        (tmp_path / "mappings" / RESOURCE / "acme.yaml").write_text(MAPPING)
        return Registry(overlay=[tmp_path])

    return write


def answer_after(request: Request) -> Response:
    """Twelve people, as a store that goes on after an id gives them."""
    asked = dict(parse_qsl(request.query))
    people = [person(number) for number in range(1, 13) if number > int(asked.get("starting_after", 0))]
    size = int(asked["size"])
    return reply({"people": people[:size], "more": len(people) > size})


@pytest.mark.parametrize("limit", [None, 1, 3, 5, 7, 12, 50])
def test_its_lists_are_read_to_the_end(limit: int | None, write_store: Callable[[str], Registry]) -> None:
    driver = Driver(write_store(BLOCK), answer_after)

    pages = driver.walk(account("acme"), limit=limit)

    assert [record["id"] for page in pages for record in page.result] == [str(number) for number in range(1, 13)]


@pytest.mark.parametrize("name", ["starting_after", "size"])
def test_its_parameters_are_not_for_callers(name: str, write_store: Callable[[str], Registry]) -> None:
    driver = Driver(write_store(BLOCK), answer_after)

    with pytest.raises(InvalidInput, match=f'^remote_query may not set "{name}", which pages the list'):
        driver.page(account("acme"), remote_query={name: 3})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("after_id: x, has_more_path: more, page_size_param: size", 'unknown key "after_id"'),
        ("has_more_path: more, page_size_param: size", 'exactly one of "after_id_param" and "after_id_body_path"'),
        (
            "after_id_param: after, has_more_path: more",
            'exactly one of "page_size_param", "page_size_body_path" and "page_size_is_fixed"',
        ),
        ("after_id_param: after, page_size_param: size", 'missing key "has_more_path"'),
    ],
)
def test_its_block_is_checked_like_every_other(
    wrong: str, message: str, write_store: Callable[[str], Registry]
) -> None:
    registry = write_store(f"{{type: last_id, {wrong}, max_page_size: 5}}")

    problems = registry.problems()

    assert any(message in problem.message for problem in problems), problems


def test_its_keys_are_in_the_schema_for_editors(write_store: Callable[[str], Registry]) -> None:
    write_store(BLOCK)

    assert "after_id_param" in provider_schema()["$defs"]["LastIdPagination"]["properties"]


def test_without_its_model_the_block_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers" / "acme.yaml").write_text(
        PROVIDER.format(method="GET", path="/", records="people", read_only="false", graphql="", pagination=BLOCK)
    )

    with pytest.raises(ConfigError, match=r'"last_id" is not known here; one of page_number, offset, cursor'):
        Registry(overlay=[tmp_path]).provider("acme")
