"""The page of results: kind of paging, scenario and door, each with the worst that came out."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from tests.lists.doors import DOORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.lists.cells import Result
    from tests.lists.walk import Outcome

OUTCOMES: tuple[Outcome, ...] = ("exact", "flagged", "error", "refused", "wasteful", "wrong")
_HEAD = """\
# Lists from faulty stores

Written by `make lists`; do not edit. Each store of `tests/lists/` pages in one way, and is tried with one fault at a
time through every door of the public interface, with several limits. A field shows the worst of its walks:

| word | means |
|---|---|
| exact | every record that was there all the time came exactly once, in the order that was asked for |
| flagged | a page said that the list may have changed (`may_have_changed`) or is partial (`is_partial_response`) |
| error | one typed error, and no record twice before it |
| refused | a typed error, although the answers held all that was needed |
| wasteful | exact, with more requests than a list without faults may take |
| **wrong** | anything else: records lost, repeated or out of order in silence, strangers, no end; in how many walks |

"""


def write_table(results: Iterable[Result]) -> str:
    """The whole page."""
    stores: dict[str, dict[str, dict[str, list[Result]]]] = {}
    totals: Counter[Outcome] = Counter()
    for result in results:
        store, _, door, _ = result.key
        rows = stores.setdefault(store, {}).setdefault(result.row, defaultdict(list))
        rows[door].append(result)
        totals[result.verdict.outcome] += 1
    parts = [_HEAD, _write_totals(totals)]
    parts += [_write_store(store, rows) for store, rows in stores.items()]
    return "\n".join(parts)


def _write_totals(totals: Counter[Outcome]) -> str:
    count = sum(totals.values())
    lines = "".join(f"| {outcome} | {totals[outcome]} |\n" for outcome in OUTCOMES)
    return f"## Totals\n\n| outcome | walks of {count} |\n|---|---|\n{lines}"


def _write_store(store: str, rows: dict[str, dict[str, list[Result]]]) -> str:
    names = [door.name for door in DOORS]
    head = f"## {store}\n\n| | {' | '.join(names)} | errors |\n|{'---|' * (len(names) + 2)}\n"
    return head + "".join(_write_row(row, [doors.get(name, []) for name in names]) for row, doors in rows.items())


def _write_row(row: str, doors: Sequence[Sequence[Result]]) -> str:
    verdicts = [result.verdict for results in doors for result in results]
    errors = sorted({verdict.reason for verdict in verdicts if verdict.outcome in {"error", "refused"}})
    fields = " | ".join(map(_write_field, doors))
    return f"| {row} | {fields} | {', '.join(f'`{error}`' for error in errors)} |\n"


def _write_field(results: Sequence[Result]) -> str:
    if not results:
        return "-"
    counts = Counter(result.verdict.outcome for result in results)
    if counts["wrong"]:
        return f"**wrong** {counts['wrong']}/{len(results)}"
    return max(counts, key=OUTCOMES.index)
