"""The invented stores that tests of the engine share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.stores import write_stores

if TYPE_CHECKING:
    from truto_unify.registry import Registry


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return write_stores(tmp_path_factory.mktemp("stores"))
