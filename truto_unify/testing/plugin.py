"""The pytest plugin with ``--update-golden``.

Load it in a ``conftest.py``: ``pytest_plugins = ["truto_unify.testing.plugin"]``. PYTEST_DONT_REWRITE: it asserts
nothing, and may have been imported before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--update-golden``."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite golden files with what came out; review them"
    )


def is_updating(config: pytest.Config) -> bool:
    """Whether golden files are to be rewritten; never where the plugin is not loaded."""
    return bool(config.getoption("--update-golden", default=False))
