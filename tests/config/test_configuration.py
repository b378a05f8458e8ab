from __future__ import annotations

import copy
import importlib
import os
import pickle
import re
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.config.invalid_files import GROUND
from truto_unify import Mapper, Registry
from truto_unify.capabilities import describe_provider
from truto_unify.config import files
from truto_unify.config.configuration import Configuration
from truto_unify.config.yaml import load_yaml, merge_nodes
from truto_unify.errors import ConfigError, InvalidInput, UnknownProvider, UnknownResource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CUSTOMERS: Final = "ecommerce/customers"
MAPPING = f"mappings/{CUSTOMERS}/acme.yaml"
NATIVE = {
    "id": 17,
    "full_name": "Ana Ruiz",
    "first": "Ana",
    "last": "Ruiz",
    "company": "Acme",
    "emails": [{"address": "ana@example.test", "kind": "work", "state": "ok", "main": True}],
    "phone": "555 0100 x12",
    "currency": "EUR",
    "state": "ON",
    "created": "2024-05-02T08:00:00",
    "updated": "2024-05-02T08:00:00",
    "tier": "gold",
}
UNIFIED: dict[str, Any] = {
    "id": "17",
    "name": "Ana Ruiz",
    "first_name": "Ana",
    "last_name": "Ruiz",
    "company_name": "Acme",
    "emails": [{"email": "ana@example.test", "type": "work", "status": "ok", "is_primary": True}],
    "phones": [{"number": "555 0100", "extension": "12", "type": "primary"}],
    "addresses": [],
    "currency": "EUR",
    "status": "active",
    "orders": [],
    "created_at": "2024-05-02T08:00:00Z",
    "updated_at": "2024-05-02T06:00:00Z",
    "remote_data": NATIVE,
}


@pytest.fixture
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], Registry]:
    """Lays files over the good provider; problems name the folder ``overlay``."""
    monkeypatch.chdir(tmp_path)

    def make(texts: dict[str, str], folder: str = "overlay") -> Registry:
        write(tmp_path / folder, texts)
        return Registry(overlay=[GROUND, folder])

    return make


