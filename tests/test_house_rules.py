from __future__ import annotations

import ast
import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.shared_material import SHARED, needs_shared
from tests.shipped import REGISTRY

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "truto_unify"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)
OUR_WORDS = sorted(
    path
    for path in PACKAGE.rglob("*")
    if path.is_file() and not {"sandbox", "_data", "__pycache__"} & set(path.relative_to(PACKAGE).parts)
)
SLUGS = sorted(path.stem for path in (ROOT / "providers").glob("*.yaml"))
SHAPELESS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "core"}
SAMPLES = sorted(path for path in (ROOT / "tests").rglob("*") if path.suffix in {".json", ".yaml", ".yml"})


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def spellings(slug: str) -> str:
    """The slug, also with joints in it, as in woo-commerce; never inside a longer word."""
    return rf"(?<![a-z]){'[-_ ]?'.join(map(re.escape, slug))}(?![a-z])"


def test_the_rules_see_the_package_and_its_providers() -> None:
    assert len(MODULES) > 50
    assert list(REGISTRY.providers) == SLUGS
    assert {"shopify", "woocommerce"} <= set(SLUGS)


def test_no_provider_is_named_outside_the_sandbox() -> None:
    texts = {place(path): path.read_text(encoding="utf-8") for path in OUR_WORDS}
    named = re.compile("|".join(spellings(slug) for slug in SLUGS), re.IGNORECASE)

    assert {name: named.findall(text) for name, text in texts.items() if named.search(text)} == {}


def test_a_module_is_named_by_what_it_does() -> None:
    names = {
        place(path): {part.removesuffix(".py").strip("_") for part in path.relative_to(PACKAGE).parts}
        for path in MODULES
    }

    assert [module for module, parts in names.items() if parts & SHAPELESS] == []


def test_a_module_says_its_job_in_its_docstring() -> None:
    docstrings = {place(path): ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) for path in MODULES}
    first_lines = {module: (text or "").split("\n")[0].rstrip() for module, text in docstrings.items()}

    assert [module for module, line in first_lines.items() if not line.endswith((".", ":"))] == []


def test_a_module_can_be_read_in_one_sitting() -> None:
    tests = (ROOT / "tests").rglob("*.py")
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in (*MODULES, *tests)}

    assert {module: length for module, length in lengths.items() if length > 500} == {}


def test_the_two_data_folders_hold_no_python_and_no_long_yaml() -> None:
    files = [path for name in ("providers", "mappings") for path in (ROOT / name).rglob("*") if path.is_file()]
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    assert [name for name in lengths if name.endswith(".py")] == []
    assert {name: length for name, length in lengths.items() if name.endswith(".yaml") and length > 250} == {}


def fingerprints(value: object) -> set[str]:
    """The fingerprints of the long JSON objects in a value; equal objects have the same fingerprint."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    below = {mark for part in inner for mark in fingerprints(part)}
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    is_copy = isinstance(value, dict) and len(text) > 400
    return below | ({hashlib.sha256(text.encode()).hexdigest()} if is_copy else set())


def json_in(path: Path) -> list[object]:
    """The JSON documents of a file: its content, or the bodies of a cassette."""
    text = path.read_text(encoding="utf-8")
    bodies = re.findall(r"^ +string: '(.*)'$", text, flags=re.MULTILINE)
    texts = [text] if path.suffix == ".json" else [body.replace("''", "'") for body in bodies if body[:1] in "[{"]
    return [json.loads(body) for body in texts if body]


@needs_shared
def test_no_committed_sample_is_a_copy_of_the_shared_fixtures() -> None:
    originals = {path.name: json.loads(path.read_bytes()) for path in (SHARED / "fixtures").rglob("*.json")}
    known = {mark: name for name, content in originals.items() for mark in fingerprints(content)}
    ours = {place(path): {mark for document in json_in(path) for mark in fingerprints(document)} for path in SAMPLES}

    assert len(known) > 100
    assert {name for name, marks in ours.items() if "cassettes/woocommerce/lists" in name and marks} != set()
    assert {name: known[mark] for name, marks in ours.items() for mark in marks if mark in known} == {}


@needs_shared
def test_no_committed_file_has_the_bytes_of_a_shared_fixture() -> None:
    known = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (SHARED / "fixtures").rglob("*.*")}

    assert [place(path) for path in SAMPLES if hashlib.sha256(path.read_bytes()).hexdigest() in known] == []


@pytest.mark.parametrize("word", [f"{ROOT.parent}/", f"{Path.home()}/", "://pypi", "index-url"])
def test_no_test_names_this_machine_or_its_registry(word: str) -> None:
    texts = {place(path): path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}
    del texts[place(Path(__file__))]

    assert [name for name, text in texts.items() if word in text] == []
