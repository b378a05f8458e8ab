"""In an author's repository, the mutation check breaks the mapping line by line and reports what no test notices."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.contract.test_outside_author import run_pytest, write_repository

if TYPE_CHECKING:
    from pathlib import Path


def test_a_line_that_no_sample_needs_is_named_and_a_reason_settles_it(tmp_path: Path) -> None:
    write_repository(tmp_path)
    mapping = tmp_path / "mappings" / "ecommerce" / "customers" / "acme.yaml"
    text = mapping.read_text().replace("company_name: company", "company_name: company || firm")
    # Without the query there is less to break.
    mapping.write_text(text[: text.index("  search:")] + text[text.index("get: people.get") :])
    run_pytest(tmp_path, "--update-golden", "-k", "golden or requests")

    without, usual = run_pytest(tmp_path, "-k", "broken")
    code, output = run_pytest(tmp_path, "--mutate", "-k", "broken")
    name = "response_mapping.company_name: firm -> firmx"
    line = mapping.read_text()[: mapping.read_text().index("company_name:")].count("\n") + 1
    reasons = tmp_path / "golden" / "survivors" / "acme" / "ecommerce"
    reasons.mkdir(parents=True)
    (reasons / "customers.json").write_text(json.dumps({name: "old accounts have it, and none could be made"}))
    settled, after = run_pytest(tmp_path, "--mutate", "-k", "broken")

    assert (without, "deselected" in usual) == (5, True)  # pytest's code for no test at all
    assert code == 1
    assert f"acme.yaml:{line}: {name}: no test notices; add a sample that shows it" in output
    assert {word.strip("['\"") for word in output.split() if "acme.yaml:" in word} == {f"{mapping}:{line}:"}
    assert settled == 0, after
