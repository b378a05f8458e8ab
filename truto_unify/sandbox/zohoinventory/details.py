"""The long records of the pretend Zoho Inventory: one full contact, the organisation.

Most keys of a full contact belong to accounting and are the same for every contact here.
https://www.zoho.com/inventory/api/v1/contacts/#get-a-contact
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.zohoinventory.records import (
    ORGANIZATION_ZONE,
    currency_id,
    format_day,
    make_id,
    render_named_addresses,
    render_persons,
    render_shared,
)

if TYPE_CHECKING:
    from truto_unify.sandbox.zohoinventory.records import Contact, Record

ORGANIZATION_ID = "10234695"

_USER_ID = "4608150000000093001"
_ENTITY = 4
_CURRENCY_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

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
        "currency_symbol": currency_symbol(person.currency),
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


def currency_symbol(code: str) -> str:
    """The symbol of a currency, or its code."""
    return _CURRENCY_SYMBOLS.get(code, code)


def _render_currency_summary(code: str) -> Record:
    return {
        "currency_id": currency_id(code),
        "currency_code": code,
        "currency_symbol": currency_symbol(code),
        "price_precision": 2,
        "is_base_currency": code == "USD",
        "currency_name_formatted": code,
        "outstanding_receivable_amount": 0,
        "unused_credits_receivable_amount": 0,
    }
