"""Loads and merges the configuration of every provider, once, and reports every fault of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from truto_unify.config.editions import choose_edition, context_of_edition, edition_label
from truto_unify.config.evidence import Evidence, read_evidence
from truto_unify.config.expression_costs import OverrideGuard
from truto_unify.config.field_rules import ObjectRule, source_at
from truto_unify.config.files import Layer, folder_layer, installed_layers, read_documents, read_layers, shipped_layer
from truto_unify.config.filter_lint import check_override_patterns
from truto_unify.config.graphql_lint import check_document
from truto_unify.config.lint import check_provider
from truto_unify.config.mapping import MappingConfig
from truto_unify.config.mapping_lint import check_mapping
from truto_unify.config.model_file import ModelConfig
from truto_unify.config.model_lint import check_model
from truto_unify.config.model_names import resource_name_fault
from truto_unify.config.model_schema import build_schema
from truto_unify.config.overrides import check_depths, lay_over, override_name
from truto_unify.config.provider import Endpoint, ProviderConfig, provider_templates
from truto_unify.config.python_models import installed_models, read_models
from truto_unify.config.resolution import resolve_mapping
from truto_unify.config.schema import Model, salvage_node, validate_node
from truto_unify.config.sound_fields import leave_out_faulty, leave_out_unknown
from truto_unify.config.yaml import Node, load_yaml, nodes_from
from truto_unify.errors import ConfigError, InvalidInput, Problem, UnknownProvider, UnknownResource
from truto_unify.expressions import suggest
from truto_unify.forks import renew_after_fork
from truto_unify.models import RESOURCES
from truto_unify.values import show_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.config.editions import Edition
    from truto_unify.config.evidence import Level, Proof
    from truto_unify.models.resource import ResourceSchema

Overlay = str | PathLike[str] | Sequence[str | PathLike[str]]
"""The path of a folder, or several."""


@dataclass(frozen=True)
class Provider:
    """A checked provider file.

    Attributes:
        slug: the file's name.
        config: its content.
        documents: the GraphQL files that its endpoints name.
        node: its content with the place of every value.
    """

    slug: str
    config: ProviderConfig
    documents: Mapping[str, str]
    node: Node

    def endpoint(self, name: str) -> Endpoint:
        """The native call ``resource.method``, which the cross checks have found to exist."""
        resource, _, method = name.partition(".")
        return self.config.resources[resource][method]

    def document(self, endpoint: Endpoint) -> str | None:
        """The GraphQL document of the endpoint's operation; None without GraphQL."""
        return self.documents[endpoint.graphql.document] if endpoint.graphql else None

    @cached_property
    def address_only_fields(self) -> frozenset[str]:
        """Fields that serve only to build the API root, which an account with a ``base_url`` does not need."""
        inside, elsewhere = set(self.config.base_url.placeholders), set[str]()
        for path, template, _ in provider_templates(self.config):
            if path != ("base_url",) and path[-1] != "token_url":
                elsewhere |= set(template.placeholders)
        return frozenset(inside - elsewhere)


@dataclass(frozen=True, slots=True)
class LoadedMapping:
    """A checked mapping file with what it maps between.

    Attributes:
        provider: the provider.
        schema: the unified resource.
        config: the content, with overrides merged into it.
        node: the content with the place of every value.
        has_overrides: whether layers of an environment or an account are part of it: their costs are bounded.
        has_copies: whether an override copies parts of the record into each element of a list.
        edition: the context field and value that chose a layer of the file; None for the file as it is.
    """

    provider: Provider
    schema: ResourceSchema
    config: MappingConfig
    node: Node
    has_overrides: bool = False
    has_copies: bool = False
    edition: Edition | None = None

    def place_of(self, field: str) -> str:
        """``file:line:column`` of a unified field's rule; ``addresses[1].country`` finds the rule of ``country``."""
        (name, _, index), *parts = (step.partition("[") for step in field.split("."))
        steps: list[str | int] = ["response_mapping", name]
        rule = self.config.response_mapping.get(name)
        for part, _, next_index in parts:
            if isinstance(rule, tuple):
                number = source_at(rule, int(index.removesuffix("]"))) if index else None
                if number is None:
                    break
                steps.append(number)
                rule = rule[number]
            if not isinstance(rule, ObjectRule):
                break
            steps.append(part)
            rule, index = rule.parts.get(part), next_index
        return str(self.node.at(steps).place)


