"""The schema of ``providers/<provider>.yaml``: how to reach a provider, and nothing about unified fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from truto_unify.config.authorization import Authorization, read_templates
from truto_unify.config.body_texts import body_templates
from truto_unify.config.error_rules import ErrorRules
from truto_unify.config.pagination import NamedAddress, Pagination
from truto_unify.config.quota import QuotaRules
from truto_unify.config.rate_rules import RateRule
from truto_unify.config.schema import Expr, Path, Paths, Strict, Template, TemplateText

if TYPE_CHECKING:
    from collections.abc import Iterator


class Derived(Strict):
    """A field whose value a table gives for the value of another field of the same group."""

    source: str = Field(description="Name of the other field.", examples=["data_center"])
    table: dict[str, str] = Field(
        description="Value of the other field to value of this one.",
        examples=[{"eu": "accounts.example.eu", "com": "accounts.example.com"}],
    )


class FieldDeclaration(Strict):
    """A credential or context field that an account of this provider has."""

    title: str = Field(description="Its name for people.", examples=["Address of the shop"])
    example: str | None = Field(
        default=None, description="An invented example value.", examples=["https://shop.example"]
    )
    pattern: str | None = Field(
        default=None, description="A regular expression that the whole value must match.", examples=["[A-Za-z0-9-]+"]
    )
    default: str | None = Field(default=None, description="The value if the account lacks the field.", examples=["com"])
    required: bool = Field(default=True, description="Whether every account must have it.", examples=[False])
    choices: tuple[str, ...] = Field(default=(), description="The values that are allowed.", examples=[("com", "eu")])
    format: Literal["text", "address", "pem"] = Field(
        default="text",
        description="address: an http(s) address; its scheme and host become lower case, and it ends without a slash. "
        "pem: keys or certificates of several lines (RFC 7468), or of one that writes their ends as in JSON.",
        examples=["address"],
    )
    mistakes: dict[str, str] = Field(
        default_factory=dict,
        description="Wrong values that people write, as regular expressions, each with the advice of the message.",
        examples=[{".*[.]acme[.]example": "give the name of the shop alone, the part before .acme.example"}],
    )
    derived: Derived | None = Field(
        default=None,
        description="The engine fills it from another field; accounts do not have it.",
        examples=[{"source": "data_center", "table": {"eu": "accounts.example.eu"}}],
    )


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, dict) else value


class GraphqlOperation(Strict):
    """A named operation in a ``.graphql`` file beside the provider's YAML."""

    document: str = Field(description="File name.", examples=["acme.graphql"])
    operation: str = Field(description="Name of the operation in it.", examples=["ListCustomers"])


class ServedVersion(Strict):
    """How an answer states the API version that served it, for APIs that replace a retired version by a later one."""

    header: str = Field(description="Header of the answer.", examples=["X-Acme-API-Version"])
    requested: TemplateText = Field(
        description="The version that the call asks for.", examples=["{context.api_version}"]
    )


