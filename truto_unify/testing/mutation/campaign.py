"""Breaks a mapping or a provider file line by line, and tells which breaks the contract and its golden files miss.

Nothing is written and no test process is started: each mutant is laid over the registry, and the checks of the
contract run on it in this process, the quick ones first, until one of them fails.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
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
from truto_unify.testing.mutation.mutants import Mutant, mutants_of
from truto_unify.testing.provider_under_test import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from truto_unify.testing.contract.error_bodies import ErrorSample
    from truto_unify.testing.samples import Samples

File = Literal["mapping", "provider"]
Check = tuple[str, "Callable[[Subject], bool]"]
"""The name of a check, and what tells whether a subject passes it."""
REFUSED = "loading"


@dataclass(frozen=True)
class Evidence:
    """What a provider is held against.

    Attributes:
        samples: native records by method.
        golden_folder: the golden files of the contract suite.
        error_samples: refusals of the provider.
    """

    samples: Samples
    golden_folder: Path
    error_samples: Sequence[ErrorSample] = ()


@dataclass
class MutationReport:
    """What became of the mutants.

    Attributes:
        refused: mutants that are no valid file; they count neither way.
        caught: the check that failed, by mutant.
        survivors: mutants that every check passes.
    """

    refused: list[Mutant] = field(default_factory=list)
    caught: dict[str, str] = field(default_factory=dict)
    survivors: list[Mutant] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """How many valid mutants there were."""
        return len(self.caught) + len(self.survivors)

    @property
    def rate(self) -> float:
        """The share of valid mutants that some check caught."""
        return len(self.caught) / self.tried if self.tried else 1.0


def find_mutants(subject: Subject, file: File = "mapping") -> list[Mutant]:
    """Every mutant of the subject's mapping, or of its provider file."""
    if file == "provider":
        return list(mutants_of(subject.provider.node))
    resources = subject.provider.config.resources
    endpoints = tuple(f"{name}.{method}" for name, methods in resources.items() for method in methods)
    return list(mutants_of(subject.mapping.node, endpoints))


def try_mutants(
    subject: Subject, evidence: Evidence, mutants: Sequence[Mutant], file: File = "mapping"
) -> MutationReport:
    """Lets the contract look at each of these mutants.

    Args:
        subject: the sound provider.
        evidence: what it is held against.
        mutants: of ``find_mutants``, all or some.
        file: what they are mutants of.
    """
    report = MutationReport()
    checks = list(_checks(subject, evidence))
    name = f"mappings/{subject.resource}/{subject.slug}.yaml" if file == "mapping" else f"providers/{subject.slug}.yaml"
    for mutant in mutants:
        registry = subject.registry.with_file(name, mutant.node)
        caught = _first_failure(Subject(registry, subject.slug, subject.resource), checks)
        if caught == REFUSED:
            report.refused.append(mutant)
        elif caught is None:
            report.survivors.append(mutant)
        else:
            report.caught[mutant.name] = caught
    return report


def choose_mutants(mutants: Sequence[Mutant], most: int) -> list[Mutant]:
    """So many of them, from all over the file; always the same ones.

    >>> choose_mutants([], 5)
    []
    """
    step = max(len(mutants) / most, 1.0) if most else 1.0
    return [mutants[int(index * step)] for index in range(min(most, len(mutants)))]


def _first_failure(subject: Subject, checks: Sequence[Check]) -> str | None:
    """The first check that the mutant does not pass."""
    try:
        subject.mapper  # noqa: B018 - loads both files
    except ConfigError:
        return REFUSED
    for name, passes in checks:
        try:
            if not passes(subject):
                return name
        except Exception:  # noqa: BLE001 - a test that ends with an error has noticed something too
            return name
    return None


def _checks(sound: Subject, evidence: Evidence) -> Iterator[Check]:
    """The tests of the contract suite, the quickest and the most telling first."""
    samples, folder = evidence.samples, evidence.golden_folder
    place = f"{sound.slug}/{sound.resource}"
    for method, many in samples.items():
        yield _golden(f"golden {method} records", folder / f"records/{place}/{method}.json", golden_records, many)
    yield _golden("golden rules", folder / f"rules/{place}.json", rule_table, samples)
    yield _golden("golden requests", folder / f"requests/{place}.json", request_table, samples.get("get", []))
    yield _problems("enums", check_enums, [one for many in samples.values() for one in many])
    yield _problems("configuration", check_configuration)
    yield _problems("no syntax", check_no_syntax)
    if "list" in sound.methods:
        yield _problems("authorization", check_authorization)
        for scenario in SCENARIOS:
            yield _problems(f"paging: {scenario}", check_paging, scenario, samples.get("list", []))
    if "get" in sound.methods:
        yield _problems("single record", check_single_record, samples.get("get", []))
    for method, many in samples.items():
        yield _problems(f"{method} records", _of_method, check_records, method, many)
        yield _problems(f"{method} refusals", _of_method, check_errors, method, many, evidence.error_samples)
    for method, many in samples.items():
        yield _problems(f"{method} null sweep", _of_method, check_null_sweep, method, many)


def _of_method(subject: Subject, check: Callable[..., list[str]], *arguments: Any) -> list[str]:
    return check(subject, *arguments)


def _problems(name: str, check: Callable[..., list[str]], *arguments: Any) -> Check:
    return name, lambda subject: not check(subject, *arguments)


def _golden(name: str, file: Path, make: Callable[..., Any], samples: Any) -> Check:
    """A comparison with a golden file that is read once."""
    expected = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
    return name, partial(_is_as_expected, expected, make, samples)


def _is_as_expected(expected: Any, make: Callable[..., Any], samples: Any, subject: Subject) -> bool:
    return expected is None or bool(json.loads(golden_text(make(subject, samples))) == expected)


def unexplained(report: MutationReport, reasons: Mapping[str, str]) -> list[str]:
    """What is wrong with a list of survivors: those it lacks, and those that it has for nothing.

    Args:
        report: what came out.
        reasons: why each survivor breaks nothing, by the name of the mutant.
    """
    problems = [
        f"{one.line}: {one.name}: no test notices; add a sample that shows the difference, or say why there is none"
        for one in report.survivors
        if not reasons.get(one.name, "").strip()
    ]
    gone = [name for name in reasons if name in report.caught or name in {one.name for one in report.refused}]
    return [*problems, *(f"{name}: is listed as a survivor, and is caught" for name in gone)]