def write(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def mapped(mapper: Mapper) -> dict[str, Any]:
    return mapper.map(NATIVE, context={"zone": "Europe/Berlin"})


def problems_of(error: pytest.ExceptionInfo[ConfigError]) -> list[str]:
    return [str(problem) for problem in error.value.problems]


def test_a_folder_adds_a_provider_to_those_that_ship() -> None:
    shipped, more = Configuration(), Configuration(overlay=[GROUND])

    assert set(more.providers) - set(shipped.providers) == {"acme"}
    assert set(more.mappings) - set(shipped.mappings) == {(CUSTOMERS, "acme")}
    assert {"shopify", "woocommerce"} <= set(shipped.providers)
    assert mapped(Registry(overlay=[GROUND]).mapper(CUSTOMERS, "acme")) == UNIFIED


@pytest.mark.parametrize(
    "location", [GROUND, str(GROUND), [GROUND], (str(GROUND),)], ids=lambda location: type(location).__name__
)
def test_an_overlay_is_one_path_or_several(location: Any) -> None:
    assert mapped(Registry(overlay=location).mapper(CUSTOMERS, "acme")) == UNIFIED


@pytest.mark.parametrize("location", [5, None, [5], b"overlay"], ids=repr)
def test_an_overlay_that_is_no_path_is_refused(location: Any) -> None:
    with pytest.raises(InvalidInput, match="an overlay is the path of a folder, or several paths, not "):
        Registry(overlay=location)


@pytest.mark.parametrize("duplicate", [lambda registry: pickle.loads(pickle.dumps(registry)), copy.copy, copy.deepcopy])
def test_a_copy_of_a_registry_maps_as_the_registry_does(duplicate: Callable[[Registry], Registry]) -> None:
    registry = Registry(GROUND, engine="interpreter")
    change, _ = load_yaml("response_mapping: {name: last}", MAPPING)
    changed = registry.with_file(MAPPING, merge_nodes(registry.mapping(CUSTOMERS, "acme").node, change))

    twin, changed_twin = duplicate(registry), duplicate(changed)

    assert twin.engine == "interpreter"
    assert mapped(twin.mapper(CUSTOMERS, "acme")) == UNIFIED
    assert mapped(changed_twin.mapper(CUSTOMERS, "acme")) == {**UNIFIED, "name": "Ruiz"}


def test_an_overlay_changes_one_field_and_leaves_the_others(overlay: Callable[..., Registry]) -> None:
    registry = overlay({MAPPING: "response_mapping:\n  name: join_text(', ', [last, first])\n"})

    assert mapped(registry.mapper(CUSTOMERS, "acme")) == {**UNIFIED, "name": "Ruiz, Ana"}


def test_an_overlay_changes_one_key_of_a_field(overlay: Callable[..., Registry]) -> None:
    registry = overlay({MAPPING: "response_mapping:\n  status: {enum: {'on': inactive}}\n"})

    assert mapped(registry.mapper(CUSTOMERS, "acme")) == {**UNIFIED, "status": "inactive"}


def test_an_overlay_replaces_a_list_as_a_whole(overlay: Callable[..., Registry]) -> None:
    registry = overlay({MAPPING: "response_mapping:\n  phones: [{number: phone, type: {const: mobile}}]\n"})

    assert mapped(registry.mapper(CUSTOMERS, "acme")) == {
        **UNIFIED,
        "phones": [{"number": "555 0100", "extension": "12", "type": "mobile"}],
    }


def test_null_removes_a_field_and_a_list(overlay: Callable[..., Registry]) -> None:
    registry = overlay({MAPPING: "response_mapping:\n  name: null\n  phones: null\n"})

    assert mapped(registry.mapper(CUSTOMERS, "acme")) == {
        **UNIFIED,
        "name": None,
        "phones": [],
    }
    fields = describe_provider(registry, "acme")["resources"][CUSTOMERS]["fields"]
    assert [fields[name]["support"] for name in ("name", "emails", "emails.type", "phones")] == [
        "no",
        "yes",
        "yes",
        "no",
    ]


def test_an_overlay_adds_fields_that_the_model_lacks(overlay: Callable[..., Registry]) -> None:
    text = """
    response_mapping:
      loyalty_tier: tier
      joined_at: {expr: created, type: time, zone: utc}
      mails: [{each: emails, at: address, of: record.id}]
    """

    assert mapped(overlay({MAPPING: text}).mapper(CUSTOMERS, "acme")) == {
        **UNIFIED,
        "loyalty_tier": "gold",
        "joined_at": "2024-05-02T08:00:00Z",
        "mails": [{"at": "ana@example.test", "of": 17}],
    }


def test_an_overlay_maps_what_the_files_below_list_as_unsupported(overlay: Callable[..., Registry]) -> None:
    text = """
    response_mapping:
      orders: [{id: id}]
    unsupported:
      orders.status: Acme keeps none.
      orders.total_amount: {not_yet: It is in another endpoint.}
    """
    registry = overlay({MAPPING: text})

    assert mapped(registry.mapper(CUSTOMERS, "acme")) == {
        **UNIFIED,
        "orders": [{"id": "17", "status": None, "total_amount": None}],
    }
    fields = describe_provider(registry, "acme")["resources"][CUSTOMERS]["fields"]
    names = ("orders", "orders.id", "orders.status", "orders.total_amount", "addresses")
    assert [fields[name]["support"] for name in names] == [
        "yes",
        "yes",
        "never",
        "not yet",
        "never",
    ]


def test_an_overlay_changes_one_fact_of_a_provider(overlay: Callable[..., Registry]) -> None:
    text = "resources:\n  customers:\n    list: {pagination: {max_page_size: 25}}\n"
    endpoint = overlay({"providers/acme.yaml": text}).provider("acme").endpoint("customers.list")

    assert endpoint.pagination is not None
    assert endpoint.pagination.model_dump(exclude_defaults=True) == {
        "page_param": "page",
        "page_size_param": "per_page",
        "max_page_size": 25,
        "type": "page_number",
    }


def test_a_later_folder_wins_over_an_earlier_one(tmp_path: Path) -> None:
    write(tmp_path / "one", {MAPPING: "response_mapping: {name: first, first_name: last}"})
    write(tmp_path / "two", {MAPPING: "response_mapping: {name: last}"})
    registry = Registry(overlay=[GROUND, tmp_path / "one", tmp_path / "two"])

    assert mapped(registry.mapper(CUSTOMERS, "acme")) == {**UNIFIED, "name": "Ruiz", "first_name": "Ruiz"}


def test_a_graphql_document_of_an_overlay_replaces_the_one_below(overlay: Callable[..., Registry]) -> None:
    provider = "resources:\n  customers:\n    search: {graphql: {document: acme.graphql, operation: Mine}}\n"
    registry = overlay({"providers/acme.yaml": provider, "providers/acme.graphql": "query Mine { customers { id } }"})

    assert registry.provider("acme").documents == {"acme.graphql": "query Mine { customers { id } }"}


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"response_mapping": value}
    return value


