"""Fills a pretix server with an organizer, 12 events and 26 orders of invented people, and prints its API token.

python -m pretix shell -c "exec(open('seed.py').read(), globals())"
"""

import os
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from django.db import transaction
from django_scopes import scopes_disabled
from i18nfield.strings import LazyI18nString
from pretix.base.models import Event, InvoiceAddress, Order, OrderPosition, Organizer, Team
from pretix.base.models.organizer import TeamAPIToken

ORGANIZER = os.environ.get("SEED_ORGANIZER", "acme")
OPENING = datetime(2026, 5, 2, 8, 0, tzinfo=timezone.utc)
FIRST_ORDER = datetime(2026, 3, 1, 9, 0, tzinfo=timezone.utc)
EVENTS = [
    ({"de": "Frühlingsmesse", "en": "Spring Fair"}, {"en": "Town Hall\n1 Invented Street"}),
    ({"en": "Jazz Night"}, {"en": "Old Mill"}),
    ({"de": "Herbstball"}, {"de": "Stadthalle"}),
    ({"en": "Winter Run"}, None),
    ({"en": "Open Doors", "fr": "Portes ouvertes"}, {"en": "Museum", "fr": "Musée"}),
]
PEOPLE = [
    ("Ana Ruiz", "ana.ruiz@example.test"),
    ("Bo Lindqvist", "Bo.Lindqvist@example.test"),
    ("Chen Wei", "chen.wei@example.test"),
    ("Dana Okafor", "dana.okafor@example.test"),
]
COMPANIES = ["Kettle & Sons", "", "Blue Door Ltd"]
PRICES = [Decimal("23.00"), Decimal("1500.00"), Decimal("7.50")]


def create_event(organizer, number):
    name, place = EVENTS[number % 5]
    begin, has_details = OPENING + timedelta(days=7 * (number // 2)), number % 2 == 1
    event = Event.objects.create(
        organizer=organizer,
        name=LazyI18nString({language: f"{text} {number}" for language, text in name.items()}),
        slug=f"event{number}",
        currency="EUR" if number % 3 else "JPY",
        live=number % 3 != 1,
        date_from=begin,
        date_to=begin + timedelta(hours=5) if number % 4 else None,
        location=LazyI18nString(place) if place else None,
        geo_lat=round(48.1 + number / 10, 1) if has_details else None,
        geo_lon=11.5 if has_details else None,
        is_public=not has_details,
        presale_start=OPENING - timedelta(days=90) if has_details else None,
        presale_end=begin if has_details else None,
        has_subevents=number == 9,
        plugins="pretix.plugins.banktransfer",
    )
    event.items.create(name=LazyI18nString({"en": "Adult"}), default_price=PRICES[number % 3])
    return event


def create_order(organizer, event, number):
    name, email = PEOPLE[number % 4]
    placed = FIRST_ORDER + timedelta(hours=number // 2)
    item, tickets = event.items.get(), 1 + number % 3
    order = Order.objects.create(
        event=event,
        organizer=organizer,
        email=email if number != 7 else None,
        phone="+12125550100" if number % 2 else None,
        status="npec"[number % 4],
        datetime=placed,
        expires=placed + timedelta(days=14),
        total=item.default_price * tickets,
        locale="en",
        sales_channel=organizer.sales_channels.get(identifier="web"),
        comment="Pays at the door" if number % 5 == 0 else "",
    )
    for ticket in range(tickets):
        holder = name if ticket == 0 else f"Guest of {name}"
        OrderPosition.objects.create(
            order=order,
            organizer=organizer,
            item=item,
            variation=None,
            price=item.default_price,
            attendee_name_parts={"_scheme": "full", "full_name": holder} if number % 6 else {},
            attendee_email=email if ticket == 0 else None,
            positionid=ticket + 1,
        )
    if number % 4 == 2:
        # A ticket that was cancelled while the others stay valid; the total does not contain it.
        OrderPosition.all.create(
            order=order,
            organizer=organizer,
            item=item,
            variation=None,
            price=item.default_price,
            attendee_name_parts={},
            positionid=tickets + 1,
            canceled=True,
        )
    if number % 3:
        InvoiceAddress.objects.create(
            order=order,
            is_business=number % 2 == 0,
            company=COMPANIES[number % 3] if number % 2 == 0 else "",
            name_parts={"_scheme": "full", "full_name": name},
            street="1 Invented Street",
            zipcode="12345",
            city="Springfield",
            country="DE" if number % 2 else "AT",
        )
    if number % 4 == 1:
        for state, paid in (("failed", None), ("confirmed", placed + timedelta(hours=2))):
            order.payments.create(provider="banktransfer", state=state, amount=order.total, payment_date=paid)
    order.create_transactions(is_new=True)
    return order


with scopes_disabled(), transaction.atomic():
    organizer = Organizer.objects.create(name="Acme Tickets", slug=ORGANIZER)
    rights = dict.fromkeys(("all_events", "all_event_permissions", "all_organizer_permissions"), True)
    team = Team.objects.create(organizer=organizer, name="API", **rights)
    events = [create_event(organizer, number) for number in range(12)]
    orders = [create_order(organizer, events[number % 4], number) for number in range(26)]
    for number, order in enumerate(orders):
        changed = FIRST_ORDER + timedelta(days=1, minutes=7 * (number * 5 % 26))
        Order.objects.filter(pk=order.pk).update(last_modified=changed)
    print(TeamAPIToken.objects.create(team=team, name="truto-unify").token)
