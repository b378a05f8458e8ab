"""What native records look like: every place that they have, with the values that were seen there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Path = tuple[str, ...]
EACH = "[]"
"""The step of a path that goes into each element of a list."""
_MOST_RECORDS = 200
_DEEPEST = 8


@dataclass
class Shape:
    """The places of some native records.

    Attributes:
        leaves: values seen at each place that is no object and no list of objects.
        objects: places that hold an object.
        lists: places that hold a list, with its elements in order.
    """

    leaves: dict[Path, list[Any]] = field(default_factory=dict)
    objects: set[Path] = field(default_factory=set)
    lists: dict[Path, list[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Any]) -> Shape:
        """The shape that the first records have together.

        >>> shape = Shape.of([{"id": 1, "mails": [{"at": "a@b.test"}]}])
        >>> shape.leaves
        {('id',): [1], ('mails', '[]', 'at'): ['a@b.test']}
        """
        shape = cls()
        for _, record in zip(range(_MOST_RECORDS), records, strict=False):
            shape._add((), record)
        return shape

    def _add(self, path: Path, value: Any) -> None:
        if len(path) > _DEEPEST:
            return
        if isinstance(value, dict):
            self.objects.add(path)
            for key, inner in value.items():
                self._add((*path, str(key)), inner)
        elif isinstance(value, list):
            self.lists.setdefault(path, []).extend(value)
            for inner in value:
                self._add((*path, EACH), inner)
        else:
            self.leaves.setdefault(path, []).append(value)

    def below(self, path: Path) -> Shape:
        """The shape of what stands at this place, seen from there."""
        size = len(path)
        return Shape(
            {one[size:]: values for one, values in self.leaves.items() if one[:size] == path},
            {one[size:] for one in self.objects if one[:size] == path},
            {one[size:]: values for one, values in self.lists.items() if one[:size] == path},
        )

    def find(self, names: Iterable[Path], *, deepest: int = 3) -> Iterator[tuple[Path, list[Any]]]:
        """Leaves outside of lists whose last steps are one of these names; by name, then the shallow first.

        Args:
            names: folded steps, the best first.
            deepest: how many steps a path may have.
        """
        plain = [path for path in self.leaves if EACH not in path and len(path) <= deepest]
        for name in names:
            fits = [path for path in plain if tuple(fold(step) for step in path[-len(name) :]) == name]
            for path in sorted(fits, key=len):
                yield path, known_values(self.leaves[path])


def known_values(values: Iterable[Any]) -> list[Any]:
    """The values that say something: neither null nor blank."""
    return [one for one in values if one is not None and not (isinstance(one, str) and not one.strip())]


def expression_of(path: Path) -> str:
    """A place as JMESPath.

    >>> expression_of(("info", "extendedFields", "contacts.name"))
    'info.extendedFields."contacts.name"'
    >>> expression_of(())
    '@'
    """
    text = ""
    for step in path:
        if step == EACH:
            text += EACH
        else:
            plain = re.fullmatch(r"[A-Za-z_]\w*", step, re.ASCII)
            quoted = step if plain else '"' + step.replace("\\", "\\\\").replace('"', '\\"') + '"'
            text += f".{quoted}" if text else quoted
    return text or "@"
