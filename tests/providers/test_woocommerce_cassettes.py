"""The cassettes of WooCommerce: each is a recording as it was, says what it is, and is used."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.cassettes.convert_recordings import RECORDINGS, convert_recordings, convert_sidecars
from tests.providers.native_defaults import CASSETTES, read_cassette
from tests.shared_material import needs_shared

HERE = Path(__file__).parent
FOLDERS = ("orders", "products")
"""Their cassettes are read by folder."""


def test_every_cassette_is_named_by_a_test_or_read_with_its_folder() -> None:
    there = {file.relative_to(CASSETTES).with_suffix("").as_posix() for file in CASSETTES.rglob("*.yaml")}
    tests = "".join(file.read_text(encoding="utf-8") for file in sorted(HERE.glob("test_woocommerce_*.py")))

    named = {*re.findall(r'"([a-z]+(?:/[a-z]+)?/\d{3}-[a-z0-9-]+)(?:\.yaml)?"', tests)}

    assert named <= there
    assert {name for name in there - named if not name.startswith(tuple(f"{folder}/" for folder in FOLDERS))} == set()


def test_every_cassette_says_what_it_is_and_holds_no_secret() -> None:
    texts = {file.name: file.read_text(encoding="utf-8") for file in CASSETTES.rglob("*.yaml")}

    assert [name for name, text in texts.items() if text.count("kind: recorded") != 1] == []
    assert [name for name, text in texts.items() if re.search(r"\b(ck|cs)_[0-9a-f]{8}|Basic ", text)] == []
    assert sorted(name for name, text in texts.items() if "Authorization:\n      - REDACTED" not in text) == [
        "043-err-401-nothing.yaml",
        "061-orders-err-401-nothing.yaml",
        "138-products-err-401-nothing.yaml",
    ]


def test_every_refusal_has_a_code_and_a_message() -> None:
    names = [
        file.relative_to(CASSETTES).with_suffix("").as_posix()
        for folder in FOLDERS
        for file in sorted((CASSETTES / folder / "errors").glob("*.yaml"))
    ]
    answers = [read_cassette(name)["response"] for name in names]

    assert {answer["status"]["code"] for answer in answers} == {400, 401, 404}
    assert all({"code", "message", "data"} <= json.loads(answer["body"]["string"]).keys() for answer in answers)


@needs_shared
def test_the_cassettes_are_the_recordings_and_nothing_else() -> None:
    assert all(recordings.folder.is_dir() for recordings in RECORDINGS)
    assert convert_recordings() == {
        file.relative_to(CASSETTES).as_posix(): file.read_text(encoding="utf-8") for file in CASSETTES.rglob("*.yaml")
    }


@needs_shared
def test_the_sidecars_say_what_the_recordings_say() -> None:
    assert convert_sidecars() == {
        file.relative_to(CASSETTES).as_posix(): file.read_text(encoding="utf-8")
        for file in CASSETTES.rglob("*.about.json")
    }
