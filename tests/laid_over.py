"""A mapping layer as part of a file, which may cost what it likes, unlike an override."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.mapping.mapper import Mapper
    from truto_unify.registry import Registry


def mapper_of_file(registry: Registry, resource: str, slug: str, *layers: Mapping[str, Any]) -> Mapper:
    """The mapper of the provider's file with the layers merged into it."""
    node = registry.mapping(resource, slug, layers).node
    return registry.with_file(f"mappings/{resource}/{slug}.yaml", node).mapper(resource, slug)
