"""The paging kinds: one class each, in a module of its own. All modules of this package are loaded."""

from importlib import import_module
from pkgutil import iter_modules

from truto_unify.engine.paging.kind import (
    Facts,
    OffsetBasedPaging,
    PageAnswer,
    PageRequest,
    PageState,
    Paging,
    paging_of,
)

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)

__all__ = ["Facts", "OffsetBasedPaging", "PageAnswer", "PageRequest", "PageState", "Paging", "paging_of"]
