"""The long records of the pretend Zoho Inventory: one full contact, sales orders, the organisation.

Most keys of a full contact belong to accounting and are the same for every contact here.
https://www.zoho.com/inventory/api/v1/contacts/#get-a-contact
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.zohoinventory.records import (
    ORGANIZATION_ZONE,
    currency_id,
    format_day,
    format_instant,
    make_id,
    render_named_addresses,
    render_persons,
    render_shared,
)

if TYPE_CHECKING:
    from truto_unify.sandbox.people import PurchaseOrder
    from truto_unify.sandbox.zohoinventory.records import Contact, Record

ORGANIZATION_ID = "10234695"

_ORDER_BASE = 4_708_150_000_000_000_000
_USER_ID = "4608150000000093001"
_ENTITY = 4
_CURRENCY_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_ORDER_STATUS = {"pending": "draft", "paid": "closed", "refunded": "void"}

_TEMPLATES = (
    "statement", "invoice", "bill", "estimate", "creditnote", "purchaseorder", "salesorder",
    "paymentthankyou", "invoice_email", "estimate_email", "creditnote_email", "purchaseorder_email",
    "salesorder_email", "paymentthankyou_email", "payment_remittance_email",
)  # fmt: skip
_BLANK = (
    "contact_tax_information", "designation", "department", "contact_salutation", "photo_url", "invited_by",
    "contact_relation_type", "owner_id", "owner_name", "zcrm_account_id", "zcrm_contact_id", "crm_owner_id",
    "exchange_rate", "opening_balance_amount_bcy", "consent_date", "tax_reg_label", "contact_category",
    "pricebook_id", "pricebook_name", "notes", "zohopeople_client_id", "submitted_date", "submitted_by",
    "submitted_by_name", "submitted_by_email", "submitted_by_photo_url", "submitter_id", "approver_id",
    "approval_name", "note_to_approver", "language_code_formatted",
)  # fmt: skip
_EMPTY = (
    "contact_blocks", "documents", "locked_actions", "opening_balances", "cards", "checks", "upi_mandates",
    "bank_accounts", "vpa_list", "approvers_list", "approval_path", "approvers", "integration_references",
)  # fmt: skip
_ZERO = (
    "credit_limit_exceeded_amount", "opening_balance_amount", "outstanding_ob_receivable_amount",
    "outstanding_ob_payable_amount", "unused_retainer_payments", "portal_receipt_count",
)  # fmt: skip
_FALSE = (
    "can_show_integration_outlet_info", "is_client_review_asked", "is_crm_customer", "can_show_customer_ob",
    "can_show_vendor_ob", "is_consent_agreed", "is_client_review_settings_enabled", "associated_with_square",
    "is_multi_match_approval",
)  # fmt: skip
_TRUE = (
    "is_bcy_only_contact", "is_credit_limit_migration_completed", "payment_reminder_enabled",
    "is_sms_enabled",
)  # fmt: skip


def render_contact(contact: Contact) -> Record:
    """The full contact."""
    person = contact.person
    persons = render_persons(contact)
    billing, shipping, additional = render_named_addresses(contact)
    return {
        "contact_id": contact.contact_id,
        "contact_name": contact.contact_name,
        **dict.fromkeys(_BLANK, ""),
        **{key: [] for key in _EMPTY},
        **dict.fromkeys(_ZERO, 0),
        **dict.fromkeys(_FALSE, False),
        **dict.fromkeys(_TRUE, True),
        **render_shared(contact),
        "has_transaction": bool(person.orders),
        "primary_contact_id": persons[0]["contact_person_id"] if persons else "",
        "currency_symbol": _currency_symbol(person.currency),
        "price_precision": 2,
        "lock_details": {"can_lock": False},
        "lock_detail": {"can_lock": True, "custom_locks": [], "system_locks": []},
        "sales_channel": "direct_sales",
        "entity_address_id": make_id(person, _ENTITY),
        "billing_address": billing,
        "shipping_address": shipping,
        "contact_persons": persons,
        "addresses": additional,
        "default_templates": {f"{name}_template_{part}": "" for name in _TEMPLATES for part in ("id", "name")},
        "created_date": format_day(person.created_at),
        "created_by_name": "Shop Owner",
        "created_by_id": _USER_ID,
        "last_modified_by_id": _USER_ID,
        "customer_currency_summaries": [_render_currency_summary(person.currency)],
        "additional_information": {},
    }


def render_orders(contact: Contact) -> list[Record]:
    """The sales orders of a contact, as in the list of orders."""
    return [_render_order(contact, order) for order in contact.person.orders]


def render_organization() -> Record:
    """The one organisation that the token belongs to."""
    return {
        "organization_id": ORGANIZATION_ID,
        "name": "Invented Goods",
        "contact_name": "Shop Owner",
        "email": "owner@example.test",
        "is_default_org": True,
        "country": "U.S.A",
        "country_code": "US",
        "state": "New York",
        "state_code": "NY",
        "phone": "",
        "org_type": "live",
        "version": "us",
        "language_code": "en",
        "fiscal_year_start_month": 0,
        "time_zone": ORGANIZATION_ZONE.key,
        "currency_id": currency_id("USD"),
        "currency_code": "USD",
        "currency_symbol": "$",
        "price_precision": 2,
        "plan_name": "PREMIUM",
        "account_created_date": "2022-11-07",
        "is_org_active": True,
        "user_status": 1,
    }


def _currency_symbol(code: str) -> str:
    return _CURRENCY_SYMBOLS.get(code, code)


def _render_currency_summary(code: str) -> Record:
    return {
        "currency_id": currency_id(code),
        "currency_code": code,
        "currency_symbol": _currency_symbol(code),
        "price_precision": 2,
        "is_base_currency": code == "USD",
        "currency_name_formatted": code,
        "outstanding_receivable_amount": 0,
        "unused_credits_receivable_amount": 0,
    }


def _render_order(contact: Contact, order: PurchaseOrder) -> Record:
    person = contact.person
    is_paid = order.status == "paid"
    # A whole amount is written without decimals, as in recorded answers.
    total = order.total_cents / 100 if order.total_cents % 100 else order.total_cents // 100
    return {
        "salesorder_id": str(_ORDER_BASE + order.number),
        "zcrm_potential_id": "",
        "zcrm_potential_name": "",
        "customer_name": contact.contact_name,
        "customer_id": contact.contact_id,
        "email": person.email,
        "delivery_date": "",
        "company_name": person.company,
        "color_code": "",
        "current_sub_status_id": "",
        "current_sub_status": _ORDER_STATUS[order.status],
        "pickup_location_id": "",
        "salesorder_number": f"SO-{order.number:05d}",
        "reference_number": "",
        "date": order.created_at.astimezone(ORGANIZATION_ZONE).date().isoformat(),
        "shipment_date": "",
        "shipment_days": "",
        "due_by_days": "",
        "due_in_days": "",
        "currency_id": currency_id(person.currency),
        "source": "Api",
        "currency_code": person.currency,
        "total": total,
        "bcy_total": total,
        "total_invoiced_amount": total if is_paid else 0,
        "created_time": format_instant(order.created_at),
        "last_modified_time": format_instant(order.created_at),
        "is_emailed": False,
        "quantity": 1,
        "quantity_invoiced": int(is_paid),
        "quantity_packed": int(is_paid),
        "quantity_shipped": int(is_paid),
        "order_status": _ORDER_STATUS[order.status],
        "invoiced_status": "invoiced" if is_paid else "",
        "paid_status": "paid" if is_paid else "",
        "shipped_status": "fulfilled" if is_paid else "",
        "status": _ORDER_STATUS[order.status],
        "order_fulfillment_type": "",
        "is_drop_shipment": False,
        "is_backorder": False,
        "is_manually_fulfilled": False,
        "sales_channel": "direct_sales",
        "sales_channel_formatted": "Direct Sales",
        "salesperson_name": "",
        "has_attachment": False,
        "tags": [],
        "balance": 0 if is_paid else total,
        "delivery_method": "",
        "delivery_method_id": "",
        "is_viewed_in_mail": False,
        "mail_first_viewed_time": "",
        "mail_last_viewed_time": "",
        "is_scheduled_for_quick_shipment_create": False,
    }
