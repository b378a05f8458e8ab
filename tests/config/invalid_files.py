"""Reads ``tests/invalid``: bad files whose first lines say which problems they must give."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

INVALID = Path(__file__).resolve().parents[1] / "invalid"
GROUND = INVALID / "ground"
PLACES = {
    "providers": "providers/acme.yaml",
    "mappings": "mappings/ecommerce/customers/acme.yaml",
    "models": "models/ticketing/events.yaml",
}


@dataclass(frozen=True)
class Case:
    """Bad files by their place below an overlay folder."""

    name: str
    files: Mapping[str, Path]

    def write_to(self, folder: Path) -> None:
        """Copy the files, as they are, to where they would be read."""
        for place, source in self.files.items():
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)

    @property
    def expected(self) -> list[str]:
        """The problems that the files announce, with their snippets, in the order of the files."""
        places = sorted(self.files)
        return [problem for place in places for problem in read_expected(self.files[place].read_text("utf-8"))]


def read_expected(text: str) -> list[str]:
    """The announced problems: ``# expect: …`` starts one, and the comment lines below it are its snippet."""
    header = "\n".join(line[1:] for line in takewhile(lambda line: line.startswith("#"), text.split("\n")))
    header = re.split(r"(?m)^ (?!expect: )\S", header)[0]  # a comment of the file's own ends the announcement
    return [part.rstrip("\n") for part in re.split(r"(?m)^ expect: ", header)[1:]]


def single_files(kind: str) -> list[Case]:
    """The cases that are one file each, laid over the good files in ``ground``."""
    return [Case(f"{kind}-{path.stem}", {PLACES[kind]: path}) for path in sorted((INVALID / kind).glob("*.yaml"))]


def whole_folder(folder: Path) -> Case:
    """The case that is a folder with ``providers/``, ``mappings/`` and ``models/``, or some of them."""
    paths = sorted([*folder.rglob("*.y*ml"), *folder.rglob("*.graphql")])
    files = {path.relative_to(folder).as_posix(): path for path in paths}
    return Case(folder.name, files)


CASES = [
    *single_files("providers"),
    *single_files("mappings"),
    *single_files("models"),
    *(whole_folder(folder) for folder in sorted((INVALID / "folders").iterdir())),
]
