from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from truto_unify.errors import ProviderUnavailableError, TransportError
from truto_unify.lanes import Lanes, Ticket
from truto_unify.types import Lane

if TYPE_CHECKING:
    from collections.abc import Callable

A = Lane("account-a", "shop.example")
SHORT, LONG = 0.01, 30.0


class Calls:
    """Requests by name, with the order in which they began to run after they had waited."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.begun: list[str] = []
        self.tickets: dict[str, Ticket] = {}

    def join(self, *names: str, host: str = "shop.example") -> None:
        """Names are ``a1``, ``a2``, ``b1``: the account and a number."""
        for name in names:
            self.tickets[name] = self.lanes.join(name[0], host, self._note(name))

    def leave(self, *names: str) -> None:
        for name in names:
            self.lanes.leave(self.tickets.pop(name))

    def running(self) -> list[str]:
        return [name for name, ticket in self.tickets.items() if ticket.is_running]

    def _note(self, name: str) -> Callable[[], None]:
        return lambda: self.begun.append(name)


def test_requests_of_an_account_above_its_limit_wait_in_order() -> None:
    calls = Calls(Lanes(2, 50))
    calls.join("a1", "a2", "a3", "a4")
    assert calls.running() == ["a1", "a2"]
    calls.leave("a2", "a1")
    assert calls.begun == ["a3", "a4"]


def test_no_account_waits_behind_the_requests_of_another() -> None:
    calls = Calls(Lanes(10, 50))
    calls.join(*(f"a{number}" for number in range(300)))
    calls.join("b1", host="other.example")
    calls.join("c1")
    assert calls.running() == [*(f"a{number}" for number in range(10)), "b1", "c1"]
    assert calls.lanes.waiting == 290


def test_the_accounts_of_a_host_take_turns() -> None:
    calls = Calls(Lanes(10, 1))
    calls.join("a1", "a2", "a3", "a4", "b1", "b2", "c1")
    for name in ("a1", "a2", "b1", "c1", "a3", "b2"):
        calls.leave(name)
    assert calls.begun == ["a2", "b1", "c1", "a3", "b2", "a4"]


def test_a_place_of_an_account_also_comes_free_for_its_requests_to_another_host() -> None:
    calls = Calls(Lanes(1, 50))
    calls.join("a1")
    calls.join("a2", host="token.example")
    calls.leave("a1")
    assert calls.begun == ["a2"]


def test_a_request_whose_event_loop_is_closed_leaves_its_place_to_the_next() -> None:
    lanes = Lanes(1, 1)
    first = lanes.join("a", "shop.example", lambda: None)
    loop = asyncio.new_event_loop()
    loop.close()

    def wake() -> None:
        loop.call_soon_threadsafe(lambda: None)

    abandoned = lanes.join("a", "shop.example", wake)
    last = lanes.join("a", "shop.example", lambda: None)
    lanes.leave(first)
    assert last.is_running
    lanes.leave(abandoned)
    lanes.leave(last)
    assert (lanes.running, lanes.waiting) == (0, 0)


@pytest.mark.parametrize(
    ("lanes", "limit"),
    [
        (
            Lanes(1, 50),
            "1 requests of this account are in flight, which is the limit (Limits.max_in_flight_per_account, in the "
            "service TRUTO_UNIFY_MAX_IN_FLIGHT_PER_ACCOUNT)",
        ),
        (
            Lanes(10, 1),
            "1 requests to shop.example are in flight, which is the limit (Limits.max_in_flight_per_host, in the "
            "service TRUTO_UNIFY_MAX_IN_FLIGHT_PER_HOST)",
        ),
    ],
)
def test_a_request_that_waits_too_long_is_refused_with_the_limit(lanes: Lanes, limit: str) -> None:
    with lanes.place(A, LONG):
        with pytest.raises(ProviderUnavailableError) as by_thread, lanes.place(A, SHORT):
            raise AssertionError

        async def wait() -> None:
            async with lanes.async_place(A, SHORT):
                raise AssertionError

        with pytest.raises(ProviderUnavailableError) as by_task:
            asyncio.run(wait())
    message = f"{limit}, and none of them ended within 0.01 seconds; nothing was sent"
    errors = [by_thread.value, by_task.value]
    assert [(error.message, error.code, error.status, error.retryable) for error in errors] == [
        (message, "busy", 503, True)
    ] * 2
    assert (lanes.running, lanes.waiting) == (0, 0)


def test_a_request_that_is_refused_at_its_turn_gives_its_place_back() -> None:
    def refuse(_waited: float) -> None:
        raise TransportError("closed")

    lanes = Lanes(1, 1)
    with pytest.raises(TransportError), lanes.place(Lane("a", "shop.example", enter=refuse), LONG):
        raise AssertionError
    assert lanes.running == 0


def test_threads_and_tasks_wait_for_the_same_places() -> None:
    lanes = Lanes(1, 1)
    task_waits, thread_is_done = threading.Event(), threading.Event()

    async def wait_for_thread() -> float:
        entering = lanes.async_place(A, LONG)
        task_waits.set()
        async with entering as left:
            return left

    def hold() -> None:
        with lanes.place(A, LONG):
            started.set()
            task_waits.wait(LONG)
        thread_is_done.set()

    started = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    started.wait(LONG)
    left = asyncio.run(wait_for_thread())
    thread.join()
    assert 0 < left <= LONG
    assert thread_is_done.is_set()
    assert lanes.running == 0


def test_cancelled_tasks_give_their_places_back() -> None:
    lanes = Lanes(2, 2)

    async def hold() -> None:
        async with lanes.async_place(A, LONG):
            await asyncio.Event().wait()

    async def cancel_all() -> None:
        tasks = [asyncio.ensure_future(hold()) for _ in range(6)]
        await asyncio.sleep(0)
        assert (lanes.running, lanes.waiting) == (2, 4)
        tasks[0].cancel()  # the third task gets its place and is cancelled in the same turn of the loop
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(cancel_all())
    assert (lanes.running, lanes.waiting) == (0, 0)


class LaneMachine(RuleBasedStateMachine):
    """Any order of requests and ends, with and without a place."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes = Lanes(2, 3)
        self.tickets: list[Ticket] = []
        self.woken: set[int] = set()
        self.number = 0

    @rule(account=st.sampled_from("abc"), host=st.sampled_from(["x", "y"]))
    def join(self, account: str, host: str) -> None:
        self.number += 1
        number = self.number
        self.tickets.append(self.lanes.join(account, host, lambda: self.woken.add(number)))

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.tickets))
        self.tickets.remove(ticket)
        self.lanes.leave(ticket)

    @invariant()
    def limits_hold_and_no_place_stays_empty_while_a_request_could_use_it(self) -> None:
        running = [ticket for ticket in self.tickets if ticket.is_running]
        by_account = {name: sum(ticket.account.key == name for ticket in running) for name in "abc"}
        by_host = {name: sum(ticket.host.key == name for ticket in running) for name in "xy"}
        assert max(by_account.values()) <= 2
        assert max(by_host.values()) <= 3
        for ticket in self.tickets:
            assert ticket.is_running or by_account[ticket.account.key] == 2 or by_host[ticket.host.key] == 3
        assert (self.lanes.running, self.lanes.waiting) == (len(running), len(self.tickets) - len(running))

    def teardown(self) -> None:
        for ticket in self.tickets:
            self.lanes.leave(ticket)
        assert (self.lanes.running, self.lanes.waiting) == (0, 0)
        assert not self.lanes._accounts
        assert not self.lanes._hosts


TestLaneMachine = LaneMachine.TestCase
TestLaneMachine.settings = settings(max_examples=25, stateful_step_count=30)