def test_an_override_that_is_nested_too_deep_or_holds_itself_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["list"] = [endless]
    for override in (nested(120), nested(5_000), endless):
        for mapping in (Configuration().mapping, Registry().mapper):
            with pytest.raises(ConfigError) as caught:
                mapping("ecommerce/customers", "wix", overrides=[{}, override])

            assert str(caught.value) == (
                "override 2 of mappings/ecommerce/customers/wix.yaml:1:1: nested more than 100 levels deep"
            )


def test_overrides_of_an_environment_and_an_account_are_laid_over_the_files_in_this_order() -> None:
    registry = Registry(overlay=[GROUND])
    environment = {"response_mapping": {"name": "first", "company_name": "'Environment'", "tier": "tier"}}
    account = {"response_mapping": {"name": "last", "tier": None, "first_name": None}}

    overridden = registry.mapper(CUSTOMERS, "acme", [environment, account])

    assert mapped(overridden) == {**UNIFIED, "name": "Ruiz", "company_name": "Environment", "first_name": None}
    assert mapped(registry.mapper(CUSTOMERS, "acme")) == UNIFIED
    assert registry.mapper(CUSTOMERS, "acme") is registry.mapper(CUSTOMERS, "acme")


def test_no_call_waits_while_the_mapping_of_an_override_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry(overlay=[GROUND])
    plain = registry.mapper(CUSTOMERS, "acme")
    done: list[Mapper] = []
    load = Registry._load_mapping

    def load_while_others_call(self: Registry, *arguments: Any) -> Any:
        other = threading.Thread(target=lambda: done.append(registry.mapper(CUSTOMERS, "acme")), daemon=True)
        other.start()
        other.join(30)
        return load(self, *arguments)

    monkeypatch.setattr(Registry, "_load_mapping", load_while_others_call)
    layers = [{"response_mapping": {"name": "first"}}]
    assert registry.mapper(CUSTOMERS, "acme", layers) is registry.mapper(CUSTOMERS, "acme", layers)
    assert done == [plain]


def test_an_override_has_no_editions_since_nothing_would_read_them() -> None:
    override = {"editions": {"plan": {"large": {"response_mapping": {"name": "first"}}}}}

    with pytest.raises(ConfigError) as caught:
        Registry(overlay=[GROUND]).mapper(CUSTOMERS, "acme", [override])

    message = "an override has no editions: it changes the edition that the account's context chooses"
    assert f"override 1 of {MAPPING}:2:3: {message}" in problems_of(caught)


def test_a_faulty_override_says_which_one_and_which_field_is_wrong() -> None:
    fine = {"response_mapping": {"name": "first"}}
    faulty = {"response_mapping": {"name": "lowr(first)", "created_at": {"zone": "Mars"}}, "respond": {}}

    with pytest.raises(ConfigError) as caught:
        Registry(overlay=[GROUND]).mapper(CUSTOMERS, "acme", [fine, faulty])

    place = f"override 2 of {MAPPING}"
    assert sorted(problems_of(caught)) == [
        f'{place}:3:13: unknown function lowr() (did you mean "lower"?)',
        f'{place}:5:15: unknown zone "Mars"; give utc, in_value, an IANA name or {{context.<field>}}',
        f'{place}:8:3: unknown key "respond"; '
        "known here: define, editions, get, list, response_mapping, side_loads, unsupported, where",
    ]


