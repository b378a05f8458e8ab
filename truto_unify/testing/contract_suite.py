"""A contract for every (provider, resource, method) of a registry, in each edition, with overlays; for any repository.

The author of a provider needs a test module of a few lines, and sample records as files::

    from pathlib import Path
    from truto_unify import Registry
    from truto_unify.testing import ContractSuite

    class TestContract(ContractSuite):
        registry = Registry(overlay=["."])
        providers = ("acme",)
        sample_folder = Path(__file__).parent / "samples"   # acme/ecommerce/customers/list.json and get.json
        golden_folder = Path(__file__).parent / "golden"

The provider's own declarations define the server that the tests talk to: no network, no account, no sandbox.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from truto_unify.errors import ConfigError
from truto_unify.testing.contract.configuration import check_configuration, check_lint
from truto_unify.testing.contract.enums import check_enums
from truto_unify.testing.contract.error_bodies import ErrorSample, read_error_samples
from truto_unify.testing.contract.errors import check_errors
from truto_unify.testing.contract.paging import SCENARIOS, check_paging, check_single_record
from truto_unify.testing.contract.records import check_null_sweep, check_records, golden_records
from truto_unify.testing.contract.requests import check_authorization, check_no_syntax, request_table
from truto_unify.testing.contract.rules import rule_table
from truto_unify.testing.contract.verification import check_verification
from truto_unify.testing.golden import compare_golden
from truto_unify.testing.mutation.campaign import Expectations, choose_mutants, find_mutants, try_mutants, unexplained
from truto_unify.testing.plugin import is_mutating, is_updating, report
from truto_unify.testing.provider_under_test import METHODS, Method, providers_under_test
from truto_unify.testing.samples import read_samples

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from truto_unify.registry import Registry
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.testing.samples import Sample, Samples


class ContractSuite:
    """The contract as tests; a subclass whose name begins with ``Test`` names the registry and the providers.

    Attributes:
        registry: the providers and mappings.
        providers: slugs to test; None for all of the registry.
        sample_folder: native records, see ``samples.read_samples``; beside them ``errors.json``, a list of
            ``{status, body, headers, error}`` for error answers that cannot be derived from the error rules.
        golden_folder: the expected results, written by ``pytest --update-golden``.
        mutants: the number of broken copies of each mapping in a normal run; ``pytest --mutate`` tests all of them.
            ``survivors/<provider>/<model>/<resource>.json`` gives a reason for each copy that no test can notice.

    An edition of a mapping has a folder of its own below the files of its resource:
    ``<resource>/<context field>-<value>/list.json``.
    """

    registry: ClassVar[Registry]
    providers: ClassVar[Collection[str] | None] = None
    sample_folder: ClassVar[Path] = Path("samples")
    golden_folder: ClassVar[Path] = Path("golden")
    mutants: ClassVar[int] = 0

    def samples(self, under_test: ProviderUnderTest) -> Samples:
        """Native records by method; override it to take them from another source."""
        return read_samples(under_test, self.sample_folder)

    def error_samples(self, under_test: ProviderUnderTest) -> list[ErrorSample]:
        """Error answers of the provider, from ``errors.json`` beside its samples."""
        return read_error_samples(self.sample_folder, under_test.slug)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each (provider, resource) of the registry in each edition, or for each of its methods."""
        if "under_test" not in metafunc.fixturenames:
            return
        pairs = providers_under_test(self.registry, self.providers)
        if "method" in metafunc.fixturenames:
            calls = [(under_test, method) for under_test in pairs for method in _methods(under_test)]
            ids = [f"{under_test.slug}-{under_test.folder_name}-{method}" for under_test, method in calls]
            metafunc.parametrize(("under_test", "method"), calls, ids=ids)
        else:
            ids = [f"{under_test.slug}-{under_test.folder_name}" for under_test in pairs]
            metafunc.parametrize("under_test", pairs, ids=ids)

    def sample_list(self, under_test: ProviderUnderTest, method: Method) -> Sequence[Sample]:
        """The samples of a method."""
        return self.samples(under_test).get(method, [])

    def test_files_pass_lint(self) -> None:
        """Every provider and mapping file passes lint, and every provider has a mapping."""
        report(check_lint(self.registry, self.providers))

    def test_configuration_is_complete(self, under_test: ProviderUnderTest) -> None:
        """Fields, methods, documentation and account fields are complete."""
        report(check_configuration(under_test))

    def test_every_authentication_scheme_works(self, under_test: ProviderUnderTest) -> None:
        """Requests carry the credentials as declared."""
        report(check_authorization(under_test) if "list" in under_test.methods else [])

    def test_an_account_is_verified(self, under_test: ProviderUnderTest) -> None:
        """One cheap read proves an account, and finds out refused credentials."""
        report(check_verification(under_test))

    def test_native_requests(self, under_test: ProviderUnderTest, request: pytest.FixtureRequest) -> None:
        """The exact request of each method, filter, operator and sort equals its golden file."""
        samples = self.sample_list(under_test, "get")
        file = self.golden_folder / "requests" / under_test.slug / f"{under_test.folder_name}.json"
        _compare(under_test, "requests", file, request_table(under_test, samples), request.config)

    def test_no_value_is_read_as_syntax(self, under_test: ProviderUnderTest) -> None:
        """A caller's value cannot become part of a native query language."""
        report(check_no_syntax(under_test))

    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_paging(self, under_test: ProviderUnderTest, scenario: str) -> None:
        """A list gives every record in each way that it can end, and an error in each way that it can break."""
        report(
            check_paging(under_test, scenario, self.sample_list(under_test, "list"))
            if "list" in under_test.methods
            else []
        )

    def test_single_record(self, under_test: ProviderUnderTest) -> None:
        """A get call gives the record, or an error if there is no record."""
        report(
            check_single_record(under_test, self.sample_list(under_test, "get")) if "get" in under_test.methods else []
        )

    def test_error_answers(self, under_test: ProviderUnderTest, method: Method) -> None:
        """Every status and every declared error rule gives its error."""
        report(check_errors(under_test, method, self.sample_list(under_test, method), self.error_samples(under_test)))

    def test_records_are_clean(self, under_test: ProviderUnderTest, method: Method) -> None:
        """Every sample gives a complete unified record."""
        report(check_records(under_test, method, self.sample_list(under_test, method)))

    def test_null_sweep(self, under_test: ProviderUnderTest) -> None:
        """Every sample with every possible hole gives a clean record."""
        samples = self.samples(under_test)
        report(check_null_sweep(under_test, {method: samples.get(method, []) for method in under_test.methods}))

    def test_enums_are_reached(self, under_test: ProviderUnderTest) -> None:
        """Every value of every enum gives its unified value."""
        samples = self.samples(under_test)
        report(check_enums(under_test, [sample for method in under_test.methods for sample in samples.get(method, [])]))

    def test_golden_records(
        self, under_test: ProviderUnderTest, method: Method, request: pytest.FixtureRequest
    ) -> None:
        """The unified records of the samples equal a golden file."""
        samples = self.sample_list(under_test, method)
        file = self.golden_folder / "records" / under_test.slug / under_test.folder_name / f"{method}.json"
        _compare(under_test, f"{method} records", file, golden_records(under_test, samples), request.config)

    def test_golden_rules(self, under_test: ProviderUnderTest, request: pytest.FixtureRequest) -> None:
        """Conditions, times, enums, filter values and side loads on awkward input equal a golden file."""
        file = self.golden_folder / "rules" / under_test.slug / f"{under_test.folder_name}.json"
        _compare(under_test, "rules", file, rule_table(under_test, self.samples(under_test)), request.config)

    def test_broken_mappings_are_noticed(self, under_test: ProviderUnderTest, request: pytest.FixtureRequest) -> None:
        """Some test fails for a mapping with a broken line; with ``--mutate``, for each line and each break."""
        mutants = find_mutants(under_test)
        chosen = mutants if is_mutating(request.config) else choose_mutants(mutants, self.mutants)
        expected = Expectations(self.samples(under_test), self.golden_folder, self.error_samples(under_test))
        reasons = read_survivors(self.golden_folder, under_test)
        report(unexplained(try_mutants(under_test, expected, chosen), reasons))


def read_survivors(golden_folder: Path, under_test: ProviderUnderTest) -> dict[str, str]:
    """The reasons why mutants that no test notices break nothing, by mutant."""
    file = golden_folder / "survivors" / under_test.slug / f"{under_test.folder_name}.json"
    reasons: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return reasons


def _methods(under_test: ProviderUnderTest) -> tuple[Method, ...]:
    try:
        return under_test.methods
    except ConfigError:
        return METHODS  # each test then reports the fault of the file


def _compare(under_test: ProviderUnderTest, what: str, file: Path, value: Any, config: pytest.Config) -> None:
    difference = compare_golden(file, value, update=is_updating(config))
    report([under_test.problem(what, difference)] if difference else [])
