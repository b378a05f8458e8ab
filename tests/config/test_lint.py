from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.config.invalid_files import GROUND
from truto_unify.config import configuration
from truto_unify.config.configuration import Configuration
from truto_unify.config.files import folder_layer
from truto_unify.config.filter_lint import filter_ops
from truto_unify.errors import ConfigError
from truto_unify.models import RESOURCES

if TYPE_CHECKING:
    from pathlib import Path

PROVIDER = "providers/acme.yaml"
MAPPING = "mappings/ecommerce/customers/acme.yaml"
TIMES = frozenset({"eq", "gt", "gte", "lt", "lte"})
TEXTS = frozenset({"eq", "in", "like"})
GLOBEX = "{label: Globex, documentation: https://globex.example, base_url: https://globex.example, resources: {}}\n"
FLAG, PHONE = frozenset({"eq"}), frozenset({"eq", "in"})


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lint:
    """Checks files that are laid over the good ones."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(configuration, "shipped_layer", lambda: folder_layer(GROUND))
    return Lint(tmp_path)


class Lint:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, texts: dict[str, str]) -> list[str]:
        for name, text in texts.items():
            file = self.folder / "x" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        problems = ConfigError(Configuration(overlay=["x"]).problems()).problems
        return [f"{problem.file.rpartition('/')[0]}:{problem.line}: {problem.message}" for problem in problems]


def test_everything_that_ships_is_without_a_problem() -> None:
    assert Configuration().problems() == []


def test_a_provider_with_credentials_that_nothing_proves_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(configuration, "shipped_layer", lambda: folder_layer(GROUND))
    (tmp_path / "x" / "providers").mkdir(parents=True)
    file = tmp_path / "x" / "providers" / "acme.yaml"
    file.write_text("verify: null\n", "utf-8")
    warned = Configuration(overlay=["x"])
    findings, verify = warned.findings(), warned.provider("acme").config.verify
    file.write_text("verify: null\ncredentials: null\nauthorization: null\n", "utf-8")

    assert [(finding.rule, finding.is_warning) for finding in findings] == [("provider-without-verify", True)]
    assert (verify, Configuration(overlay=["x"]).findings()) == (None, [])


@pytest.mark.parametrize(
    ("define", "warned"),
    [("{a: x}", ["a"]), ("{a: x, b: a}", ["b"]), ("{full_name: x}", []), ("{address: x}", [])],
)
def test_a_definition_that_no_expression_uses_is_a_warning(
    define: str, warned: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(configuration, "shipped_layer", lambda: folder_layer(GROUND))
    file = tmp_path / "x" / MAPPING
    file.parent.mkdir(parents=True)
    file.write_text(f"define: {define}\n", "utf-8")

    assert [(finding.message, finding.is_warning) for finding in Configuration(overlay=["x"]).findings()] == [
        (f'no expression uses "{name}"; use it, or remove it', True) for name in warned
    ]


def test_the_filters_that_a_mapping_may_declare_follow_from_the_unified_resource() -> None:
    assert filter_ops(RESOURCES["ecommerce/customers"]) == {
        "created_at": TIMES,
        "updated_at": TIMES,
        "name": TEXTS,
        "first_name": TEXTS,
        "last_name": TEXTS,
        "company_name": TEXTS,
        "email": TEXTS,
        "emails.email": TEXTS,
        "emails.type": TEXTS,
        "emails.status": TEXTS,
        "emails.is_primary": FLAG,
        "phones.number": PHONE,
        "phones.extension": TEXTS,
        "phones.type": TEXTS,
    }


@pytest.mark.parametrize(
    ("provider", "problem"),
    [
        ("context:\n  shop: {title: 5}\n", "x/providers:2: must be text; quote it"),
        ("credentials:\n  token: {required: 1}\n", "x/providers:2: must be true or false"),
        ("context: 5\n", "x/providers:1: must be a mapping (key: value lines)"),
        (
            "resources:\n  customers:\n    list: {list_path: 5}\n",
            'x/providers:3: a path is names joined by dots, as in data.customers, or "@" for the whole body',
        ),
        (
            "resources:\n  customers:\n    list: {pagination: {page_param: 5}}\n",
            "x/providers:3: must be text; quote it",
        ),
        (
            "resources:\n  customers:\n    list: {pagination: {max_page_size: x}}\n",
            "x/providers:3: must be a whole number",
        ),
        ("resources:\n  customers:\n    get: 5\n", "x/providers:3: must be a mapping; known here: "),
        ("resources: {customers: 5}\n", "x/providers:1: must be a mapping (key: value lines)"),
    ],
)
def test_what_leans_on_a_faulty_part_of_the_provider_is_not_reported_too(
    lint: Lint, provider: str, problem: str
) -> None:
    (only,) = lint({PROVIDER: provider})

    assert only.startswith(problem)


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ("response_mapping:\n  name: lowr(x)\n", ':2: unknown function lowr() (did you mean "lower"?)'),
        ("response_mapping:\n  emails: [{each: 5, email: address}]\n", ":2: an expression must be text; quote it"),
        (
            "response_mapping:\n  emails: [{email: address, type: 5}]\n",
            ":2: must be an expression (text; quote it); a constant is {const: …}",
        ),
        ("unsupported:\n  orders: {not_yet: 5}\n", ":2: must be text; quote it"),
        ("unsupported: 5\n", ":1: must be a mapping (key: value lines)"),
        ("response_mapping: 5\n", ":1: must be a mapping (key: value lines)"),
        ("list: 5\nget: null\n", ":1: must be a mapping; known here: "),
        ("list: {endpoint: 5}\n", ":1: must be text; quote it"),
        ("list: {search: 5}\n", ":1: must be a mapping; known here: "),
    ],
)
def test_what_leans_on_a_faulty_part_of_the_mapping_is_not_reported_too(lint: Lint, mapping: str, problem: str) -> None:
    (only,) = lint({MAPPING: mapping})

    assert only.startswith(f"x/mappings/ecommerce/customers{problem}")


def test_faults_of_a_provider_do_not_hide_those_of_its_mapping(lint: Lint) -> None:
    assert lint({PROVIDER: "labels: x\n", MAPPING: "response_mapping: {name: {expr: x, zone: utc}}\n"}) == [
        'x/mappings/ecommerce/customers:1: "name" is not a time; only a time has a zone',
        'x/providers:1: unknown key "labels" (did you mean "label"?)',
    ]


def test_a_provider_that_cannot_be_read_does_not_hide_the_faults_of_its_mapping(lint: Lint) -> None:
    globex = "mappings/ecommerce/customers/globex.yaml"

    assert lint({"providers/globex.yaml": "[", globex: "lst: {}\nresponse_mapping: {id: lowr(id)}\n"}) == [
        'x/mappings/ecommerce/customers:1: unknown key "lst" (did you mean "list"?)',
        'x/mappings/ecommerce/customers:2: unknown function lowr() (did you mean "lower"?)',
        "x/providers:1: not YAML: expected the node content, but found '<stream end>'; "
        "quote the text if it is an expression",
    ]


def test_a_mapping_that_cannot_be_read_is_one_problem(lint: Lint) -> None:
    globex = {"providers/globex.yaml": GLOBEX, "mappings/ecommerce/customers/globex.yaml": "- id\n"}

    assert lint(globex) == ["x/mappings/ecommerce/customers:1: the file must hold a mapping (key: value lines)"]


def test_hidden_files_and_files_of_other_kinds_are_ignored(lint: Lint) -> None:
    texts = ["providers/README.md", "providers/acme.graphql.bak", "mappings/.cache/x.yaml", "mappings/_notes/x.yaml"]

    assert lint(dict.fromkeys([*texts, "other/x.yaml"], "[")) == []
