from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.config.invalid_files import GROUND, INVALID, whole_folder
from tests.shipped import REGISTRY
from truto_unify import Registry
from truto_unify.capabilities import describe_provider
from truto_unify.config.configuration import Configuration
from truto_unify.config.json_schema import mapping_schema, provider_schema
from truto_unify.config.reference import key_reference
from truto_unify.config.report import sarif_log
from truto_unify.tiers import TIERS, assess_all

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

CUSTOMERS: Final = "ecommerce/customers"
WOOCOMMERCE = ("map", CUSTOMERS, "--provider", "woocommerce")
ANA = {
    "id": 17,
    "first_name": "Ana",
    "last_name": "Ruiz",
    "email": "ana@example.test",
    "date_created_gmt": "2024-05-02T08:00:00",
    "billing": {"company": "Müller, Söhne", "phone": "555 0100 x12", "city": "Berlin", "country": "DE"},
}
BEN = {"id": 18, "email": "ben@example.test"}


def unified(*records: dict[str, Any], provider: str = "woocommerce") -> list[dict[str, Any]]:
    mapper = REGISTRY.mapper(CUSTOMERS, provider)
    return [mapper.map(record) for record in records]


def test_a_native_list_in_a_file_becomes_a_list_of_unified_records(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.json").write_text(json.dumps([ANA, BEN]), "utf-8")

    outcome = run(*WOOCOMMERCE, "page.json")

    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == unified(ANA, BEN)


def test_an_answer_in_xml_or_csv_is_read_as_a_call_reads_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine" / "providers").mkdir(parents=True)
    xml = "{resources: {customers: {list: {answers: xml, list_path: people.person}}}}"
    (tmp_path / "mine" / "providers" / "woocommerce.yaml").write_text(xml)
    (tmp_path / "page.xml").write_text("<people><person><id>17</id><email>ana@example.test</email></person></people>")
    (tmp_path / "bad.xml").write_text("<people>")

    good = run(*WOOCOMMERCE, "--overlay", "mine", "page.xml")
    bad = run(*WOOCOMMERCE, "--overlay", "mine", "bad.xml")

    assert json.loads(good.out) == unified({"id": "17", "email": "ana@example.test"})
    assert (bad.code, bad.err.partition(" is broken")[0]) == (3, "InvalidInput: bad.xml")


def test_one_native_record_on_standard_input_becomes_one_unified_record(run: Run) -> None:
    outcome = run(*WOOCOMMERCE, "-", stdin=json.dumps(ANA))

    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == unified(ANA)[0]


SHOPIFY = {"id": "gid://shopify/Customer/1"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"data": {"customers": {"nodes": [SHOPIFY]}}}, unified(SHOPIFY, provider="shopify")),
        ({"data": {"customers": {"edges": [{"node": SHOPIFY}]}}}, unified(SHOPIFY, provider="shopify")),
        ({"data": {"customers": {"nodes": []}}}, []),
        ({"data": {"customer": SHOPIFY}}, unified(SHOPIFY, provider="shopify")[0]),
        ([SHOPIFY], unified(SHOPIFY, provider="shopify")),
        (SHOPIFY, unified(SHOPIFY, provider="shopify")[0]),
    ],
)
def test_the_records_of_an_answer_are_found_where_the_provider_puts_them(
    run: Run, document: Any, expected: Any
) -> None:
    outcome = run("map", CUSTOMERS, "--provider", "shopify", "-", stdin=json.dumps(document))

    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == expected


def test_ndjson_has_one_record_a_line(run: Run) -> None:
    outcome = run(*WOOCOMMERCE, "-", "--format", "ndjson", stdin=json.dumps([ANA, BEN]))

    assert [json.loads(line) for line in outcome.out.splitlines()] == unified(ANA, BEN)


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_json_lines_become_a_list(run: Run, form: str) -> None:
    lines = "\n".join(json.dumps(record) for record in (ANA, BEN)) + "\n\n"
    outcome = run(*WOOCOMMERCE, "-", "--format", form, stdin=lines)
    records = json.loads(outcome.out) if form == "json" else [json.loads(line) for line in outcome.out.splitlines()]

    assert records == unified(ANA, BEN)


