from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

CUSTOMERS: Final = "ecommerce/customers"
OPENAPI = Path(__file__).resolve().parents[1] / "scaffold" / "acme_openapi.yaml"
ANA = {"id": 17, "first_name": "Ana", "last_name": "Ruiz", "email": "ana@example.test", "created_at": 1714636800}
SAMPLE = json.dumps({"customers": [ANA], "page": 1, "per_page": 5})
FILES = [
    "providers/globex.yaml",
    f"mappings/{CUSTOMERS}/globex.yaml",
    "tests/globex/test_globex.py",
    f"tests/globex/samples/globex/{CUSTOMERS}/list.json",
    "tests/globex/README.md",
    "conftest.py",
    "pyproject.toml",
]


@pytest.fixture
def sample(tmp_path: Path) -> str:
    (tmp_path / "sample.json").write_text(SAMPLE)
    return "sample.json"


def test_lint_and_map_accept_the_draft_from_a_sample(run: Run, tmp_path: Path, sample: str) -> None:
    outcome = run("scaffold", "globex", "--from-sample", sample, "--into", "mine")
    lint = run("lint", "mine")
    mapped = run("map", CUSTOMERS, "--provider", "globex", "--overlay", "mine", sample)

    assert (outcome.code, outcome.out.splitlines()) == (0, [f"mine/{name}" for name in FILES])
    assert outcome.err.splitlines()[-1] == "8 guesses, 8 questions, no problems; read tests/globex/README.md next"
    assert "ask: base_url in providers/globex.yaml: the address above every path" in outcome.err.splitlines()
    assert (lint.code, lint.out) == (0, "")
    assert [(load["id"], load["name"], load["created_at"]) for load in json.loads(mapped.out)] == [
        ("17", "Ana Ruiz", "2024-05-02T08:00:00Z")
    ]
    assert json.loads((tmp_path / "mine" / FILES[3]).read_text()) == json.loads(SAMPLE)


def test_without_into_the_draft_goes_to_the_current_folder(run: Run, tmp_path: Path) -> None:
    outcome = run("scaffold", "globex", "--from-openapi", str(OPENAPI))

    assert outcome.code == 0
    assert outcome.err == "20 guesses, 0 questions, no problems; read tests/globex/README.md next\n"
    assert (tmp_path / "providers/globex.yaml").is_file()


def test_a_curl_command_on_standard_input_answers_for_the_api(run: Run, tmp_path: Path, sample: str) -> None:
    command = "curl -u key:s3cret-key 'https://api.globex.test/v1/customers?page=1&per_page=5'"
    outcome = run("scaffold", "globex", "--from-curl", "-", "--from-sample", sample, stdin=command)

    assert outcome.code == 0
    assert [line.partition(" in ")[0] for line in outcome.err.splitlines()[:-1]] == [
        f"ask: {name}"
        for name in (
            "label", "documentation", "errors", "resources.customers.get.path", "resources.customers.get.record_path",
        )
    ]  # fmt: skip
    assert 'base_url: "https://api.globex.test/v1"' in (tmp_path / "providers/globex.yaml").read_text()
    assert "s3cret-key" not in "".join(file.read_text() for file in tmp_path.rglob("*.*") if file.is_file())


def test_a_har_file_is_a_source_of_its_own(run: Run, tmp_path: Path) -> None:
    call = {"request": {"method": "GET", "url": "https://api.globex.test/v1/customers"}}
    entry = {**call, "response": {"status": 200, "content": {"text": SAMPLE}}}
    (tmp_path / "calls.har").write_text(json.dumps({"log": {"entries": [entry]}}))

    outcome = run("scaffold", "globex", "--from-har", "calls.har")
    both = run("scaffold", "globex", "--from-har", "calls.har", "--from-openapi", str(OPENAPI))

    assert (outcome.code, outcome.out.splitlines()) == (0, FILES)
    assert both.code == 3
    assert "give one of --from-openapi, --from-curl, --from-har, --from-postman and --from-graphql" in both.err


