"""An author in a repository of his own runs the contract on his provider: a test module, samples, golden files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.contract.acme import write_acme
from tests.examples.outside import run

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
from pathlib import Path

from truto_unify import Registry
from truto_unify.testing import ContractSuite

HERE = Path(__file__).parent


class TestContract(ContractSuite):
    registry = Registry(overlay=[HERE])
    providers = ("acme",)
    sample_folder = HERE / "samples"
    golden_folder = HERE / "golden"
"""


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    return run(folder, "pytest", "-q", *arguments)


def write_repository(folder: Path) -> None:
    write_acme(folder)
    (folder / "test_contract.py").write_text(MODULE)
    (folder / "conftest.py").write_text('pytest_plugins = ["truto_unify.testing.plugin"]\n')
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")


def test_the_contract_passes_in_a_repository_of_its_own_and_says_what_later_changes(tmp_path: Path) -> None:
    write_repository(tmp_path)

    before, output = run_pytest(tmp_path, "-k", "golden or requests")
    written, report = run_pytest(tmp_path, "--update-golden")
    requests = json.loads((tmp_path / "golden" / "requests" / "acme" / "ecommerce" / "customers.json").read_text())
    (tmp_path / "mappings" / "ecommerce" / "customers" / "acme.yaml").write_text(
        (tmp_path / "mappings" / "ecommerce" / "customers" / "acme.yaml")
        .read_text()
        .replace('desc: "-"}', 'desc: "newest first by "}')
        .replace("company_name: company", "company_name: last")
    )
    after, changed = run_pytest(tmp_path, "-k", "golden or requests")

    assert before == 1
    assert "acme ecommerce/customers: requests: " in output
    assert "the file does not exist; run pytest --update-golden" in output
    assert (written, "failed" in report) == (0, False), report
    assert requests["headers"]["authorization"] == "Bearer [redacted]"
    assert requests["requests"]["name[eq]"]["body"] == {"search": 'name:"Zoë O\'Neil-Ruiz"', "page": {"size": 40}}
    assert after == 1
    assert "requests.sort_by[updated_at]=desc.body.order was '-updated' and is 'newest first by updated'" in changed
    assert "[0].company_name was 'Ruiz y Cía' and is 'Ruiz'" in changed
    assert changed.count("FAILED") == 3