def test_a_json_line_that_is_broken_is_named(run: Run) -> None:
    outcome = run(*WOOCOMMERCE, "-", stdin='{"id": 1}\n{"id": }\n')

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith("InvalidInput: record 2 of - is not JSON: Expecting value")


def test_csv_has_every_field_and_joins_list_elements(run: Run) -> None:
    outcome = run(*WOOCOMMERCE, "-", "--format", "csv", stdin=json.dumps([ANA, BEN]))

    assert outcome.out == (
        "id,name,first_name,last_name,company_name,emails,phones,addresses,currency,status,orders,created_at,"
        "updated_at\n"
        '17,Ana Ruiz,Ana,Ruiz,"Müller, Söhne",ana@example.test,555 0100 x12,"billing, Berlin, DE",,,,'
        "2024-05-02T08:00:00Z,\n"
        "18,,,,,ben@example.test,,,,,,,\n"
    )


def test_a_table_shows_the_columns_that_people_look_for(run: Run) -> None:
    outcome = run(*WOOCOMMERCE, "-", "--format", "table", stdin=json.dumps([ANA, BEN]))

    lines = [line for line in outcome.out.splitlines() if line]
    assert [line.split() for line in (lines[0], lines[3])] == [
        ["id", "name", "email", "created_at", "country", "phone", "company_name", "city"],
        ["18", "ben@example.test"],
    ]
    assert " ".join(lines[2].split()) == (
        "17 Ana Ruiz ana@example.test 2024-05-02T08:00:00Z DE 555 0100 x12 Müller, Söhne Berlin"
    )


STEERING = "a\x1b[31mb\x9b2Jc\x07d\u202ee\ud800f\x00g\x7fh\u2028i"


@pytest.mark.parametrize("form", ["table", "csv", "json", "ndjson"])
def test_nothing_in_a_record_steers_the_terminal(run: Run, form: str) -> None:
    record = {"id": 1, "first_name": STEERING, "billing": {"company": STEERING, "city": STEERING}}

    outcome = run(*WOOCOMMERCE, "-", "--format", form, stdin=json.dumps([record]))

    assert (outcome.code, outcome.err) == (0, "")
    assert {letter for letter in outcome.out if not letter.isprintable()} == {"\n"}


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_json_escapes_terminal_control_characters(run: Run, form: str) -> None:
    record = {"id": 1, "first_name": STEERING}

    outcome = run(*WOOCOMMERCE, "-", "--format", form, stdin=json.dumps(record))

    # Half of a character is no text.
    assert json.loads(outcome.out) == unified(record | {"first_name": STEERING.replace("\ud800", "\ufffd")})[0]


@pytest.mark.parametrize(
    ("stdin", "code", "message"),
    [
        ("", 3, "InvalidInput: - is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\xff\xfe{", 3, "InvalidInput: - is not JSON: "),
        ("[" * 100_000, 3, "InvalidInput: - is not JSON: "),
        ("5", 3, "InvalidInput: the file holds neither an answer nor a record"),
        ("[5]", 6, "MappingError: woocommerce ecommerce/customers: record: a record must be an object, not a number"),
        ('{"status": "no"}', 6, "MappingError: woocommerce ecommerce/customers: id: every record must have an id"),
        ('{"message": "no"}', 3, 'InvalidInput: the file holds an error of woocommerce and no record: "no"'),
        ('[{"id": 1, "date_created_gmt": "soon"}]', 6, "MappingError: woocommerce ecommerce/customers: created_at: "),
    ],
)
def test_input_that_cannot_be_mapped_is_an_error_on_standard_error(
    run: Run, stdin: str | bytes, code: int, message: str
) -> None:
    outcome = run(*WOOCOMMERCE, "-", stdin=stdin)

    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith(message)


