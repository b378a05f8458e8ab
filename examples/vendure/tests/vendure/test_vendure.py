"""The contract that every provider must pass, and every cassette played again.

Run pytest --update-golden when a change was meant.
"""

from __future__ import annotations

from pathlib import Path

from truto_unify import Registry
from truto_unify.testing import CassetteSuite, ContractSuite

HERE = Path(__file__).parent
REGISTRY = Registry(overlay=[HERE.parents[1]])


class TestContract(ContractSuite):
    registry = REGISTRY
    providers = ("vendure",)
    sample_folder = HERE / "samples"
    golden_folder = HERE / "golden"


class TestCassettes(CassetteSuite):
    registry = REGISTRY
    cassette_folder = HERE / "cassettes"
    golden_folder = HERE / "golden"
