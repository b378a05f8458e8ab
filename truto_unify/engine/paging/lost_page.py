"""The error of a list that goes on and does not say where: it would pass for a whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.errors import ProviderError

if TYPE_CHECKING:
    from truto_unify.types import Response


def lost_page(source: str, response: Response) -> ProviderError:
    """The error for an answer without the next page, which the answer has at this place."""
    message = f"the answer has no {source}, and does not say that the list ends here"
    return ProviderError(message, status_code=response.status, code="page_lost")
