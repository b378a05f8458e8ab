"""Stops calls to a host that does not answer: after several failures in a row they fail at once.

A circuit belongs to an account and a host. It opens after failures in a row; after a pause it lets one request through,
the probe. An answer closes it, a failure doubles the pause. https://martinfowler.com/bliki/CircuitBreaker.html
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from truto_unify.errors import ProviderUnavailableError
from truto_unify.forks import renew_after_fork
from truto_unify.types import Lane

if TYPE_CHECKING:
    from collections.abc import Callable

State = Literal["closed", "open", "half_open"]
_SEVERITY: tuple[State, ...] = ("closed", "half_open", "open")
_MAX_CIRCUITS = 10_000


class CircuitKey(NamedTuple):
    """The account and the host of a circuit."""

    provider: str
    account: str
    host: str


@dataclass(frozen=True, slots=True)
class CircuitState:
    """What a circuit does with the next request.

    Attributes:
        state: ``closed``: sends it; ``open``: refuses it; ``half_open``: sends one request, and refuses the others.
        retry_after: seconds until an open circuit lets a request through.
    """

    state: State = "closed"
    retry_after: float | None = None


@dataclass(slots=True)
class _Circuit:
    """Times are seconds of a monotonic clock.

    Attributes:
        failures: failures in a row.
        failed_at: the first of them; after the circuit opened, the last.
        opens_until: None while the circuit is closed.
        pause: seconds of the present pause.
        is_probing: whether the probe is under way.
    """

    failures: int = 0
    failed_at: float = 0.0
    opens_until: float | None = None
    pause: float = 0.0
    is_probing: bool = False


class CircuitBreaker:
    """The circuits of all accounts and hosts; safe to share between threads.

    Args:
        max_failures: failures in a row that open a circuit: no answer, or a status that may pass, such as 503. Refusals
            such as 404 and 429 are answers.
        window: seconds within which these failures happen.
        first_pause: seconds until the first probe.
        max_pause: the maximum of the pauses in seconds.
    """

    def __init__(
        self, *, max_failures: int = 5, window: float = 60.0, first_pause: float = 2.0, max_pause: float = 60.0
    ) -> None:
        self._max_failures = max_failures
        self._window = window
        self._first_pause = first_pause
        self._max_pause = max_pause
        self._circuits: dict[CircuitKey, _Circuit] = {}
        self._start_over()
        renew_after_fork(self, CircuitBreaker._start_over)

    def _start_over(self) -> None:
        """Forgets the probes: a forked process has none of its parent's threads."""
        self._guard = threading.RLock()  # the garbage collector may end an abandoned probe in the thread that holds it
        for circuit in self._circuits.values():
            circuit.is_probing = False

    def state(self, account: str, now: float) -> CircuitState:
        """The state of an account: that of its worst host.

        Args:
            account: the id of the account in the account store.
            now: seconds of a monotonic clock.
        """
        with self._guard:
            states = [self._state(circuit, now) for key, circuit in self._circuits.items() if key.account == account]
        return max(states, key=_rank, default=CircuitState())

    def count(self, now: float) -> dict[tuple[str, State], int]:
        """The number of circuits that are not closed, by provider and state."""
        counts: dict[tuple[str, State], int] = {}
        with self._guard:
            for key, circuit in self._circuits.items():
                state = self._state(circuit, now).state
                if state != "closed":
                    counts[key.provider, state] = counts.get((key.provider, state), 0) + 1
        return counts

    def check(self, key: CircuitKey, now: float) -> None:
        """Refuses a request that would not be let through; changes nothing.

        Raises:
            ProviderUnavailableError: the circuit is open, or its probe is under way.
        """
        with self._guard:
            circuit = self._circuits.get(key)
            if circuit is not None and circuit.opens_until is not None:
                self._refuse_unless_due(circuit, key.host, circuit.opens_until - now)

    def enter(self, key: CircuitKey, now: float) -> bool:
        """Lets a request through, and says whether it is the probe.

        Raises:
            ProviderUnavailableError: as for ``check``.
        """
        with self._guard:
            self.check(key, now)
            circuit = self._circuits.get(key)
            if circuit is None or circuit.opens_until is None:
                return False
            circuit.is_probing = True
            return True

    def succeed(self, key: CircuitKey) -> None:
        """Closes a circuit: the host answers."""
        with self._guard:
            self._circuits.pop(key, None)

    def fail(self, key: CircuitKey, now: float, *, is_probe: bool) -> None:
        """Counts a failure."""
        with self._guard:
            circuit = self._circuits.get(key)
            if circuit is None:
                self._forget_old(now)
                circuit = self._circuits[key] = _Circuit(failed_at=now)
            if circuit.opens_until is None:
                self._count_failure(circuit, now)
            elif is_probe:
                circuit.is_probing = False
                circuit.pause = min(circuit.pause * 2, self._max_pause)
                circuit.failed_at, circuit.opens_until = now, now + circuit.pause

    def abandon_probe(self, key: CircuitKey) -> None:
        """Lets another request be the probe, since this one ended without an outcome."""
        with self._guard:
            circuit = self._circuits.get(key)
            if circuit is not None:
                circuit.is_probing = False

    def _count_failure(self, circuit: _Circuit, now: float) -> None:
        if now - circuit.failed_at > self._window:
            circuit.failures, circuit.failed_at = 0, now
        circuit.failures += 1
        if circuit.failures >= self._max_failures:
            circuit.pause = min(self._first_pause, self._max_pause)
            circuit.failed_at, circuit.opens_until = now, now + circuit.pause

    def _refuse_unless_due(self, circuit: _Circuit, host: str, seconds: float) -> None:
        if seconds <= 0 and not circuit.is_probing:
            return
        wait = seconds if seconds > 0 else self._first_pause
        reason = (
            f"{host} failed {self._max_failures} times in a row and is not called for another {wait:.3g} seconds"
            if seconds > 0
            else f"{host} failed {self._max_failures} times in a row, and one request is now trying whether it answers"
        )
        raise ProviderUnavailableError(
            f"{reason}; nothing was sent", status_code=503, code="circuit_open", retry_after=wait
        )

    def _state(self, circuit: _Circuit, now: float) -> CircuitState:
        if circuit.opens_until is None:
            return CircuitState()
        seconds = circuit.opens_until - now
        return CircuitState("open", seconds) if seconds > 0 else CircuitState("half_open")

    def _forget_old(self, now: float) -> None:
        """Bounds the memory: drops circuits whose last failure is long ago if there are many."""
        if len(self._circuits) < _MAX_CIRCUITS:
            return
        oldest = now - self._window - 2 * self._max_pause
        self._circuits = {key: circuit for key, circuit in self._circuits.items() if circuit.failed_at > oldest}


