"""Kinds whose answers hold the address of the next page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from truto_unify.config.pagination import NamedAddress
from truto_unify.engine.api_root import show_origin
from truto_unify.engine.paging.kind import PageAnswer, PageRequest, PageState, Paging
from truto_unify.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

Rules = TypeVar("Rules", bound=NamedAddress)


class NamedAddressPaging(Paging[Rules]):
    """Pages are ``{"url": "https://…"}``; the first is ``{}``."""

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The address that the provider gave."""
        return PageRequest(url=str(page["url"])) if "url" in page else super().request(page, size)

    def page_at(self, link: str, answer: PageAnswer) -> PageState:
        """The page of a link.

        Raises:
            ProviderError: the link leads outside the API root.
        """
        following = answer.root.locate(link, answer.url)
        if following is None:
            message = f"the provider's next page lies at {show_origin(link, answer.url)}, outside its API root"
            raise ProviderError(
                message, status_code=answer.response.status, code="foreign_page", security_event="link_refused"
            )
        return {"url": following}