def test_questions_are_asked_and_their_answers_written(run: Run, tmp_path: Path, sample: str) -> None:
    answers = [
        "Globex Store",
        *("api.globex.test", "https://docs.globex.test"),  # no address, and another try
        "https://api.globex.test/v2",
        *("key", "header X-Globex-Key"),
        "/people",
        "",  # left open
        "customer",
    ]
    outcome = run("scaffold", "globex", "--from-sample", sample, "--ask", stdin="\n".join([*answers, ""]))

    provider = (tmp_path / "providers/globex.yaml").read_text()
    assert outcome.code == 0, outcome.err
    assert "write an address that begins with https://" in outcome.err
    assert "write basic, bearer, header NAME, query NAME, or oauth2 ADDRESS-OF-TOKENS" in outcome.err
    for line in (
        "label: Globex Store",
        'documentation: "https://docs.globex.test"',
        'base_url: "https://api.globex.test/v2"',
        "credentials:\n  api_key: {title: API key, example: api_key_0123}",
        "  header: X-Globex-Key",
        "      path: /people",
        "      record_path: customer",
    ):
        assert line in provider
    paths = ("errors", "resources.customers.get.path", "label")
    assert [path for path in paths if f"ask: {path} in " in outcome.err] == ["errors", "resources.customers.get.path"]
    assert run("lint", ".").code == 0


def test_a_draft_that_would_overwrite_files_is_refused_before_a_question(run: Run, sample: str) -> None:
    run("scaffold", "globex", "--from-sample", sample)

    outcome = run("scaffold", "globex", "--from-sample", sample, "--ask")

    assert (outcome.code, "these files exist already" in outcome.err) == (3, True)


def test_the_end_of_the_answers_before_the_last_question_writes_nothing(run: Run, tmp_path: Path, sample: str) -> None:
    before = {*tmp_path.rglob("*")}

    outcome = run("scaffold", "globex", "--from-sample", sample, "--ask", stdin="Globex\n")

    assert (outcome.code, outcome.err.splitlines()[-1]) == (130, "nothing was written")
    assert {*tmp_path.rglob("*")} == before


def test_nothing_is_asked_if_standard_input_holds_the_command(run: Run) -> None:
    outcome = run("scaffold", "globex", "--from-curl", "-", "--ask", stdin="curl https://api.globex.test/customers")

    assert (outcome.code, "give a file to be asked" in outcome.err) == (3, True)


def test_a_graphql_schema_is_a_source_and_its_list_can_be_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "api.graphql").write_text("type Query { staff: [Person!]! } type Person { id: ID!, email: String }")

    outcome = run("scaffold", "globex", "--from-graphql", "api.graphql", "--field", "staff")
    without = run("scaffold", "globex", "--field", "staff")

    assert outcome.code == 0, outcome.err
    assert "providers/globex.graphql" in outcome.out.splitlines()
    assert (run("lint", ".").code, without.code) == (0, 3)


def test_a_token_in_a_sample_is_masked_and_said(run: Run, tmp_path: Path) -> None:
    customer = {**ANA, "reset_password_token": "r3set-me", "avatar": "https://a.test/5?access_token=t0p-s3cret"}
    (tmp_path / "sample.json").write_text(json.dumps({"customers": [customer], "next_page_token": "b2s"}))

    outcome = run("scaffold", "globex", "--from-sample", "sample.json")

    said = "masked in the samples, as they look like secrets: customers[].reset_password_token, customers[].avatar"
    assert said in outcome.err.splitlines()
    text = "".join(file.read_text() for file in (tmp_path / "tests").rglob("*.*"))
    assert [secret for secret in ("r3set-me", "t0p-s3cret") if secret in text] == []
    assert "b2s" in text