def _rank(state: CircuitState) -> tuple[int, float]:
    return _SEVERITY.index(state.state), state.retry_after or 0.0


class Passage:
    """One request on its way through a circuit.

    Args:
        breaker: the circuits.
        key: of the circuit.
        timer: a monotonic clock in seconds.
    """

    def __init__(self, breaker: CircuitBreaker, key: CircuitKey, timer: Callable[[], float]) -> None:
        self._breaker = breaker
        self._key = key
        self._timer = timer
        self._is_probe = False

    def lane(self, on_enter: Callable[[float], None]) -> Lane:
        """The lane in which the request waits before it enters.

        Args:
            on_enter: called when it has entered, with the seconds that it waited.
        """

        def enter(waited: float) -> None:
            self.enter()
            on_enter(waited)

        return Lane(self._key.account, self._key.host, self.check, enter)

    def check(self) -> None:
        """Refuses the request before it waits for anything; raises as ``CircuitBreaker.check``."""
        self._breaker.check(self._key, self._timer())

    def enter(self) -> None:
        """Lets the request through; raises as ``CircuitBreaker.check``."""
        self._is_probe = self._breaker.enter(self._key, self._timer())

    def succeed(self) -> None:
        """The host answered."""
        self._is_probe = False
        self._breaker.succeed(self._key)

    def fail(self) -> None:
        """The host did not answer, or said that it cannot."""
        is_probe, self._is_probe = self._is_probe, False
        self._breaker.fail(self._key, self._timer(), is_probe=is_probe)

    def leave(self) -> None:
        """Ends the passage, also without an outcome."""
        if self._is_probe:
            self._is_probe = False
            self._breaker.abandon_probe(self._key)
