"""A store that leaks secrets and people wherever it can: headers, queries, bodies, links, cursors, notes."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import httpx

from truto_unify import Account, Registry

if TYPE_CHECKING:
    from pathlib import Path

API_KEY = "pl4nt/k3y+w/ith=signs&more"
PASSWORD = "pä\\ss\"w'ord <x>"
REFRESH, ROTATED = "refresh-8c1f6a52b9", "rotated-77aa41c09e"
TOKENS = ("tok-51d0e6f1aa93", "tok-b7c2d90e44fe")
COOKIE = "s3ss10n-c00k13-value"
PAIR = base64.b64encode(f"{API_KEY}:{PASSWORD}".encode()).decode()
SECRETS = (API_KEY, PASSWORD, REFRESH, ROTATED, *TOKENS, COOKIE)
SPELLINGS = sorted(
    {
        *SECRETS,
        PAIR,
        *(spell(secret) for secret in SECRETS for spell in (quote_plus, lambda text: quote(text, safe=""))),
        *(json.dumps(secret)[1:-1] for secret in SECRETS),
        *(base64.b64encode(secret.encode()).decode() for secret in SECRETS),
        *(base64.urlsafe_b64encode(f"x{secret}y".encode()).decode()[2:-4] for secret in SECRETS),
        *(secret.encode().hex() for secret in SECRETS),
    }
)
SHOP = "merchant-of-record"
PEOPLE = (
    {"first": "Zorrilla", "last": "O'Quincannon", "mail": "zorrilla.oq@gmail.com", "tel": "+49 89 7654321",
     "street": "17 Privet Hollow", "city": "Wolverhampton", "zip": "WV1 4QR", "company": "Quincannon Freight"},
    {"first": "Łucja", "last": "Wiśniewska-Ray", "mail": "Lucja+shop@firma.pl", "tel": "0048 22 555 66 77",
     "street": "ul. Długa 44/16", "city": "Żyrardów", "zip": "96-300", "company": "Ditta Łucji"},
    {"first": "Zorrilla", "last": "Ferrante", "mail": "z.ferrante@studio.it", "tel": "(415) 867-5309 x77",
     "street": "Via dei Pettinari 9", "city": "Castelfranco", "zip": "31033", "company": ""},
)  # fmt: skip
PROVIDER = """
label: Plant
documentation: https://docs.plant.example
api_version: "7"
base_url: "https://{context.shop}.plant.example/api"
context:
  shop: {title: Shop, example: demo}
credentials:
  api_key: {title: Key, example: key_0123}
  password: {title: Password, example: pass_0123}
  refresh_token: {title: Refresh token, example: ref_0123}
authorization:
  type: oauth2
  value: "Bearer {token}"
  token_url: "https://{context.shop}.plant.example/token?key={credentials.api_key}"
  send_as: form
  params: {grant_type: refresh_token, refresh_token: "{refresh_token}", client_secret: "{credentials.password}"}
  refresh_token_path: renewed.next
headers: {X-Key: "{credentials.api_key}"}
query: {key: "{credentials.api_key}"}
rate_limit: {headers: [{name: X-Plant-Quota}]}
resources:
  people:
    list:
      path: /people
      list_path: people
      pagination: {type: cursor, cursor_param: after, cursor_path: next, page_size_param: size, max_page_size: 2}
    get: {path: "/people/{id}", record_path: person}
"""
MAPPING = """
list:
  endpoint: people.list
  filters:
    email: {eq: mail, match: exact}
    name: {eq: who}
get: people.get
response_mapping:
  id: id
  name: join_text(' ', [vorname, rufname.nachname])
  first_name: vorname
  last_name: rufname.nachname
  company_name: firma
  emails:
    - {each: "[{anschrift: post.elektronisch}]", email: anschrift}
  phones:
    - {each: "[rufnummer]", number: "@"}
  addresses:
    - {street_1: wohnt.weg, city: wohnt.ort, postal_code: wohnt.plz, country: wohnt.land}
  status: {expr: zustand, enum: {an: active}}
  created_at: {expr: seit, zone: utc}
unsupported:
  currency: The shop has one.
  orders: It has none.
  updated_at: It does not say.
  emails.type: One kind.
  emails.status: Unknown.
  emails.is_primary: Unknown.
  phones.type: One kind.
  addresses.id: None.
  addresses.type: None.
  addresses.street_2: None.
  addresses.state: None.
