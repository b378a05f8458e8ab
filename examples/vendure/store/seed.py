"""Fills an empty Vendure server with 60 customers and 20 orders of invented people.

python seed.py http://127.0.0.1:3111/admin-api superadmin superadmin-1 vendure.sqlite
"""

import json
import sqlite3
import sys
import urllib.request
from datetime import datetime, timedelta

ADDRESS, USER, PASSWORD, DATABASE = sys.argv[1:]
FIRST_NAMES = ["Ana", "Bo", "Chen", "Dana", "Émile", "Fatou", "Gülay", "Héctor", "Ines", "John Paul", "Kai", ""]
LAST_NAMES = ["Ruiz", "Lindqvist", "Wei", "Okafor", "O'Neill", "Müller", "de la Cruz", "", "Nilsen", "Smith-Jones"]
TITLES = ["Dr", None, "Ms", None, ""]
COMPANIES = ["Kettle & Sons", "", "Blue Door Ltd", None, '"Quoted" GmbH']
COUNTRIES = {"AT": "Austria", "SE": "Sweden", "US": "United States", "JP": "Japan", "NZ": "New Zealand"}
CITIES = {"AT": "Wien", "SE": "Malmö", "US": "Springfield", "JP": "大阪", "NZ": "Ōtaki"}
PROVINCES = {"US": "IL", "JP": "大阪府"}
FIRST_DAY = datetime(2026, 3, 1, 9, 0)
TOKEN = {}


