"""One contract for every (provider, resource, method) of a registry, overlays included; for any author's repository.

A provider's author needs a test module of a few lines, and sample records as files::

    from pathlib import Path
    from truto_unify import Registry
    from truto_unify.testing import ContractSuite

    class TestContract(ContractSuite):
        registry = Registry(overlay=["."])
        providers = ("acme",)
        sample_folder = Path(__file__).parent / "samples"   # acme/ecommerce/customers/list.json and get.json
        golden_folder = Path(__file__).parent / "golden"

The server that the tests talk to is built from the provider's own declarations: no network, no account, no sandbox.
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
from truto_unify.testing.golden import compare_golden
from truto_unify.testing.mutation.campaign import Evidence, choose_mutants, find_mutants, try_mutants, unexplained
from truto_unify.testing.plugin import is_mutating, is_updating, report
from truto_unify.testing.provider_under_test import METHODS, Method, Subject
from truto_unify.testing.samples import read_samples

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from truto_unify.registry import Registry
    from truto_unify.testing.samples import Sample, Samples


class ContractSuite:
    """The tests; a subclass whose name begins with ``Test`` says what they are about.

    Attributes:
        registry: providers and mappings.
        providers: slugs that are tried; all of the registry when None.
        sample_folder: native records, see ``samples.read_samples``; beside them ``errors.json``, a list of
            ``{status, body, headers, error}`` for refusals that cannot be made up from the error rules.
        golden_folder: what is expected, written by ``pytest --update-golden``.
        mutants: how many broken copies of each mapping every run tries; ``pytest --mutate`` tries all. Those that
            no test may notice stand with the reason in ``survivors/<provider>/<model>/<resource>.json`` there.
    """

    registry: ClassVar[Registry]
    providers: ClassVar[Collection[str] | None] = None
    sample_folder: ClassVar[Path] = Path("samples")
    golden_folder: ClassVar[Path] = Path("golden")
    mutants: ClassVar[int] = 0

    def samples(self, subject: Subject) -> Samples:
        """Native records by method; an author may override it, to take them from somewhere else."""
        return read_samples(subject, self.sample_folder)

    def error_samples(self, subject: Subject) -> list[ErrorSample]:
        """Refusals of the provider, from ``errors.json`` beside its samples."""
        return read_error_samples(self.sample_folder, subject.slug)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each (provider, resource) of the registry, or for each method of it."""
        if "subject" not in metafunc.fixturenames:
            return
        chosen = self.registry.providers if self.providers is None else self.providers
        subjects = [Subject(self.registry, slug, name) for name, slug in self.registry.mappings if slug in chosen]
        if "method" in metafunc.fixturenames:
            pairs = [(one, method) for one in subjects for method in _methods(one)]
            metafunc.parametrize(
                ("subject", "method"), pairs, ids=[f"{one.slug}-{one.resource}-{method}" for one, method in pairs]
            )
        else:
            metafunc.parametrize("subject", subjects, ids=[f"{one.slug}-{one.resource}" for one in subjects])

    def sample_list(self, subject: Subject, method: Method) -> Sequence[Sample]:
        """The samples of one method."""
        return self.samples(subject).get(method, [])

    def test_files_are_without_fault(self) -> None:
        """Every provider and mapping file passes lint, and no provider is without a mapping."""
        report(check_lint(self.registry, self.providers))

    def test_configuration_is_complete(self, subject: Subject) -> None:
        """Fields, methods, documentation and account fields."""
        report(check_configuration(subject))

    def test_every_way_in_works(self, subject: Subject) -> None:
        """Authorization, as declared."""
        report(check_authorization(subject) if "list" in subject.methods else [])

    def test_native_requests(self, subject: Subject, request: pytest.FixtureRequest) -> None:
        """The exact request of each method, filter, operator and sort, against a golden file."""
        samples = self.sample_list(subject, "get")
        file = self.golden_folder / "requests" / subject.slug / f"{subject.resource}.json"
        _compare(subject, "requests", file, request_table(subject, samples), request.config)

    def test_no_value_is_read_as_syntax(self, subject: Subject) -> None:
        """What a caller asks for cannot become part of a native query language."""
        report(check_no_syntax(subject))

    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_paging(self, subject: Subject, scenario: str) -> None:
        """Every way in which a list may end, or break."""
        report(check_paging(subject, scenario, self.sample_list(subject, "list")) if "list" in subject.methods else [])

    def test_single_record(self, subject: Subject) -> None:
        """What get gives, and what it refuses."""
        report(check_single_record(subject, self.sample_list(subject, "get")) if "get" in subject.methods else [])

    def test_refusals(self, subject: Subject, method: Method) -> None:
        """Every status and every declared error rule."""
        report(check_errors(subject, method, self.sample_list(subject, method), self.error_samples(subject)))

    def test_records_are_clean(self, subject: Subject, method: Method) -> None:
        """Every sample as a whole unified record."""
        report(check_records(subject, method, self.sample_list(subject, method)))

    def test_null_sweep(self, subject: Subject, method: Method) -> None:
        """Every sample with every possible hole."""
        report(check_null_sweep(subject, method, self.sample_list(subject, method)))

    def test_enums_are_reached(self, subject: Subject) -> None:
        """Every row of every enum."""
        samples = self.samples(subject)
        report(check_enums(subject, [one for method in subject.methods for one in samples.get(method, [])]))

    def test_golden_records(self, subject: Subject, method: Method, request: pytest.FixtureRequest) -> None:
        """Every sample against a golden file."""
        samples = self.sample_list(subject, method)
        file = self.golden_folder / "records" / subject.slug / subject.resource / f"{method}.json"
        _compare(subject, f"{method} records", file, golden_records(subject, samples), request.config)

    def test_golden_rules(self, subject: Subject, request: pytest.FixtureRequest) -> None:
        """Conditions, times, enums, filter values and side loads on awkward material, against a golden file."""
        file = self.golden_folder / "rules" / subject.slug / f"{subject.resource}.json"
        _compare(subject, "rules", file, rule_table(subject, self.samples(subject)), request.config)

    def test_broken_mappings_are_noticed(self, subject: Subject, request: pytest.FixtureRequest) -> None:
        """The mapping with one line broken fails some test; with ``--mutate`` each line in every way."""
        found = find_mutants(subject)
        chosen = found if is_mutating(request.config) else choose_mutants(found, self.mutants)
        evidence = Evidence(self.samples(subject), self.golden_folder, self.error_samples(subject))
        reasons = read_survivors(self.golden_folder, subject)
        report(unexplained(try_mutants(subject, evidence, chosen), reasons))


def read_survivors(golden_folder: Path, subject: Subject) -> dict[str, str]:
    """Why each mutant that no test notices breaks nothing, by its name."""
    file = golden_folder / "survivors" / subject.slug / f"{subject.resource}.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found


def _methods(subject: Subject) -> tuple[Method, ...]:
    try:
        return subject.methods
    except ConfigError:
        return METHODS  # each test then fails with what is wrong


def _compare(subject: Subject, what: str, file: Path, value: Any, config: pytest.Config) -> None:
    difference = compare_golden(file, value, update=is_updating(config))
    report([subject.problem(what, difference)] if difference else [])
