"""The command ``prove`` as its user sees it, on a pretend store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.conftest import account_flags

if TYPE_CHECKING:
    from tests.cli.conftest import Run
    from tests.loopback import Loopback

CUSTOMERS = "ecommerce/customers"


def flags(loopback: Loopback, slug: str) -> list[str]:
    return account_flags(loopback, slug)[2:]


def test_each_claim_is_a_line_of_80_columns(run: Run, loopback: Loopback) -> None:
    done = run("prove", "woocommerce", CUSTOMERS, *flags(loopback, "woocommerce"))

    lines = done.out.splitlines()
    assert (done.code, {line[:8].strip() for line in lines}) == (0, {"ok"})
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
    assert done.err.startswith(f"{CUSTOMERS}: 6 ok, 0 differs, 0 untried; ")


def test_the_findings_are_written_for_the_evidence(run: Run, loopback: Loopback) -> None:
    Path("mine").mkdir()

    run("prove", "woocommerce", *flags(loopback, "woocommerce"), "--into", "mine")
    proof = json.loads(Path("mine/tests/woocommerce/proved.json").read_text())[CUSTOMERS]

    assert (proof["level"], {*proof["claims"].values()}) == ("synthetic", {"ok"})
    assert "emails[][email]" in proof["claims"]


def test_the_sandbox_is_never_real_software(run: Run, loopback: Loopback) -> None:
    Path("mine").mkdir()
    call = ("prove", "woocommerce", *flags(loopback, "woocommerce"), "--into", "mine", "--provenance", "recorded")

    done = run(*call)

    assert (done.code, "synthetic and never recorded" in done.err) == (3, True)
    assert not Path("mine/tests").exists()


def test_a_difference_ends_with_1(run: Run, loopback: Loopback, tmp_path: Path) -> None:
    file = tmp_path / "overlay" / "mappings" / CUSTOMERS / "woocommerce.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("list:\n  filters:\n    first_name: {eq: first, match: exact}\n")

    done = run("prove", "woocommerce", *flags(loopback, "woocommerce"), "--overlay", str(tmp_path / "overlay"))

    (line,) = [line for line in done.out.splitlines() if line.startswith("DIFFERS")]
    assert (done.code, line[9:34].strip()) == (1, "first_name")


def test_an_unknown_provider_is_named(run: Run) -> None:
    assert run("prove", "acme").err.startswith('UnknownProvider: no mapping of "acme" is installed')