def test_without_a_source_everything_is_a_question(run: Run) -> None:
    outcome = run("scaffold", "globex")

    assert outcome.code == 0
    assert outcome.err.splitlines()[-1].startswith("0 guesses, 11 questions, no problems; ")


def test_an_existing_file_is_not_overwritten_and_nothing_is_written(run: Run, tmp_path: Path, sample: str) -> None:
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers/globex.yaml").write_text("mine")

    outcome = run("scaffold", "globex", "--from-sample", sample)

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err == (
        "InvalidInput: nothing was written, because these files exist already (--force overwrites them): "
        "providers/globex.yaml\n"
    )
    assert (tmp_path / "providers/globex.yaml").read_text() == "mine"
    assert not (tmp_path / "mappings").exists()


def test_force_overwrites_the_providers_files_and_keeps_shared_ones(run: Run, tmp_path: Path, sample: str) -> None:
    assert run("scaffold", "globex").code == 0
    (tmp_path / "conftest.py").write_text("# mine")

    outcome = run("scaffold", "globex", "--from-sample", sample, "--force")

    assert (outcome.code, outcome.out.splitlines()) == (0, FILES[:-2])
    assert "kept conftest.py\nkept pyproject.toml\n" in outcome.err
    assert (tmp_path / "conftest.py").read_text() == "# mine"
    assert "list_path: customers" in (tmp_path / "providers/globex.yaml").read_text()


