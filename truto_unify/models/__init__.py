"""The unified resources by name."""

from __future__ import annotations

from truto_unify.models.ecommerce import Customer
from truto_unify.models.orders import Order
from truto_unify.models.products import Product
from truto_unify.models.resource import ResourceSchema

RESOURCES: dict[str, ResourceSchema] = {
    schema.name: schema
    for schema in (
        ResourceSchema(
            name="ecommerce/customers",
            record=Customer,
            text_filters=("name", "first_name", "last_name", "company_name"),
            time_filters=("created_at", "updated_at"),
            inner_filters={"email": ("emails", "email")},
            element_filters={
                "emails": {"email": "text", "type": "text", "status": "text", "is_primary": "boolean"},
                "phones": {"number": "phone", "extension": "text", "type": "text"},
            },
            sorts=("created_at", "updated_at"),
        ),
        ResourceSchema(
            name="ecommerce/orders",
            record=Order,
            text_filters=("status", "payment_status", "fulfillment_status"),
            time_filters=("created_at", "updated_at"),
            inner_filters={"customer_id": ("customer", "id")},
            sorts=("created_at", "updated_at", "id"),
        ),
        ResourceSchema(
            name="ecommerce/products",
            record=Product,
            text_filters=("name", "status", "sku"),
            time_filters=("created_at", "updated_at"),
            sorts=("created_at", "updated_at", "id"),
        ),
    )
}
