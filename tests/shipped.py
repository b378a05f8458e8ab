"""What ships is loaded once in a process: one registry for all tests, and files that no other registry checks again."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from truto_unify import Registry
from truto_unify.config import files, python_models
from truto_unify.config.configuration import Configuration
from truto_unify.config.files import read_layers
from truto_unify.models import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from truto_unify.config.configuration import LoadedMapping, Provider
    from truto_unify.config.editions import Edition
    from truto_unify.errors import Problem

REGISTRY = Registry()
_load_provider, _load_mapping = Configuration._load_provider, Configuration._load_mapping
_providers: dict[str, tuple[Provider | None, list[Problem]]] = {}
_mappings: dict[tuple[str, str, Edition | None], tuple[LoadedMapping | None, list[Problem]]] = {}


def share_shipped_files() -> None:
    """Lets registries share what they find in a file that ships, if no overlay and no trial changes it.

    Hundreds of tests lay a file of their own over what ships, and would check all of it again. The packages that are
    installed are looked through once, too.
    """
    once: Any = cache(entry_points)
    files.entry_points = python_models.entry_points = once  # type: ignore[attr-defined]  # imported there
    Configuration._load_provider = _provider_once  # type: ignore[method-assign]  # as above
    Configuration._load_mapping = _mapping_once  # type: ignore[method-assign]  # as above


def _is_as_shipped(configuration: Configuration, name: str) -> bool:
    labels = [label for label, _ in read_layers(configuration._layers, name)]
    return name not in configuration._replaced and labels == [name]


def _provider_once(self: Configuration, slug: str) -> tuple[Provider | None, list[Problem]]:
    if not _is_as_shipped(self, f"providers/{slug}.yaml"):
        return _load_provider(self, slug)
    if slug not in _providers:
        _providers[slug] = _load_provider(self, slug)
    provider, problems = _providers[slug]
    texts = {name: text for name, (_, text) in self._documents(provider.config).items()} if provider else {}
    if provider is None or texts != provider.documents:
        return _load_provider(self, slug)
    return provider, [*problems]


def _mapping_once(
    self: Configuration,
    resource: str,
    provider: Provider,
    overrides: Sequence[Mapping[str, Any]],
    edition: Edition | None = None,
) -> tuple[LoadedMapping | None, list[Problem]]:
    slug = provider.slug
    is_plain = (
        not overrides and resource not in self.described and self._models.get(resource) is RESOURCES.get(resource)
    )
    is_shared = provider is _providers.get(slug, (None,))[0] and _is_as_shipped(
        self, f"mappings/{resource}/{slug}.yaml"
    )
    if not (is_plain and is_shared):
        return _load_mapping(self, resource, provider, overrides, edition)
    key = (resource, slug, edition)
    if key not in _mappings:
        _mappings[key] = _load_mapping(self, resource, provider, overrides, edition)
    mapping, problems = _mappings[key]
    return mapping, [*problems]