def test_a_second_provider_fits_into_the_same_folder(run: Run, sample: str) -> None:
    codes = [run("scaffold", name, "--from-sample", sample).code for name in ("globex", "initech")]

    assert (codes, run("lint", ".").code) == ([0, 0], 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("shopify",), 'InvalidInput: a provider "shopify" is installed already and your files would change it'),
        (("Globex",), 'InvalidInput: "Globex" cannot name a provider: '),
        (
            ("globex", "--resource", "ecommerce/customer"),
            'UnknownResource: unknown unified resource "ecommerce/customer" (did',
        ),
        (("globex", "--from-sample", "not.json"), "InvalidInput: not.json is not JSON: "),
        (("globex", "--from-sample", "bytes.json"), "InvalidInput: cannot read bytes.json: "),
        (("globex", "--from-sample", "empty.json"), "InvalidInput: the sample holds no record: "),
        (("globex", "--from-openapi", "empty.json"), "InvalidInput: empty.json is not an OpenAPI document; "),
        (("globex", "--from-openapi", "not.json"), "InvalidInput: not.json is neither JSON nor YAML: not.json:1:"),
    ],
)
def test_unusable_input_is_refused_and_nothing_is_written(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    for name, content in (("not.json", b"["), ("bytes.json", b"\xff"), ("empty.json", b"{}")):
        (tmp_path / name).write_bytes(content)

    outcome = run("scaffold", *arguments)

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith(message)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bytes.json", "empty.json", "not.json"]


def test_evidence_computes_the_tier_of_an_authors_provider(run: Run, tmp_path: Path) -> None:
    run("scaffold", "globex", "--from-openapi", str(OPENAPI))

    outcome = run("evidence", "--provider", "globex")
    shown = run("capabilities", "--provider", "globex", "--overlay", ".", "--format", "json")

    lines = outcome.out.splitlines()
    (described,) = json.loads(shown.out)
    assert (outcome.code, lines[0]) == (0, f"{CUSTOMERS}: bronze")
    assert lines[-1] == "  for silver: an error answer: needs docs-example, has nothing"
    assert described["resources"][CUSTOMERS]["quality"]["tier"] == "bronze"
    assert json.loads((tmp_path / "mappings/evidence.json").read_text())[CUSTOMERS]["globex"]["proofs"] == {
        "contract": {"level": "synthetic"},
        "list": {"level": "synthetic"},
        "get": {"level": "synthetic"},
        "second page": {"level": "synthetic"},
    }


def test_evidence_without_a_passing_contract_points_to_pytest(run: Run, sample: str) -> None:
    run("scaffold", "globex", "--from-sample", sample)

    outcome = run("evidence", "--provider", "globex")

    assert outcome.out.splitlines()[1] == "  for bronze: the contract suite: needs synthetic, has nothing"
    assert outcome.err == f"{CUSTOMERS} does not pass the contract suite yet: pytest says why\n"


def test_evidence_of_an_unknown_provider_is_an_error_of_the_call(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()

    outcome = run("evidence", "--provider", "globex")

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err == 'UnknownProvider: no mapping of "globex" is installed or in .\n'


ORDERS = json.dumps({"orders": [{"id": 7, "total": "9.50", "currency": "EUR", "status": "open"}]})


def test_a_second_resource_is_added_and_everything_that_people_wrote_stays(
    run: Run, tmp_path: Path, sample: str
) -> None:
    assert run("scaffold", "globex", "--from-sample", sample).code == 0
    file = tmp_path / "providers/globex.yaml"
    mine = (
        file.read_text().replace("label: Globex", "# ours\nlabel: My Globex") + "\n# the last word\nquery: {lang: en}\n"
    )
    file.write_text(mine)
    (tmp_path / "orders.json").write_text(ORDERS)

    outcome = run("scaffold", "globex", "--from-sample", "orders.json", "--resource", "ecommerce/orders")

    assert outcome.code == 0, outcome.err
    start = file.read_text().index("  orders:\n")
    end = file.read_text().index("\n# the last word")
    assert file.read_text()[:start] + file.read_text()[end:] == mine
    assert "list_path: orders" in file.read_text()[start:end]
    assert [line for line in outcome.err.splitlines() if "ask: label" in line] == []
    assert outcome.err.splitlines()[-1].endswith("no problems; read tests/globex/README_orders.md next")
    assert "`label`" not in (tmp_path / "tests/globex/README_orders.md").read_text()
    assert run("lint", ".").code == 0
    mapped = run("map", "ecommerce/orders", "--provider", "globex", "--overlay", ".", "orders.json")
    assert [order["id"] for order in json.loads(mapped.out)] == ["7"]
    again = run("scaffold", "globex", "--from-sample", "orders.json", "--resource", "ecommerce/orders")
    assert (again.code, "these files exist already" in again.err) == (3, True)


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("label: G\nresources: {people: {list: {path: /p}}}\n", "are not written as a block of lines"),
        ("label: G\nresources:\n    people:\n      list: {path: /p}\n", "are not indented by 2 blanks"),
    ],
)
def test_endpoints_that_cannot_be_added_safely_are_shown(run: Run, tmp_path: Path, before: str, reason: str) -> None:
    (tmp_path / "providers").mkdir()
    file = tmp_path / "providers/globex.yaml"
    file.write_text(before)
    (tmp_path / "orders.json").write_text(ORDERS)

    outcome = run("scaffold", "globex", "--from-sample", "orders.json", "--resource", "ecommerce/orders")

    assert (outcome.code, file.read_text()) == (0, before)
    assert f"providers/globex.yaml stays as it is: its resources {reason}. Add this below its resources" in outcome.err
    assert "  orders:\n    list:\n" in outcome.err
    assert (tmp_path / "mappings/ecommerce/orders/globex.yaml").exists()


def test_endpoints_that_exist_stay_and_the_mapping_is_written(run: Run, tmp_path: Path, sample: str) -> None:
    assert run("scaffold", "globex", "--from-sample", sample).code == 0
    (tmp_path / "mappings/ecommerce/customers/globex.yaml").unlink()
    (tmp_path / "tests/globex/samples/globex/ecommerce/customers/list.json").unlink()
    before = (tmp_path / "providers/globex.yaml").read_text()

    outcome = run("scaffold", "globex", "--from-sample", sample)

    assert (outcome.code, (tmp_path / "providers/globex.yaml").read_text()) == (0, before), outcome.err
    assert (tmp_path / "mappings/ecommerce/customers/globex.yaml").exists()
