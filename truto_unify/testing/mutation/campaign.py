"""Breaks a mapping or a provider file line by line, and reports which breaks the contract and its golden files miss.

It writes nothing and starts no test process: each mutant overlays the registry, and the checks of the contract run on
it in this process, the quick checks first, until a check fails.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from truto_unify.errors import ConfigError
from truto_unify.testing.contract.configuration import check_configuration
from truto_unify.testing.contract.enums import check_enums
from truto_unify.testing.contract.errors import check_errors
from truto_unify.testing.contract.paging import SCENARIOS, check_paging, check_single_record
from truto_unify.testing.contract.records import check_null_sweep, check_records, golden_records
from truto_unify.testing.contract.requests import check_authorization, check_no_syntax, request_table
from truto_unify.testing.contract.rules import rule_table
from truto_unify.testing.golden import golden_text
from truto_unify.testing.mutation.mutants import Mutant, mutants_of, put_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from truto_unify.testing.contract.error_bodies import ErrorSample
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.testing.samples import Samples

File = Literal["mapping", "provider"]
Check = tuple[str, "Callable[[ProviderUnderTest], bool]"]
"""The name of a check, and a function that says whether a provider passes it."""
REFUSED = "loading"
_EDITIONS = "editions"


@dataclass(frozen=True)
class Expectations:
    """The samples and golden files that a mutant must disagree with.

    Attributes:
        samples: native records by method.
        golden_folder: the golden files of the contract suite.
        error_samples: error answers of the provider.
    """

    samples: Samples
    golden_folder: Path
    error_samples: Sequence[ErrorSample] = ()


@dataclass
class MutationReport:
    """The outcome for each mutant.

    Attributes:
        refused: mutants that the loader refuses; they do not count.
        caught: the check that fails, by mutant.
        survivors: mutants that pass every check.
    """

    refused: list[Mutant] = field(default_factory=list)
    caught: dict[str, str] = field(default_factory=dict)
    survivors: list[Mutant] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """The number of mutants that the loader accepts."""
        return len(self.caught) + len(self.survivors)

    @property
    def rate(self) -> float:
        """The share of accepted mutants that a check catches."""
        return len(self.caught) / self.tried if self.tried else 1.0


def find_mutants(under_test: ProviderUnderTest, file: File = "mapping") -> list[Mutant]:
    """Every mutant of the provider's mapping, of the layer of an edition, or of its provider file."""
    if file == "provider":
        return list(mutants_of(under_test.provider.node))
    resources = under_test.provider.config.resources
    endpoints = tuple(f"{name}.{method}" for name, methods in resources.items() for method in methods)
    root = under_test.registry.mapping(under_test.resource, under_test.slug).node
    layer: tuple[str, ...] = () if under_test.edition is None else (_EDITIONS, *under_test.edition)
    mutants = mutants_of(root.at(layer), endpoints)
    # The editions of a file are tried one by one.
    own = [mutant for mutant in mutants if layer or not mutant.name.startswith((f"{_EDITIONS}.", f"{_EDITIONS}:"))]
    return [replace(mutant, node=put_node(root, layer, mutant.node)) for mutant in own]


def try_mutants(
    under_test: ProviderUnderTest, expected: Expectations, mutants: Sequence[Mutant], file: File = "mapping"
) -> MutationReport:
    """Runs the checks of the contract on each of these mutants.

    Args:
        under_test: the provider without a break.
        expected: its samples and golden files.
        mutants: mutants from ``find_mutants``, all or some.
        file: the file that the mutants break.
    """
    report = MutationReport()
    checks = list(_checks(under_test, expected))
    name = (
        f"mappings/{under_test.resource}/{under_test.slug}.yaml"
        if file == "mapping"
        else f"providers/{under_test.slug}.yaml"
    )
    for mutant in mutants:
        registry = under_test.registry.with_file(name, mutant.node)
        caught = _first_failure(replace(under_test, registry=registry), checks)
        if caught == REFUSED:
            report.refused.append(mutant)
        elif caught is None:
            report.survivors.append(mutant)
        else:
            report.caught[mutant.name] = caught
    return report


