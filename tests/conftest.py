"""What every test gets, and the line that says whether the shared material was there."""

from __future__ import annotations

import pytest

from tests.shared_material import ABSENT, SHARED


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Tests marked ``anyio`` run on asyncio alone."""
    return "asyncio"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud whether tests could read the payloads beside the checkout."""
    folder = SHARED / "fixtures"
    if folder.is_dir():
        providers = sum(1 for path in folder.iterdir() if path.is_dir())
        terminalreporter.write_line(f"shared material: ../shared, with fixtures of {providers} providers")
    else:
        terminalreporter.write_line(f"shared material: {ABSENT}; the tests that need it were skipped")
