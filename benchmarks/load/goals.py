"""What must hold under load."""

from __future__ import annotations

from benchmarks.goals import Bound, Goal, at_most

CALLS, ACCOUNTS, RATE = 1000, 100, 2
"""Calls at the same time, the accounts that they are for, and the requests a second that an account may send."""

_FAIR = f"{CALLS} calls at once on {ACCOUNTS} accounts, {RATE} a second each"
FAILED = at_most(0, None, f"{_FAIR}: calls that fail", "")
BLOCKED = at_most(0, None, f"{_FAIR}: accounts that the store blocks", "")
REFUSED = at_most(None, 0, f"{_FAIR}: requests that the store refuses with 429", "")
USED_RATE = Goal(f"{_FAIR}: used rate of the slowest account", Bound(90, " %", at_least=True), unit=" %")
NEIGHBOUR = at_most(50, None, "a call of tenant B beside 300 hanging calls of tenant A: the slowest of 100", " ms")
PEAK = at_most(200, None, "memory that one answer adds to the service, at its peak", " MiB")
STALL = at_most(100, None, "the longest wait of another caller during this answer (GET /ping)", " ms")
SOAK_FAILED = at_most(0, None, "soak: calls that fail while the service runs", "")
SOAK_MEMORY = at_most(10, None, "soak: growth of the memory after the first window", " MiB")
SOAK_FILES = at_most(10, None, "soak: growth of the file descriptors after the first window", "")
SOAK_LATENCY = at_most(1.5, None, "soak: median latency of the last window against the first")
SOAK_LOST = at_most(0, None, "soak: acknowledged accounts that a kill -9 loses", "")
SOAK_RESTART = at_most(10, None, "soak: time from the restart to the first answer", " s")