def choose_mutants(mutants: Sequence[Mutant], max_count: int) -> list[Mutant]:
    """At most this number of mutants, spread over the file; always the same mutants.

    >>> choose_mutants([], 5)
    []
    """
    step = max(len(mutants) / max_count, 1.0) if max_count else 1.0
    return [mutants[int(index * step)] for index in range(min(max_count, len(mutants)))]


def _first_failure(under_test: ProviderUnderTest, checks: Sequence[Check]) -> str | None:
    """The name of the first check that the mutant fails; None if it passes all."""
    try:
        under_test.mapper  # noqa: B018 - loads both files
    except ConfigError:
        return REFUSED
    for name, passes in checks:
        try:
            if not passes(under_test):
                return name
        except Exception:  # noqa: BLE001 - an error means that the check notices the break
            return name
    return None


def _checks(original: ProviderUnderTest, expected: Expectations) -> Iterator[Check]:
    """The checks of the contract suite, the quickest and the most sensitive first."""
    samples, folder = expected.samples, expected.golden_folder
    folder_name = f"{original.slug}/{original.folder_name}"
    for method, group in samples.items():
        yield _golden(
            f"golden {method} records", folder / f"records/{folder_name}/{method}.json", golden_records, group
        )
    yield _golden("golden rules", folder / f"rules/{folder_name}.json", rule_table, samples)
    yield _golden("golden requests", folder / f"requests/{folder_name}.json", request_table, samples.get("get", []))
    yield _problems("enums", check_enums, [sample for group in samples.values() for sample in group])
    yield _problems("configuration", check_configuration)
    yield _problems("no syntax", check_no_syntax)
    if "list" in original.methods:
        yield _problems("authorization", check_authorization)
        for scenario in SCENARIOS:
            yield _problems(f"paging: {scenario}", check_paging, scenario, samples.get("list", []))
    if "get" in original.methods:
        yield _problems("single record", check_single_record, samples.get("get", []))
    for method, group in samples.items():
        yield _problems(f"{method} records", _of_method, check_records, method, group)
        yield _problems(f"{method} refusals", _of_method, check_errors, method, group, expected.error_samples)
    yield _problems("null sweep", check_null_sweep, samples)


def _of_method(under_test: ProviderUnderTest, check: Callable[..., list[str]], *arguments: Any) -> list[str]:
    return check(under_test, *arguments)


def _problems(name: str, check: Callable[..., list[str]], *arguments: Any) -> Check:
    return name, lambda under_test: not check(under_test, *arguments)


def _golden(name: str, file: Path, make: Callable[..., Any], samples: Any) -> Check:
    """A comparison with a golden file, which is read once."""
    expected = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
    return name, partial(_is_as_expected, expected, make, samples)


def _is_as_expected(expected: Any, make: Callable[..., Any], samples: Any, under_test: ProviderUnderTest) -> bool:
    return expected is None or bool(json.loads(golden_text(make(under_test, samples))) == expected)


def unexplained(report: MutationReport, reasons: Mapping[str, str]) -> list[str]:
    """The faults of a list of survivors: survivors without a reason, and reasons without a survivor.

    Args:
        report: the outcome of the mutants.
        reasons: the reason why each survivor breaks nothing, by mutant.
    """
    problems = [
        f"{mutant.line}: {mutant.name}: no test notices; add a sample that shows it, or a reason why none can"
        for mutant in report.survivors
        if not reasons.get(mutant.name, "").strip()
    ]
    refused = {mutant.name for mutant in report.refused}
    gone = [name for name in reasons if name in report.caught or name in refused]
    return [*problems, *(f"{name}: is in the list of survivors, and a test catches it" for name in gone)]
