"""Pages whose addresses stand in the header ``Link``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from truto_unify.config.pagination import LinkHeaderPagination
from truto_unify.engine.paging.kind import PageAnswer, PageRequest, PageState, Paging
from truto_unify.engine.paging.origin import is_same_origin
from truto_unify.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*=\s*(?:\"[^\"]*\"|[^\s\";,]+))*)")
_PARAMETER = re.compile(r";\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]+))")


class LinkHeaderPaging(Paging[LinkHeaderPagination], model=LinkHeaderPagination):
    """Pages are ``{"url": "https://…"}``; the first is ``{}``."""

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The address that the provider gave."""
        return PageRequest(url=str(page["url"])) if "url" in page else super().request(page, size)

    def next(self, answer: PageAnswer) -> PageState | None:
        """The page whose relation is ``next``."""
        following = read_next_link(answer)
        if following is None:
            return None
        if not is_same_origin(following, answer.url):
            message = f"the provider's next page lies at {urlsplit(following).hostname}, outside its own origin"
            raise ProviderError(message, status_code=answer.response.status, code="foreign_page")
        return {"url": following}


def read_next_link(answer: PageAnswer) -> str | None:
    """The whole address of the page whose relation is ``next``."""
    links = read_links(", ".join(value for name, value in answer.response.headers if name == "link"))
    return urljoin(answer.url, links["next"]) if "next" in links else None


def read_links(value: str) -> dict[str, str]:
    """The targets of a ``Link`` header by relation (RFC 8288); several headers may be joined by commas.

    >>> read_links('<https://a.test/?page=2>; rel="next", <https://a.test/>; rel="https://api.w.org/"')["next"]
    'https://a.test/?page=2'
    """
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(value):
        told = [quoted or plain for name, quoted, plain in _PARAMETER.findall(parameters) if name.lower() == "rel"]
        for relation in told[0].split() if told else ():
            found.setdefault(relation.lower(), target)
    return found
