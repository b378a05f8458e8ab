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
            brief={
                "id": "id",
                "name": "name",
                "email": "emails.email",
                "created_at": "created_at",
                "status": "status",
                "country": "addresses.country",
                "phone": "phones.number",
                "company_name": "company_name",
                "city": "addresses.city",
            },
        ),
        ResourceSchema(
            name="ecommerce/orders",
            record=Order,
            text_filters=("status", "payment_status", "fulfillment_status"),
            time_filters=("created_at", "updated_at"),
            inner_filters={"customer_id": ("customer", "id")},
            sorts=("created_at", "updated_at", "id"),
            brief={
                "id": "id",
                "order_number": "order_number",
                "name": "customer.name",
                "total_amount": "total_amount",
                "status": "status",
                "created_at": "created_at",
                "email": "customer.emails.email",
                "payment_status": "payment_status",
                "fulfillment_status": "fulfillment_status",
                "country": "shipping_address.country",
                "phone": "customer.phones.number",
                "city": "shipping_address.city",
            },
        ),
        ResourceSchema(
            name="ecommerce/products",
            record=Product,
            text_filters=("name", "status", "sku"),
            time_filters=("created_at", "updated_at"),
            sorts=("created_at", "updated_at", "id"),
            brief={
                "id": "id",
                "name": "name",
                "created_at": "created_at",
                "status": "status",
                "price": "price",
                "sku": "sku",
                "inventory_quantity": "inventory_quantity",
            },
        ),
    )
}
