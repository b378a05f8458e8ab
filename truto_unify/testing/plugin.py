"""The pytest plugin: ``--update-golden``, ``--mutate``, and the rules of cassettes.

Load it in a ``conftest.py``: ``pytest_plugins = ["truto_unify.testing.plugin"]``. No test reaches the network, every
interaction of a cassette is replayed, and a request gets only the answer that was recorded for it.
PYTEST_DONT_REWRITE: the plugin has no assertions, and may be imported before pytest rewrites them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

_THIS_MACHINE = "127.0.0.1,::1,localhost"
_EXPIRED = "expired cassette"


class BrokenContract(AssertionError):
    """The problems of a provider, one a line; shown without a traceback, which would point into this package."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite golden files with the actual results; review them"
    )
    parser.addoption(
        "--mutate", action="store_true", help="break each line of each mapping in every way; some test must notice"
    )
    group = parser.getgroup("truto_unify", "cassettes of truto_unify")
    group.addoption(
        "--allow-network",
        action="store_true",
        help="let tests reach other machines, and pytest-recording write cassettes unchanged, secrets included",
    )
    group.addoption(
        "--expired-cassettes",
        choices=("warn", "fail", "ignore"),
        default="warn",
        help="what to do about a cassette whose sidecar says that it is too old (default: warn)",
    )


def report(problems: list[str]) -> None:
    """Fails with every problem, one a line.

    Raises:
        BrokenContract: the list has a problem.
    """
    if problems:
        raise BrokenContract("\n".join(problems))


def is_updating(config: pytest.Config) -> bool:
    """Whether to rewrite golden files; false without the plugin."""
    return bool(config.getoption("--update-golden", default=False))


def is_mutating(config: pytest.Config) -> bool:
    """Whether to break every line of every mapping; false without the plugin."""
    return bool(config.getoption("--mutate", default=False))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects the test of mutants if it would break nothing."""
    idle = [item for item in items if _breaks_nothing(item)] if not is_mutating(config) else []
    if idle:
        config.hook.pytest_deselected(items=idle)
        items[:] = [item for item in items if item not in idle]


def _breaks_nothing(item: pytest.Item) -> bool:
    is_mutation_test = getattr(item, "originalname", "") == "test_broken_mappings_are_noticed"
    return is_mutation_test and not getattr(getattr(item, "cls", None), "mutants", 0)


def pytest_configure(config: pytest.Config) -> None:
    """Blocks the network, except for this machine.

    Raises:
        pytest.UsageError: pytest-recording would write cassettes that nothing cleans.
    """
    config.addinivalue_line("markers", "unplayed(reason): not every interaction of the cassette must be played.")
    if config.getoption("--allow-network") or not hasattr(config.option, "block_network"):
        return
    if config.option.record_mode not in {None, "none"}:
        raise pytest.UsageError(
            f"--record-mode={config.option.record_mode} writes secrets and people into cassettes: record with "
            "'truto-unify record', or add --allow-network"
        )
    config.option.block_network = True
    config.option.allowed_hosts = config.option.allowed_hosts or _THIS_MACHINE


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows the problem of a contract, or of an outdated cassette, without the lines of the suite."""
    result = yield
    if call.excinfo is not None:
        if isinstance(call.excinfo.value, BrokenContract):
            result.longrepr = str(call.excinfo.value)
        elif (mismatch := _mismatch_behind(call.excinfo.value)) is not None:
            from truto_unify.testing.cassettes.matching import describe_mismatch  # noqa: PLC0415 - needs vcrpy, which takes long to load

            result.longrepr = f"{_cassette_name(item, mismatch)}: {describe_mismatch(mismatch)}"
    return result


def _mismatch_behind(error: BaseException | None) -> Any:
    """The error of vcrpy for a request that the cassette does not hold, or None, through the chain of causes."""
    while error is not None and not hasattr(error, "failed_request"):
        error = error.__cause__ or error.__context__
    return error


def _cassette_name(item: pytest.Item, mismatch: Any) -> str:
    """The file that the test names, without its ending; else the file that pytest-recording derives from the test."""
    files = [name for marker in item.iter_markers("vcr") for name in marker.args]
    return Path(str(files[0] if files else mismatch.cassette.path)).stem


@pytest.hookimpl(optionalhook=True)
def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:  # noqa: ARG001 - the names are the hook's
    """Registers our matchers with pytest-recording, for tests that name no others."""
    from truto_unify.testing.cassettes.matching import register_matchers  # noqa: PLC0415 - needs vcrpy, which takes long to load

    register_matchers(vcr)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Checks the cassettes of a test after it has passed."""
    result = yield
    cassette = pyfuncitem.funcargs.get("vcr")
    if cassette is not None:
        from truto_unify.testing.cassettes.rules import expired_cassettes, unplayed, written  # noqa: PLC0415 - needs vcrpy, which takes long to load

        faults = [] if pyfuncitem.config.getoption("--allow-network") else written(cassette)
        faults += unplayed(cassette, pyfuncitem.get_closest_marker("unplayed"))
        policy = pyfuncitem.config.getoption("--expired-cassettes")
        expired = expired_cassettes(pyfuncitem, cassette) if policy != "ignore" else []
        pyfuncitem.user_properties.extend((_EXPIRED, text) for text in expired)
        if policy == "fail":
            faults += [f"{text}; record it again" for text in expired]
        if faults:
            pytest.fail("\n".join(faults), pytrace=False)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names each expired cassette once."""
    reports = [report for group in terminalreporter.stats.values() for report in group]
    expired = {text for report in reports for name, text in getattr(report, "user_properties", ()) if name == _EXPIRED}
    for text in sorted(expired):
        terminalreporter.write_line(f"warning: {text}")
