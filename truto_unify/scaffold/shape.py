"""What native records look like: each path in them, with the values at that path."""

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
MAX_RECORDS = 200
_MAX_DEPTH = 8


@dataclass
class RecordShape:
    """The paths of some native records.

    Attributes:
        leaves: the values at each path that is neither an object nor a list of objects.
        objects: the paths that hold an object.
        lists: the paths that hold a list, with the elements in order.
    """

    leaves: dict[Path, list[Any]] = field(default_factory=dict)
    objects: set[Path] = field(default_factory=set)
    lists: dict[Path, list[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Any]) -> RecordShape:
        """The common shape of the first records.

        >>> shape = RecordShape.of([{"id": 1, "mails": [{"at": "a@b.test"}]}])
        >>> shape.leaves
        {('id',): [1], ('mails', '[]', 'at'): ['a@b.test']}
        """
        shape = cls()
        for _, record in zip(range(MAX_RECORDS), records, strict=False):
            shape._add((), record)
        return shape

    def _add(self, path: Path, value: Any) -> None:
        if len(path) > _MAX_DEPTH:
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

    def below(self, path: Path) -> RecordShape:
        """The shape of the values at this path, with paths from there."""
        size = len(path)
        return RecordShape(
            {leaf[size:]: values for leaf, values in self.leaves.items() if leaf[:size] == path},
            {inner[size:] for inner in self.objects if inner[:size] == path},
            {inner[size:]: values for inner, values in self.lists.items() if inner[:size] == path},
        )

    def find(self, names: Iterable[Path], *, deepest: int = 3) -> Iterator[tuple[Path, list[Any]]]:
        """Leaves outside lists whose last steps equal a name; in the order of the names, then the shortest path first.

        Args:
            names: folded steps, the best first.
            deepest: the greatest number of steps of a path.
        """
        # Null in one record and an object in another: the values are those of the object.
        nested = self.objects | self.lists.keys()
        plain = [path for path in self.leaves if EACH not in path and len(path) <= deepest and path not in nested]
        for name in names:
            matches = [path for path in plain if tuple(fold(step) for step in path[-len(name) :]) == name]
            for path in sorted(matches, key=len):
                yield path, known_values(self.leaves[path])


def known_values(values: Iterable[Any]) -> list[Any]:
    """The values that say something: neither null nor blank."""
    return [value for value in values if value is not None and not (isinstance(value, str) and not value.strip())]


def expression_of(path: Path) -> str:
    """The path as JMESPath.

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
