from __future__ import annotations

import gc
import os
import re
from pathlib import Path

import pytest

import truto_unify
from tests.test_pools import run_forked, serve
from truto_unify import forks
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.engine.breaker import CircuitBreaker, CircuitKey

has_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
WITHOUT_CLIENT = {"sandbox", "testing", "chaos"}


@has_fork
def test_a_forked_process_needs_no_lock_that_a_thread_of_its_parent_holds() -> None:
    with serve() as server:
        count, status = run_forked("locks", server.origin).split()

    assert int(count) >= 10
    assert status == "0"


@has_fork
def test_a_process_that_is_forked_during_a_renewal_renews_the_token_itself() -> None:
    assert run_forked("renewal", "") == "0\n"


def test_every_module_with_a_lock_renews_it() -> None:
    package = Path(truto_unify.__file__).parent
    texts = {file.relative_to(package): file.read_text() for file in package.rglob("*.py")}
    with_lock = {file for file, text in texts.items() if re.search(r"threading\.R?Lock\(\)", text)}
    inherited = {Path("registry.py")}  # by Configuration._begin_locks

    assert len(with_lock) >= 10
    assert {
        file
        for file in with_lock - inherited
        if file.parts[0] not in WITHOUT_CLIENT and "renew_after_fork(" not in texts[file]
    } == set()


def test_the_probe_of_a_lost_thread_is_forgotten() -> None:
    breaker, key = CircuitBreaker(max_failures=1, first_pause=1.0), CircuitKey("acme", "a", "host")
    breaker.fail(key, 0.0, is_probe=False)
    assert breaker.enter(key, 2.0)

    forks._renew_all()

    assert breaker.enter(key, 2.0)


def test_what_nobody_uses_is_not_renewed() -> None:
    store = MemoryTokenStore()
    before = len(forks._RENEWALS)
    del store
    gc.collect()

    assert len(forks._RENEWALS) < before