class Configuration:
    """Every provider, mapping and model: of the package, of installed overlays and of the overlay of the caller.

    Args:
        overlay: a folder that holds ``providers/``, ``mappings/`` or ``models/``, or several; later ones win, key by
            key.
        models: unified resources of your own, written in Python.

    A file is read on first use. A file with a fault raises ``ConfigError`` with every fault of it.

    Raises:
        ConfigError: an overlay holds none of the three folders, or an installed one cannot be loaded.
        InvalidInput: an overlay is not a path, or a model has a fault.
    """

    def __init__(self, overlay: Overlay = (), models: Iterable[ResourceSchema] = ()) -> None:
        self._folders = _read_overlay(overlay)
        self._layers: list[Layer] = [shipped_layer(), *installed_layers(), *map(folder_layer, self._folders)]
        self._given = tuple(read_models(models).values())
        own = {schema.name: schema for schema in self._given}
        self._models: Mapping[str, ResourceSchema] = {**RESOURCES, **installed_models(), **own}
        self._schemas: dict[str, ResourceSchema] = {}
        self._begin_locks()
        self._evidence: Mapping[str, Any] | None = None
        self._providers: dict[str, Provider] = {}
        self._mappings: dict[tuple[str, str, Edition | None], LoadedMapping] = {}
        self._replaced: Mapping[str, Node] = {}

    def _begin_locks(self) -> None:
        self._lock = threading.RLock()
        renew_after_fork(self, type(self)._begin_locks)

    def with_file(self, name: str, node: Node) -> Self:
        """The same configuration with another content of one file, to try a change without writing it.

        Args:
            name: as ``mappings/ecommerce/customers/acme.yaml``.
            node: the whole content, overlays included.
        """
        changed = object.__new__(type(self))
        changed.__dict__.update(self.__dict__)
        changed._begin_locks()
        changed._replaced = {**self._replaced, name: node}
        changed._providers = dict(self._providers) if name.startswith("mappings/") else {}
        changed._mappings, changed._schemas = {}, {}
        return changed

    @property
    def providers(self) -> tuple[str, ...]:
        """Slugs of all known providers, sorted."""
        return tuple(sorted({slug for layer in self._layers for slug in layer.provider_names()}))

    @property
    def mappings(self) -> tuple[tuple[str, str], ...]:
        """(``model/resource``, provider) of all known mappings, sorted."""
        return tuple(sorted({name for layer in self._layers for name in layer.mapping_names()}))

    @property
    def resource_names(self) -> tuple[str, ...]:
        """``model/resource`` of all unified resources: those of the package, of Python code, and of model files."""
        return tuple(dict.fromkeys([*self._models, *self.described]))

    @property
    def resources(self) -> Mapping[str, ResourceSchema]:
        """All unified resources by name.

        Raises:
            ConfigError: a model file is wrong.
        """
        return {name: self.schema(name) for name in self.resource_names}

    @cached_property
    def described(self) -> tuple[str, ...]:
        """The resources that a file of ``models/`` describes, or adds fields to."""
        return tuple(sorted({name for layer in self._layers for name in layer.model_names()}))

    def schema(self, resource: str) -> ResourceSchema[Any]:
        """The schema of a unified resource, with the fields that overlays add to it.

        Raises:
            UnknownResource: there is no such resource.
            ConfigError: its model file is wrong.
        """
        schema = self._schemas.get(resource)
        if schema is not None:
            return schema
        with self._lock:
            if resource not in self.resource_names:
                raise UnknownResource(f'unknown unified resource "{resource}"{self._near(resource)}')
            schema, findings = self._load_schema(resource)
            problems = [problem for problem in findings if not problem.is_warning]
            if schema is None or problems:
                raise ConfigError(problems)
            self._schemas[resource] = schema
            return schema

    def _near(self, resource: str) -> str:
        return suggest(resource, self.resource_names) or f"; known: {', '.join(self.resource_names)}"

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
                provider, findings = self._load_provider(slug)
                problems = [problem for problem in findings if not problem.is_warning]
                if provider is None or problems:
                    raise ConfigError(problems)
                self._providers[slug] = provider
            return self._providers[slug]

    def mapping(
        self,
        resource: str,
        slug: str,
        overrides: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, str] | None = None,
    ) -> LoadedMapping:
        """The mapping of a unified resource to a provider.

        Args:
            resource: ``model/resource``.
            slug: the provider.
            overrides: further layers (environment, account), merged field by field; null removes.
            context: of the account, which may choose an edition of the file.

        Raises:
            UnknownProvider, UnknownResource: no file describes it.
            ConfigError: a file or an override is wrong.
        """
        check_depths(overrides, resource, slug)
        provider = self.provider(slug)
        edition = self.edition(resource, slug, context) if context is not None else None
        if overrides:  # not under the lock: tenants write overrides, and other calls must not wait for theirs
            return self._sound_mapping(resource, provider, overrides, edition)
        with self._lock:
            key = (resource, slug, edition)
            if key not in self._mappings:
                self._mappings[key] = self._sound_mapping(resource, provider, (), edition)
            return self._mappings[key]

    def _sound_mapping(
        self, resource: str, provider: Provider, overrides: Sequence[Mapping[str, Any]], edition: Edition | None
    ) -> LoadedMapping:
        if (resource, provider.slug) not in self.mappings:
            known = [name for name, slug in self.mappings if slug == provider.slug]
            near = suggest(resource, known) if resource not in self.resource_names else ""
            hint = near or f"; it has {', '.join(known) or 'none'}"
            raise UnknownResource(f'provider "{provider.slug}" has no unified resource "{resource}"{hint}')
        mapping, findings = self._load_mapping(resource, provider, overrides, edition)
        problems = [problem for problem in findings if not problem.is_warning]
        if mapping is None or problems:
            raise ConfigError(problems)
        return mapping

    def edition(self, resource: str, slug: str, context: Mapping[str, str]) -> Edition | None:
        """The edition that a context chooses; None for the file as it is. It raises what `mapping` raises."""
        config = self.mapping(resource, slug).config
        return choose_edition(config.editions, self.provider(slug).config.context, context)

    def editions(self, resource: str, slug: str) -> dict[str, LoadedMapping]:
        """The mapping in each of its editions, by the name of the edition. It raises what `mapping` raises."""
        mapping = self.mapping(resource, slug)
        fields = mapping.provider.config.context
        pairs = [(name, value) for name, layers in mapping.config.editions.items() for value in layers]
        contexts = {edition_label(pair): context_of_edition(pair, fields) for pair in pairs}
        return {name: self.mapping(resource, slug, context=context) for name, context in contexts.items()}

    def evidence(self, mapping: LoadedMapping, part: Literal["fields", "query"], name: str) -> Evidence:
        """The evidence for one cell of the support matrix."""
        return Evidence(**self._cell(mapping, part, name))

    def proof(self, mapping: LoadedMapping, name: Proof) -> tuple[Level, str | None] | None:
        """The level and the day of a proof about a resource as a whole; None without a proof."""
        cell = self._cell(mapping, "proofs", name)
        return (cell["level"], cell.get("day")) if cell else None

    def _cell(self, mapping: LoadedMapping, part: str, name: str) -> dict[str, Any]:
        with self._lock:
            if self._evidence is None:
                self._evidence = read_evidence(self._layers)
            known = self._evidence.get(mapping.schema.name, {}).get(mapping.provider.slug, {})
            if mapping.edition is not None:
                known = known.get("editions", {}).get(edition_label(mapping.edition), {})
            cell: dict[str, Any] = known.get(part, {}).get(name, {})
            return cell

    def problems(self) -> list[Problem]:
        """Every fault of every file."""
        return [problem for problem in self.findings() if not problem.is_warning]

    def findings(self) -> list[Problem]:
        """Every fault of every file, and every warning."""
        findings = [problem for layer in self._layers for problem in layer.stray_files()]
        findings += [problem for name in self.described for problem in self._load_schema(name)[1]]
        providers: dict[str, Provider | None] = {}
        for slug in self.providers:
            providers[slug], problems = self._load_provider(slug)
            findings += problems
        for resource, slug in self.mappings:
            name = f"mappings/{resource}/{slug}.yaml"
            provider = providers.get(slug)
            if provider is not None:
                mapping, problems = self._load_mapping(resource, provider, ())
                findings += problems
                for field, layers in (mapping.config.editions if mapping is not None else {}).items():
                    for value in layers:
                        problems = self._load_mapping(resource, provider, (), (field, value))[1]
                        # Another edition may use it.
                        findings += [problem for problem in problems if problem.rule != "definition-unused"]
                continue
            node, problems = self._merged(name, ())
            findings += problems
            if slug not in providers:
                hint = suggest(slug, providers) or f"; known: {', '.join(providers)}"
                message = f'no provider file "providers/{slug}.yaml"{hint}'
                findings.append(Problem(node.place.file, 1, 1, message, rule="mapping-without-provider"))
            _validate(MappingConfig, node, findings)
        return list(dict.fromkeys(findings))

    def _merged(
        self, name: str, overrides: Sequence[Mapping[str, Any]], edition: Edition | None = None
    ) -> tuple[Node, list[Problem]]:
        problems: list[Problem] = []
        merged: Node | None = None
        if name in self._replaced:
            merged = self._replaced[name]
        else:
            for file, content in read_layers(self._layers, name):
                node, faults = _load_bytes(content, file)
                problems += faults
                merged = node if merged is None else lay_over(merged, node)
        if merged is None:
            raise FileNotFoundError(name)
        if edition is not None:
            rest = {key: node for key, node in merged.value.items() if key != "editions"}
            merged = lay_over(replace(merged, value=rest), merged.at(("editions", *edition)))
        for number, override in enumerate(overrides, start=1):
            layer = nodes_from(dict(override), override_name(name, number))
            if "editions" in override:
                message = "an override has no editions: it changes the edition that the account's context chooses"
                problems.append(layer.at(("editions",)).problem(message, rule="wrong-form", at_key=True))
            merged = lay_over(merged, layer)
        return merged, problems

    def _load_schema(self, name: str) -> tuple[ResourceSchema | None, list[Problem]]:
        """The schema of a resource, and the problems of the model file that describes it or adds fields to it.

        If the file has faults, the schema lacks the faulty fields; it serves to check the mappings.
        """
        parent = self._models.get(name)
        if name not in self.described:
            return parent, []
        file = f"models/{name}.yaml"
        node, problems = self._merged(file, ())
        fault = resource_name_fault(name, self.resource_names)
        if fault is not None:
            problems.append(node.problem(fault, rule="unsafe-name"))
        config, node = _validate(ModelConfig, node, problems)
        if config is None:
            return None, problems
        problems += check_model(config, node, parent)
        if any(not problem.is_warning for problem in problems):
            config = leave_out_faulty(config, node, problems, parent)
        described = set[str]() if parent is not None else self._lowest_fields(file)
        return build_schema(name, config, parent, frozenset(set(config.fields) - described)), problems

    def _lowest_fields(self, file: str) -> set[str]:
        """The fields in the lowest layer of a model file, which describes the resource; the others add to it."""
        label, content = next(read_layers(self._layers, file))
        fields = _load_bytes(content, label)[0].child("fields")
        return set(fields.keys) if fields is not None else set()

    def _load_provider(self, slug: str) -> tuple[Provider | None, list[Problem]]:
        node, problems = self._merged(f"providers/{slug}.yaml", ())
        config, node = _validate(ProviderConfig, node, problems)
        if config is None:
            return None, problems
        files = self._documents(config)
        documents = {name: text for name, (_, text) in files.items()}
        problems += check_provider(config, node, documents)
        problems += [problem for file, text in files.values() for problem in check_document(text, file)]
        return Provider(slug, config, documents, node), problems

    def _documents(self, config: ProviderConfig) -> dict[str, tuple[str, str]]:
        """The file name for problems and the text of each GraphQL document of a provider."""
        calls = [endpoint.graphql for methods in config.resources.values() for endpoint in methods.values()]
        return read_documents(self._layers, dict.fromkeys(call.document for call in calls if call is not None))

    def _load_mapping(
        self,
        resource: str,
        provider: Provider,
        overrides: Sequence[Mapping[str, Any]],
        edition: Edition | None = None,
    ) -> tuple[LoadedMapping | None, list[Problem]]:
        name = f"mappings/{resource}/{provider.slug}.yaml"
        node, problems = self._merged(name, overrides, edition)
        if resource not in self.resource_names:
            message = f'no unified resource "{resource}"{self._near(resource)}'
            return None, [*problems, Problem(node.place.file, 1, 1, message, rule="unknown-resource")]
        schema, faults = self._schemas.get(resource), list[Problem]()
        if schema is None:
            schema, faults = self._load_schema(resource)
        config, node = _validate(MappingConfig, node, problems)
        problems += faults
        if schema is not None and any(not fault.is_warning for fault in faults):
            model, _ = self._merged(f"models/{resource}.yaml", ())
            config, node = salvage_node(MappingConfig, leave_out_unknown(node, model, schema))
        if config is None or schema is None:
            return None, problems
        problems += check_mapping(config, node, schema, provider.config, provider.node, provider.documents)
        if not overrides:
            return LoadedMapping(provider, schema, resolve_mapping(config, schema), node, edition=edition), problems
        trusted = self._mappings.get((resource, provider.slug, edition))
        if trusted is None:
            trusted, _ = self._load_mapping(resource, provider, (), edition)
        if trusted is None:
            return None, problems
        problems += check_override_patterns(config, trusted.config, node)
        guard = OverrideGuard(trusted.config)
        resolved = resolve_mapping(config, schema, guard)
        return LoadedMapping(provider, schema, resolved, node, True, guard.has_copies, edition), problems


