"""The structs that decoded records are mapped to; they are created and encoded faster than dicts."""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, ClassVar, cast

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ESCAPED = re.compile(r'["\\\x00-\x1f\ud800-\udfff]')


class Result(msgspec.Struct, gc=False):
    """A unified record or element; its fields are read like those of a dict.

    >>> kind = result_type(("number", "my-part"))
    >>> phone = kind("+15550100", None)
    >>> phone["my-part"] = 7
    >>> phone.number, phone["my-part"], msgspec.json.encode(phone)
    ('+15550100', 7, b'{"number":"+15550100","my-part":7}')
    """

    _attributes: ClassVar[Mapping[str, str]] = {}

    def __getitem__(self, name: str) -> Any:
        return getattr(self, self._attributes[name])

    def get(self, name: str) -> Any:
        """The field of this name; None if absent."""
        attribute = self._attributes.get(name)
        return None if attribute is None else getattr(self, attribute)

    def keys(self) -> Iterable[str]:
        """The names of the fields, in order."""
        return self._attributes

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, self._attributes[name], value)


def result_type(names: tuple[str, ...]) -> type[Result] | None:
    """The struct with these fields, in this order; None if ``msgspec`` cannot write a name as a key.

    A name that is a valid Python name is also the name of its attribute.
    """
    if any(_ESCAPED.search(name) for name in names):
        return None
    attributes = {name: _attribute(name, number) for number, name in enumerate(names)}
    struct = msgspec.defstruct(
        "Result",
        [(attribute, Any) for attribute in attributes.values()],
        bases=(Result,),
        namespace={"_attributes": attributes},
        rename={attribute: name for name, attribute in attributes.items()},
        gc=False,
    )
    return cast("type[Result]", struct)


def _attribute(name: str, number: int) -> str:
    is_plain = name.isidentifier() and name.isascii() and not iskeyword(name) and "_" not in name[:1]
    return name if is_plain and not hasattr(Result, name) else f"_{number}"
