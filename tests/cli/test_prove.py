"""The command ``prove`` as its user sees it, on a sandbox store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest  # noqa: TC002 - of a signature

from tests.cli.conftest import account_flags

if TYPE_CHECKING:
    from tests.cli.conftest import Run
    from tests.loopback import Loopback

CUSTOMERS = "ecommerce/customers"


def flags(loopback: Loopback, slug: str) -> list[str]:
    return account_flags(loopback, slug)


def test_each_claim_is_a_line_of_80_columns(run: Run, loopback: Loopback) -> None:
    outcome = run("prove", CUSTOMERS, *flags(loopback, "woocommerce"))

    lines = outcome.out.splitlines()
    assert (outcome.code, {line[:8].strip() for line in lines}) == (0, {"ok"})
    assert lines[0].startswith("ok       pages                     ")
    assert lines[0].endswith("; total agrees")
    assert [line[9:34].strip() for line in lines[1:]] == [
        "get",
        "emails[][email]",
        "sort_by[created_at]=asc",
        "sort_by[created_at]=desc",
        "side load orders",
    ]
    assert max(map(len, lines)) <= 80
    assert outcome.err.startswith(f"{CUSTOMERS}: 6 ok, 0 differs, 0 untried; ")


def test_the_results_are_written_for_the_evidence(run: Run, loopback: Loopback) -> None:
    Path("mine").mkdir()

    run("prove", *flags(loopback, "woocommerce"), "--into", "mine")
    proof = json.loads(Path("mine/tests/woocommerce/proved.json").read_text())[CUSTOMERS]

    assert (proof["level"], {*proof["claims"].values()}) == ("synthetic", {"ok"})
    assert "emails[][email]" in proof["claims"]


def test_the_sandbox_is_never_real_software(run: Run, loopback: Loopback) -> None:
    Path("mine").mkdir()
    call = ("prove", *flags(loopback, "woocommerce"), "--into", "mine", "--provenance", "recorded")

    outcome = run(*call)

    assert (outcome.code, "synthetic and never recorded" in outcome.err) == (3, True)
    assert not Path("mine/tests").exists()


def test_a_difference_ends_with_1(run: Run, loopback: Loopback, tmp_path: Path) -> None:
    file = tmp_path / "overlay" / "mappings" / CUSTOMERS / "woocommerce.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("list:\n  filters:\n    first_name: {eq: first, match: exact}\n")

    outcome = run("prove", CUSTOMERS, *flags(loopback, "woocommerce"), "--overlay", str(tmp_path / "overlay"))

    (line,) = [line for line in outcome.out.splitlines() if line.startswith("DIFFERS")]
    assert (outcome.code, line[9:34].strip()) == (1, "first_name")


def test_json_holds_every_claim_with_the_requests(run: Run, loopback: Loopback) -> None:
    outcome = run("prove", CUSTOMERS, *flags(loopback, "woocommerce"), "--budget", "10", "--format", "json")

    result = json.loads(outcome.out)
    (resource,) = result["resources"].values()
    assert (outcome.code, result["provider"], resource["requests"]) == (0, "woocommerce", 10)
    assert sum(resource["counts"].values()) == len(resource["claims"])
    assert resource["claims"][-1] == {
        "claim": "side load orders",
        "verdict": "untried",
        "text": "the budget of 10 requests is used up",
    }


def test_a_terminal_shows_a_progress_line_and_loses_no_result(
    run: Run, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = run("prove", *flags(loopback, "woocommerce"))
    monkeypatch.setenv("FORCE_COLOR", "1")

    outcome = run("prove", *flags(loopback, "woocommerce"))

    assert outcome.out == piped.out
    assert "of 200 requests" in outcome.err.partition(CUSTOMERS)[0]


def test_the_help_names_the_results_and_the_exit_code(run: Run) -> None:
    outcome = run("prove", "--help")

    text = " ".join(outcome.out.split())
    assert "Each line shows a claim of the mapping and the result: ok, DIFFERS or untried" in text
    assert "The exit code is 1 if anything differs" in text
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_the_connection_trusts_the_certificates_of_the_option(run: Run, loopback: Loopback) -> None:
    outcome = run("prove", *flags(loopback, "woocommerce"), "--ca-bundle", "absent.pem")

    assert (outcome.code, outcome.out) == (3, "")
    assert "the certificates in absent.pem cannot be read" in outcome.err


def test_a_provider_must_be_named(run: Run) -> None:
    assert "name the provider: --provider SLUG, or --account NAME" in run("prove", CUSTOMERS).err


def test_an_unknown_provider_is_named(run: Run) -> None:
    assert run("prove", "--provider", "acme").err.startswith('UnknownProvider: no mapping of "acme" is installed')
