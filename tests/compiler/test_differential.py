"""The compiled mapping equals the interpreted one for every record."""

from __future__ import annotations

import ast
import copy
import json
import re
from pathlib import Path
from typing import Any, Final

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compiler.fuzz.mapped import MappedTwice
from tests.laid_over import mapper_of_file
from tests.loopback import Clock, make_sandbox
from tests.shipped import REGISTRY
from truto_unify import Account, Client, Settings
from truto_unify.compiler.build import compile_tree, write_source
from truto_unify.compiler.runtime import NAMES
from truto_unify.mapping.interpreted import InterpretedTable
from truto_unify.mapping.mapper import Mapper
from truto_unify.sandbox.serve import run_in_thread
from truto_unify.testing import ProviderUnderTest, read_samples

SAMPLES = Path(__file__).parents[1] / "contract" / "samples"
RESOURCE: Final = "ecommerce/customers"
ODD = st.sampled_from(
    [
        None,
        "",
        " ",
        " x ",
        0,
        1,
        -3,
        1.5,
        True,
        False,
        [],
        {},
        [None],
        ["a", 1],
        {"id": 1},
        "2024-02-30T00:00:00Z",
        "é\u2028",
    ]
)


@pytest.fixture(scope="module")
def natives() -> dict[str, list[Any]]:
    clock = Clock()
    sandbox = make_sandbox(clock)
    with run_in_thread(sandbox) as origin, Client(REGISTRY, settings=Settings(), sleep=clock.advance) as client:
        listed = {
            slug: [
                record.remote_data
                for record in client.list(RESOURCE, Account(**sandbox.account_arguments(slug, origin)), limit=40).result
            ]
            for slug in sandbox.stores
        }
    others = {slug: ProviderUnderTest(REGISTRY, slug, RESOURCE) for slug in {*REGISTRY.providers} - {*listed}}
    samples = {slug: read_samples(subject, SAMPLES)["list"] for slug, subject in others.items()}
    return listed | {slug: [sample.native for sample in listing] for slug, listing in samples.items()}


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a JSON value."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [*([path] if path else []), *(below for key, child in inner for below in paths_in(child, (*path, key)))]


