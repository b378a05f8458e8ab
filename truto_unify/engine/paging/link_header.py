"""Pages whose addresses stand in the header ``Link``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from truto_unify.config.pagination import LinkHeaderPagination
from truto_unify.engine.paging.kind import PageAnswer, PageRequest, PageState, Paging
from truto_unify.engine.paging.origin import is_same_origin, origin_of
from truto_unify.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping


class LinkHeaderPaging(Paging[LinkHeaderPagination], model=LinkHeaderPagination):
    """Pages are ``{"url": "https://…"}``; the first is ``{}``."""

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The address that the provider gave."""
        return PageRequest(url=str(page["url"])) if "url" in page else super().request(page, size)

    def next(self, answer: PageAnswer) -> PageState | None:
        """The page whose relation is ``next``."""
        if "next" not in answer.links:
            return None
        following = urljoin(answer.url, answer.links["next"])
        if not is_same_origin(following, answer.url):
            message = f"the provider's next page lies at {origin_of(following)}, outside its own origin"
            raise ProviderError(message, status_code=answer.response.status, code="foreign_page")
        return {"url": following}
