"""The error of a list that goes on and does not say where: it would pass for a whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.errors import ProviderError

if TYPE_CHECKING:
    from truto_unify.types import Response


def lost_page(path: tuple[str, ...], response: Response) -> ProviderError:
    """The error for an answer without a next page at this path."""
    message = f"the answer has no {'.'.join(path)}, and does not say that the list ends here"
    return ProviderError(message, status_code=response.status, code="page_lost")
