"""Finds the provider and mapping files: those that ship with the package, and overlay folders."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.resources.abc import Traversable

OVERLAY_GROUP = "truto_unify.overlays"
"""Entry-point group; each entry names a function that gives the path of an overlay folder."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One folder that holds ``providers/`` and ``mappings/``; ``label`` begins the file names in problems."""

    root: Traversable
    label: str = ""

    def provider_names(self) -> list[str]:
        """Slugs of the provider files here."""
        return _stems(_child(self.root, "providers"))

    def mapping_names(self) -> Iterator[tuple[str, str]]:
        """(``model/resource``, slug) of each mapping file here."""
        for model in _folders(_child(self.root, "mappings")):
            for resource in _folders(model):
                for slug in _stems(resource):
                    yield f"{model.name}/{resource.name}", slug

    def read(self, name: str) -> str | None:
        """The text of a file by its path inside the layer; None where there is no such file."""
        entry: Traversable | None = self.root
        for part in name.split("/"):
            entry = _child(entry, part)
        return entry.read_text(encoding="utf-8") if entry is not None and entry.is_file() else None


def shipped_layer() -> Layer:
    """The files that come with the package: inside the wheel, or the checkout's own folders."""
    bundled = files("truto_unify") / "_data"
    if bundled.is_dir():
        return Layer(bundled)
    return Layer(Path(__file__).resolve().parents[2])


def installed_layers() -> list[Layer]:
    """Overlay folders that other installed packages announce."""
    return [folder_layer(Path(entry.load()())) for entry in entry_points(group=OVERLAY_GROUP)]


def folder_layer(folder: Path) -> Layer:
    """An overlay folder.

    Raises:
        FileNotFoundError: it has neither ``providers/`` nor ``mappings/``.
    """
    if not any((folder / name).is_dir() for name in ("providers", "mappings")):
        raise FileNotFoundError(f"{folder} holds neither providers/ nor mappings/")
    return Layer(folder, f"{folder.as_posix().rstrip('/')}/")


def read_layers(layers: Sequence[Layer], name: str) -> list[tuple[str, str]]:
    """(file name for problems, text) of this file in each layer that has it, lowest first."""
    found = [(f"{layer.label}{name}", layer.read(name)) for layer in layers]
    return [(file, text) for file, text in found if text is not None]


def _child(folder: Traversable | None, name: str) -> Traversable | None:
    if folder is None or not folder.is_dir() or name in {"", ".", ".."}:
        return None
    child = folder / name
    return child if child.is_dir() or child.is_file() else None


def _folders(folder: Traversable | None) -> list[Traversable]:
    if folder is None:
        return []
    inner = [entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith((".", "_"))]
    return sorted(inner, key=lambda entry: entry.name)


def _stems(folder: Traversable | None) -> list[str]:
    if folder is None:
        return []
    names = [entry.name for entry in folder.iterdir() if entry.is_file()]
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))
