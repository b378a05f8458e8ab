"""Where the lists of the shipped providers are asked for and answered: read from the vendors' documentation.

A place is written ``query:page``, ``body:query.paging.offset`` or ``header:X-WP-Total``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.lists.kinds import Kind
from tests.lists.scenarios import CHANGED, CREATED, LAST_CHANGED, NEWEST
from tests.lists.stock import BY_ID, Order


@dataclass(frozen=True)
class Dialect:
    """One list of one provider.

    Attributes:
        provider: slug.
        kind: how the list is paged.
        path: end of its address.
        records: place of the records.
        size: place of the page size.
        page: place of the page number.
        offset: place of the offset.
        cursor: place of the cursor; of a store with a link, the parameter of the link.
        first_cursor: what stands there on the first page.
        total: place of the total.
        pages: place of the number of pages.
        more: place of the truth value.
        following: place of the next cursor; a link has none.
        operation: name of the GraphQL operation.
        sorting: places that set the order.
        orders: what stands there, for each order that the store knows.
        default: the order of a request that asks for none.
        is_always_partial: whether its lists hold less than ``get`` gives, whatever happens.
        counts_in_secret: whether the pretend store's cursor counts places, which nobody can see from outside.
        leaves_out: whether the mapping leaves records out, so that pages are always asked for whole.
    """

    provider: str
    kind: Kind
    path: str
    records: str
    size: str
    page: str = ""
    offset: str = ""
    cursor: str = ""
    first_cursor: str | None = None
    total: str = ""
    pages: str = ""
    more: str = ""
    following: str = ""
    operation: str = ""
    sorting: tuple[str, ...] = ()
    orders: dict[tuple[str, ...], Order] = field(default_factory=dict)
    default: Order = BY_ID
    is_always_partial: bool = False
    counts_in_secret: bool = False
    leaves_out: bool = False


CUSTOMERS = (
    Dialect(
        "bigcommerce",
        Kind("bigcommerce", "number", "", frozenset({"total"})),
        path="/v3/customers",
        records="data",
        size="query:limit",
        page="query:page",
        cursor="query:after",
        total="body:meta.pagination.total",
        sorting=("query:sort",),
        orders={
            ("date_created:asc",): CREATED,
            ("date_created:desc",): NEWEST,
            ("date_modified:asc",): CHANGED,
            ("date_modified:desc",): LAST_CHANGED,
        },
    ),
    Dialect(
        "woocommerce",
        Kind("woocommerce", "number", "", frozenset({"total", "pages"}), has_offset=True, in_header=True),
        path="/wc/v3/customers",
        records="",
        size="query:per_page",
        page="query:page",
        offset="query:offset",
        sorting=("query:orderby", "query:order"),
        orders={("registered_date", "asc"): CREATED, ("registered_date", "desc"): NEWEST},
        total="header:X-WP-Total",
        pages="header:X-WP-TotalPages",
    ),
    Dialect(
        "wix",
        Kind("wix", "offset", "", frozenset({"total"})),
        path="/contacts/v4/contacts/query",
        records="contacts",
        size="body:query.paging.limit",
        offset="body:query.paging.offset",
        total="body:pagingMetadata.total",
        sorting=("body:query.sort",),
        orders={
            ('[{"fieldName": "createdDate", "order": "ASC"}]',): CREATED,
            ('[{"fieldName": "createdDate", "order": "DESC"}]',): NEWEST,
        },
    ),
    Dialect(
        "zohoinventory",
        Kind("zohoinventory", "number", "", frozenset({"more"})),
        path="/v1/contacts",
        records="contacts",
        size="query:per_page",
        page="query:page",
        more="body:page_context.has_more_page",
        is_always_partial=True,
        leaves_out=True,
        sorting=("query:sort_column", "query:sort_order"),
        orders={
            ("created_time", "A"): CREATED,
            ("created_time", "D"): NEWEST,
            ("last_modified_time", "A"): CHANGED,
            ("last_modified_time", "D"): LAST_CHANGED,
        },
    ),
    Dialect(
        "commerce7",
        Kind("commerce7", "cursor", "", frozenset({"following"})),
        path="/v1/customer",
        records="customers",
        size="query:limit",
        cursor="query:cursor",
        first_cursor="start",
        following="body:cursor",
        is_always_partial=True,
    ),
    Dialect(
        "shopify",
        Kind("shopify", "connection", "", frozenset({"more", "following"})),
        path="/graphql.json",
        operation="ListCustomers",
        records="data.customers.nodes",
        size="body:variables.first",
        cursor="body:variables.after",
        more="body:data.customers.pageInfo.hasNextPage",
        following="body:data.customers.pageInfo.endCursor",
        sorting=("body:variables.sortKey", "body:variables.reverse"),
        orders={
            ("CREATED_AT", "false"): CREATED,
            ("CREATED_AT", "true"): NEWEST,
            ("UPDATED_AT", "false"): CHANGED,
            ("UPDATED_AT", "true"): LAST_CHANGED,
        },
    ),
    Dialect(
        "shopify_rest",
        Kind("shopify_rest", "link", "", frozenset({"following"}), in_link=True),
        path="/customers.json",
        records="customers",
        size="query:limit",
        cursor="query:page_info",
        default=NEWEST,
    ),
)
ORDERS = (
    Dialect(
        "bigcommerce",
        Kind("bigcommerce orders", "number", "", ends_short=True),
        path="/v2/orders",
        records="",
        size="query:limit",
        page="query:page",
    ),
    Dialect(
        "woocommerce",
        Kind("woocommerce orders", "number", "", frozenset({"total", "pages"}), has_offset=True, in_header=True),
        path="/wc/v3/orders",
        records="",
        size="query:per_page",
        page="query:page",
        offset="query:offset",
        total="header:X-WP-Total",
        pages="header:X-WP-TotalPages",
    ),
    Dialect(
        "wix",
        Kind("wix orders", "cursor", "", frozenset({"following"})),
        path="/ecom/v1/orders/search",
        records="orders",
        size="body:search.cursorPaging.limit",
        cursor="body:search.cursorPaging.cursor",
        following="body:metadata.cursors.next",
        counts_in_secret=True,
    ),
    Dialect(
        "zohoinventory",
        Kind("zohoinventory orders", "number", "", frozenset({"more"})),
        path="/v1/salesorders",
        records="salesorders",
        size="query:per_page",
        page="query:page",
        more="body:page_context.has_more_page",
    ),
    Dialect(
        "commerce7",
        Kind("commerce7 orders", "cursor", "", frozenset({"following"})),
        path="/v1/order",
        records="orders",
        size="query:limit",
        cursor="query:cursor",
        first_cursor="start",
        following="body:cursor",
    ),
    Dialect(
        "shopify",
        Kind("shopify orders", "connection", "", frozenset({"more", "following"})),
        path="/graphql.json",
        operation="ListCustomerOrders",
        records="data.customer.orders.nodes",
        size="body:variables.first",
        cursor="body:variables.after",
        more="body:data.customer.orders.pageInfo.hasNextPage",
        following="body:data.customer.orders.pageInfo.endCursor",
    ),
    Dialect(
        "shopify_rest",
        Kind("shopify_rest orders", "link", "", frozenset({"following"}), in_link=True),
        path="/orders.json",
        records="orders",
        size="query:limit",
        cursor="query:page_info",
    ),
)
