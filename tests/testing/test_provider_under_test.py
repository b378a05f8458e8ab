"""Editions of a mapping: each is a pair of its own under test, with an account that has it, samples and mutants."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.contract.acme import RESOURCE, acme, acme_samples, write_acme
from truto_unify import Account, Registry
from truto_unify.capabilities import describe_provider, support_columns
from truto_unify.testing import ProviderUnderTest, Sample
from truto_unify.testing.contract.configuration import check_configuration
from truto_unify.testing.contract.records import golden_records
from truto_unify.testing.contract.requests import request_table
from truto_unify.testing.golden import compare_golden
from truto_unify.testing.mutation.campaign import Expectations, find_mutants, try_mutants
from truto_unify.testing.provider_under_test import providers_under_test

if TYPE_CHECKING:
    from pathlib import Path

PLAN = "  plan: {title: Plan, choices: [small, large, huge], default: small}\n"
LARGE = "    large:\n      response_mapping: {company_name: firm}\n      list: {filters: {name: null}}\n"
HUGE = "    huge:\n      response_mapping: {company_name: name}\n"
SMALL = "    small:\n      response_mapping: {company_name: name}\n"
TABLE = "{small: free, large: paid, huge: paid}"
TIER = f"{PLAN}  tier: {{title: Tier, derived: {{source: plan, table: {TABLE}}}}}\n"


def pairs_with(folder: Path, editions: str, context: str = PLAN) -> list[ProviderUnderTest]:
    """The pairs of a provider whose mapping has these editions, by a field of this context."""
    shop = "  shop: {title: Shop, example: demo}\n"
    plain = acme(folder, {shop: f"{shop}{context}"}, {"unsupported:\n": f"editions:\n{editions}unsupported:\n"})
    return providers_under_test(plain.registry, ["acme"])


def test_each_edition_is_a_pair_of_its_own_with_an_account_that_has_it(tmp_path: Path) -> None:
    pairs = pairs_with(tmp_path, f"  plan:\n{LARGE}{HUGE}")

    assert [(str(pair), pair.folder_name, pair.account.context["plan"]) for pair in pairs] == [
        (f"acme {RESOURCE}", RESOURCE, "small"),
        (f"acme {RESOURCE} (plan: large)", f"{RESOURCE}/plan-large", "large"),
        (f"acme {RESOURCE} (plan: huge)", f"{RESOURCE}/plan-huge", "huge"),
    ]
    names = [pair.mapper.map({"id": 1, "company": "a", "firm": "b", "name": "c"})["company_name"] for pair in pairs]
    assert names == ["a", "b", "c"]
    accounts = [account for pair in pairs for account in pair.accounts]
    assert [ProviderUnderTest.of_account(pairs[0].registry, RESOURCE, account) for account in accounts] == pairs


def test_a_mapping_that_every_account_has_in_an_edition_is_tried_in_these_alone(tmp_path: Path) -> None:
    pairs = pairs_with(tmp_path, f"  plan:\n{SMALL}{LARGE}{HUGE}")

    assert [pair.edition for pair in pairs] == [("plan", "small"), ("plan", "large"), ("plan", "huge")]


def test_the_file_as_it_is_has_an_account_whose_choice_has_no_edition(tmp_path: Path) -> None:
    pairs = pairs_with(tmp_path, f"  plan:\n{SMALL}")

    assert [(pair.edition, pair.account.context["plan"]) for pair in pairs] == [
        (None, "large"),
        (("plan", "small"), "small"),
    ]


def test_an_edition_by_a_derived_field_has_an_account_with_its_source(tmp_path: Path) -> None:
    pairs = pairs_with(tmp_path, "  tier:\n    paid:\n      response_mapping: {company_name: firm}\n", TIER)

    assert [(pair.label, pair.account.context) for pair in pairs] == [
        (RESOURCE, {"shop": "demo", "plan": "small"}),
        (f"{RESOURCE} (tier: paid)", {"shop": "demo", "plan": "large"}),
    ]


def test_an_edition_reads_the_samples_of_its_own_folder(tmp_path: Path) -> None:
    _, large = pairs_with(tmp_path, f"  plan:\n{LARGE}")
    folder = tmp_path / "samples" / "acme" / large.folder_name
    folder.mkdir()
    (folder / "list.json").write_text(json.dumps([{"id": 9, "firm": "Ruiz"}]), "utf-8")

    samples = acme_samples(large, tmp_path)

    assert {method: [sample.native["id"] for sample in group] for method, group in samples.items()} == {
        "list": [9],
        "get": [],
    }


def test_a_field_that_an_edition_drops_is_named_with_the_edition(tmp_path: Path) -> None:
    plain, large = pairs_with(tmp_path, "  plan:\n    large:\n      response_mapping: {company_name: null}\n")

    assert check_configuration(plain) == []
    (problem,) = check_configuration(large)
    what = 'neither mapped nor listed under "unsupported" with a reason'
    assert problem == f"acme {RESOURCE} (plan: large): company_name: {what}"


def test_a_file_with_a_fault_is_one_pair(tmp_path: Path) -> None:
    write_acme(tmp_path, mapping={"  company_name: company\n": ""})

    (pair,) = providers_under_test(Registry(overlay=[tmp_path]), ["acme"])

    assert pair.edition is None


def test_the_lines_of_an_edition_are_broken_in_the_edition_alone(tmp_path: Path) -> None:
    plain, large = pairs_with(tmp_path, f"  plan:\n{LARGE}")
    golden, samples = tmp_path / "golden", [Sample({"id": 1, "firm": "Ruiz"})]
    results = {
        f"requests/acme/{large.folder_name}.json": request_table(large, samples),
        f"records/acme/{large.folder_name}/list.json": golden_records(large, samples),
    }
    for name, result in results.items():
        compare_golden(golden / name, result, update=True)
    mutants = find_mutants(large)

    report = try_mutants(large, Expectations({"list": samples, "get": samples}, golden), mutants)

    assert {mutant.name: report.caught.get(mutant.name, "nobody") for mutant in mutants} == {
        "response_mapping: dropped": "golden list records",
        "response_mapping.company_name: dropped": "golden list records",
        "response_mapping.company_name: firm -> firmx": "golden list records",
        "list: dropped": "golden requests",
        "list.filters: dropped": "golden requests",
        "list.filters.name: dropped": "golden requests",
    }
    assert [mutant.name for mutant in find_mutants(plain) if "editions" in mutant.name] == []


def test_the_support_matrix_has_a_column_for_each_edition(tmp_path: Path) -> None:
    plain, _ = pairs_with(tmp_path, f"  plan:\n{LARGE}")

    columns = support_columns([describe_provider(plain.registry, "acme")], RESOURCE)

    assert {name: column["query"]["name"]["support"] for name, column in columns.items()} == {
        "acme": "checked",
        "acme (plan: large)": "emulated",
    }


def test_an_account_of_another_value_has_the_file_as_it_is(tmp_path: Path) -> None:
    plain, _ = pairs_with(tmp_path, f"  plan:\n{LARGE}")
    account = Account(provider="acme", context={"shop": "demo", "plan": "huge"})

    assert ProviderUnderTest.of_account(plain.registry, RESOURCE, account) == plain