class Endpoint(Strict):
    """One native call."""

    renamed: ClassVar[Mapping[str, str]] = {"only_reads": "read_only", "records_path": "list_path"}

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="GET", description="HTTP method.", examples=["POST"]
    )
    base_url: TemplateText | None = Field(
        default=None,
        description="The URL that the path follows, if it is not that of the provider.",
        examples=["https://{context.region}.search.example/v1"],
    )
    path: TemplateText = Field(
        description="Below base_url; may hold {id}. Each leading /.. leaves the last step of base_url.",
        examples=["/customers/{id}", "/../v2/orders"],
    )
    query: dict[str, TemplateText] = Field(
        default_factory=dict,
        description="Query parameters that are always sent; a parameter is left out if its placeholder has no value.",
        examples=[{"include": "addresses"}],
    )
    headers: dict[str, TemplateText] = Field(
        default_factory=dict, description="Headers of this call alone.", examples=[{"Accept": "application/json"}]
    )
    body: dict[str, Any] | None = Field(
        default=None,
        description="JSON body; its texts may hold {id}, {context.name} and {credentials.name}.",
        examples=[{"filter": {"customer": "{id}"}}],
    )
    json_texts: tuple[Path, ...] = Field(
        default=(),
        description="Places of the JSON body whose values are sent as text that holds JSON.",
        examples=[("query.filter", "query.sort")],
    )
    send_as: Literal["json", "form"] = Field(
        default="json",
        description="Form of the body. form: application/x-www-form-urlencoded, with parts as address[city].",
        examples=["form"],
    )
    graphql: GraphqlOperation | None = Field(
        default=None,
        description="The GraphQL operation that is sent.",
        examples=[{"document": "acme.graphql", "operation": "ListCustomers"}],
    )
    cost: float = Field(
        default=1,
        ge=0,
        strict=False,
        description="How many requests a call counts as in rate_limit.rules; 0 if the provider does not count it.",
        examples=[0],
    )
    read_only: bool = Field(
        default=False, description="Whether a POST only reads, so that it may be repeated.", examples=[True]
    )
    list_path: Paths | None = Field(
        default=None,
        description='Place of the list of records in the answer; "@" is the whole body. Of several, the first counts.',
        examples=["data.customers", "@"],
    )
    record_path: Paths | None = Field(
        default=None,
        description='Place of the one record in the answer; "@" is the whole body.',
        examples=["data.customer", "@"],
    )
    answers: Literal["json", "json_lines", "xml", "csv"] = Field(
        default="json",
        description="Format of good answers. Others than json become JSON by a fixed rule; xml needs the extra xml.",
        examples=["xml", "json_lines"],
    )
    xml_lists: tuple[str, ...] = Field(
        default=(),
        description="Names of XML elements that are lists even if there is one; that of list_path always is.",
        examples=[("address", "phone")],
    )
    csv_delimiter: str = Field(
        default=",", min_length=1, max_length=1, description="What separates the cells of CSV.", examples=[";"]
    )
    missing_list: Literal["error", "empty"] = Field(
        default="error",
        description="What null or nothing at list_path means: empty, if the API leaves out empty lists.",
        examples=["empty"],
    )
    null_record: Literal["error", "not_found"] = Field(
        default="error", description="What a null at record_path means.", examples=["not_found"]
    )
    empty_statuses: tuple[int, ...] = Field(
        default=(),
        description="Statuses that mean no records: a 2xx only without a body, any other with any body.",
        examples=[(204,)],
    )
    id_pattern: str | None = Field(
        default=None,
        description="A regular expression for ids; a get of another id is refused, and nothing is sent. If the pattern "
        "has a group named id, only the text of that group is sent.",
        examples=["[1-9][0-9]*", "(gid://acme/Customer/)?(?P<id>[0-9]+)"],
    )
    id_type: Literal["text", "number"] = Field(
        default="text",
        description='How an id is written where the JSON body holds "{id}" alone. number: other ids are refused.',
        examples=["number"],
    )
    id_example: str | None = Field(
        default=None, description="An id, for the message of such a refusal.", examples=["17"]
    )
    pagination: Pagination | None = Field(
        default=None,
        description="How further pages are requested; without it the first answer is the whole list.",
        examples=[{"type": "page_number", "page_param": "page", "page_size_param": "per_page", "max_page_size": 100}],
    )

    @property
    def is_safe(self) -> bool:
        """Whether sending it twice does no harm."""
        return self.method == "GET" or self.read_only

    @property
    def takes_id(self) -> bool:
        """Whether it has a place for the id of a record."""
        templates = (self.path, *self.query.values(), *self.headers.values())
        return any("id" in template.placeholders for template in templates) or "{id}" in str(self.body or "")


class WaitHeader(Strict):
    """A header of the answer that says how long to wait."""

    name: str = Field(description="Name of the header.", examples=["X-Rate-Limit-Reset-Ms"])
    unit: Literal["seconds", "milliseconds"] = Field(
        default="seconds", description="The unit of its number.", examples=["milliseconds"]
    )


class ForbiddenParameters(Strict):
    """Parameters by which the store changes the meaning of a request; no caller, override or mapping may set them.

    The engine forbids the common ones for every provider: those that change the HTTP method or hold credentials, and
    whatever is no variable of a GraphQL operation. Names are compared as lenient stores read them.
    """

    query: tuple[str, ...] = Field(default=(), description="Query parameters.", examples=[("_envelope", "_jsonp")])
    body: tuple[str, ...] = Field(default=(), description="Keys at the top of a body.", examples=[("_locale",)])


class RateLimit(Strict):
    """How the provider limits requests. ``Retry-After`` is always read."""

    headers: tuple[WaitHeader, ...] = Field(
        default=(),
        description="Answer headers that say how long to wait.",
        examples=[({"name": "X-Rate-Limit-Reset-Ms", "unit": "milliseconds"},)],
    )
    wait: Expr | None = Field(
        default=None, description="Seconds to wait, from the body of the error answer.", examples=["error.retry_in"]
    )
    minimum_wait: float = Field(default=0.0, ge=0, strict=False, description="Seconds to wait at least.", examples=[1])
    default_wait: float | None = Field(
        default=None,
        ge=0,
        strict=False,
        description="Seconds to wait if the error answer does not say how long.",
        examples=[16],
    )
    rules: tuple[RateRule, ...] = Field(
        default=(),
        description="What one account may send; the client waits ahead of these limits.",
        examples=[({"type": "window", "requests": 100, "seconds": 60}, {"type": "concurrency", "at_once": 5})],
    )
    quota: QuotaRules | None = Field(
        default=None,
        description="Places in answers that say how much of the quota is left.",
        examples=[{"remaining": {"header": "X-RateLimit-Remaining"}}],
    )


class Setup(Strict):
    """Where a merchant finds the credentials of an account; people read it before they enter them."""

    where: str = Field(
        description="The way to the credentials and context fields, in the words of the store's screens.",
        examples=[
            "In the control panel, Settings > API keys > Create. The shop's name is in the address of the panel."
        ],
    )
    rights: tuple[str, ...] = Field(
        default=(),
        description="The rights (scopes, permissions) that the credentials need, in the store's words.",
        examples=[("Customers: read-only", "Orders: read-only")],
    )
    documentation: str = Field(
        description="Address of the vendor's page about it.", examples=["https://help.acme.example/api-keys"]
    )