def _read_overlay(overlay: Overlay) -> tuple[Path, ...]:
    folders: Any = (overlay,) if isinstance(overlay, str | PathLike) else overlay
    if not isinstance(folders, Iterable) or not all(isinstance(folder, str | PathLike) for folder in folders):
        raise InvalidInput(f"an overlay is the path of a folder, or several paths, not {show_value(overlay)}")
    return tuple(Path(folder) for folder in folders)


def _load_bytes(content: bytes, file: str) -> tuple[Node, list[Problem]]:
    node, problems = _parse_bytes(content, file)
    return node, [*problems]


@lru_cache(maxsize=128)
def _parse_bytes(content: bytes, file: str) -> tuple[Node, list[Problem]]:
    try:
        return load_yaml(content.decode("utf-8-sig"), file)
    except UnicodeDecodeError as error:
        line, column = content[: error.start].count(b"\n") + 1, error.start - content.rfind(b"\n", 0, error.start)
        problem = Problem(file, line, column, "the file is not UTF-8 text", rule="yaml-encoding")
        return load_yaml("{}", file)[0], [problem]


def _validate(model: type[Model], node: Node, problems: list[Problem]) -> tuple[Model | None, Node]:
    """The model, or the part of it that is not faulty; adds new problems, except at a place that has one already."""
    if problems and not node.value:
        return None, node  # the file cannot be read, which is a problem already
    config, faults = validate_node(model, node)
    places = {(problem.file, problem.line, problem.column) for problem in problems}
    problems += [fault for fault in faults if (fault.file, fault.line, fault.column) not in places]
    return (config, node) if config is not None else salvage_node(model, node)
