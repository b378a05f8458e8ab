"""The page of results: kind of paging, fault and door, each with the worst that came out."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from tests.lists.doors import DOORS
from tests.lists.kinds import KINDS
from tests.lists.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.lists.cells import Result
    from tests.lists.walk import Outcome

OUTCOMES: tuple[Outcome, ...] = ("exact", "flagged", "error", "refused", "unprovable", "wasteful", "wrong")
_HEAD = """\
# Lists from faulty stores

Written by `make lists`; do not edit. Each store of `tests/lists/` pages in one way, and is tried with one fault at a
time through every door of the public interface; the limits take turns. A field shows the worst of its walks:

| word | means |
|---|---|
| exact | every record that was there all the time came exactly once, in the order that was asked for |
| flagged | a page said that the list may have changed (`may_have_changed`) or is partial (`is_partial_response`) |
| error | one typed error, and no record twice before it |
| refused | a typed error, although the answers held all that was needed |
| unprovable | records were lost, and nothing in the answers contradicts the store |
| wasteful | exact, with more requests than a list without faults may take |
| **wrong** | anything else: records lost, repeated or out of order in silence, strangers, no end |

"""
_DETAILS = """\
# Door by door

Where all doors agree, their word stands alone; else a door that differs from most stands behind its own word.
"""


def write_table(results: Iterable[Result]) -> str:
    """The whole page."""
    stores: dict[str, dict[str, dict[str, list[Outcome]]]] = {}
    errors: dict[tuple[str, str], set[str]] = defaultdict(set)
    totals: Counter[Outcome] = Counter()
    for result in results:
        store, _, door, _ = result.key
        outcome = result.verdict.outcome
        stores.setdefault(store, {}).setdefault(result.row, defaultdict(list))[door].append(outcome)
        totals[outcome] += 1
        if outcome in {"error", "refused"}:
            errors[store, result.row].add(result.verdict.reason)
    kinds = [kind.name for kind in KINDS if kind.name in stores]
    shipped = [store for store in stores if store not in kinds]
    parts = [_HEAD, _write_totals(totals), _write_unprovable()]
    parts += [_write_stores("Each kind of paging", kinds, stores), _write_stores("Each shipped list", shipped, stores)]
    parts.append(_DETAILS)
    for store, rows in stores.items():
        lines = [f"| {row} | {_write_doors(doors)} | {_code(errors[store, row])} |" for row, doors in rows.items()]
        parts.append("\n".join([f"## {store}\n", "| | outcome | errors |", "|---|---|---|", *lines, ""]))
    return "\n".join(parts)


def _write_totals(totals: Counter[Outcome]) -> str:
    lines = "".join(f"| {outcome} | {totals[outcome]} |\n" for outcome in OUTCOMES)
    return f"## Totals\n\n| outcome | walks of {totals.total()} |\n|---|---|\n{lines}"


def _write_unprovable() -> str:
    reasons = {scenario.row: scenario.why_not for scenario in SCENARIOS if scenario.why_not}
    reasons["a short page of the orders of bigcommerce"] = (
        "the file declares `ends_on: short_page`: a proof would cost one more request for each customer"
    )
    lines = "".join(f"| {row} | {reason} |\n" for row, reason in reasons.items())
    return f"## What cannot be found out\n\n| fault | why |\n|---|---|\n{lines}"


def _write_stores(title: str, names: Sequence[str], stores: dict[str, dict[str, dict[str, list[Outcome]]]]) -> str:
    """One column for each store."""
    if not names:
        return ""
    rows = dict.fromkeys(row for name in names for row in stores[name])
    head = f"## {title}\n\n| | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}\n"
    lines = []
    for row in rows:
        outcomes = [[*chain.from_iterable(stores[name].get(row, {}).values())] for name in names]
        lines.append(f"| {row} | {' | '.join(map(_worst, outcomes))} |\n")
    return head + "".join(lines)


def _worst(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return "-"
    worst = max(outcomes, key=OUTCOMES.index)
    return f"**{worst}** {outcomes.count(worst)}/{len(outcomes)}" if worst == "wrong" else worst


def _write_doors(doors: dict[str, list[Outcome]]) -> str:
    words: dict[str, list[str]] = defaultdict(list)
    for door in (door.name for door in DOORS if door.name in doors):
        words[_worst(doors[door])].append(door)
    usual, *others = sorted(words, key=lambda word: -len(words[word]))
    return "; ".join([usual, *(f"{word}: {', '.join(words[word])}" for word in others)])


def _code(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in sorted(texts))