def send(query, **variables):
    """The data of an answer; ends the program if the server reports an error."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(ADDRESS, body, {"Content-Type": "application/json", **TOKEN})
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
        if token := response.headers.get("vendure-auth-token"):
            TOKEN["Authorization"] = f"Bearer {token}"
    if "errors" in answer:
        sys.exit(f"{query}: {answer['errors'][0]['message']}")
    return next(iter(answer["data"].values()))


def create(kind, fields, mutation=None):
    """The id of a new thing."""
    return send(
        f"mutation ($input: Create{kind}Input!) {{ {mutation or f'create{kind}'}(input: $input) {{ id }} }}",
        input=fields,
    )["id"]


def argument(name, value):
    return {"name": name, "value": json.dumps(value)}


def create_shop():
    """What an order needs: countries with a tax, a thing to buy, and ways to ship and to pay it."""
    names = {code: [{"languageCode": "en", "name": name}] for code, name in COUNTRIES.items()}
    countries = [
        create("Country", {"code": code, "enabled": True, "translations": texts}) for code, texts in names.items()
    ]
    zone = create("Zone", {"name": "World", "memberIds": countries})
    send(
        "mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) { __typename } }",
        input={"id": "1", "defaultTaxZoneId": zone, "defaultShippingZoneId": zone},
    )
    category = create("TaxCategory", {"name": "Standard", "isDefault": True})
    create("TaxRate", {"name": "VAT", "enabled": True, "value": 20, "categoryId": category, "zoneId": zone})
    label = {"languageCode": "en", "name": "Kettle"}
    product = create("Product", {"translations": [{**label, "slug": "kettle", "description": ""}]})
    variant = send(
        "mutation ($input: [CreateProductVariantInput!]!) { createProductVariants(input: $input) { id } }",
        input=[{"productId": product, "sku": "K1", "price": 1999, "stockOnHand": 999, "translations": [label]}],
    )[0]["id"]
    prices = [argument("rate", 450), argument("includesTax", "auto"), argument("taxRate", 0)]
    shipping = create(
        "ShippingMethod",
        {
            "code": "post",
            "fulfillmentHandler": "manual-fulfillment",
            "checker": {"code": "default-shipping-eligibility-checker", "arguments": [argument("orderMinimum", 0)]},
            "calculator": {"code": "default-shipping-calculator", "arguments": prices},
            "translations": [{"languageCode": "en", "name": "Post", "description": ""}],
        },
    )
    return variant, shipping


def create_customer(number, group):
    first, last = FIRST_NAMES[number % 12], LAST_NAMES[number * 7 % 10]
    customer = {
        "title": TITLES[number % 5],
        "firstName": f" {first} " if number == 13 else first,
        "lastName": last.upper() if number % 9 == 4 else last,
        "emailAddress": f"{'Customer' if number % 4 else 'o.brien+shop'}.{number}@example.test",
        "phoneNumber": [f"+1212555{100 + number:04}", None, f"(212) 555-{100 + number:04} x{number}", ""][number % 4],
    }
    password = "invented-1" if number % 3 else None
    customer_id = send(
        "mutation ($input: CreateCustomerInput!, $password: String) { createCustomer(input: $input, password: $password)"
        " { ... on Customer { id } ... on ErrorResult { message } } }",
        input=customer,
        password=password,
    )["id"]
    for place in range(number % 3 if number % 11 else 4):
        create_address(customer_id, number, place, f"{first} {last}".strip())
    if number % 6 == 0:
        send(
            "mutation ($group: ID!, $ids: [ID!]!) { addCustomersToGroup(customerGroupId: $group, customerIds: $ids)"
            " { id } }",
            group=group,
            ids=[customer_id],
        )
    return customer_id


def create_address(customer_id, number, place, name):
    country = [*COUNTRIES][(number + place) % 5]
    address = {
        "fullName": name if place == 0 else "",
        "company": COMPANIES[(number + place) % 5],
        "streetLine1": f"{number + 1} Invented Street",
        "streetLine2": ["", "Floor 2", None][(number + place) % 3],
        "city": CITIES[country] if number % 10 else "",
        "province": PROVINCES.get(country),
        "postalCode": f"{10000 + 137 * number}" if number % 8 else "",
        "countryCode": country,
        "phoneNumber": f"+12125550{150 + place}" if place else None,
        "defaultBillingAddress": place == 0,
        "defaultShippingAddress": place == number % 2,
    }
    send(
        "mutation ($id: ID!, $input: CreateAddressInput!) { createCustomerAddress(customerId: $id, input: $input)"
        " { id } }",
        id=customer_id,
        input={key: value for key, value in address.items() if value is not None},
    )


def create_order(customer_id, number, variant, shipping):
    order = send("mutation { createDraftOrder { id } }")["id"]
    address = {"streetLine1": "1 Invented Street", "city": "Wien", "countryCode": "AT"}
    for call, arguments in (
        ("setCustomerForDraftOrder(orderId: $order, customerId: $id)", {"id": ("ID", customer_id)}),
        (
            "addItemToDraftOrder(orderId: $order, input: $input)",
            {"input": ("AddItemToDraftOrderInput!", {"productVariantId": variant, "quantity": 1 + number % 3})},
        ),
        ("setDraftOrderShippingAddress(orderId: $order, input: $input)", {"input": ("CreateAddressInput!", address)}),
        ("setDraftOrderShippingMethod(orderId: $order, shippingMethodId: $id)", {"id": ("ID!", shipping)}),
        ("transitionOrderToState(id: $order, state: $state)", {"state": ("String!", "ArrangingPayment")}),
    ):
        declared = "".join(f", ${name}: {kind}" for name, (kind, _) in arguments.items())
        values = {name: value for name, (_, value) in arguments.items()}
        outcome = send(
            f"mutation ($order: ID!{declared}) {{ {call} {{ __typename }} }}",
            order=order,
            **values,
        )
        if outcome["__typename"] != "Order":
            sys.exit(f"{call}: {outcome['__typename']}")
    if number % 2:
        payment = {"orderId": order, "method": "bank", "transactionId": f"T{number}", "metadata": {}}
        send(
            "mutation ($input: ManualPaymentInput!) { addManualPaymentToOrder(input: $input) { __typename } }",
            input=payment,
        )
    if number == 7:
        send("mutation ($id: ID!) { cancelOrder(input: {orderId: $id}) { __typename } }", id=order)
    return order


def set_times(customers, orders):
    """The API takes no times. Customers 20 to 31 were created at the same time."""
    with sqlite3.connect(DATABASE) as database:
        for number, customer_id in enumerate(customers):
            created = FIRST_DAY + (
                timedelta(days=20) if 20 <= number < 32 else timedelta(days=number, milliseconds=250)
            )
            changed = FIRST_DAY + timedelta(days=70, minutes=7 * (number * 13 % 60), hours=number % 5 // 4)
            times = [time.isoformat(" ", "milliseconds") for time in (created, changed)]
            database.execute("UPDATE customer SET createdAt = ?, updatedAt = ? WHERE id = ?", (*times, customer_id))
        for number, order in enumerate(orders):
            time = (FIRST_DAY + timedelta(days=80 + number)).isoformat(" ", "milliseconds")
            database.execute('UPDATE "order" SET createdAt = ?, updatedAt = ? WHERE id = ?', (time, time, order))


login = "mutation ($user: String!, $word: String!) { login(username: $user, password: $word) { __typename } }"
if send(login, user=USER, word=PASSWORD)["__typename"] != "CurrentUser":
    sys.exit("the server refuses user or password")
variant, shipping = create_shop()
group = create("CustomerGroup", {"name": "Wholesale", "customerIds": []})
customers = [create_customer(number, group) for number in range(60)]
buyers = [customers[number * 4 % 36 if number < 14 else 0] for number in range(20)]
orders = [create_order(buyer, number, variant, shipping) for number, buyer in enumerate(buyers)]
set_times(customers, orders)
print(f"{len(customers)} customers, {len(orders)} orders")
