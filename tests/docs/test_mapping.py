"""Everything that docs/mapping.md shows works: each fragment is loaded as an overlay and run on its record."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.mapping_page import (
    MAPPING,
    PAGE,
    RESOURCE,
    Example,
    Row,
    Shop,
    acme_account,
    lay_over,
    only_text,
    read_examples,
    read_overlaid,
    read_wrong,
    write_acme,
)
from tests.docs.page import read_rows
from truto_unify import Client, ConfigError, Registry
from truto_unify.cli.commands import commands
from truto_unify.compiler.build import compile_tree
from truto_unify.config.mapping import MappingConfig
from truto_unify.config.yaml import load_yaml
from truto_unify.expressions import parse_expression
from truto_unify.models.ecommerce import Customer
from truto_unify.models.fields import field_kinds
from truto_unify.query_string import read_query, split_query

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXAMPLES = read_examples()
PLANS = read_overlaid("| asked | who does it | what is sent, or why not |")
COUNTED = read_overlaid("| record | status | counted |")
FILTERED = read_overlaid("| record | kept | partial |")
REQUESTS = read_overlaid("| call | requests |")
TIMES = [
    (f"{{expr: v, {rule[1:]}", native, unified)
    for rule, native, unified in read_rows(PAGE, "| rule | native | unified |")
]
CLEANED = [
    (f"{{expr: v, type: {kind}}}", native, unified)
    for kind, native, unified in read_rows(PAGE, "| kind | native | unified |")
]


def outcome(registry: Registry, record: dict[str, Any], field: str) -> str:
    """A field of the unified record as JSON, or its fault."""
    mapped = registry.mapper(RESOURCE, "acme").map_record(record, context=acme_account().context)
    faults = [f"fault: `{message}`" for name, message in mapped.faults if name == field]
    return next(iter(faults), json.dumps(mapped.fields[field]))


@pytest.mark.parametrize("example", [pytest.param(example, id=f"line-{example.line}") for example in EXAMPLES])
def test_a_record_becomes_what_the_page_shows(example: Example, tmp_path: Path) -> None:
    inputs = {"context": None, "loaded": None, **example.inputs}
    mapper = lay_over(tmp_path, example.overlay).mapper(RESOURCE, "acme")
    fields = mapper.map(inputs["record"], context=inputs["context"], loaded=inputs["loaded"])
    interpreted = mapper.interpret_record(inputs["record"], context=inputs["context"], loaded=inputs["loaded"])

    assert {name: fields[name] for name in example.result} == example.result
    assert interpreted.fields == fields
    assert not example.is_whole or {*fields} == {*example.result, "remote_data"}


@pytest.mark.parametrize(("expression", "record", "gives"), read_rows(PAGE, "| expression | record | gives |"))
def test_an_expression_gives_what_the_page_says(expression: str, record: str, gives: str) -> None:
    parsed, document = parse_expression(expression), json.loads(record)

    assert json.dumps(parsed.search(document)) == gives
    assert json.dumps(compile_tree(parsed.tree)(document)) == gives


@pytest.mark.parametrize(("rule", "native", "unified"), TIMES)
def test_a_time_is_written_as_the_page_says(rule: str, native: str, unified: str, tmp_path: Path) -> None:
    registry = lay_over(tmp_path, f"response_mapping: {{created_at: {rule}}}")

    assert outcome(registry, {"id": 17, "v": json.loads(native)}, "created_at") == unified


@pytest.mark.parametrize(("rule", "native", "unified"), CLEANED)
def test_a_value_is_cleaned_as_the_page_says(rule: str, native: str, unified: str, tmp_path: Path) -> None:
    registry = lay_over(tmp_path, f"response_mapping: {{extra: {rule}}}")

    assert outcome(registry, {"id": 17, "v": json.loads(native)}, "extra") == unified


def test_a_value_that_is_not_a_list_is_the_fault_that_the_page_shows(tmp_path: Path) -> None:
    sentence = re.search(r"is a fault, as in `emails: (.*?)`", " ".join(PAGE.split()))

    assert sentence is not None
    assert outcome(lay_over(tmp_path, ""), {"id": 17, "contacts": "x"}, "emails") == f"fault: `{sentence[1]}`"


def test_the_page_lists_the_kind_of_every_field() -> None:
    documented = {
        (kind, name) for kind, names in read_rows(PAGE, "| kind | fields |") for name in re.findall(r"[\w.]+", names)
    }
    kinds = field_kinds(Customer)
    inner = {(list_name, kind.item) for list_name, kind in kinds.items() if kind.item is not None}
    parts = {
        (part.name, f"{list_name}.{name}") for list_name, item in inner for name, part in field_kinds(item).items()
    }

    assert documented == {(kind.name, name) for name, kind in kinds.items() if kind.item is None} | parts


@pytest.mark.parametrize("row", COUNTED, ids=lambda row: row.cells[0])
def test_an_enum_does_what_the_page_says(row: Row, tmp_path: Path) -> None:
    mapped = lay_over(tmp_path, row.overlay).mapper(RESOURCE, "acme").map_record(json.loads(row.cells[0]))

    assert [json.dumps(mapped.fields["status"]), json.dumps(dict(mapped.unmapped))] == row.cells[1:]


@pytest.mark.parametrize("row", FILTERED, ids=lambda row: row.cells[0])
def test_records_are_kept_and_partial_as_the_page_says(row: Row, tmp_path: Path) -> None:
    mapper, native = lay_over(tmp_path, row.overlay).mapper(RESOURCE, "acme"), json.loads(row.cells[0])

    assert [json.dumps(mapper.is_kept(native)), json.dumps(mapper.is_partial(native))] == row.cells[1:]


@pytest.mark.parametrize("row", PLANS, ids=lambda row: row.cells[0])
def test_a_query_is_planned_as_the_page_says(row: Row, tmp_path: Path) -> None:
    query = read_query(split_query(row.cells[0]))
    plan = Client(lay_over(tmp_path, row.overlay)).explain(RESOURCE, acme_account(), **query).query_plan

    assert {(", ".join(filter(None, (entry.how, entry.match))), entry.native or entry.reason) for entry in plan} == {
        tuple(row.cells[1:])
    }


def test_search_terms_are_joined_as_the_page_says(tmp_path: Path) -> None:
    sentence = re.search(r"joined: `(first_name=[^`]*)` sends `([^`]*)`", " ".join(PAGE.split()))
    overlay = next(row.overlay for row in PLANS if "search:" in row.overlay)

    assert sentence is not None
    query = read_query(split_query(sentence[1]))
    request = Client(lay_over(tmp_path, overlay)).explain(RESOURCE, acme_account(), **query).request
    assert dict(split_query(sentence[2])).items() <= dict(split_query(request.query)).items()


@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row.cells[0])
def test_a_side_load_sends_what_the_page_says(row: Row, tmp_path: Path) -> None:
    shop = Shop()
    side_load = re.findall(r"with `(\w+)`", row.cells[0])
    with shop.client(lay_over(tmp_path, row.overlay)) as client:
        calls: dict[str, Callable[[], object]] = {
            "list": lambda: client.list(RESOURCE, acme_account(), side_load=side_load),
            "get": lambda: client.get(RESOURCE, acme_account(), "17", side_load=side_load),
        }
        calls[re.findall(r"\w+", row.cells[0])[0]]()

    assert shop.asked == re.findall(r"[^`, ]+", row.cells[1])


@pytest.mark.parametrize(("fragment", "says"), read_wrong())
def test_lint_says_what_the_page_says(fragment: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        lay_over(tmp_path, fragment).mapper(RESOURCE, "acme")

    problems = caught.value.problems
    assert {problem.file.rpartition("over/")[2] for problem in problems} == {MAPPING}
    assert "".join(f"{problem.line}:{problem.column}: {problem.message}\n" for problem in problems) == says


def test_the_reasons_are_those_of_the_whole_file() -> None:
    shown, whole = (load_yaml(only_text(info), "x")[0].plain() for info in ("yaml fragment", "yaml mapping file"))

    assert shown["unsupported"].items() <= whole["unsupported"].items()


def test_the_page_has_every_part_of_a_mapping_file() -> None:
    parts = {
        part.partition(".")[0]
        for name, *_ in read_rows(PAGE, "| key | what it says | |")
        for part in re.findall(r"[a-z_.]+", name)
    }

    assert parts == set(MappingConfig.model_fields)


def test_every_command_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_acme(tmp_path / "my-overlay")
    (tmp_path / "answer.json").write_text(json.dumps(EXAMPLES[0].inputs["record"]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    lines = re.findall(r"^\$ truto-unify (.*)$", only_text("console"), re.MULTILINE)
    printed = {}
    for line in lines:
        commands.main(line.split(), standalone_mode=False)
        printed[line] = "".join(capsys.readouterr())

    assert len(lines) == 5
    assert all(printed.values())
