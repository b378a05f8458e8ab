"""The registry of providers, mappings and models that users hold: configuration, and the engine that runs on it."""

from __future__ import annotations

import json
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from truto_unify.config.configuration import Configuration
from truto_unify.config.overrides import check_depths
from truto_unify.mapping.mapper import Engine, Mapper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from truto_unify.config.configuration import Overlay
    from truto_unify.config.editions import Edition
    from truto_unify.config.yaml import Node
    from truto_unify.models.resource import ResourceSchema

    _Key = tuple[str, str, str, Edition | None]
    """Resource, provider, overrides as JSON, and edition."""

_MAX_MAPPERS = 512
"""Compiled mappings that are kept, including those with layers of environments and accounts."""


class Registry(Configuration):
    """Every provider, mapping and model that is known, from the package, installed overlays and the caller.

    Args:
        overlay: a folder with ``providers/``, ``mappings/`` and ``models/``, or several; they add to or change what
            ships, key by key.
        engine: ``compiled``, or ``interpreter`` for the official JMESPath library (slower).
        models: unified resources of your own, written in Python; files in ``models/`` need no Python.

    >>> len(Registry().providers) > 0
    True
    """

    def __init__(
        self, overlay: Overlay = (), engine: Engine = "compiled", *, models: Iterable[ResourceSchema] = ()
    ) -> None:
        super().__init__(overlay, models)
        self.engine: Engine = engine
        self._mappers: dict[_Key, Mapper] = {}

    def _begin_locks(self) -> None:
        super()._begin_locks()
        self._mapper_lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy reads the files and compiles the mappings again: functions and locks cannot be pickled.
        rebuild = partial(type(self), self._folders, self.engine, models=self._given)
        return rebuild, (), {"_replaced": self._replaced}

    def with_file(self, name: str, node: Node) -> Self:
        """See ``Configuration.with_file``."""
        changed = super().with_file(name, node)
        changed._mappers = {}
        return changed

    def mapper(
        self,
        resource: str,
        provider: str,
        overrides: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, str] | None = None,
    ) -> Mapper:
        """The mapping engine alone, without a network; one mapper for all calls with the same merged mapping.

        Args:
            resource: ``model/resource``.
            provider: slug.
            overrides: further mapping layers (environment, account), merged field by field; null removes.
            context: of the account, which may choose an edition of the file.

        Raises:
            UnknownProvider, UnknownResource: no file describes it.
            ConfigError: a file or an override is wrong.
        """
        check_depths(overrides, resource, provider)
        layers = json.dumps(overrides, separators=(",", ":"), default=str) if overrides else ""
        edition = self.edition(resource, provider, context) if context is not None else None
        key = (resource, provider, layers, edition)
        with self._mapper_lock:
            if key in self._mappers or not overrides:
                return self._used(key, lambda: self._build(resource, provider, overrides, context))
        # Other calls do not wait for the mapping of an override, which a tenant may write as long as it likes.
        mapper = self._build(resource, provider, overrides, context)
        with self._mapper_lock:
            return self._used(key, lambda: mapper)

    def _build(
        self,
        resource: str,
        provider: str,
        overrides: Sequence[Mapping[str, Any]],
        context: Mapping[str, str] | None,
    ) -> Mapper:
        return Mapper(self.mapping(resource, provider, overrides, context), self.engine)

    def _used(self, key: _Key, build: Callable[[], Mapper]) -> Mapper:
        """The mapper of this key; the order of the mappers is that of their use, and the first is removed first."""
        mapper = self._mappers.pop(key, None)
        if mapper is None:
            mapper = build()
            if len(self._mappers) >= _MAX_MAPPERS:
                del self._mappers[next(iter(self._mappers))]
        self._mappers[key] = mapper
        return mapper
