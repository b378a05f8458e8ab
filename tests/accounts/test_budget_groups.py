from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from truto_unify import StorageError
from truto_unify.accounts.budget_groups import MAX_CHANGES, BudgetGroups, PendingChange, group_by_key, run_in_turn

if TYPE_CHECKING:
    from truto_unify.types import BudgetChange

pytestmark = pytest.mark.anyio


def append(letter: str) -> BudgetChange:
    """Adds a letter to the stored text; the reply is the new text."""

    def change(text: str | None, _elapsed: float) -> tuple[str, str]:
        fresh = (text or "") + letter
        return fresh, fresh

    return change


def break_down(_text: str | None, _elapsed: float) -> tuple[str, Any]:
    raise ValueError("broken")


class Shelf:
    """Stores texts; a group ends when the test opens the door."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.sizes: list[int] = []
        self.door = asyncio.Event()
        self.has_begun = asyncio.Event()
        self.failure: Exception | None = None
        self.groups = BudgetGroups(self.commit)

    async def commit(self, changes: list[PendingChange]) -> None:
        self.sizes.append(len(changes))
        self.has_begun.set()
        await self.door.wait()
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        for key, group in group_by_key(changes).items():
            text = run_in_turn(group, self.texts.get(key), 1.0)
            self.texts |= {} if text is None else {key: text}
        for pending in changes:
            pending.finish()

    async def ask(self, *words: str) -> list[asyncio.Task[Any]]:
        """Begins changes, each named by a key and a letter, after those that were begun before."""
        tasks = [asyncio.create_task(self.groups.change(word[0], append(word[1]))) for word in words]
        await asyncio.sleep(0)
        return tasks


async def test_changes_that_arrive_while_a_group_is_stored_are_the_next_group() -> None:
    shelf = Shelf()
    tasks = await shelf.ask("ba")
    await shelf.has_begun.wait()
    tasks += await shelf.ask("ab", "bc", "ad", "be")
    shelf.door.set()

    assert await asyncio.gather(*tasks) == ["a", "b", "ac", "bd", "ace"]
    assert (shelf.sizes, shelf.texts) == ([1, 4], {"a": "bd", "b": "ace"})


async def test_a_failure_reaches_every_caller_of_its_group_and_no_other() -> None:
    shelf = Shelf()
    shelf.failure = StorageError("the database does not answer: it is off")
    tasks = await shelf.ask("aa", "ab")
    await shelf.has_begun.wait()
    tasks += await shelf.ask("ac")
    shelf.door.set()

    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(end) for end in ends] == ["the database does not answer: it is off"] * 2 + ["c"]
    assert ends[0] is not ends[1]  # each caller may add its own account to its error


async def test_a_cancelled_caller_takes_nothing_and_disturbs_nobody() -> None:
    shelf = Shelf()
    tasks = await shelf.ask("aa", "ab", "ac")
    await shelf.has_begun.wait()
    tasks[1].cancel()
    await asyncio.sleep(0)
    shelf.door.set()

    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [ends[0], type(ends[1]), ends[2]] == ["a", asyncio.CancelledError, "ac"]


async def test_a_change_that_fails_is_an_error_of_its_caller_alone() -> None:
    shelf = Shelf()
    shelf.door.set()
    broken = asyncio.create_task(shelf.groups.change("a", break_down))
    tasks = [broken, *await shelf.ask("aa")]

    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [repr(ends[0]), ends[1], shelf.texts] == ["ValueError('broken')", "a", {"a": "a"}]


async def test_a_key_that_nobody_changes_is_not_stored() -> None:
    pending = PendingChange("a", append("x"))
    pending.future.cancel()

    assert run_in_turn([pending], "old", 1.0) is None


async def test_time_passes_once_for_a_group() -> None:
    seen: list[float] = []

    def note(text: str | None, elapsed: float) -> tuple[str, None]:
        seen.append(elapsed)
        return text or "", None

    run_in_turn([PendingChange("a", note), PendingChange("a", note)], "old", 3.0)
    assert seen == [3.0, 0.0]


async def test_a_group_has_a_largest_size() -> None:
    shelf = Shelf()
    shelf.door.set()

    await asyncio.gather(*await shelf.ask(*["aa"] * (MAX_CHANGES + 1)))
    assert shelf.sizes == [MAX_CHANGES, 1]


async def test_close_waits_for_the_changes_under_way() -> None:
    shelf = Shelf()
    tasks = await shelf.ask("aa")
    closing = asyncio.create_task(shelf.groups.close())
    await shelf.has_begun.wait()
    is_early = closing.done()
    shelf.door.set()
    await closing

    assert (is_early, shelf.texts) == (False, {"a": "a"})
    assert await asyncio.gather(*tasks) == ["a"]


def test_the_end_of_an_event_loop_leaves_the_groups_usable() -> None:
    kept: list[BudgetGroups] = []

    async def hang(_changes: list[PendingChange]) -> None:
        await asyncio.Event().wait()

    async def begin() -> None:
        kept.append(BudgetGroups(hang))
        task = asyncio.create_task(kept[0].change("a", append("a")))
        await asyncio.sleep(0)
        assert not task.done()

    async def finish() -> Any:
        async def store(changes: list[PendingChange]) -> None:
            run_in_turn(changes, None, 0.0)
            for pending in changes:
                pending.finish()

        kept[0]._commit = store
        return await kept[0].change("a", append("b"))

    asyncio.run(begin())
    assert asyncio.run(finish()) == "b"
