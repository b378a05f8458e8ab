"""``drift`` and ``coverage``, on cassettes, on saved answers and on the pretend store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.cli.conftest import account_flags

if TYPE_CHECKING:
    from tests.cli.conftest import Run
    from tests.loopback import Loopback

CUSTOMERS: Final = "ecommerce/customers"
LISTS = Path(__file__).parents[1] / "cassettes" / "woocommerce" / "lists"
FIRST, SECOND = (str(LISTS / name) for name in ("001-list-default.yaml", "003-list-100-page2.yaml"))
DRIFT = ("drift", CUSTOMERS, "--provider", "woocommerce", "--cassette", FIRST)
ANA = {"id": 17, "email": "ana@example.test", "role": "customer"}


def test_two_recordings_of_the_same_store_have_no_drift(run: Run) -> None:
    outcome = run(*DRIFT, "--fresh", SECOND)

    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.splitlines()[0] == "no differences in 100 fresh records, against 10 earlier ones"


def test_the_exit_code_says_whether_the_mapping_reads_a_changed_field(run: Run, tmp_path: Path) -> None:
    (tmp_path / "harmless.json").write_text(json.dumps([{**ANA, "nick": "A"}]), "utf-8")
    (tmp_path / "harmful.json").write_text(json.dumps([{**ANA, "email": ["ana@example.test"]}]), "utf-8")
    (tmp_path / "before.json").write_text(json.dumps([ANA]), "utf-8")
    compare = ("drift", CUSTOMERS, "--provider", "woocommerce", "--cassette", "before.json", "--fresh")

    harmless, harmful = run(*compare, "harmless.json", "--format", "json"), run(*compare, "harmful.json")

    assert (harmless.code, harmful.code) == (1, 6)
    assert json.loads(harmless.out)["drift"] == [
        {"change": "new", "name": "nick", "is_read": False, "before": 0.0, "after": 1.0, "detail": "text"}
    ]
    assert [line.split() for line in harmful.out.splitlines() if "retyped" in line] == [
        ["retyped", "email", "read", "100%", "100%", "text", "became", "list"]
    ]


def test_a_live_store_is_compared_with_a_recording(run: Run, loopback: Loopback) -> None:
    flags = account_flags(loopback, "woocommerce")[2:]

    outcome = run(*DRIFT, "--live", "--limit", "20", *flags, "--format", "json")

    body = json.loads(outcome.out)
    assert outcome.code in {0, 1}
    assert (body["earlier_records"], body["fresh_records"]) == (10, 20)
    assert [change for change in body["drift"] if change["is_read"] and change["change"] != "new"] == []


def test_coverage_shows_no_personal_values(run: Run) -> None:
    outcome = run(
        "coverage",
        CUSTOMERS,
        "--provider",
        "woocommerce",
        "--cassette",
        FIRST,
        "--cassette",
        SECOND,
        "--format",
        "json",
    )

    body = json.loads(outcome.out)
    rows = {field["name"]: (field["share"], field["types"], field["values"]) for field in body["left_out"]}
    assert (outcome.code, body["records"]) == (0, 110)
    assert rows["role"] == (1.0, ["text"], ["customer"])
    assert rows["is_paying_customer"] == (1.0, ["boolean"], ["false", "true"])
    assert {rows[name][2] != [] for name in ("username", "avatar_url", "shipping.first_name")} == {False}
    assert not {"id", "email", "billing.phone"} & set(rows)


def test_coverage_of_a_saved_answer_is_a_table_and_a_share(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.json").write_text(json.dumps([ANA, {**ANA, "id": 18, "nick": "A"}]), "utf-8")

    outcome = run("coverage", CUSTOMERS, "--provider", "woocommerce", "--file", "page.json")

    assert outcome.code == 0
    assert [line.split() for line in outcome.out.splitlines() if line.startswith(" ") and "%" in line] == [
        ["role", "100%", "text"],
        ["nick", "50%", "text"],
    ]
    assert outcome.err == "50% mapped: 2 of 4 native fields in 2 records\n"


def test_missing_options_are_named_in_the_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("[]", "utf-8")
    (tmp_path / "none.yaml").write_text("interactions: 1\n", "utf-8")

    nothing = run(*DRIFT)
    empty = run(*DRIFT, "--fresh", "none.json")
    no_cassette = run(*DRIFT, "--fresh", "none.yaml")
    no_records = run("coverage", CUSTOMERS, "--provider", "woocommerce")

    assert [outcome.code for outcome in (nothing, empty, no_records)] == [3, 3, 3]
    assert "name the fresh answers: --fresh FILE, or --live with an account" in nothing.err
    assert "the fresh answers hold no record to compare" in empty.err
    assert "none.yaml: not a cassette" in no_cassette.err
    assert "name the records: --cassette FILE, --file FILE, or --live with an account" in no_records.err


def test_the_answers_of_other_calls_in_a_cassette_are_not_read(run: Run) -> None:
    refunds = str(LISTS.parent / "orders" / "refunds" / "082-order-refunds-list.yaml")

    outcome = run("coverage", "ecommerce/orders", "--provider", "woocommerce", "--cassette", refunds)

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.splitlines()[0] == f"note: {refunds} holds no record of ecommerce/orders"
