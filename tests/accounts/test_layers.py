from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from truto_unify import InvalidOverride
from truto_unify.accounts import layers
from truto_unify.accounts.layers import MAX_CHARS, MAX_PROBLEMS, MAX_VALUES, check_overrides, override_layers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify import Registry

RESOURCE: Final = "ecommerce/customers"
TIER = {"response_mapping": {"loyalty_tier": "meta_data[?key == 'tier'] | [0].value"}}
PLAIN = {"response_mapping": {"name": "username"}}

FIELDS = "ecommerce.customers.response_mapping"
EXCUSED = {"unsupported": {"phones": "not here"}}


def account(content: Any) -> dict[str, Any]:
    return {"ecommerce": {"customers": content}}


def test_the_environment_comes_before_the_account_and_the_whole_before_a_method() -> None:
    stored = [
        (RESOURCE, "list", {"response_mapping": {"name": "c"}}),
        (RESOURCE, "all", {"response_mapping": {"name": "b"}}),
    ]
    own = account({**PLAIN, "list": {"response_mapping": {"name": "e"}}})

    names = [
        override_layer["response_mapping"]["name"] for override_layer in override_layers(stored, own, "list")[RESOURCE]
    ]
    assert names == ["b", "c", "username", "e"]
    names = [
        override_layer["response_mapping"]["name"] for override_layer in override_layers(stored, own, "get")[RESOURCE]
    ]
    assert names == ["b", "username"]


def test_an_override_of_a_single_method_stays_under_its_name() -> None:
    content = {"list": {"sort": {"created_at": None}, "response_mapping": {"name": None}}, "get": None}

    assert override_layers((), account(content), "list") == {
        RESOURCE: ({"get": None, "list": {"sort": {"created_at": None}}}, {"response_mapping": {"name": None}})
    }
    assert override_layers((), account(content), "get") == {
        RESOURCE: ({"get": None, "list": {"sort": {"created_at": None}}},)
    }


def test_nothing_gives_no_layers() -> None:
    assert override_layers((), {}, "list") == {}
    assert override_layers([(RESOURCE, "all", {})], account({}), "list") == {}


@pytest.mark.parametrize(
    "own",
    [{}, account(TIER), account({"list": TIER}), account({"response_mapping": {"company_name": None}}), account({})],
)
def test_an_override_that_gives_a_mapping_is_good(registry: Registry, own: dict[str, Any]) -> None:
    stored = [(RESOURCE, "all", {"response_mapping": {"company_name": "username"}})]

    check_overrides(registry, "woocommerce", stored, own)


@pytest.mark.parametrize(
    ("own", "field", "message"),
    [
        (account({"response_maping": {}}), "ecommerce.customers.response_maping", 'unknown key "response_maping"'),
        (account({"list": {"query_mapping": "x"}}), "ecommerce.customers.list.query_mapping", "unknown key"),
        (account({"response_mapping": {"name": "a ||"}}), f"{FIELDS}.name", "the expression ends too early"),
        (account({"get": {"response_mapping": {"name": "nope(x)"}}}), f"{FIELDS}.name", "unknown function nope()"),
        (account({"response_mapping": {"phones": {"expr": "x"}}}), f"{FIELDS}.phones", "is a list; give its sources"),
        ({"ecommerce": {"orders": {}, "customer": PLAIN}}, "ecommerce.customer", "has no unified resource"),
        ({"crm": {"contacts": PLAIN}}, "crm.contacts", 'has no unified resource "crm/contacts"'),
        ({"ecommerce": PLAIN["response_mapping"]}, "ecommerce.name", "must be the content of a mapping file"),
        ({"ecommerce": "x"}, "ecommerce", "must be {resource: {...}}"),
        (["x"], "unified_model_override", "must be {model: {resource: {...}}}"),
        (account("x"), "ecommerce.customers", "must be the content of a mapping file"),
    ],
)
def test_a_wrong_override_has_the_problems_that_lint_reports(
    registry: Registry, own: Any, field: str, message: str
) -> None:
    with pytest.raises(InvalidOverride) as caught:
        check_overrides(registry, "woocommerce", (), own)

    body = caught.value.to_dict()
    assert (body["statusCode"], body["error"]) == (422, "Unprocessable Entity")
    assert [failure["field"] for failure in body["details"]["failures"]] == [field]
    assert message in body["details"]["failures"][0]["message"]
    assert f"{field}: " in body["message"]


def test_all_problems_are_reported_together_and_once(registry: Registry) -> None:
    mapping = {"name": "a ||", "first_name": "nope(x)", "last_name": "last_name"}
    own = account({"bogus": 1, "response_mapping": mapping, "get": {"response_mapping": {"phones": {"expr": "b ||"}}}})
    stored: list[Any] = [(RESOURCE, "list", {"filters": {"colour": {}}})]

    with pytest.raises(InvalidOverride) as caught:
        check_overrides(registry, "woocommerce", stored, own)

    assert [failure["field"] for failure in caught.value.to_dict()["details"]["failures"]] == [
        "ecommerce.customers.bogus",
        "ecommerce.customers.list.filters.colour",
        f"{FIELDS}.first_name",
        f"{FIELDS}.name",
        f"{FIELDS}.phones.expr",
    ]