def replaced(record: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(record)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return changed


def context_of(slug: str) -> dict[str, str]:
    """The context of an account, as the provider's examples have it."""
    return dict(ProviderUnderTest(REGISTRY, slug, RESOURCE).account.context)


def outcome(mapped: Any) -> tuple[Any, Any, Any]:
    return mapped.fields, mapped.faults, mapped.unmapped


@pytest.mark.parametrize("slug", REGISTRY.providers)
def test_both_engines_map_the_records_of_the_stores_alike(natives: dict[str, list[Any]], slug: str) -> None:
    mapper, context = REGISTRY.mapper(RESOURCE, slug), context_of(slug)

    assert [outcome(mapper.map_record(native, context=context)) for native in natives[slug]] == [
        outcome(mapper.interpret_record(native, context=context)) for native in natives[slug]
    ]


@pytest.mark.parametrize("slug", REGISTRY.providers)
@settings(max_examples=60)
@given(data=st.data())
def test_both_engines_map_a_record_with_an_odd_value_alike(natives: dict[str, list[Any]], slug: str, data: Any) -> None:
    mapper, context = REGISTRY.mapper(RESOURCE, slug), context_of(slug)
    record = data.draw(st.sampled_from(natives[slug]))
    changed = replaced(record, data.draw(st.sampled_from(paths_in(record))), data.draw(ODD))

    assert outcome(mapper.map_record(changed, context=context)) == outcome(
        mapper.interpret_record(changed, context=context)
    )


@pytest.mark.parametrize("slug", REGISTRY.providers)
def test_the_generated_function_never_calls_the_interpreter_for_the_records_of_the_stores(
    natives: dict[str, list[Any]], slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreted: list[str] = []
    mapper = Mapper(REGISTRY.mapping(RESOURCE, slug))
    monkeypatch.setattr(InterpretedTable, "map_field", lambda _mapper, name, *_rest: interpreted.append(name))

    for native in natives[slug]:
        mapper.map_record(native, context=context_of(slug))

    assert interpreted == []


HOSTILE = """\nimport os\n__import__('os').system('x') # " \' {value} \\ \u2028"""


def test_generated_code_holds_keys_and_texts_of_input_only_as_quoted_text() -> None:
    tree = {
        "type": "or_expression",
        "children": [
            {"type": "field", "value": HOSTILE, "children": []},
            {"type": "literal", "value": {HOSTILE: [HOSTILE]}, "children": []},
        ],
    }
    source, _ = write_source(tree)
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}

    assert all(re.fullmatch(r"v\d+|value|dict|EMPTY", name) for name in names)
    assert texts == {HOSTILE, None, 0}
    assert compile_tree(tree)({}) == {HOSTILE: [HOSTILE]}
    assert compile_tree(tree)({HOSTILE: 1}) == 1


def test_generated_code_holds_a_hostile_mapping_only_as_quoted_text() -> None:
    quoted = json.dumps(HOSTILE)
    layer = {
        "response_mapping": {
            HOSTILE: f"{quoted}.{quoted} || `{json.dumps([HOSTILE])}`",
            "status": {"expr": quoted, "enum": {HOSTILE: "active"}},
            "emails": [{"each": f"[{{{quoted}: {quoted}}}]", "email": f"{quoted}", HOSTILE: f"record.{quoted}"}],
        },
        "unsupported": {"emails.type": "Left out.", "emails.is_primary": "Left out."},
    }
    mapper = mapper_of_file(REGISTRY, RESOURCE, "woocommerce", layer)
    names = {node.id for node in ast.walk(ast.parse(mapper.source)) if isinstance(node, ast.Name)}
    own = (
        set(NAMES)
        | {
            "native",
            "remote_data",
            "query",
            "context",
            "loaded",
            "diagnostics",
            "interpret_field",
            "interpret_record",
            "refuse",
        }
        | {"text", "NOTHING_READ"}
    )
    record = mapper.map({"id": 1, HOSTILE: HOSTILE})

    assert {name for name in names - own if not re.fullmatch(r"[vrcefo]\d+", name)} == set()
    assert record[HOSTILE] == [HOSTILE]
    assert record["status"] == "active"
    assert record["emails"][0][HOSTILE] == HOSTILE
    assert json.loads(mapper.map_page(json.dumps([{"id": 1, HOSTILE: HOSTILE}]).encode())) == [record]


def test_a_caller_that_changes_a_result_does_not_change_later_results() -> None:
    run = compile_tree({"type": "literal", "value": {"a": [1]}, "children": []})
    run(None)["a"].append(2)

    assert run(None) == {"a": [1]}


DEEP = "context.tier"


def nest(expression: str, times: int) -> str:
    return expression if not times else nest(f"[missing || {expression}] | [0]", times - 1)


@pytest.mark.parametrize("times", [1, 4, 8, 30])
def test_a_name_of_the_call_keeps_its_meaning_at_any_depth(times: int) -> None:
    overlay = {
        "response_mapping": {"loyalty_tier": nest(DEEP, times), "name": f"({'(' * times}context.tier{')' * times})"}
    }
    mapper = mapper_of_file(REGISTRY, RESOURCE, "woocommerce", overlay)
    native = {"id": 1, "context": {"tier": "the store's own word"}}
    mapped = mapper.map_record(native, context={"tier": "gold"})

    assert (mapped.fields["loyalty_tier"], mapped.fields["name"], mapped.faults) == ("gold", "gold", [])
    assert outcome(mapped) == outcome(mapper.interpret_record(native, context={"tier": "gold"}))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("first_text(names[].lower(@))", "an error"),
        ("first_text(names[*].lower(@))", "an error"),
        ("first_text(names[].given)", None),
        ("first_text(names[?@ != 'x'])", "Ana"),
        ("first_text([names[0], names[].upper(@)][])", "an error"),
    ],
)
def test_a_failure_after_the_first_text_is_still_a_fault(expression: str, expected: str | None) -> None:
    layer = {"response_mapping": {"company_name": expression}}
    mapper = mapper_of_file(REGISTRY, RESOURCE, "woocommerce", layer)
    native = {"id": 1, "names": ["Ana", 7]}
    mapped = mapper.map_record(native)

    assert outcome(mapped) == outcome(mapper.interpret_record(native))
    assert ("an error" if mapped.faults else mapped.fields["company_name"]) == expected


@pytest.mark.parametrize(
    "expression",
    ["deep.*.updated | [0]", "(deep.*.updated)[0]", "deep.a.updated || odd", "no && deep.a.updated || odd"],
)
def test_no_field_reuses_a_value_that_a_failed_field_left_incomplete(expression: str) -> None:
    fails_before_deep = [{"each": "[a, deep]", "street_1": {"expr": "street", "type": "text"}}]
    table = {
        "addresses": fails_before_deep,
        "updated_at": {"expr": expression, "type": "time", "zone": "utc", "format": "iso"},
        "seen_at": {"expr": expression, "type": "time", "zone": "utc", "format": ["rfc2822", "iso"]},
    }
    twice = MappedTwice(RESOURCE, "woocommerce", table)
    native = {"no": "", "odd": "x", "a": {"street": True}, "deep": {"a": {"updated": "x"}}}
    mapped = twice.compiled.map_record(native)

    assert outcome(mapped) == outcome(twice.oracle.map_record(native))
    assert [name for name, _ in mapped.faults] == ["addresses[0].street_1", "updated_at", "seen_at"]


@pytest.mark.parametrize(
    "expression", ["([] )[].{d: (c || [c])[]}", "a[].{d: (c || [c])[]}", "(c || [c])[]", "(c || [[c]])[][]"]
)
def test_an_expression_whose_value_may_contain_itself_compiles(expression: str) -> None:
    run = compile_tree(dict[str, Any](jmespath.compile(expression).parsed))
    documents: list[Any] = [None, {"c": 1}, {"c": [1, [2]]}, {"a": [{"c": None}, {"c": [[3]]}]}]

    assert [run(document) for document in documents] == [
        jmespath.search(expression, document) for document in documents
    ]
