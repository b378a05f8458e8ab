from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.engine.driver import Driver
from tests.engine.stores import account
from truto_unify.engine import refusals
from truto_unify.engine.refusals import Refusals
from truto_unify.errors import UnifyError
from truto_unify.types import Request, Response

if TYPE_CHECKING:
    from truto_unify import Account, Registry

GOOD: Account = account("oauth", id="good", credentials={"key": "k1"})  # three requests a minute
WRONG: Account = account("oauth", id="wrong", credentials={"key": "k2"})


def driver_of(stores: Registry, status: int) -> Driver:
    """A store that serves one key alone."""

    def answer(request: Request) -> Response:
        if "k1" in str(request.headers):
            return Response(200, (), b'{"people": []}')
        return Response(status, (), b"{}")

    return Driver(stores, answer)


@pytest.mark.parametrize("status", [401, 403])
def test_an_account_with_wrong_credentials_uses_up_one_request_of_the_merchants_budget(
    stores: Registry, status: int
) -> None:
    driver = driver_of(stores, status)
    for _ in range(6):
        with suppress(UnifyError):
            driver.page(WRONG)
    waits = len(driver.waits)

    driver.page(GOOD)
    driver.page(GOOD)

    assert waits > 0  # in a budget of its own
    assert len(driver.waits) <= waits + 1


def test_an_account_that_is_served_again_shares_the_budget_again() -> None:
    refusals = Refusals()
    refusals.refuse("a")
    assert (refusals.holds("a"), refusals.holds("b")) == (True, False)

    refusals.accept("a")
    assert not refusals.holds("a")


def test_an_account_that_was_served_may_lack_a_right_for_one_call() -> None:
    refusals = Refusals()
    refusals.accept("a")
    refusals.refuse("a", may_lack_a_right=True)
    refusals.refuse("b", may_lack_a_right=True)
    assert (refusals.holds("a"), refusals.holds("b")) == (False, True)

    refusals.refuse("a")
    assert refusals.holds("a")


def test_the_account_that_called_least_recently_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "_MAX_ACCOUNTS", 2)
    remembered = Refusals()
    for name in ("a", "b", "a", "c"):
        remembered.refuse(name)

    assert [remembered.holds(name) for name in ("a", "b", "c")] == [True, False, True]