"""


def plant_registry(folder: Path) -> Registry:
    """The registry of a folder that holds the provider."""
    for name, text in (("providers/plant.yaml", PROVIDER), ("mappings/ecommerce/customers/plant.yaml", MAPPING)):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Registry(overlay=[folder])


ACCOUNT = Account(
    provider="plant",
    credentials={"api_key": API_KEY, "password": PASSWORD, "refresh_token": REFRESH},
    context={"shop": SHOP},
)


def native(number: int) -> dict[str, Any]:
    """A native record of a person: in the store's own fields, and again in every other way."""
    person = PEOPLE[number]
    full = f"{person['first']} {person['last']}"
    return {
        "id": f"p-{number}",
        "vorname": person["first"],
        "rufname": {"nachname": person["last"]},
        "firma": person["company"],
        "post": {"elektronisch": person["mail"]},
        "rufnummer": person["tel"],
        "wohnt": {"weg": person["street"], "ort": person["city"], "plz": person["zip"], "land": "PL"},
        "zustand": "an",
        "seit": f"2024-05-0{number + 1}T08:00:00",
        "balance": 1.10,
        "greeting": f"Dear {full}, call {person['tel']}",
        "display_name": full.upper(),
        "shipping": {
            "first_name": person["first"],
            "address_1": person["street"],
            "phone": person["tel"],
            "city": person["city"],
        },
        "custom": [{"key": "emergency contact", "value": full}, {"key": "second_phone", "value": person["tel"]}],
        "raw": json.dumps({"email": person["mail"], "name": full}),
        "profile": f"https://{SHOP}.plant.example/u?mail={quote(person['mail'])}&name={quote_plus(full)}",
        "avatar_url": "https://pictures.example/" + "ab" * 16,
        "token_of_page": base64.b64encode(json.dumps({"last": person["mail"]}).encode()).decode(),
        "parcel": f"to:{person['first']}",
        "ip_address": "93.184.216.34",
        "note": f"{person['first']} lives at {person['street']}",
        "latitude": 52.0534,
        person["mail"]: True,
        "debug": {"authorization": f"Basic {PAIR}", "url": f"/x?key={quote_plus(API_KEY)}", "said": PASSWORD},
    }


class PlantStore(httpx.MockTransport):
    """Serves three people on two pages; the first access token is refused once."""

    def __init__(self) -> None:
        super().__init__(self.serve)
        self.tokens_issued = 0

    def serve(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            token = TOKENS[self.tokens_issued]
            self.tokens_issued += 1
            renewed = {"next": ROTATED}
            return self._answer({"access_token": token, "renewed": renewed, "expires_in": 3600, "echo": PASSWORD})
        if request.headers["authorization"] == f"Bearer {TOKENS[0]}":
            return self._answer({"message": f"expired: {TOKENS[0]}"}, 401)
        asked = dict(request.url.params)
        if request.url.path.startswith("/api/people/"):
            return self._answer({"person": native(int(request.url.path[-1]))})
        if "mail" in asked or "who" in asked:
            chosen = [
                number
                for number, person in enumerate(PEOPLE)
                if person["mail"].casefold() == asked.get("mail", person["mail"]).casefold()
                and f"{person['first']} {person['last']}".casefold().startswith(asked.get("who", "").casefold())
            ]
            return self._answer({"people": [native(number) for number in chosen], "next": None})
        if "after" in asked:
            assert asked["after"] == self._cursor()
            return self._answer({"people": [native(2)], "next": None})
        return self._answer({"people": [native(0), native(1)], "next": self._cursor()})

    def _cursor(self) -> str:
        return base64.urlsafe_b64encode(json.dumps({"after": PEOPLE[1]["mail"], "key": API_KEY}).encode()).decode()

    def _answer(self, body: dict[str, Any], status: int = 200) -> httpx.Response:
        content = gzip.compress(json.dumps(body).encode())
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(content))),
            ("Set-Cookie", f"sid={COOKIE}; Path=/; HttpOnly"),
            ("X-Echo", API_KEY),
            ("X-Session", COOKIE),
            ("X-Plant-Quota", "3"),
            ("Location", f"https://{SHOP}.plant.example/next?key={quote_plus(API_KEY)}&mail={PEOPLE[0]['mail']}"),
            ("Link", f'<https://{SHOP}.plant.example/api/people?key={quote(API_KEY, safe="")}>; rel="self"'),
            ("Server", "plant/1"),
        ]
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))