def test_a_faulty_file_is_an_error_of_its_own_provider_alone(overlay: Callable[..., Registry]) -> None:
    registry = overlay({MAPPING: "response_mapping: {name: lowr(first)}\nlst: {}\n"})

    with pytest.raises(ConfigError) as caught:
        registry.mapper(CUSTOMERS, "acme")

    assert problems_of(caught) == [
        f'overlay/{MAPPING}:1:26: unknown function lowr() (did you mean "lower"?)\n'
        "    response_mapping: {name: lowr(first)}\n"
        "                             ^",
        f'overlay/{MAPPING}:2:1: unknown key "lst" (did you mean "list"?)',
    ]
    assert registry.mapper(CUSTOMERS, "woocommerce").map({"id": 17})["id"] == "17"


def test_a_file_that_is_not_utf8_is_a_problem_at_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "overlay", {"providers/acme.yaml": ""})
    (tmp_path / "overlay/providers/acme.yaml").write_bytes(b"label: Acme\ndocumentation: M\xfcller\n")

    assert [str(problem) for problem in Configuration(overlay=[GROUND, "overlay"]).problems()] == [
        "overlay/providers/acme.yaml:2:17: the file is not UTF-8 text"
    ]


def test_a_byte_order_mark_is_no_part_of_the_file(overlay: Callable[..., Registry]) -> None:
    assert overlay({"providers/acme.yaml": "\ufefflabel: Acme Ltd\n"}).provider("acme").config.label == "Acme Ltd"


def test_unknown_names_are_answered_with_those_that_are_known() -> None:
    registry = Registry(overlay=[GROUND])
    known = ", ".join(registry.providers)

    assert message_of(UnknownProvider, lambda: registry.provider("acne")) == (
        'unknown provider "acne" (did you mean "acme"?)'
    )
    assert (
        message_of(UnknownProvider, lambda: registry.provider("xyzzy")) == f'unknown provider "xyzzy"; known: {known}'
    )
    assert message_of(UnknownResource, lambda: registry.mapper("ecommerce/custmers", "acme")) == (
        'provider "acme" has no unified resource "ecommerce/custmers" (did you mean "ecommerce/customers"?)'
    )
    assert message_of(UnknownResource, lambda: registry.mapper("crm/notes", "acme")) == (
        'provider "acme" has no unified resource "crm/notes"; it has ecommerce/customers'
    )


@pytest.mark.parametrize("name", ["../acme", "", ".", "acme/..", "acme.yaml", "/etc/passwd"])
def test_a_provider_cannot_be_named_by_a_path(name: str) -> None:
    with pytest.raises(UnknownProvider):
        Registry(overlay=[GROUND]).provider(name)


