"""What a mapping reads of a native record: a tree of places, from which a decoder follows that builds nothing else.

While a mapping is compiled, each place notes which of its keys are read, whether it is gone through as a list, and
whether anything wants it as a whole. Two places whose values meet in one variable (``addresses || places``) become
one, so that code which reads on from there fits both.
"""

from __future__ import annotations

from typing import Literal

PlaceKind = Literal["object", "list", "any"]


class InconsistentReading(Exception):
    """A second writing of the same mapping reads a place otherwise than the first; it gets no decoder."""


class Reading:
    """One place of the native record."""

    __slots__ = ("_element", "_is_settled", "_is_tested", "_is_text", "_is_whole", "_keys", "_same")

    def __init__(self) -> None:
        self._keys: dict[str, Reading] = {}
        self._element: Reading | None = None
        self._is_whole = False
        self._is_tested = False
        self._is_text = False
        self._is_settled = False
        self._same: Reading | None = None

    def find(self) -> Reading:
        """The place that this one was united with, itself if with none."""
        place = self
        while place._same is not None:
            place = place._same
        return place

    def key(self, name: str) -> Reading:
        """The place of a key of this object."""
        place = self.find()
        if name not in place._keys:
            if place._is_settled and place.kind == "object":
                raise InconsistentReading(name)
            place._keys[name] = Reading()
        return place._keys[name].find()

    def element(self) -> Reading:
        """The place of the elements of this list."""
        place = self.find()
        if place._element is None:
            if place._is_settled and place.kind != "any":
                raise InconsistentReading("[]")
            place._element = Reading()
        return place._element.find()

    def want_whole(self) -> None:
        """Notes that something looks at the value as a whole."""
        place = self.find()
        if place._is_settled and place.kind != "any":
            raise InconsistentReading("whole")
        place._is_whole = True

    def want_truth(self) -> None:
        """Notes that the truth of the value is asked for, which for an object depends on keys nobody reads."""
        place = self.find()
        if place._is_settled and place.kind == "object":
            raise InconsistentReading("truth")
        place._is_tested = True

    def want_text(self) -> None:
        """Notes that a text is expected here, so that a decoder may refuse anything else."""
        self.find()._is_text = True

    def unite(self, other: Reading) -> None:
        """Makes this place and another one the same."""
        mine, theirs = self.find(), other.find()
        if mine is theirs:
            return
        if theirs._is_settled:
            mine, theirs = theirs, mine
        if theirs._is_settled and (mine.kind, theirs.kind) != ("any", "any"):
            raise InconsistentReading("union")
        if mine._is_settled and not theirs._is_settled and mine.kind != "any" and theirs._is_whole:
            raise InconsistentReading("union")
        theirs._same = mine
        mine._is_whole = mine._is_whole or theirs._is_whole
        mine._is_tested = mine._is_tested or theirs._is_tested
        mine._is_text = mine._is_text or theirs._is_text
        for name, place in theirs._keys.items():
            if name in mine._keys:
                mine._keys[name].unite(place)
            else:
                mine._keys[name] = place
        if theirs._element is not None:
            if mine._element is None:
                mine._element = theirs._element
            else:
                mine._element.unite(theirs._element)

    @property
    def kind(self) -> PlaceKind:
        """``object`` where only known keys are read, ``list`` where only elements are, else ``any``."""
        place, above = self.find(), set[int]()
        while id(place) not in above:
            if place._is_whole or (place._keys and (place._is_tested or place._is_text or place._element is not None)):
                return "any"
            if place._keys:
                return "list" if above else "object"
            if place._element is None or place._is_text:
                return "any"
            above.add(id(place))
            place = place._element.find()
        return "any"  # it holds itself

    @property
    def is_text(self) -> bool:
        """Whether nothing but text or null is expected."""
        place = self.find()
        return place._is_text and not (place._is_whole or place._keys or place._element is not None)

    @property
    def keys(self) -> dict[str, Reading]:
        """The keys that are read, with their places."""
        return {name: place.find() for name, place in self.find()._keys.items()}

    def forget_texts(self) -> None:
        """Expects anything where a text was expected."""
        for place in self._below(set()):
            place._is_text = False

    def settle(self) -> None:
        """Ends the noting below this place: what stands inside a whole value is whole, and so is what holds itself."""
        seen: set[int] = set()
        while self._spread(set(), seen):
            seen = set()
        for place in self._below(set()):
            place._is_settled = True

    def _spread(self, above: set[int], seen: set[int]) -> bool:
        """Marks what must be whole as whole; tells whether anything changed."""
        place = self.find()
        if id(place) in above:
            changed = not place._is_whole
            place._is_whole = True
            return changed
        if id(place) in seen:
            return False
        seen.add(id(place))
        below = [*place._keys.values(), *([place._element] if place._element is not None else [])]
        changed = False
        if place.kind == "any":
            for one in below:
                inner = one.find()
                changed = changed or not inner._is_whole
                inner._is_whole = True
        for one in below:
            changed = one._spread({*above, id(place)}, seen) or changed
        return changed

    def _below(self, seen: set[int]) -> list[Reading]:
        place = self.find()
        if id(place) in seen:
            return []
        seen.add(id(place))
        below = [*place._keys.values(), *([place._element] if place._element is not None else [])]
        return [place, *(inner for one in below for inner in one._below(seen))]
