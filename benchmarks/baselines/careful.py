"""Mappings as a careful backend engineer writes them by hand: readable, each rule a function of ``cleaning``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.baselines.cleaning import (
    clean_country,
    clean_text,
    clean_time,
    first_text,
    join_names,
    keep_addresses,
    keep_emails,
    keep_phones,
    make_email,
    make_phone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Record = dict[str, Any]

_STATUSES = {"enabled": "active", "disabled": "inactive"}


def map_shopify(native: Record) -> Record:
    """A Shopify customer of the GraphQL Admin API, with its addresses as a connection or as a list."""
    default_address = native.get("defaultAddress") or {}
    addresses = _shopify_addresses(native)
    email = native.get("defaultEmailAddress") or {}
    phone = native.get("defaultPhoneNumber") or {}
    first_name, last_name = clean_text(native.get("firstName")), clean_text(native.get("lastName"))
    name = None
    if first_name or last_name:
        name = clean_text(native.get("displayName")) or join_names(first_name, last_name)
    state = (clean_text(native.get("state")) or "").lower()
    consent = clean_text(email.get("marketingState"))
    return {
        "id": clean_text(native.get("legacyResourceId")) or native["id"].rpartition("/")[2].partition("?")[0],
        "name": name,
        "first_name": first_name,
        "last_name": last_name,
        "company_name": first_text(default_address.get("company"), *(address.get("company") for address in addresses)),
        "emails": keep_emails(
            [
                make_email(
                    email.get("emailAddress") or native.get("email"),
                    "primary",
                    consent.lower() if consent else None,
                    is_primary=True,
                )
            ]
        ),
        "phones": keep_phones(
            [
                make_phone(phone.get("phoneNumber") or native.get("phone"), "primary"),
                *(make_phone(address.get("phone"), "address") for address in addresses),
            ]
        ),
        "addresses": keep_addresses([_shopify_address(address, default_address) for address in addresses]),
        "currency": clean_text((native.get("amountSpent") or {}).get("currencyCode")),
        "status": _STATUSES.get(state, state or None),
        "orders": [],
        "created_at": clean_time(native.get("createdAt")),
        "updated_at": clean_time(native.get("updatedAt")),
        "remote_data": native,
    }


def _shopify_addresses(native: Record) -> list[Record]:
    connection = native.get("addressesV2") or {}
    addresses = connection.get("nodes") or [edge["node"] for edge in connection.get("edges") or ()]
    addresses = addresses or native.get("addresses") or [native.get("defaultAddress")]
    return [address for address in addresses if address is not None]


def _shopify_address(address: Record, default_address: Record) -> Record:
    gid = address.get("id")
    return {
        "id": gid.partition("?")[0].rpartition("/")[2] if gid else None,
        "type": "default" if gid and gid == default_address.get("id") else None,
        "street_1": clean_text(address.get("address1")),
        "street_2": clean_text(address.get("address2")),
        "city": clean_text(address.get("city")),
        "state": clean_text(address.get("provinceCode") or address.get("province")),
        "postal_code": clean_text(address.get("zip")),
        "country": clean_country(address.get("countryCodeV2") or address.get("country")),
    }


def map_shopify_rest(native: Record) -> Record:
    """A Shopify customer of the REST Admin API."""
    default_address = native.get("default_address") or {}
    addresses = native.get("addresses") or []
    consent = native.get("email_marketing_consent") or {}
    consent_state = clean_text(consent.get("state"))
    state = (clean_text(native.get("state")) or "").lower()
    first_name, last_name = clean_text(native.get("first_name")), clean_text(native.get("last_name"))
    return {
        "id": str(native["id"]),
        "name": join_names(first_name, last_name),
        "first_name": first_name,
        "last_name": last_name,
        "company_name": first_text(default_address.get("company"), *(address.get("company") for address in addresses)),
        "emails": keep_emails(
            [
                make_email(
                    native.get("email"),
                    "primary",
                    consent_state.lower() if consent_state else None,
                    is_primary=True,
                )
            ]
        ),
        "phones": keep_phones(
            [
                make_phone(native.get("phone"), "primary"),
                *(make_phone(address.get("phone"), "address") for address in addresses),
            ]
        ),
        "addresses": keep_addresses([_shopify_rest_address(address) for address in addresses]),
        "currency": clean_text(native.get("currency")),
        "status": _STATUSES.get(state, state or None),
        "orders": [],
        "created_at": clean_time(native.get("created_at")),
        "updated_at": clean_time(native.get("updated_at")),
        "remote_data": native,
    }


def _shopify_rest_address(address: Record) -> Record:
    return {
        "id": clean_text(address.get("id")),
        "type": "default" if address.get("default") else None,
        "street_1": clean_text(address.get("address1")),
        "street_2": clean_text(address.get("address2")),
        "city": clean_text(address.get("city")),
        "state": clean_text(address.get("province_code") or address.get("province")),
        "postal_code": clean_text(address.get("zip")),
        "country": clean_country(address.get("country_code") or address.get("country")),
    }


def map_woocommerce(native: Record) -> Record:
    """A WooCommerce customer: the account's name, or the billing name if the account has none."""
    billing, shipping = native.get("billing") or {}, native.get("shipping") or {}
    first_name, last_name = clean_text(native.get("first_name")), clean_text(native.get("last_name"))
    if not (first_name or last_name):
        first_name, last_name = clean_text(billing.get("first_name")), clean_text(billing.get("last_name"))
    return {
        "id": str(native["id"]),
        "name": join_names(first_name, last_name),
        "first_name": first_name,
        "last_name": last_name,
        "company_name": first_text(billing.get("company"), shipping.get("company")),
        "emails": keep_emails(
            [
                make_email(native.get("email"), "primary", is_primary=True),
                make_email(billing.get("email"), "billing", is_primary=False),
            ]
        ),
        "phones": keep_phones(
            [make_phone(billing.get("phone"), "billing"), make_phone(shipping.get("phone"), "shipping")]
        ),
        "addresses": keep_addresses(
            [_woocommerce_address(billing, "billing"), _woocommerce_address(shipping, "shipping")]
        ),
        "currency": None,
        "status": None,
        "orders": [],
        "created_at": clean_time(native.get("date_created_gmt")),
        "updated_at": clean_time(native.get("date_modified_gmt")),
        "remote_data": native,
    }


def _woocommerce_address(address: Record, kind: str) -> Record:
    return {
        "id": None,
        "type": kind,
        "street_1": clean_text(address.get("address_1")),
        "street_2": clean_text(address.get("address_2")),
        "city": clean_text(address.get("city")),
        "state": clean_text(address.get("state")),
        "postal_code": clean_text(address.get("postcode")),
        "country": clean_country(address.get("country")),
    }


CAREFUL: Mapping[str, Callable[[Record], Record]] = {
    "shopify": map_shopify,
    "shopify_rest": map_shopify_rest,
    "woocommerce": map_woocommerce,
}
"""A mapping for each provider that is compared with hand-written code."""
