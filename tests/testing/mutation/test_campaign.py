"""The check itself: what it breaks, what it holds a mutant against, and what it says of one that nobody notices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.contract.acme import acme, acme_samples
from truto_unify.testing.contract.records import golden_records
from truto_unify.testing.contract.requests import request_table
from truto_unify.testing.contract.rules import rule_table
from truto_unify.testing.golden import compare_golden
from truto_unify.testing.mutation.campaign import (
    Evidence,
    MutationReport,
    choose_mutants,
    find_mutants,
    try_mutants,
    unexplained,
)

if TYPE_CHECKING:
    from truto_unify.testing import Subject


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return acme(tmp_path_factory.mktemp("acme"))


@pytest.fixture(scope="module")
def evidence(subject: Subject, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    folder = tmp_path_factory.mktemp("golden")
    files = subject.registry.mapping(subject.resource, subject.slug).node.place.file
    samples = acme_samples(subject, _folder_of(files))
    place = f"acme/{subject.resource}"
    for method, many in samples.items():
        compare_golden(folder / f"records/{place}/{method}.json", golden_records(subject, many), update=True)
    compare_golden(folder / f"rules/{place}.json", rule_table(subject, samples), update=True)
    compare_golden(folder / f"requests/{place}.json", request_table(subject, samples["get"]), update=True)
    return Evidence(samples, folder)


def _folder_of(file: str) -> Path:
    return Path(file.partition("/mappings/")[0])


# One of each kind; the check that is to notice it.
CAUGHT = {
    "response_mapping.company_name: dropped": "loading",
    "response_mapping.company_name: company -> companyx": "golden list records",
    "response_mapping.emails.0.email: address -> addressx": "golden list records",
    "response_mapping.emails.0.type.const: work -> workx": "golden list records",
    "response_mapping.status.enum.closed: dropped": "golden list records",
    "response_mapping.status.enum.closed: inactive -> active": "golden list records",
    "response_mapping.status.expr: state -> statex": "golden list records",
    "response_mapping.created_at.zone: utc -> Asia/Tokyo": "golden list records",
    "list.sort.directions: asc and desc swapped": "golden requests",
    "list.sort.fields.updated_at: updated -> updatedx": "golden requests",
    "list.sort.body.order: {direction}{field} -> {direction}{field}x": "golden requests",
    "list.filters.email.eq: dropped": "golden rules",
    "list.filters.email.eq.path: mail -> mailx": "golden requests",
    "list.filters.email: match: wider -> exact": "golden requests",
    "list.filters.name.eq: name:{value} -> name:{value}x": "golden rules",
    "list.filters.name.encode: quoted -> words": "golden rules",
    "list.filters.email.in.join: , -> ,x": "golden rules",
    "list.search: dropped": "loading",
    "list.endpoint: dropped": "loading",
    "get: dropped": "golden requests",
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_break_of_each_kind_is_noticed_by_the_check_that_is_for_it(
    name: str, subject: Subject, evidence: Evidence
) -> None:
    mutants = [one for one in find_mutants(subject) if one.name == name]

    report = try_mutants(subject, evidence, mutants)

    found = report.caught.get(name, "loading" if report.refused else "nobody")
    assert (len(mutants), found) == (1, CAUGHT[name])


def test_every_mutant_of_a_small_mapping_is_caught_but_for_what_its_samples_lack(
    subject: Subject, evidence: Evidence
) -> None:
    mutants = find_mutants(subject)

    report = try_mutants(subject, evidence, choose_mutants(mutants, 40))

    assert len({one.name for one in mutants}) == len(mutants)
    assert report.tried + len(report.refused) == 40
    assert [one.name for one in report.survivors] == []


def test_a_provider_file_can_be_broken_too(subject: Subject, evidence: Evidence) -> None:
    chosen = [one for one in find_mutants(subject, "provider") if "resources.people.list.path: /" in one.name]

    report = try_mutants(subject, evidence, chosen, "provider")

    assert report.caught == {"resources.people.list.path: /people/search -> /people/searchx": "golden requests"}


def test_a_survivor_needs_a_reason_and_a_reason_needs_a_survivor(subject: Subject) -> None:
    mutants = {one.name: one for one in find_mutants(subject)}
    alive, caught, *_ = mutants.values()
    report = MutationReport(caught={caught.name: "golden requests"}, survivors=[alive])

    assert report.rate == 0.5
    assert unexplained(report, {alive.name: "both mean the same"}) == []
    assert unexplained(report, {alive.name: " ", caught.name: "both mean the same"}) == [
        f"{alive.line}: {alive.name}: no test notices; "
        "add a sample that shows the difference, or say why there is none",
        f"{caught.name}: is listed as a survivor, and is caught",
    ]


def test_a_mutant_names_the_line_that_it_breaks(subject: Subject) -> None:
    (one,) = [one for one in find_mutants(subject) if one.name == "response_mapping.name: first -> firstx"]

    assert one.line.endswith("/mappings/ecommerce/customers/acme.yaml:18")


def test_the_sound_mapping_stays_as_it_was(subject: Subject, evidence: Evidence) -> None:
    before = subject.mapping.config

    try_mutants(subject, evidence, choose_mutants(find_mutants(subject), 5))

    assert subject.registry.mapping(subject.resource, subject.slug).config == before