def test_a_mapping_error_says_where_the_rule_is_written(run: Run) -> None:
    outcome = run(*WOOCOMMERCE, "-", stdin='{"id": 1, "date_created_gmt": "soon"}')

    assert outcome.err == (
        'MappingError: woocommerce ecommerce/customers: created_at: expected a time, got "soon" '
        f"({REGISTRY.mapping(CUSTOMERS, 'woocommerce').place_of('created_at')})\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*WOOCOMMERCE, "nowhere.json"), "InvalidInput: cannot read nowhere.json: No such file or directory\n"),
        (
            ("map", CUSTOMERS, "--provider", "woocomerce", "-"),
            'UnknownProvider: unknown provider "woocomerce" (did you mean "woocommerce"?)\n',
        ),
        (
            ("map", "ecommerce/customer", "--provider", "woocommerce", "-"),
            'UnknownResource: provider "woocommerce" has no unified resource "ecommerce/customer" '
            '(did you mean "ecommerce/customers"?)\n',
        ),
    ],
)
def test_a_name_that_is_not_there_is_an_error_of_the_call(run: Run, arguments: tuple[str, ...], message: str) -> None:
    outcome = run(*arguments, stdin="{}")

    assert (outcome.code, outcome.out, outcome.err) == (3, "", message)


def test_an_overlay_changes_a_shipped_mapping(run: Run, tmp_path: Path) -> None:
    mapping = tmp_path / "mine/mappings" / CUSTOMERS / "woocommerce.yaml"
    mapping.parent.mkdir(parents=True)
    mapping.write_text("response_mapping: {loyalty_tier: meta.tier, company_name: null}\n", "utf-8")

    outcome = run(*WOOCOMMERCE, "-", "--overlay", "mine", stdin=json.dumps({**ANA, "meta": {"tier": "gold"}}))

    (expected,) = unified({**ANA, "meta": {"tier": "gold"}})
    assert json.loads(outcome.out) == {**expected, "company_name": None, "loyalty_tier": "gold"}