def message_of(kind: type[Exception], call: Callable[[], object]) -> str:
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("empty", "the folder holds none of providers/, mappings/ and models/"),
        ("missing", "there is no such folder"),
    ],
)
def test_a_folder_that_holds_none_of_the_three_is_refused(
    name: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()

    with pytest.raises(ConfigError) as caught:
        Registry(overlay=[name])

    assert problems_of(caught) == [f"{name}/: {fault}"]


@pytest.mark.parametrize(("word", "slug"), [("woo", "woocommerce"), ("shopfy", "shopify")])
def test_a_provider_is_suggested_by_its_spelling_or_its_beginning(word: str, slug: str) -> None:
    with pytest.raises(UnknownProvider, match=re.escape(f'unknown provider "{word}" (did you mean "{slug}"?)')):
        Registry().provider(word)


class EntryPoint:
    """The entry point of another installed package."""

    name = "acme"

    def __init__(self, value: str, loaded: Any) -> None:
        self.value = value
        self.loaded = loaded

    def load(self) -> Any:
        return self.loaded() if self.loaded is fail else self.loaded


def fail() -> Any:
    raise ImportError("no such package")


@pytest.fixture
def announce(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    """Installs an entry point of the overlay group."""

    def install(value: str, loaded: Any) -> None:
        groups = {"truto_unify.overlays": [EntryPoint(value, loaded)]}
        monkeypatch.setattr(files, "entry_points", lambda group: groups[group])

    return install


@pytest.mark.parametrize("target", [GROUND, str(GROUND)], ids=["path", "text"])
def test_an_installed_package_names_its_folder_by_a_function(announce: Callable[..., None], target: object) -> None:
    announce("acme_unify:folder", lambda: target)

    assert mapped(Registry().mapper(CUSTOMERS, "acme")) == UNIFIED


def test_an_installed_package_that_holds_the_folders_names_itself(
    announce: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    woocommerce = {f"mappings/{CUSTOMERS}/woocommerce.yaml": "response_mapping: {tier: tier}"}
    write(tmp_path / "acme_unify", {"__init__.py": "", **woocommerce})
    monkeypatch.syspath_prepend(str(tmp_path))
    announce("acme_unify", importlib.import_module("acme_unify"))
    monkeypatch.delitem(sys.modules, "acme_unify")

    assert Registry().mapper(CUSTOMERS, "woocommerce").map({"id": 1, "tier": "gold"})["tier"] == "gold"


@pytest.mark.parametrize(
    ("loaded", "message"),
    [
        (fail, 'cannot load "acme_unify" of truto_unify.overlays: ImportError: no such package'),
        (lambda: os.environ["FOLDER"], "cannot load \"acme_unify\" of truto_unify.overlays: KeyError: 'FOLDER'"),
        (lambda: "nowhere", "there is no such folder"),
    ],
)
def test_an_installed_overlay_that_cannot_be_loaded_is_a_problem_of_its_entry_point(
    announce: Callable[..., None], loaded: object, message: str
) -> None:
    announce("acme_unify", loaded)

    with pytest.raises(ConfigError) as caught:
        Registry()

    assert problems_of(caught) == [f"entry point acme: {message}"]


def test_places_of_fields_name_the_rule_that_counts(overlay: Callable[..., Registry]) -> None:
    mapping = overlay({MAPPING: "response_mapping:\n  name: first\n"}).mapping(CUSTOMERS, "acme")
    ground = f"{GROUND.as_posix()}/{MAPPING}"

    assert [mapping.place_of(name) for name in ("name", "emails[1].email", "first_name", "orders", "")] == [
        f"overlay/{MAPPING}:2:9",
        f"{ground}:18:29",
        f"{ground}:14:15",
        f"overlay/{MAPPING}:2:3",
        f"overlay/{MAPPING}:2:3",
    ]


def test_a_file_can_be_replaced_to_try_a_change_and_the_registry_itself_stays_as_it_is() -> None:
    registry = Registry()
    resource, slug = registry.mappings[0]
    node = registry.mapping(resource, slug).node
    rules = node.value["response_mapping"]
    less = replace(rules, value={name: rule for name, rule in rules.value.items() if name != "first_name"})

    changed = registry.with_file(
        f"mappings/{resource}/{slug}.yaml", replace(node, value={**node.value, "response_mapping": less})
    )

    with pytest.raises(ConfigError, match='unified field "first_name" is neither mapped nor listed'):
        changed.mapper(resource, slug)
    assert registry.mapper(resource, slug).map({"id": 1, "first_name": "Ana"})["first_name"] == "Ana"
    assert changed.provider(slug) is registry.provider(slug)


@pytest.mark.parametrize(("context", "field"), [({}, "new"), ({"plan": "v3"}, "new"), ({"plan": "v1"}, "old")])
def test_an_account_without_a_value_has_the_edition_of_its_default(
    context: dict[str, str], field: str, tmp_path: Path
) -> None:
    editions = "{v1: {response_mapping: {name: old}}, v3: {response_mapping: {name: new}}}"
    files = {
        "providers/acme.yaml": "context: {plan: {title: Plan, choices: [v1, v3], default: v3}}\n",
        MAPPING: f"editions: {{plan: {editions}}}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")

    mapper = Registry(overlay=[GROUND, tmp_path]).mapper(CUSTOMERS, "acme", (), context)

    assert mapper.map({"id": 1, field: "Ana"})["name"] == "Ana"