class ProviderConfig(Strict):
    """One provider."""

    label: str = Field(description="Its name for people.", examples=["Acme Shop"])
    documentation: str = Field(
        description="Address of the vendor's API documentation.", examples=["https://developer.acme.example/docs"]
    )
    api_version: str | None = Field(
        default=None, description="The version of the API that this file describes.", examples=["v3", "2026-07"]
    )
    served_version: ServedVersion | None = Field(
        default=None,
        description="Where answers state the version that served them; another one than requested is logged once.",
        examples=[{"header": "X-Acme-API-Version", "requested": "{context.api_version}"}],
    )
    base_url: TemplateText = Field(
        description="The URL that every path follows; may hold context fields.",
        examples=["https://{context.shop}.acme.example/api/v3"],
    )
    context: dict[str, FieldDeclaration] = Field(
        default_factory=dict,
        description="Plain facts of an account by name: the shop, a region.",
        examples=[{"shop": {"title": "Name of the shop", "example": "demo"}}],
    )
    credentials: dict[str, FieldDeclaration] = Field(
        default_factory=dict,
        description="Secrets of an account by name.",
        examples=[{"token": {"title": "Access token", "example": "acme_0123"}}],
    )
    authorization: Annotated[
        tuple[Authorization, ...],
        BeforeValidator(_as_tuple, json_schema_input_type=Authorization | tuple[Authorization, ...]),
    ] = Field(
        default=(),
        description="Authentication schemes; the first for which the account has all credentials is used.",
        examples=[{"type": "bearer", "token": "{credentials.token}"}],
    )
    headers: dict[str, TemplateText] = Field(
        default_factory=dict, description="Headers of every call.", examples=[{"Accept": "application/json"}]
    )
    query: dict[str, TemplateText] = Field(
        default_factory=dict,
        description="Query parameters of every call; a parameter is left out if its placeholder has no value.",
        examples=[{"organization_id": "{context.organization_id}"}],
    )
    query_safe: str = Field(
        default="", description="Characters of query values that are not percent-encoded.", examples=[":"]
    )
    forbidden_parameters: ForbiddenParameters = Field(
        default=ForbiddenParameters(),
        description="Parameters that only this file may set, beside those that the engine forbids everywhere.",
        examples=[{"query": ("_envelope", "_jsonp")}],
    )
    rate_limit: RateLimit = Field(
        default=RateLimit(), description="The limits of requests.", examples=[{"default_wait": 16}]
    )
    verify: str | None = Field(
        default=None,
        description="Native resource.method that proves an account: a cheap read, which its credentials must allow. Of "
        "a list, one record is asked for.",
        examples=["customers.list"],
    )
    setup: Setup | None = Field(
        default=None,
        description="Where a merchant finds the credentials.",
        examples=[{"where": "Settings > API keys > Create.", "documentation": "https://help.acme.example/api-keys"}],
    )
    errors: ErrorRules = Field(
        default=ErrorRules(),
        description="How errors look, and what they mean.",
        examples=[{"message": ("message",), "code": ("code",)}],
    )
    resources: dict[str, dict[str, Endpoint]] = Field(
        description="Native calls: resource, then method; mappings call them resource.method.",
        examples=[{"customers": {"list": {"path": "/customers", "list_path": "data"}}}],
    )


_ID_NAME = frozenset({"id"})


def provider_templates(
    config: ProviderConfig,
) -> Iterator[tuple[tuple[str | int, ...], Template, frozenset[str]]]:
    """Every template with its path, and the placeholders it may hold beside the account's fields."""
    yield ("base_url",), config.base_url, frozenset()
    if config.served_version is not None:
        yield ("served_version", "requested"), config.served_version.requested, frozenset()
    for group in ("headers", "query"):
        for name, template in getattr(config, group).items():
            yield (group, name), template, frozenset()
    for number, rule in enumerate(config.authorization):
        for path, template in read_templates(rule):
            yield ("authorization", number, *path), template, rule.own_names(path)
    for resource, methods in config.resources.items():
        for method, endpoint in methods.items():
            for inner, template, names in _endpoint_templates(endpoint):
                yield ("resources", resource, method, *inner), template, names


def _endpoint_templates(endpoint: Endpoint) -> Iterator[tuple[tuple[str | int, ...], Template, frozenset[str]]]:
    if endpoint.base_url is not None:
        yield ("base_url",), endpoint.base_url, frozenset()
    if isinstance(endpoint.pagination, NamedAddress) and endpoint.pagination.link_root is not None:
        yield ("pagination", "link_root"), endpoint.pagination.link_root, frozenset()
    yield ("path",), endpoint.path, _ID_NAME
    for group in ("query", "headers"):
        for name, template in getattr(endpoint, group).items():
            yield (group, name), template, _ID_NAME
    for inner, template in body_templates(endpoint.body):
        yield ("body", *inner), template, _ID_NAME
