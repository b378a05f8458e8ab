from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.contract.test_outside_author import run_pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "medusa"
MODULE = """
from pathlib import Path

from truto_unify import Registry
from truto_unify.testing import CassetteSuite

HERE = Path(__file__).parent


class TestCassettes(CassetteSuite):
    registry = Registry(overlay=[HERE])
    cassette_folder = HERE / "cassettes"
    golden_folder = HERE / "golden"
"""


def write_repository(folder: Path, *cassettes: str) -> Path:
    """An author's folder with some of the example's cassettes, and no test but the suite."""
    for name in ("providers", "mappings"):
        shutil.copytree(EXAMPLE / name, folder / name)
    for name in cassettes:
        for ending in (".yaml", ".about.json"):
            target = folder / "cassettes" / f"{name}{ending}"
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(EXAMPLE / "tests/medusa/cassettes" / f"{name}{ending}", target)
    (folder / "test_cassettes.py").write_text(MODULE)
    (folder / "conftest.py").write_text('pytest_plugins = ["truto_unify.testing.plugin"]\n')
    return folder


def test_a_folder_without_cassettes_is_no_failure(tmp_path: Path) -> None:
    code, report = run_pytest(write_repository(tmp_path))

    assert (code, "1 passed, 1 skipped" in report) == (0, True), report


def test_a_changed_result_of_a_call_fails_its_golden_test(tmp_path: Path) -> None:
    folder = write_repository(tmp_path, "get", "not-found")

    first = run_pytest(folder)
    written = run_pytest(folder, "--update-golden")
    again = run_pytest(folder)
    mapping = folder / "mappings/ecommerce/customers/medusa.yaml"
    mapping.write_text(mapping.read_text().replace("company_name: company_name", "company_name: last_name"))
    changed = run_pytest(folder)

    golden = {file.stem: json.loads(file.read_text()) for file in (folder / "golden/cassettes").glob("*.json")}
    assert [code for code, _ in (first, written, again, changed)] == [1, 0, 0, 1]
    assert "the file does not exist; run pytest --update-golden" in first[1]
    assert golden["not-found"] == {
        "error": "NotFoundError",
        "status_code": 404,
        "code": "not_found",
        "message": "medusa GET /customers/cus_0: Customer with id: cus_0 not found (HTTP 404)",
    }
    assert [set(customer) >= {"id", "emails"} and "remote_data" not in customer for customer in golden["get"]] == [True]
    assert f"[0].company_name was {golden['get'][0]['company_name']!r} and is " in changed[1]
    assert "1 failed, 2 passed" in changed[1]


def test_an_error_that_no_longer_comes_and_another_error_are_reported(tmp_path: Path) -> None:
    folder = write_repository(tmp_path, "get", "not-found")
    for name, error in (("get", "NotFoundError"), ("not-found", "ConflictError")):
        file = folder / "cassettes" / f"{name}.about.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "error": error}))

    code, report = run_pytest(folder, "--update-golden")

    assert code == 1
    assert "the cassette has the error NotFoundError, and the call succeeds" in report
    assert "NotFoundError: medusa GET /customers/cus_0" in report
    assert not (folder / "golden").exists()


def test_a_cassette_that_holds_a_person_is_reported(tmp_path: Path) -> None:
    folder = write_repository(tmp_path, "get")
    cassette = folder / "cassettes" / "get.yaml"
    cassette.write_text(cassette.read_text().replace("@example.test", "@shop.com"))

    code, report = run_pytest(folder, "--update-golden")

    assert (code, report.count("shop.com"), "an e-mail" in report) == (1, 0, True), report


def test_a_cassette_without_a_call_is_left_to_its_own_tests(tmp_path: Path) -> None:
    folder = write_repository(tmp_path, "get")
    file = folder / "cassettes" / "get.about.json"
    about = json.loads(file.read_text())
    file.write_text(json.dumps({name: value for name, value in about.items() if name not in {"call", "account"}}))

    code, report = run_pytest(folder)

    assert (code, "1 passed, 1 skipped" in report) == (0, True), report


def test_a_cassette_that_no_longer_fits_is_reported_in_one_line(tmp_path: Path) -> None:
    folder = write_repository(tmp_path, "list")
    run_pytest(folder, "--update-golden")
    cassette = folder / "cassettes" / "list.yaml"
    cassette.write_text(cassette.read_text().replace("limit=10&", "limit=15&"))

    code, report = run_pytest(folder)

    assert code == 1
    assert "list: now sends limit=10, recorded limit=15; record it again" in report
    assert ("Traceback" in report, "CannotOverwrite" in report) == (False, False)


def test_a_cassette_whose_answers_do_not_match_the_request_is_reported(tmp_path: Path) -> None:
    folder = write_repository(tmp_path, "created-newest-first")
    file = folder / "cassettes" / "created-newest-first.yaml"
    file.write_text(
        file.read_text().replace('"created_at": "2026-11-24T13:04:33.648Z"', '"created_at": "2026-11-24T13:04:31.300Z"')
    )

    code, report = run_pytest(folder, "--update-golden")

    assert code == 1
    # The engine sees that the store ignores the sort, and reads on to sort the list itself.
    assert "created-newest-first: now sends a request more, GET /admin/customers; record it again" in report