@pytest.mark.parametrize("levels", [33, 900])
def test_an_override_that_is_nested_too_deep_is_refused(registry: Registry, levels: int) -> None:
    deep: Any = {}
    for _ in range(levels):
        deep = {"list": deep}

    with pytest.raises(InvalidOverride, match="nested more than 32 levels deep"):
        check_overrides(registry, "woocommerce", (), account(deep))
    with pytest.raises(InvalidOverride, match="nested more than 32 levels deep"):
        check_overrides(registry, "woocommerce", [(RESOURCE, "all", deep)])


@pytest.mark.parametrize(
    ("content", "field", "message"),
    [
        ({"define": {str(number): "id" for number in range(MAX_VALUES)}}, "", "has more than 1000 keys and elements"),
        ({"define": {"a": "x" * MAX_CHARS}}, "", "characters in keys and texts; an override has at most 100000"),
        ({"define": {"k" * 101: "id"}}, ".define." + "k" * 100, "is a key of 101 characters"),
        ({"define": {"a\ud800": "id"}}, ".define.a?", "is a key that holds half a character"),
        ({"define": {"a": ["x\ud800"]}}, ".define.a.0", "holds half a character"),
        ({"define": {"a": "x\0"}}, ".define.a", "holds the character NUL"),
        ({"define": {"a": {"const": float("nan")}}}, ".define.a.const", "must be a finite number"),
        ({"define": {"a": {"const": -float("inf")}}}, ".define.a.const", "must be a finite number"),
        ({"define": {"a": {"const": 10**30}}}, ".define.a.const", "must be a number of at most 64 bits"),
    ],
)
def test_an_override_that_cannot_be_stored_or_checked_in_short_time_is_refused(
    registry: Registry, content: dict[str, Any], field: str, message: str
) -> None:
    for stored, own in (([(RESOURCE, "all", content)], {}), ([], account(content))):
        with pytest.raises(InvalidOverride) as caught:
            check_overrides(registry, "woocommerce", stored, own)
        problem = caught.value.problems[0]
        assert problem.file.removeprefix("unified_model_override.").removeprefix("ecommerce.customers") in {
            field,
            field or "unified_model_override",
        }
        assert message in problem.message


def test_many_problems_are_counted(registry: Registry) -> None:
    own = account({f"z{number:03}": 1 for number in range(900)})

    with pytest.raises(InvalidOverride) as caught:
        check_overrides(registry, "woocommerce", (), own)

    *shown, rest = [(problem.file, problem.message) for problem in caught.value.problems]
    assert [file for file, _ in shown] == [f"ecommerce.customers.z{number:03}" for number in range(MAX_PROBLEMS)]
    assert rest == ("unified_model_override", "has more problems: 800 are not shown")


def test_each_problem_of_an_override_is_found_in_linear_time(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[tuple[str, ...]] = []
    walk = layers._lines

    def note(value: Any, path: tuple[str, ...], line: list[int]) -> Iterator[tuple[int, tuple[str, ...]]]:
        walks.append(path)
        return walk(value, path, line)

    monkeypatch.setattr(layers, "_lines", note)
    with pytest.raises(InvalidOverride):
        check_overrides(registry, "woocommerce", (), account({f"z{number}": 1 for number in range(100)}))

    # The content is counted with the account and for itself, and its lines are read once for all problems.
    assert walks.count(()) == 3


def test_a_check_that_nobody_waits_for_reads_no_mapping(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a mapping is read")

    monkeypatch.setattr(type(registry), "mapping", refuse)
    check_overrides(registry, "woocommerce", (), account(TIER), is_wanted=lambda: False)


def test_a_problem_behind_an_empty_list_is_at_its_own_field(registry: Registry) -> None:
    own = account({"unsupported": [], "response_mapping": {"name": "1 +"}})

    with pytest.raises(InvalidOverride) as caught:
        check_overrides(registry, "woocommerce", [], own)

    assert {problem.file for problem in caught.value.problems} == {"ecommerce.customers.unsupported", f"{FIELDS}.name"}


STOCK: Final = {"response_mapping": {"name": "loaded.stock[0].name || name"}}
NO_STOCK: Final = 'no side load "stock"; declared: none'


def test_an_account_is_checked_in_the_edition_that_its_context_chooses(registry: Registry) -> None:
    own = {"ecommerce": {"products": STOCK}}

    check_overrides(registry, "wix", (), own, {"catalog": "v3"})
    with pytest.raises(InvalidOverride) as caught:
        check_overrides(registry, "wix", (), own, {"catalog": "v1"})
    assert [problem.message for problem in caught.value.problems] == [NO_STOCK]


def test_an_environment_is_checked_in_every_edition(registry: Registry) -> None:
    needs_v3: list[Any] = [("ecommerce/products", "all", STOCK)]
    needs_v1: list[Any] = [("ecommerce/products", "all", {"list": {"filters": {"name": {"match": "may_miss"}}}})]

    with pytest.raises(InvalidOverride) as caught:
        check_overrides(registry, "wix", needs_v3)
    assert [problem.message for problem in caught.value.problems] == [NO_STOCK]
    with pytest.raises(InvalidOverride) as caught:
        check_overrides(registry, "wix", needs_v1)
    assert [problem.message for problem in caught.value.problems] == [
        "a filter names at least one operator, as eq: email (catalog: v3)"
    ]
