"""``explain --field``: for a record in a file, and for a record that the pretend store serves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.cli.conftest import account_flags

if TYPE_CHECKING:
    from tests.cli.conftest import Run
    from tests.loopback import Loopback

CUSTOMERS: Final = "ecommerce/customers"
ZOHO = ("explain", CUSTOMERS, "--provider", "zohoinventory")
RECORDS = [
    {"contact_id": "1", "contact_name": "Ana", "status": "crm", "billing_address": {"city": " "}},
    {"contact_id": "2", "contact_name": "Bo", "status": "active"},
]


def test_a_field_of_a_record_in_a_file_is_explained(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.json").write_text(json.dumps({"code": 0, "contacts": RECORDS}), "utf-8")

    outcome = run(*ZOHO, "--record", "page.json", "--field", "status")

    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "status: unmapped enum: the enum has active, inactive; the engine keeps and counts any other value",
        '  reads       status = "crm"',
        "  expression  status",
        "  layer       base",
        f"  written     mappings/ecommerce/customers/zohoinventory.yaml:{_line('status: {expr')}:11",
        '  raw         "crm"',
        '  value       "crm"',
    ]
    assert outcome.err == "note: the file holds 2 records; this explains the first; an ID picks another\n"


def _line(start: str) -> int:
    file = Path(__file__).parents[2] / "mappings" / CUSTOMERS / "zohoinventory.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.strip().startswith(start))


def test_an_id_picks_the_record_and_a_dash_reads_standard_input(run: Run) -> None:
    outcome = run(*ZOHO, "2", "--record", "-", "--field", "addresses", "--format", "json", stdin=json.dumps(RECORDS))

    body = json.loads(outcome.out)
    assert (outcome.code, outcome.err) == (0, "")
    assert (body["verdict"], body["value"]) == ("not in list answer", [])


def test_a_stored_record_is_explained_with_its_list_answer(run: Run, loopback: Loopback) -> None:
    flags = account_flags(loopback, "zohoinventory")
    listed = json.loads(run("list", CUSTOMERS, *flags, "--limit", "30", "--format", "json").out)["result"]
    by_verdict = {}
    for native in listed[:8]:
        outcome = run("explain", CUSTOMERS, native["id"], *flags, "--field", "addresses[0].city", "--format", "json")
        assert (outcome.code, outcome.err) == (0, "")
        explained = json.loads(outcome.out)
        by_verdict[explained["verdict"]] = explained

    assert "not in list answer" in by_verdict
    explained = by_verdict["not in list answer"]
    assert explained["reason"] == "the get answer has it, and the list answer of the same record does not"
    assert explained["value"] == explained["raw"]


def test_missing_and_unknown_arguments_are_named_in_the_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text(json.dumps(RECORDS[0]), "utf-8")

    no_field = run(*ZOHO, "--record", "record.json")
    no_record = run(*ZOHO, "--field", "status")
    no_such_id = run(*ZOHO, "9", "--record", "record.json", "--field", "status")
    no_such_field = run(*ZOHO, "--record", "record.json", "--field", "statu")

    assert [outcome.code for outcome in (no_field, no_record, no_such_id, no_such_field)] == [3, 3, 3, 3]
    assert "--record needs --field FIELD" in no_field.err
    assert "--field needs a record: an ID, or --record FILE" in no_record.err
    assert 'record.json holds no record with the id "9"' in no_such_id.err
    assert no_such_field.err == 'UnsupportedParameter: no field "statu" (did you mean "status"?)\n'
