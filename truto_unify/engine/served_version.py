"""Logs, once, that a provider served another API version than the one that a call asks for."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from truto_unify.engine.route import NativeRoute
    from truto_unify.types import Response

_LOGGER = logging.getLogger("truto_unify")


def check_version(route: NativeRoute, response: Response) -> None:
    """Compares the version that an answer states with the requested one."""
    rule = route.provider.config.served_version
    if rule is None:
        return
    served = next((value for name, value in response.headers if name == rule.header.lower()), None)
    requested = rule.requested.fill(dict(route.values))
    if served is not None and served != requested:
        log_version(route.provider.slug, requested, served)


@lru_cache(maxsize=1024)
def log_version(slug: str, requested: str, served: str) -> None:
    """Logs a pair of versions the first time; the process remembers it."""
    _LOGGER.warning(
        "%s served API version %s instead of %s, which may be retired: results may differ; "
        "set a version that it supports",
        slug,
        served,
        requested,
    )
