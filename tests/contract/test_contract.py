"""The contract over every provider that ships: on records of its pretend store, if it has one, and on its samples."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tests.golden_file import FOLDER
from tests.sandbox.in_process import InProcess
from tests.shipped import REGISTRY
from tests.unhurried import unhurried_budgets
from truto_unify import Account, Client, Registry, Settings
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.sandbox.serve import STORES, create_sandbox
from truto_unify.testing import ContractSuite, fetch_samples, read_samples
from truto_unify.transport import Transport

if TYPE_CHECKING:
    from truto_unify.testing import ProviderUnderTest, Samples

SAMPLES_EACH = 8
SAMPLES = Path(__file__).parent / "samples"


@cache
def sandbox_samples(under_test: ProviderUnderTest) -> Samples:
    """The records of the pretend store that differ most from each other; empty if there is no pretend store."""
    if under_test.slug not in STORES:
        return {}
    sandbox = create_sandbox([under_test.slug])
    account = Account(**sandbox.account_arguments(under_test.slug, "https://store.example.test", under_test.edition))
    server, tokens = InProcess(sandbox.app), MemoryTokenStore()
    budgets = unhurried_budgets()
    with (
        Client(REGISTRY, transport=server, settings=Settings(budgets=budgets)) as client,
        Transport(transport=server, tokens=tokens, budgets=budgets) as transport,
    ):
        return fetch_samples(under_test, account, client, transport, max_count=SAMPLES_EACH)


def with_shapes(under_test: ProviderUnderTest, samples: Samples) -> Samples:
    """These samples and those of the sample folder."""
    further = read_samples(under_test, SAMPLES)
    return {method: [*samples.get(method, []), *further.get(method, [])] for method in under_test.methods}


@cache
def all_samples(under_test: ProviderUnderTest) -> Samples:
    """Records of the pretend store, and invented ones in the shapes that it does not have."""
    return with_shapes(under_test, sandbox_samples(under_test))


class TestContract(ContractSuite):
    registry: ClassVar[Registry] = REGISTRY
    golden_folder: ClassVar[Path] = FOLDER
    sample_folder: ClassVar[Path] = SAMPLES
    mutants: ClassVar[int] = 2

    def samples(self, under_test: ProviderUnderTest) -> Samples:
        """Records of the pretend store, and invented ones in the shapes that it does not have."""
        return all_samples(under_test)


def test_every_provider_of_the_registry_has_records_to_be_tried_on() -> None:
    with_samples = {folder.name for folder in SAMPLES.iterdir() if any(folder.rglob("*.json"))}

    assert set(REGISTRY.providers) == {slug for _, slug in REGISTRY.mappings} <= {*STORES, *with_samples}
