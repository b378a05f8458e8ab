"""What a mapping reads of a native record: a tree of access paths. A decoder built from it parses nothing else.

While a mapping is compiled, each path notes which keys of its value are read, whether the value is iterated as a list,
and whether any code needs it as a whole. If two values share a variable (``addresses || places``), their paths are
merged, so that code which reads on from there fits both.
"""

from __future__ import annotations

from typing import Literal

PathKind = Literal["object", "list", "any"]


class InconsistentAccess(Exception):
    """The second pass over a mapping reads a path otherwise than the first pass; the mapping gets no decoder."""


class AccessPath:
    """The path of one value in the native record, and what is read of that value."""

    __slots__ = ("_element", "_is_frozen", "_is_text", "_is_whole", "_keys", "_merged_into", "_opened")

    def __init__(self) -> None:
        self._keys: dict[str, AccessPath] = {}
        self._element: AccessPath | None = None
        self._opened: AccessPath | None = None
        self._is_whole = False
        self._is_text = False
        self._is_frozen = False
        self._merged_into: AccessPath | None = None

    def resolve(self) -> AccessPath:
        """The path that this one was merged into; itself if it was not merged."""
        path = self
        while path._merged_into is not None:
            path = path._merged_into
        return path

    def key(self, name: str) -> AccessPath:
        """The path of a key of this object.

        Raises:
            InconsistentAccess: the first pass did not read this key.
        """
        path = self.resolve()
        if name not in path._keys:
            if path._is_frozen and path.kind == "object":
                raise InconsistentAccess(name)
            path._keys[name] = AccessPath()
        return path._keys[name].resolve()

    def element(self) -> AccessPath:
        """The path of the elements of this list.

        Raises:
            InconsistentAccess: the first pass did not read elements.
        """
        path = self.resolve()
        if path._element is None:
            if path._is_frozen and path.kind != "any":
                raise InconsistentAccess("[]")
            path._element = AccessPath()
        return path._element.resolve()

    def opened(self) -> AccessPath:
        """The path of the elements of this list, or of the value itself if other code reads it as an object.

        Raises:
            InconsistentAccess: the first pass did not open the value.
        """
        path = self.resolve()
        if path._is_frozen:
            return path.element()
        if path._opened is None:
            path._opened = AccessPath()
        return path._opened.resolve()

    def require_whole(self) -> None:
        """Notes that code needs the whole value.

        Raises:
            InconsistentAccess: the first pass needed only a part.
        """
        path = self.resolve()
        if path._is_frozen and path.kind != "any":
            raise InconsistentAccess("whole")
        path._is_whole = True

    def require_text(self) -> None:
        """Notes that code expects a text, so that a decoder may refuse any other value."""
        self.resolve()._is_text = True

    def merge(self, other: AccessPath) -> None:
        """Merges this path and another one.

        Raises:
            InconsistentAccess: the first pass did not merge them.
        """
        mine, theirs = self.resolve(), other.resolve()
        if mine is theirs:
            return
        if theirs._is_frozen:
            mine, theirs = theirs, mine
        if theirs._is_frozen and (mine.kind, theirs.kind) != ("any", "any"):
            raise InconsistentAccess("merge")
        if mine._is_frozen and not theirs._is_frozen and mine.kind != "any" and theirs._is_whole:
            raise InconsistentAccess("merge")
        theirs._merged_into = mine
        mine._is_whole = mine._is_whole or theirs._is_whole
        mine._is_text = mine._is_text or theirs._is_text
        for name, path in theirs._keys.items():
            if name in mine._keys:
                mine._keys[name].merge(path)
            else:
                mine._keys[name] = path
        if theirs._element is not None:
            mine._add_element(theirs._element)
        if theirs._opened is not None:
            mine.opened().merge(theirs._opened)

    def _add_element(self, element: AccessPath) -> None:
        if self._element is None:
            self._element = element
        else:
            self._element.merge(element)

    @property
    def kind(self) -> PathKind:
        """``object`` if only known keys are read, ``list`` if only elements are read, else ``any``."""
        path, above = self.resolve(), set[int]()
        while id(path) not in above:
            if path._is_whole or (path._keys and (path._is_text or path._element is not None)):
                return "any"
            if path._keys:
                return "list" if above else "object"
            if path._element is None or path._is_text:
                return "any"
            above.add(id(path))
            path = path._element.resolve()
        return "any"  # the path contains itself

    @property
    def is_text(self) -> bool:
        """Whether code expects a text or null and nothing else."""
        path = self.resolve()
        return path._is_text and not (path._is_whole or path._keys or path._element is not None)

    @property
    def keys(self) -> dict[str, AccessPath]:
        """The keys that are read, with their paths."""
        return {name: path.resolve() for name, path in self.resolve()._keys.items()}

    def allow_any_for_text(self) -> None:
        """Lets the decoder take any value where code expects a text."""
        for path in self._descendants(set()):
            path._is_text = False

    def freeze(self) -> None:
        """Ends the first pass: marks each path inside a whole value, and each path that contains itself, as whole."""
        while opened := [path for path in self._descendants(set()) if path._opened is not None]:
            for path in opened:
                path._settle_opened()
        seen: set[int] = set()
        while self._mark_whole(set(), seen):
            seen = set()
        for path in self._descendants(set()):
            path._is_frozen = True

    def _settle_opened(self) -> None:
        """Decides whether a value that may be a list or not is a list."""
        path = self.resolve()
        opened, path._opened = path._opened, None
        if opened is None:  # the path was merged into another one meanwhile
            return
        if path._keys and path._element is None:
            path.merge(opened)
        else:
            path._add_element(opened)

    def _mark_whole(self, above: set[int], seen: set[int]) -> bool:
        """Marks what must be whole; returns whether that changed anything."""
        path = self.resolve()
        if id(path) in above:
            has_changed = not path._is_whole
            path._is_whole = True
            return has_changed
        if id(path) in seen:
            return False
        seen.add(id(path))
        children = path._children()
        has_changed = False
        if path.kind == "any":
            for child in children:
                inner = child.resolve()
                has_changed = has_changed or not inner._is_whole
                inner._is_whole = True
        for child in children:
            has_changed = child._mark_whole({*above, id(path)}, seen) or has_changed
        return has_changed

    def _children(self) -> list[AccessPath]:
        inner = (self._element, self._opened)
        return [*self._keys.values(), *(path for path in inner if path is not None)]

    def _descendants(self, seen: set[int]) -> list[AccessPath]:
        """This path and those below it that are not ``seen`` yet."""
        path = self.resolve()
        if id(path) in seen:
            return []
        seen.add(id(path))
        return [path, *(inner for child in path._children() for inner in child._descendants(seen))]
