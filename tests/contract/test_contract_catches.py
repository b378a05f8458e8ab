"""Whatever an author gets wrong, the contract fails, and says provider, resource and field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.acme import RESOURCE, acme, acme_samples, write_acme
from truto_unify import Registry
from truto_unify.engine import answers, waits
from truto_unify.engine.native_pages import NativePages
from truto_unify.engine.paging.cursor import CursorPaging
from truto_unify.mapping.mapper import Mapper
from truto_unify.redaction import Redactor
from truto_unify.testing import ErrorSample, ProviderUnderTest
from truto_unify.testing.contract.configuration import check_configuration, check_lint
from truto_unify.testing.contract.enums import check_enums
from truto_unify.testing.contract.errors import check_errors
from truto_unify.testing.contract.paging import SCENARIOS, check_paging, check_single_record
from truto_unify.testing.contract.records import check_null_sweep, check_records
from truto_unify.testing.contract.requests import check_authorization, check_no_syntax
from truto_unify.testing.contract.verification import check_verification

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from truto_unify.mapping.record import UnifiedRecord

HEAD = "acme ecommerce/customers: "


def every_check(under_test: ProviderUnderTest, folder: Path) -> list[str]:
    """The problems of the whole contract, without the golden files."""
    samples = acme_samples(under_test, folder)
    problems = [*check_lint(under_test.registry, ["acme"]), *check_configuration(under_test)]
    problems += [*check_authorization(under_test), *check_no_syntax(under_test), *check_verification(under_test)]
    problems += check_single_record(under_test, samples["get"]) if "get" in samples else []
    for scenario in SCENARIOS:
        problems += check_paging(under_test, scenario, samples["list"])
    for method in under_test.methods:
        problems += check_errors(under_test, method, samples[method])
        problems += check_records(under_test, method, samples[method])
    problems += check_null_sweep(under_test, samples)
    return [*problems, *check_enums(under_test, samples["list"])]


def test_a_sound_provider_passes_the_contract_without_a_sandbox(tmp_path: Path) -> None:
    assert every_check(acme(tmp_path), tmp_path) == []


IN_FILES: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
    "half a mapping": ({}, {"get: people.get\n": ""}, "get: the mapping has no get"),
    "documentation that is no address": (
        {"https://docs.acme.example": "see the handbook"},
        {},
        "documentation: 'see the handbook' is not an https address",
    ),
    "nothing that proves an account": ({"verify: people.list\n": ""}, {}, "verify: no call proves an account"),
    "a refusal that is hidden": (
        {"    - {code: BUSY": "    - {status: 401, error: not_found}\n    - {code: BUSY"},
        {},
        "verify: HTTP 401 must be an error of the credentials: NotFoundError",
    ),
    "a blank title": ({"title: Token": 'title: ""'}, {}, "credentials.token: the title is blank"),
    "no example": ({", example: demo": ""}, {}, "context.shop: it has neither an example nor a default"),
    "credentials that nobody sends": (
        {'authorization: {type: bearer, token: "{credentials.token}"}\n': ""},
        {},
        "authorization: the provider declares credentials, and no rule sends them",
    ),
    "a scheme without its credential": (
        {"{credentials.token}": "always the same"},
        {},
        "authorization bearer: the request has no credential",
    ),
    "a credential in the address": (
        {"path: /people/search": 'path: "/people/search/{credentials.token}"'},
        {},
        "authorization bearer: a credential stands in the address",
    ),
    "a search without escaping": (
        {},
        {", encode: quoted}": "}"},
        "filter name[eq]: the value 'a\"b\\' OR c:d & e=f, (g) \\\\h #i?j%20+' arrives as",
    ),
    "a list without escaping": (
        {},
        {"encode: list_item, ": ""},
        "inside a value cuts it in two; give encode: list_item",
    ),
    "a query that is not encoded": (
        {"context:\n": 'query_safe: "&"\ncontext:\n'},
        {"{path: mail}": "mail"},
        "filter email[eq]: the value 'a\"b\\' OR c:d & e=f, (g) \\\\h #i?j%20+' arrives as 'a\"b\\' OR c:d '",
    ),
    "a rule that nothing reaches": (
        {"    - {code: BUSY,": "    - {status: 400, error: not_found}\n    - {code: BUSY,"},
        {},
        "errors.rules[2] (conflict): no body can be derived that reaches this rule",
    ),
    "an enum value that is never reached": (
        {},
        {"{expr: state,": "{expr: \"when(state == 'open', 'open')\","},
        "status: no leaf of any sample gives 'inactive' through the enum's 'closed'",
    ),
    "an enum that no native value reaches": (
        {},
        {"{expr: state,": "{expr: standing,"},
        "status: no sample has a leaf that reaches its enum",
    ),
    "a mapping that invents": (
        {},
        {"  company_name: company\n": "  company_name: join_text('', [last, to_string(length(keys(@)))])\n"},
        "list, sample 0, company_name: 'Ruiz10' is neither in the native record nor in the mapping file",
    ),
    "a mapping that invents where something is missing": (
        {},
        {"  company_name: company\n": "  company_name: company || to_string(length(keys(@)))\n"},
        "list, company_name: company deleted: the mapping invents '9'",
    ),
    "a mapping that raises on what is absent": (
        {},
        {"  last_name: last\n": "  last_name: \"starts_with(last, 'x') && last || last\"\n"},
        "list, last_name: last deleted: the mapping raises",
    ),
    "a time without a zone": (
        {},
        {"{expr: created, zone: utc}": "{expr: created, zone: in_value}"},
        'list, sample 0, created_at: the time "2024-05-02T08:00:00" carries no zone',
    ),
}


def test_texts_that_a_mapping_joins_are_not_invented(tmp_path: Path) -> None:
    joined = {"  company_name: company\n": "  company_name: join_text(', ', [company, first, last])\n"}
    under_test = acme(tmp_path, {}, joined)
    samples = acme_samples(under_test, tmp_path)

    assert check_records(under_test, "list", samples["list"]) == []


@pytest.mark.parametrize("name", IN_FILES)
def test_a_fault_in_the_files_is_named(name: str, tmp_path: Path) -> None:
    provider, mapping, expected = IN_FILES[name]
    under_test = acme(tmp_path, provider, mapping)

    problems = every_check(under_test, tmp_path)

    assert [problem for problem in problems if problem.startswith(HEAD) and expected in problem] != [], "\n".join(
        problems
    )


def test_a_search_that_is_not_marked_as_reading_is_named(tmp_path: Path) -> None:
    under_test = acme(tmp_path, {"      read_only: true\n": "", "verify: people.list\n": ""}, {})

    (problems,) = check_lint(under_test.registry, ["acme"])
    assert 'endpoint "people.list" is a POST, which may write, and list must only read' in problems


def test_a_field_that_an_overlay_removes_is_named(tmp_path: Path) -> None:
    write_acme(tmp_path / "base")
    over = tmp_path / "over" / "mappings" / RESOURCE
    over.mkdir(parents=True)
    (over / "acme.yaml").write_text("response_mapping: {company_name: null, phones: null}\n")
    under_test = ProviderUnderTest(Registry(overlay=[tmp_path / "base", tmp_path / "over"]), "acme", RESOURCE)

    what = 'neither mapped nor listed under "unsupported" with a reason'
    assert check_configuration(under_test) == [f"{HEAD}company_name: {what}", f"{HEAD}phones: {what}"]


def test_the_contract_includes_lint(tmp_path: Path) -> None:
    under_test = acme(tmp_path, mapping={"  company_name: company\n": ""})

    (problems,) = check_lint(under_test.registry, ["acme"])

    assert "mappings/ecommerce/customers/acme.yaml" in problems
    assert 'unified field "company_name" is neither mapped nor listed' in problems


def test_a_provider_without_a_mapping_and_one_without_a_file_are_named(tmp_path: Path) -> None:
    write_acme(tmp_path)
    (tmp_path / "mappings" / "ecommerce" / "customers" / "acme.yaml").unlink()

    problems = check_lint(Registry(overlay=[tmp_path]), ["acme", "acne"])

    assert problems == [
        "acne: no file describes this provider",
        "acme: no mapping serves any unified resource; add mappings/<model>/<resource>/acme.yaml",
    ]


def test_a_wrong_list_path_is_named_by_the_samples(tmp_path: Path) -> None:
    under_test = acme(tmp_path, provider={"list_path: data.people": "list_path: data.persons"})

    with pytest.raises(ValueError, match=r"acme ecommerce/customers: .*no list of records at data\.persons"):
        acme_samples(under_test, tmp_path)


def test_missing_samples_are_named(tmp_path: Path) -> None:
    under_test = acme(tmp_path)

    problems = [
        *check_records(under_test, "list", []),
        *check_null_sweep(under_test, {"get": []}),
        *check_enums(under_test, []),
    ]

    assert problems == [
        HEAD + "list: no samples; put native records into a file list.json",
        HEAD + "get: no samples; put native records into a file get.json",
        HEAD + "status: no sample can test its enum",
    ]


def test_an_error_sample_reaches_a_rule_whose_body_cannot_be_derived(tmp_path: Path) -> None:
    under_test = acme(tmp_path, provider={"when: fault.taken": "when: fault.taken && fault.taken == fault.name"})
    sample = ErrorSample(400, {"fault": {"taken": "ana", "name": "ana"}}, "conflict")
    wrong = ErrorSample(400, {"fault": {"taken": "ana", "name": "ana"}}, "not_found")

    assert "errors.rules[1] (conflict)" in "".join(check_errors(under_test, "list"))
    assert check_errors(under_test, "list", error_samples=[sample]) == []
    assert "list, errors.json[0]: must become NotFoundError" in "".join(
        check_errors(under_test, "list", error_samples=[wrong])
    )


def _no_page_follows(*_: Any) -> None:
    return None


def _no_record_anywhere(*_: Any) -> list[Any]:
    return []


ENGINE: dict[str, tuple[type, str, Callable[..., Any], tuple[str, ...]]] = {
    "the end is seen too early": (
        CursorPaging,
        "next",
        _no_page_follows,
        ("short last page", "exact multiple", "empty page with a cursor", "repeated cursor", "lost cursor"),
    ),
    "a missing list passes for an empty one": (
        NativePages,
        "_find_records",
        _no_record_anywhere,
        ("short last page", "missing list path", "null list path", "records at another path"),
    ),
}


@pytest.mark.parametrize("name", ENGINE)
def test_a_list_that_is_cut_short_is_caught(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, method, broken, scenarios = ENGINE[name]
    under_test = acme(tmp_path)
    monkeypatch.setattr(owner, method, broken)

    for scenario in scenarios:
        (problems,) = check_paging(under_test, scenario)
        assert problems.startswith(f"{HEAD}list (cursor pagination), {scenario}: ")


def test_a_blank_record_in_place_of_a_missing_one_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    under_test = acme(tmp_path)
    monkeypatch.setattr("truto_unify.engine.get_call._the_record", lambda *_: {"id": 1})

    problems = check_single_record(under_test)

    assert [problem for problem in problems if "must be a MappingError" in problem] != []
    assert all(problem.startswith(f"{HEAD}get: ") for problem in problems)


def test_a_wrong_error_class_and_a_shown_secret_are_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    under_test = acme(tmp_path)
    with monkeypatch.context() as changed:
        changed.setattr(answers, "_kind_by_status", lambda _status: "rejected_input")
        classes = check_errors(under_test, "list")
    with monkeypatch.context() as changed:
        changed.setattr(Redactor, "value", lambda _self, value: value)
        secrets = check_errors(under_test, "get", acme_samples(under_test, tmp_path)["get"])

    assert any(
        problem.startswith(f"{HEAD}list, HTTP 404: must become NotFoundError: RejectedInput") for problem in classes
    )
    assert f"{HEAD}get, HTTP 403: 1 secrets of the account appear in the error" in secrets


def test_a_wait_that_is_too_short_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    under_test = acme(tmp_path)
    monkeypatch.setattr(waits, "read_retry_after", lambda _value, _now: None)

    problems = check_errors(under_test, "list")

    assert problems == [f"{HEAD}list, HTTP 429 with Retry-After: 7: waited 0.25 seconds, and the answer asks for 7.0"]


FLAWS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a field is missing": (lambda record: record.pop("currency"), "currency: the field is missing"),
    "a part is missing": (lambda record: record["phones"][0].pop("type"), "phones[0].type: the field is missing"),
    "an id is a number": (lambda record: record.update(id=7), "id: 7 is not text"),
    "a time has no zone": (
        lambda record: record.update(created_at="2024-05-02T08:00:00"),
        "created_at: '2024-05-02T08:00:00': is not an RFC 3339 time in UTC with Z",
    ),
    "a text is blank": (
        lambda record: record.update(company_name=""),
        "company_name: '': must be null, not a blank text",
    ),
    "a text has blanks around it": (
        lambda record: record.update(last_name="Ruiz "),
        "last_name: 'Ruiz ': begins or ends with white space",
    ),
    "an address names no place": (
        lambda record: record["addresses"][0].update(city=None, country=None),
        "addresses[0]: is blank: it has none of street_1, street_2, city, state, postal_code, country",
    ),
    "a country is in small letters": (
        lambda record: record["addresses"][0].update(country="pe"),
        "addresses[0].country: 'pe': is a country code, and must be in capitals",
    ),
    "an e-mail is repeated": (
        lambda record: record["emails"].append({**record["emails"][0], "email": "ANA@EXAMPLE.TEST"}),
        "emails[1]: is a repeated element",
    ),
    "a phone is repeated": (
        lambda record: record["phones"].append({**record["phones"][0], "number": "15550100"}),
        "phones[1]: is a repeated element",
    ),
    "the native record is another": (
        lambda record: record.update(remote_data={}),
        "remote_data is not the native record",
    ),
    "a list is null": (lambda record: record.update(emails=None), "emails: must be a list, and is a NoneType"),
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_flaw_of_a_unified_record_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damage, expected = FLAWS[name]
    under_test = acme(tmp_path)
    samples = acme_samples(under_test, tmp_path)
    sound = Mapper.map_record

    def map_record(self: Mapper, native: Any, **call: Any) -> UnifiedRecord:
        mapped = sound(self, native, **call)
        damage(mapped.fields)
        return mapped

    monkeypatch.setattr(Mapper, "map_record", map_record)

    problems = check_records(under_test, "list", samples["list"][:1])

    assert any(problem.startswith(f"{HEAD}list, sample 0") and problem.endswith(expected) for problem in problems), (
        "\n".join(problems)
    )
