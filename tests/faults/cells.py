"""All cells of provider, fault, door and duration, and what comes out of each."""

from __future__ import annotations

import base64
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from tests.faults.bench import HASTY, PATIENT, SLUGS, FaultBench, Shop, TalkativeChaos
from tests.lists.doors import CUSTOMERS, DOORS, Bench, Door
from tests.lists.scenarios import SCENARIOS
from truto_unify.chaos import FAULTS, Chaos, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.lists.scenarios import Scenario
    from tests.lists.walk import Walk
    from truto_unify import Limits

Duration = Literal["once", "always"]
Key = tuple[str, str, str, Duration]
PLAIN = next(scenario for scenario in SCENARIOS if scenario.row == "none" and scenario.is_plain)
MAX_SECONDS = 30.0
"""A walk that takes longer hangs."""
_TOKEN_PATHS = r"/token$"
_OTHER_PATHS = r"^(?!.*/token$)"


def read_record(bench: Bench, walk: Walk, _: Scenario, __: int | None) -> None:
    """``get``, of the first person of the list."""
    assert isinstance(bench, FaultBench)
    assert bench.shop is not None
    record = bench.client.get(CUSTOMERS, bench.account, bench.shop.record_id, response_format="normalized")
    walk.take([record], bench.store.unified_number)


def _read_record_id(bench: Bench, walk: Walk, _: Scenario, __: int | None) -> None:
    assert isinstance(bench, FaultBench)
    assert bench.shop is not None
    page = bench.client.list(CUSTOMERS, bench.account, limit=1, response_format="normalized")
    walk.take(page.result, bench.store.unified_number)
    bench.shop.record_id, bench.shop.record_number = page.result[0]["id"], walk.numbers[0]


def _choose(name: str, limit: int | None, shown: str = "") -> Door:
    door = next(door for door in DOORS if door.name == name)
    return replace(door, name=shown or name, limits=(limit,))


READ_ID = Door("id", _read_record_id)
DOORS_TRIED = (
    _choose("list at once", None, "list"),
    _choose("iterate", None),
    _choose("stream", None),
    Door("get", read_record, (None,)),
    _choose("proxy", None),
    _choose("--all", 7),
    _choose("service", 7),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One walk.

    Attributes:
        slug: of the provider.
        fault: that strikes.
        door: through which the list is read.
        duration: ``once``: the second page; ``always``: every answer.
    """

    slug: str
    fault: Fault
    door: Door
    duration: Duration

    @property
    def key(self) -> Key:
        """Names it among all."""
        return self.slug, self.fault.name, self.door.name, self.duration

    @property
    def limits(self) -> Limits:
        """The limits of the client: those of a caller in a hurry, where an answer would never come."""
        return HASTY if self.fault.group == "time" and self.fault.name != "delay" else PATIENT

    def make_chaos(self) -> TalkativeChaos:
        """Chooses the requests that are struck."""
        path = _TOKEN_PATHS if self.fault.name == "lifetime" else _OTHER_PATHS
        first = 2 if self.door.name != "get" and self.fault.name != "lifetime" else 1
        return TalkativeChaos({self.fault.name: 1.0}, path=path, only={first} if self.duration == "once" else None)


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of a cell.

    Attributes:
        key: slug of the provider, name of the fault, name of the door, duration.
        outcome: ``exact``, ``-`` if the fault does not fit, the typed error, or what is wrong.
        is_wrong: whether no caller should get this.
        leaked: the places where a secret shows.
        seconds: how long it took.
    """

    key: Key
    outcome: str
    is_wrong: bool = False
    leaked: str = ""
    seconds: float = 0.0


def all_cells(slugs: Iterable[str] = SLUGS) -> Iterator[Cell]:
    """Every cell of the providers."""
    durations: tuple[Duration, ...] = ("once", "always")
    for slug in slugs:
        for fault in FAULTS.values():
            if not fault.needs_transport:
                for door in DOORS_TRIED:
                    for duration in durations:
                        yield Cell(slug, fault, door, duration)


def run_cell(bench: FaultBench, shop: Shop, cell: Cell) -> Result:
    """Walks once."""
    chaos = cell.make_chaos()
    begin = time.monotonic()
    walk = bench.read(cell.door, shop, chaos, PLAIN)
    seconds = time.monotonic() - begin
    leaked = find_secrets(bench.witness.take(), bench.account.credentials.values())
    if walk.error is not None and walk.error.startswith("exit"):
        walk.error = bench.command_error or walk.error
    outcome, is_wrong = judge(walk, expected_numbers(shop, cell.door))
    if not chaos.planted:
        is_wrong = outcome != "exact"
        outcome = f"without a fault: {outcome}" if is_wrong else "-"
    if shop.is_asked_without_end or seconds > MAX_SECONDS:
        outcome, is_wrong = f"no end: {shop.answers} answers, {seconds:.0f} seconds", True
    return Result(cell.key, outcome, is_wrong, leaked, seconds)


def expected_numbers(shop: Shop, door: Door) -> list[int]:
    """The people that the door gives if nothing is wrong."""
    return [shop.record_number] if door.name in {"get", "id"} else sorted(shop.state.stock.people)


def judge(walk: Walk, expected: list[int]) -> tuple[str, bool]:
    """The outcome of a walk, and whether it is wrong."""
    numbers = [number for number in walk.numbers if number]
    nameless = len(walk.numbers) - len(numbers)
    repeated = sorted(number for number, count in Counter(numbers).items() if count > 1)
    strangers, lost = sorted(set(numbers) - set(expected)), sorted(set(expected) - set(numbers))
    if walk.crash is not None:
        return walk.crash, True
    if repeated or strangers:
        return f"repeated {repeated}, strangers {strangers}", True
    if walk.error is not None:
        return walk.error, False
    if len(lost) == nameless:
        return "marked" if nameless else "exact", False
    return ("flagged", False) if walk.is_flagged else (f"lost {lost}", True)


def find_secrets(text: str, secrets: Iterable[str]) -> str:
    """The first place in a text that shows a secret, in one of its spellings; empty if there is none."""
    for secret in secrets:
        spellings = {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")}
        for spelling in spellings:
            place = text.find(spelling)
            if place >= 0:
                return text[max(place - 60, 0) : place + len(spelling) + 20]
    return ""


def check_sound(bench: FaultBench, shop: Shop) -> None:
    """Reads through every door without a fault; whatever is not exact is a mistake of the harness."""
    for door in (READ_ID, *DOORS_TRIED):
        walk = bench.read(door, shop, Chaos({}), PLAIN)
        expected = expected_numbers(shop, door)
        assert (walk.error, walk.crash, sorted(walk.numbers)) == (None, None, expected), (shop.slug, door.name, walk)
        bench.witness.take()
