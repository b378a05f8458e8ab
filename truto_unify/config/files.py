"""Finds the files of providers, mappings and models: those that ship with the package, and overlay folders."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from truto_unify.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.metadata import EntryPoint
    from importlib.resources.abc import Traversable

OVERLAY_GROUP = "truto_unify.overlays"
"""Entry-point group; each entry names a package that holds an overlay, or a function that returns a path."""

_SHAPES = {
    "providers": "providers/<provider>.yaml",
    "mappings": "mappings/<model>/<resource>/<provider>.yaml",
    "models": "models/<model>/<resource>.yaml",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """A folder of ``providers/``, ``mappings/`` or ``models/``; ``label`` begins the file names in problems."""

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

    def model_names(self) -> Iterator[str]:
        """``model/resource`` of each model file here."""
        for model in _folders(_child(self.root, "models")):
            yield from (f"{model.name}/{resource}" for resource in _stems(model))

    def read(self, name: str) -> bytes | None:
        """The content of a file by its path inside the layer; None if the layer lacks it."""
        entry: Traversable | None = self.root
        for part in name.split("/"):
            entry = _child(entry, part)
        return entry.read_bytes() if entry is not None and entry.is_file() else None

    def stray_files(self) -> Iterator[Problem]:
        """YAML files that are never read, because of their name or folder."""
        read = {f"providers/{slug}.yaml" for slug in self.provider_names()}
        read |= {f"mappings/{resource}/{slug}.yaml" for resource, slug in self.mapping_names()}
        read |= {f"models/{resource}.yaml" for resource in self.model_names()}
        for top, shape in _SHAPES.items():
            folder = _child(self.root, top)
            for name in sorted(_yaml_files(folder, f"{top}/")) if folder is not None else ():
                if name not in read:
                    message = f"nothing reads this file; its place is {shape}"
                    yield Problem(f"{self.label}{name}", 1, 1, message, rule="stray-file")


def shipped_layer() -> Layer:
    """The files of the package: inside the wheel, or in the folders of the checkout."""
    bundled = files("truto_unify") / "_data"
    if bundled.is_dir():
        return Layer(bundled)
    return Layer(Path(__file__).resolve().parents[2])


def installed_layers() -> list[Layer]:
    """Overlays that other installed packages announce.

    Raises:
        ConfigError: an overlay cannot be loaded.
    """
    return [_installed_layer(entry) for entry in entry_points(group=OVERLAY_GROUP)]


def _installed_layer(entry: EntryPoint) -> Layer:
    place = f"entry point {entry.name}"
    try:
        target = entry.load()
        root: Any = target() if callable(target) else files(target)
    except Exception as error:
        message = f'cannot load "{entry.value}" of {OVERLAY_GROUP}: {type(error).__name__}: {error}'
        raise ConfigError([Problem(place, 1, 1, message, rule="overlay-not-loadable", has_line=False)]) from error
    return _layer(Path(root) if isinstance(root, str) else root, place, place)


def folder_layer(folder: Path) -> Layer:
    """An overlay folder.

    Raises:
        ConfigError: it has none of ``providers/``, ``mappings/`` and ``models/``.
    """
    label = folder.as_posix().rstrip("/")
    return _layer(folder, label, f"{label}/")


def _layer(root: Traversable, label: str, place: str) -> Layer:
    if not any((root / name).is_dir() for name in _SHAPES):
        message = (
            "the folder holds none of providers/, mappings/ and models/" if root.is_dir() else "there is no such folder"
        )
        raise ConfigError([Problem(place, 1, 1, message, rule="overlay-empty", has_line=False)])
    return Layer(root, f"{label}/")


def read_layers(layers: Sequence[Layer], name: str) -> Iterator[tuple[str, bytes]]:
    """(file name for problems, content) of this file in each layer that has it, lowest first."""
    for layer in layers:
        content = layer.read(name)
        if content is not None:
            yield f"{layer.label}{name}", content


def read_documents(layers: Sequence[Layer], names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """(file name for problems, text) of each of these GraphQL files that exists; the highest layer counts."""
    layered = {name: [*read_layers(layers, f"providers/{name}")] for name in names}
    return {name: (files[-1][0], files[-1][1].decode("utf-8", "replace")) for name, files in layered.items() if files}


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


def _yaml_files(folder: Traversable, path: str) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith((".", "_")):
            yield from _yaml_files(entry, f"{path}{entry.name}/")
        elif entry.name.endswith((".yaml", ".yml")):
            yield f"{path}{entry.name}"


def _stems(folder: Traversable | None) -> list[str]:
    if folder is None:
        return []
    names = [entry.name for entry in folder.iterdir() if entry.is_file()]
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))
