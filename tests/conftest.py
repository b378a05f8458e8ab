"""What every test gets, and the line that says whether the shared material was there."""

from __future__ import annotations

import gc
from collections import Counter
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from xdist.scheduler import WorkStealingScheduling

from tests.golden_file import check_golden
from tests.loopback import Clock, Loopback, make_sandbox
from tests.shared_material import ABSENT, SHARED
from tests.shipped import share_shipped_files
from truto_unify.engine.budget_store import PROCESS_BUDGETS
from truto_unify.sandbox.serve import run_in_thread
from truto_unify.testing.plugin import is_updating

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytest_plugins = [
    "tests.postgres",
    "tests.redis_server",
    "truto_unify.testing.plugin",
]  # a database server; --update-golden

share_shipped_files()

# Python looks for garbage every 700 new objects, which takes a twelfth of the run; the tests make few cycles.
gc.set_threshold(20_000)

# A busy machine makes one example slow, which says nothing about the code. Each run tries other examples.
settings.register_profile("truto_unify", deadline=None, max_examples=40)
settings.load_profile("truto_unify")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Any], None]:
    """Compares a JSON value with the golden file of this name."""
    return partial(check_golden, update=is_updating(request.config))


@pytest.fixture(autouse=True)
def fresh_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for the limits of a provider, unless it has a budget store of its own: minutes pass in between."""
    monkeypatch.setattr(PROCESS_BUDGETS, "_timer", partial(next, count(0, 60)))
    PROCESS_BUDGETS.clear()


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are as wide as they like, whatever runs the tests."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Tests marked ``anyio`` run on asyncio alone."""
    return "asyncio"


@pytest.fixture(scope="session")
def served_stores() -> Iterator[Loopback]:
    """The sandbox on a socket of this machine."""
    clock = Clock()
    sandbox = make_sandbox(clock)
    with run_in_thread(sandbox) as origin:
        yield Loopback(origin, sandbox, clock)


@pytest.fixture
def loopback(served_stores: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """The sandbox, as new; a proxy of the environment is passed by."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served_stores.renew()
    return served_stores


LONGEST = {
    "test_every_answer_is_declared",
    "test_the_evidence_is_what_recordings_examples_and_stores_show",
    "test_mypy_finds_every_wrong_call_and_nothing_else",
    "test_pyright_finds_every_wrong_call_and_nothing_else",
    "test_the_page_shows_what_its_commands_show",
}
"""Tests of many seconds each: as the last of all, one of them would leave the other workers idle."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest tests first, and keeps those of a folder together: what they share is made in one worker.

    Otherwise the order is random: that of the folders, of the modules in a folder, and of the tests in a module.
    """
    folders: dict[Path, int] = {}
    for item in items:
        folders.setdefault(item.path.parent, len(folders))
    items.sort(key=lambda item: (item.name not in LONGEST, folders[item.path.parent]))


def pytest_collection_finish() -> None:
    """Exempts what was collected from the search for garbage.

    Each run of pytest inside a test ends with two searches, each of half a second among 12,000 collected tests.
    """
    gc.freeze()


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Gives each worker one part of the tests, and what another has left if its own part is done.

    So the fixtures of a module are made in one worker, and no worker is idle while the other has tests.
    """
    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud whether tests could read the payloads beside the checkout, and why tests were skipped."""
    folder = SHARED / "fixtures"
    if folder.is_dir():
        providers = sum(1 for path in folder.iterdir() if path.is_dir())
        terminalreporter.write_line(f"shared material: ../shared, with fixtures of {providers} providers")
    else:
        terminalreporter.write_line(f"shared material: {ABSENT}; the tests that need it were skipped")
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()))
    for reason, number in sorted(reasons.items()):
        terminalreporter.write_line(f"{number} skipped: {reason.removeprefix('Skipped: ')}")
