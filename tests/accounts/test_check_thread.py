"""The thread of checks: turns by environment, and checks whose callers are gone."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import TYPE_CHECKING

import pytest

from truto_unify.accounts.check_thread import CheckThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.anyio


@pytest.fixture
def checks() -> Iterator[CheckThread]:
    thread = CheckThread()
    yield thread
    thread.close()


class Gate:
    """A check that a test holds, and what has run."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = Event(), Event()
        self.names: list[str] = []

    def held(self, is_wanted: Callable[[], bool]) -> bool:
        self.has_begun.set()
        self.may_end.wait(30)
        self.names.append("held")
        return is_wanted()

    def check(self, name: str) -> Callable[[Callable[[], bool]], bool]:
        def note(is_wanted: Callable[[], bool]) -> bool:
            self.names.append(name)
            return is_wanted()

        return note


async def test_a_check_gives_its_result_or_its_error(checks: CheckThread) -> None:
    def fail(_is_wanted: Callable[[], bool]) -> None:
        raise ValueError("wrong")

    assert await checks.run("home", lambda is_wanted: is_wanted()) is True
    with pytest.raises(ValueError, match="wrong"):
        await checks.run("home", fail)


async def test_checks_of_an_environment_take_one_turn_among_the_others(checks: CheckThread) -> None:
    gate = Gate()
    running = [asyncio.create_task(checks.run("greedy", gate.held))]
    await asyncio.to_thread(gate.has_begun.wait, 30)
    running += [asyncio.create_task(checks.run("greedy", gate.check(name))) for name in ("a", "b", "c")]
    running.append(asyncio.create_task(checks.run("other", gate.check("other"))))
    await asyncio.sleep(0)
    gate.may_end.set()
    await asyncio.gather(*running)
    assert gate.names == ["held", "other", "a", "b", "c"]


async def test_a_check_without_a_caller_ends_early_or_never_begins(checks: CheckThread) -> None:
    gate = Gate()
    seen: list[bool] = []
    held = asyncio.create_task(checks.run("home", lambda is_wanted: seen.append(gate.held(is_wanted))))
    await asyncio.to_thread(gate.has_begun.wait, 30)
    waiting = [asyncio.create_task(checks.run(name, gate.check(name))) for name in ("home", "other")]
    await asyncio.sleep(0)
    for task in (held, *waiting):
        task.cancel()
    results = await asyncio.gather(held, *waiting, return_exceptions=True)
    gate.may_end.set()
    await checks.run("next", gate.check("next"))
    assert [type(result) for result in results] == [asyncio.CancelledError] * 3
    assert (seen, gate.names) == ([False], ["held", "next"])
