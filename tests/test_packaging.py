from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def data_files() -> set[str]:
    paths = [path for folder in ("providers", "mappings") for path in (ROOT / folder).rglob("*.*")]
    return {path.relative_to(ROOT).as_posix() for path in paths if path.suffix in {".yaml", ".graphql"}}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT), cwd=folder)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_every_provider_and_mapping_below_the_package(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert data_files()
    assert {f"truto_unify/_data/{name}" for name in data_files()} <= names


def test_the_wheel_adds_one_top_level_package_with_its_types(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names} == {"truto_unify", "truto_unify-0.1.0.dist-info"}
    assert "truto_unify/py.typed" in names
    assert "truto_unify-0.1.0.dist-info/licenses/LICENSE" in names


def test_the_page_of_the_package_has_no_link_that_is_dead_there(wheel: Path) -> None:
    metadata = zipfile.ZipFile(wheel).read("truto_unify-0.1.0.dist-info/METADATA").decode()
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", metadata)
    ours = [link for link in links if link.startswith(urls["Source"])]

    assert [link for link in links if not link.startswith("https://")] == []
    assert f"{urls['Source']}/raw/main/docs/demo.svg" in ours
    assert f"{urls['Source']}/blob/main/docs/library.md" in ours
    assert {name for name, _ in re.findall(r"^Project-URL: (\w+), (.*)$", metadata, re.MULTILINE)} == set(urls)


def test_the_unpacked_wheel_works_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    unpacked, empty = tmp_path / "unpacked", tmp_path / "empty"
    zipfile.ZipFile(wheel).extractall(unpacked)
    empty.mkdir()

    where = run("-c", "import truto_unify; print(truto_unify.__file__)", cwd=empty, PYTHONPATH=str(unpacked))
    answer = run("-m", "truto_unify.cli.main", "capabilities", cwd=empty, PYTHONPATH=str(unpacked))

    assert Path(where.stdout.strip()).is_relative_to(unpacked)
    assert answer.returncode == 0, answer.stderr
    assert provider_names() <= set(re.findall(r"\w+", answer.stdout))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_pinned_hashed_names_and_nothing_else(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.partition("\n")[2].rstrip())
    entry = re.compile(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+( ; [^\\]+)? \\(\n    --hash=sha256:[0-9a-f]{64}( \\)?)+")

    assert entries
    assert [part for part in entries if not entry.fullmatch(part)] == []


def test_the_locks_know_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    core, groups = project["project"]["dependencies"], project["dependency-groups"]
    wanted = {
        "demo.txt": [*core, *extras["cli"], *groups["build"]],
        "dev.txt": [*core, *(name for extra in extras.values() for name in extra), *groups["dev"]],
        "sdk.txt": [line for line in (ROOT / "requirements/sdk.in").read_text().splitlines() if line[:1] != "#"],
    }

    assert {lock.name for lock in LOCKS} == set(wanted)
    assert {lock.name: names_of(wanted[lock.name]) - locked_names(lock) for lock in LOCKS} == {
        "demo.txt": set(),
        "dev.txt": set(),
        "sdk.txt": set(),
    }


def provider_names() -> set[str]:
    return {path.stem for path in (ROOT / "providers").glob("*.yaml")}


def names_of(requirements: list[object]) -> set[str]:
    texts = [text for text in requirements if isinstance(text, str) and not text.startswith("truto-unify[")]
    return {re.split(r"[\[><=;~! ]", text)[0].lower() for text in texts}


def locked_names(lock: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))