def test_an_overlay_that_holds_nothing_is_an_error_of_the_configuration(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()

    outcome = run(*WOOCOMMERCE, "-", "--overlay", "mine", stdin="{}")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "ConfigError: mine/: the folder holds none of providers/, mappings/ and models/\n"


def test_lint_prints_every_problem_in_order_and_ends_with_2(run: Run, tmp_path: Path) -> None:
    case = whole_folder(INVALID / "many")
    case.write_to(tmp_path / "invalid")
    names = REGISTRY.providers

    outcome = run("lint", "invalid")

    assert outcome.code == 2
    assert outcome.out == "".join(f"{problem}\n" for problem in case.expected)
    assert outcome.err == f"33 problems in {len(names) + 1} providers, {len(REGISTRY.mappings) + 1} mappings\n"


def test_lint_without_a_problem_says_so_and_ends_with_0(run: Run) -> None:
    registry = Registry(overlay=[GROUND])
    counts = f"{len(registry.providers)} providers, {len(registry.mappings)} mappings"

    assert run("lint", str(GROUND)).err == f"no problems in {counts}\n"
    assert [run("lint").code, run("lint").out, run("lint", str(GROUND)).code] == [0, "", 0]


def test_lint_gives_json_to_programs(run: Run, tmp_path: Path) -> None:
    (tmp_path / "invalid/providers").mkdir(parents=True)
    (tmp_path / "invalid/providers/woocommerce.yaml").write_text("query: {a: no}\nlabel: 5\n", "utf-8")

    outcome = run("lint", "invalid", "--format", "json")

    file = "invalid/providers/woocommerce.yaml"
    assert (outcome.code, outcome.err) == (2, "")
    assert json.loads(outcome.out) == [
        {
            "file": file,
            "line": 1,
            "column": 12,
            "level": "error",
            "rule": "yaml-surprise",
            "message": 'unquoted "no": older YAML reads it as a truth value; put it in quotes',
            "snippet": "",
        },
        {
            "file": file,
            "line": 2,
            "column": 8,
            "level": "error",
            "rule": "wrong-type",
            "message": "must be text; quote it",
            "snippet": "",
        },
    ]


def test_lint_gives_annotations_to_a_workflow(run: Run, tmp_path: Path) -> None:
    (tmp_path / "invalid/providers").mkdir(parents=True)
    (tmp_path / "invalid/providers/woocommerce.yaml").write_text("label: 5\n", "utf-8")

    outcome = run("lint", "invalid", "--format", "github")

    place = "file=invalid/providers/woocommerce.yaml,line=1,col=8"
    assert (outcome.code, outcome.out) == (2, f"::error {place},title=wrong-type::must be text; quote it\n")
    assert outcome.err.startswith("1 problem in ")


def test_lint_gives_a_log_to_code_scanning(run: Run, tmp_path: Path) -> None:
    (tmp_path / "invalid/providers").mkdir(parents=True)
    (tmp_path / "invalid/providers/woocommerce.yaml").write_text("label: 5\n", "utf-8")

    outcome = run("lint", "invalid", "--format", "sarif")

    (problem,) = [problem for problem in Configuration(["invalid"]).problems() if problem.file.startswith("invalid/")]
    assert (outcome.code, outcome.err) == (2, "")
    assert json.loads(outcome.out) == sarif_log([problem], version("truto-unify"))


@pytest.mark.parametrize(("form", "message"), [("json", []), ("sarif", sarif_log([], version("truto-unify")))])
def test_lint_without_a_problem_is_an_empty_report(run: Run, form: str, message: Any) -> None:
    outcome = run("lint", "--format", form)

    assert (outcome.code, json.loads(outcome.out)) == (0, message)


@pytest.mark.parametrize("folder", ["empty", "nowhere"])
def test_lint_refuses_a_folder_that_holds_nothing_or_is_not_there(run: Run, tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()

    outcome = run("lint", folder)

    assert outcome.code == {"empty": 2, "nowhere": 3}[folder]
    assert folder in outcome.out + outcome.err


def test_every_command_that_needs_a_faulty_file_ends_with_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad/providers").mkdir(parents=True)
    (tmp_path / "bad/providers/woocommerce.yaml").write_text("label: 5\n", "utf-8")

    overlay = ("--overlay", "bad")
    outcomes = [
        run(*WOOCOMMERCE, "-", *overlay, stdin="{}"),
        run("list", CUSTOMERS, "--provider", "woocommerce", *overlay),
        run("get", CUSTOMERS, "1", "--provider", "woocommerce", *overlay),
        run("explain", CUSTOMERS, "--provider", "woocommerce", *overlay),
        run("capabilities", *overlay),
    ]

    message = "ConfigError: bad/providers/woocommerce.yaml:1:8: must be text; quote it\n"
    assert [(outcome.code, outcome.out, outcome.err) for outcome in outcomes] == [(2, "", message)] * 5


def test_capabilities_of_one_provider_are_complete(run: Run) -> None:
    outcome = run("capabilities", "--provider", "acme", "--format", "json", "--overlay", str(GROUND))

    emulated = {
        name: {"support": "emulated"}
        for name in (
            *("created_at", "updated_at", "name", "first_name", "last_name", "company_name", "email"),
            *("emails[][email]", "emails[][type]", "emails[][status]", "emails[][is_primary]"),
            *("phones[][number]", "phones[][extension]", "phones[][type]"),
            *("sort_by[created_at]", "sort_by[updated_at]"),
        )
    }
    yes = {"support": "yes", "evidence": "declared"}
    native = {"support": "native", "evidence": "declared"}
    assert json.loads(outcome.out) == [
        {
            "provider": "acme",
            "label": "Acme",
            "api_version": None,
            "documentation": "https://acme.example/docs",
            "setup": None,
            "resources": {
                CUSTOMERS: {
                    "quality": assess_all(Registry(overlay=[GROUND]), "acme")[CUSTOMERS].to_dict(),
                    "methods": ["list", "get"],
                    "fields": {
                        **dict.fromkeys(["id", "name", "first_name", "last_name", "company_name"], yes),
                        **dict.fromkeys(["emails", "emails.email", "emails.type", "emails.status"], yes),
                        **dict.fromkeys(["emails.is_primary", "phones", "phones.number"], yes),
                        **dict.fromkeys(["phones.extension", "phones.type"], yes),
                        "addresses": {"support": "never"},
                        "currency": yes,
                        "status": yes,
                        "orders": {"support": "not yet"},
                        "created_at": yes,
                        "updated_at": yes,
                    },
                    "query": {**emulated, **dict.fromkeys(["email", "emails[][email]", "sort_by[created_at]"], native)},
                    "side_loads": [],
                    "editions": {},
                }
            },
        }
    ]


@pytest.mark.parametrize("width", ["80", "120", None])
def test_capabilities_of_all_providers_fit_and_cut_no_name(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: str | None
) -> None:
    if width:
        monkeypatch.setenv("COLUMNS", width)
    outcome = run("capabilities")
    lines, words = outcome.out.splitlines(), outcome.out.split()
    described = [describe_provider(REGISTRY, slug)["resources"][CUSTOMERS] for slug in REGISTRY.providers]

    assert (outcome.code, outcome.err) == (0, "")
    assert max(map(len, lines)) <= int(width or 10_000)
    assert {name for resource in described for part in ("fields", "query") for name in resource[part]} <= set(words)
    assert set(REGISTRY.providers) <= set(words)


def test_the_capabilities_of_one_provider_are_in_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rows = [line.split() for line in run("capabilities", "--provider", "woocommerce").out.splitlines()]

    assert ["id", "yes", "recorded"] in [row[:3] for row in rows]
    assert ["emails.status", "never"] in rows
    assert ["orders.id", "yes", "recorded", "2026-11-24", "side", "load"] in rows
    assert ["methods:", "list,", "get"] in rows


def test_capabilities_show_each_providers_tier_and_the_needs_of_the_next_tier(run: Run) -> None:
    outcome = run("capabilities")

    table = outcome.out.partition(f"{CUSTOMERS}: quality")[2].partition("ecommerce/orders:")[0]
    lines = [line.split(maxsplit=2) for line in table.splitlines()]
    shown_tiers = {line[0]: line[1] for line in lines if line and line[0] in REGISTRY.providers}
    assert shown_tiers == {slug: assess_all(REGISTRY, slug)[CUSTOMERS].tier or "none" for slug in REGISTRY.providers}
    assert set(shown_tiers.values()) <= {*TIERS, "none"}


def test_capabilities_of_an_unknown_provider_are_an_error_of_the_call(run: Run) -> None:
    outcome = run("capabilities", "--provider", "shopfy")

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err == 'UnknownProvider: unknown provider "shopfy" (did you mean "shopify"?)\n'


@pytest.mark.parametrize(("kind", "schema"), [("provider", provider_schema()), ("mapping", mapping_schema())])
def test_schema_prints_the_json_schema_of_a_file(run: Run, kind: str, schema: dict[str, Any]) -> None:
    outcome = run("schema", kind)

    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == schema


@pytest.mark.parametrize("kind", ["provider", "mapping"])
def test_schema_prints_that_of_an_overlay_too(run: Run, kind: str) -> None:
    outcome = run("schema", kind, "--overlay")

    schemas = {"provider": provider_schema(overlay=True), "mapping": mapping_schema(overlay=True)}
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == schemas[kind]


def test_schema_prints_the_reference_of_every_key(run: Run) -> None:
    outcome = run("schema", "--format", "markdown")

    assert (outcome.code, outcome.out, outcome.err) == (0, key_reference(), "")


def test_schema_needs_to_know_the_kind_of_file(run: Run) -> None:
    outcome = run("schema")

    assert (outcome.code, outcome.out) == (3, "")
    assert "name the kind of file: provider, mapping or model" in outcome.err
