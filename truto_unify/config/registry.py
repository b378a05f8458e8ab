"""Loads and merges the configuration of every provider, once, and says everything that is wrong with it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from truto_unify.config.files import Layer, folder_layer, installed_layers, read_layers, shipped_layer
from truto_unify.config.lint import check_mapping, check_provider
from truto_unify.config.mapping import MappingConfig
from truto_unify.config.provider import Endpoint, ProviderConfig
from truto_unify.config.schema import validate_node
from truto_unify.config.yaml import Node, load_yaml, merge_nodes, nodes_from
from truto_unify.errors import ConfigError, Problem, UnknownProvider, UnknownResource
from truto_unify.expressions import suggest
from truto_unify.models import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from truto_unify.models.resource import ResourceSchema


@dataclass(frozen=True, slots=True)
class Provider:
    """A checked provider file.

    Attributes:
        slug: the file's name.
        config: its content.
        documents: the GraphQL files that its endpoints name.
    """

    slug: str
    config: ProviderConfig
    documents: Mapping[str, str]

    def endpoint(self, name: str) -> Endpoint:
        """The native call ``resource.method``; the cross checks made sure that it exists."""
        resource, _, method = name.partition(".")
        return self.config.resources[resource][method]


@dataclass(frozen=True, slots=True)
class LoadedMapping:
    """A checked mapping file with what it maps between."""

    provider: Provider
    schema: ResourceSchema
    config: MappingConfig
    node: Node

    def place_of(self, field: str) -> str:
        """``file:line:column`` of a unified field's rule; ``addresses[1].country`` finds the rule of ``country``."""
        steps: list[str] = ["response_mapping"]
        for part in field.split("."):
            steps += [part.partition("[")[0], "map"]
        return str(self.node.at(steps).place)


class Configuration:
    """Every provider and mapping file, from the package, from installed overlays and from folders given here.

    Args:
        overlay: folders that hold ``providers/`` and ``mappings/``; later ones win, key by key.

    Files are read on first use and kept; a file with a fault raises ``ConfigError`` with every fault of it.
    """

    def __init__(self, overlay: Sequence[Path | str] = ()) -> None:
        folders = [folder_layer(Path(folder)) for folder in overlay]
        self._layers: list[Layer] = [shipped_layer(), *installed_layers(), *folders]
        self._lock = threading.RLock()
        self._providers: dict[str, Provider] = {}
        self._mappings: dict[tuple[str, str], LoadedMapping] = {}

    @property
    def providers(self) -> tuple[str, ...]:
        """Slugs of all known providers, sorted."""
        return tuple(sorted({slug for layer in self._layers for slug in layer.provider_names()}))

    @property
    def mappings(self) -> tuple[tuple[str, str], ...]:
        """(``model/resource``, provider) of all known mappings, sorted."""
        return tuple(sorted({name for layer in self._layers for name in layer.mapping_names()}))

    def provider(self, slug: str) -> Provider:
        """The provider of this slug.

        Raises:
            UnknownProvider: no file describes it.
            ConfigError: its file is wrong.
        """
        with self._lock:
            if slug not in self._providers:
                if slug not in self.providers:
                    hint = suggest(slug, self.providers) or f"; known: {', '.join(self.providers)}"
                    raise UnknownProvider(f'unknown provider "{slug}"{hint}')
                provider, problems = self._load_provider(slug)
                if provider is None or problems:
                    raise ConfigError(problems)
                self._providers[slug] = provider
            return self._providers[slug]

    def mapping(self, resource: str, slug: str, overrides: Sequence[Mapping[str, Any]] = ()) -> LoadedMapping:
        """The mapping of a unified resource to a provider.

        Args:
            resource: ``model/resource``.
            slug: the provider.
            overrides: further layers (environment, account), merged field by field; null removes.

        Raises:
            UnknownProvider, UnknownResource: nothing describes it.
            ConfigError: a file or an override is wrong.
        """
        provider = self.provider(slug)
        with self._lock:
            key = (resource, slug)
            if key in self._mappings and not overrides:
                return self._mappings[key]
            if key not in self.mappings:
                known = [name for name, one in self.mappings if one == slug]
                hint = suggest(resource, known) or f"; it has {', '.join(known) or 'none'}"
                raise UnknownResource(f'provider "{slug}" has no unified resource "{resource}"{hint}')
            mapping, problems = self._load_mapping(resource, provider, overrides)
            if mapping is None or problems:
                raise ConfigError(problems)
            if not overrides:
                self._mappings[key] = mapping
            return mapping

    def problems(self) -> list[Problem]:
        """Every fault of every file."""
        found: list[Problem] = []
        providers: dict[str, Provider | None] = {}
        for slug in self.providers:
            providers[slug], faults = self._load_provider(slug)
            found += faults
        for resource, slug in self.mappings:
            if slug not in providers:
                found.append(Problem(f"mappings/{resource}/{slug}.yaml", 1, 1, f'no provider file "{slug}.yaml"'))
            elif (provider := providers[slug]) is not None:
                found += self._load_mapping(resource, provider, ())[1]
            else:
                found += self._merged(f"mappings/{resource}/{slug}.yaml", ())[1]
        return list(dict.fromkeys(found))

    def _merged(self, name: str, overrides: Sequence[Mapping[str, Any]]) -> tuple[Node, list[Problem]]:
        problems: list[Problem] = []
        merged: Node | None = None
        for file, text in read_layers(self._layers, name):
            node, faults = load_yaml(text, file)
            problems += faults
            merged = node if merged is None else merge_nodes(merged, node)
        if merged is None:
            raise FileNotFoundError(name)
        for number, override in enumerate(overrides, start=1):
            merged = merge_nodes(merged, nodes_from(dict(override), f"override {number} of {name}"))
        return merged, problems

    def _load_provider(self, slug: str) -> tuple[Provider | None, list[Problem]]:
        node, problems = self._merged(f"providers/{slug}.yaml", ())
        config, faults = validate_node(ProviderConfig, node)
        problems += faults
        if config is None:
            return None, problems
        documents = self._documents(config)
        problems += check_provider(config, node, documents)
        return Provider(slug, config, documents), problems

    def _documents(self, config: ProviderConfig) -> dict[str, str]:
        found = {}
        for methods in config.resources.values():
            for endpoint in methods.values():
                if endpoint.graphql is not None:
                    texts = read_layers(self._layers, f"providers/{endpoint.graphql.document}")
                    if texts:
                        found[endpoint.graphql.document] = texts[-1][1]
        return found

    def _load_mapping(
        self, resource: str, provider: Provider, overrides: Sequence[Mapping[str, Any]]
    ) -> tuple[LoadedMapping | None, list[Problem]]:
        name = f"mappings/{resource}/{provider.slug}.yaml"
        node, problems = self._merged(name, overrides)
        schema = RESOURCES.get(resource)
        if schema is None:
            hint = suggest(resource, RESOURCES) or f"; known: {', '.join(RESOURCES)}"
            return None, [*problems, Problem(name, 1, 1, f'no unified resource "{resource}"{hint}')]
        config, faults = validate_node(MappingConfig, node)
        problems += faults
        if config is None:
            return None, problems
        problems += check_mapping(config, node, schema, provider.config)
        return LoadedMapping(provider, schema, config, node), problems
