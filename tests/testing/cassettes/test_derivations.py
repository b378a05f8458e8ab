"""Each text that is derived from a person is replaced, wherever it stands; equal texts stay equal, and only those."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcr.request import Request

from tests.shipped import REGISTRY
from tests.testing.cassettes.play import CUSTOMERS, KEY, written
from truto_unify import Account
from truto_unify.testing.cassettes.cleaning import Cleaner
from truto_unify.testing.cassettes.headers import RESPONSE
from truto_unify.testing.cassettes.keep_list import KeepList
from truto_unify.testing.cassettes.pseudonyms import Pseudonyms
from truto_unify.testing.cassettes.record import Plan, record_call
from truto_unify.testing.cassettes.secrets import Secrets

if TYPE_CHECKING:
    from pathlib import Path

NATIVE = {
    "id": 17,
    "first_name": "Inés",
    "last_name": "Valverde",
    "email": "ines.valverde@correo-real.es",
    "billing": {"phone": "+34 612 481 937", "address_1": "Calle del Olvido 9"},
    "date_created_gmt": "2024-05-02T08:00:00",
}
DERIVED: dict[str, str | int] = {
    "digits": "612481937",
    "number": 612481937,
    "number with country": 34612481937,
    "groups of two": "612 48 19 37",
    "dots": "612.481.937",
    "parentheses": "(612) 481-937",
    "international": "0034612481937",
    "country alone": "34612481937",
    "link": "tel:612481937",
    "comma": "Valverde, Inés",
    "title": "Dr. Inés",
    "initial": "I. Valverde",
    "initials": "I.V.",
    "pair": "Inés & Marta",
    "label": "called: Inés",
    "relation": "Luis (brother)",
    "capitals": "VALVERDE",
    "address of the machine": "83.44.12.201",
    "address of the machine, version 6": "2a02:908:1391:5d20::1",
    "domain": "correo-real.es",
    "local part": "ines.valverde",
    "national id": "X1234567L",
    "birthday": "14/05/1987",
    "birthday, ISO": "1987-05-14",
    "half a secret": "cs_Zk8+vT",
    "hash": hashlib.md5(b"ines.valverde@correo-real.es").hexdigest(),
    "escaped": quote("Inés Valverde"),
    "form": quote_plus("ines.valverde@correo-real.es"),
    "entity": "In&eacute;s Valverde",
    "JSON": json.dumps({"who": "Inés", "tel": 612481937}),
    "coordinates": "40.416775,-3.703790",
    "unknown person": "Ortega",
    "handle": "@ines_v",
    "sentence": "Inés asked, on the phone (612 48 19 37), for Luis.",
}
# Pieces that say nothing by themselves: letters and numbers that occur by chance, and words of the prose above.
TELLING = re.compile(
    r"(?i)in(é|&eacute;|%C3%A9|e)s\b|valverde|luis|marta|ortega|correo|olvido|1234567|14/05|05-14|zk8|41677|70379|ines_v|bef8|\[?2a02|83\.44"
)


def serve(request: httpx.Request) -> httpx.Response:
    person = {
        **NATIVE,
        "meta_data": [
            {"id": number, "key": key, "value": value} for number, (key, value) in enumerate(DERIVED.items())
        ],
        "gravatar_id": DERIVED["hash"],
        "by_name": {"Inés": "612 48 19 37", "Valverde": True},
        "links": {"self": [{"href": f"{request.url.copy_with(query=None)}/17?who={quote('Inés Valverde')}#Luis"}]},
    }
    return httpx.Response(
        200, json=[person], headers={"X-WP-Total": "1", "Link": '<https://luis.example/?a=Luis>; rel="x"'}
    )


@pytest.fixture(scope="module")
def cassette(tmp_path_factory: pytest.TempPathFactory) -> Path:
    account = Account(
        provider="woocommerce",
        credentials={"consumer_key": "ck_9f3aQ7zLmN0pXw", "consumer_secret": "cs_Zk8vT4eRbYqLm"},
        context={"store_url": "https://bodega.example"},
    )
    plan = Plan(CUSTOMERS, "list", arguments={"first_name": "inés"}, provenance="synthetic")
    folder = tmp_path_factory.mktemp("derived")
    return record_call(REGISTRY, account, plan, folder, transport=httpx.MockTransport(serve), key=KEY).cassette


def test_nothing_derived_from_a_person_is_in_the_cassette(cassette: Path) -> None:
    text = written(cassette)
    digits = re.sub(r"[ ().+-]", "", text)

    assert TELLING.findall(text) == []
    assert [value for value in DERIVED.values() if str(value) in text] == []
    assert "612481937" not in digits


def test_addresses_of_the_shop_keep_their_steps_and_lose_their_people(cassette: Path) -> None:
    assert re.search(r'"https://shop\.example/wp-json/wc/v3/customers/17\?\w+=[^"]+"', written(cassette))


@pytest.mark.parametrize("kind", DERIVED)
def test_each_derivation_is_replaced_alone_too(kind: str) -> None:
    text = clean({"anything": [DERIVED[kind]], "deep": {"er": str(DERIVED[kind])}})

    assert json.dumps(DERIVED[kind]) not in text
    assert TELLING.findall(text) == []


def clean(document: Any) -> str:
    """The document as a cassette holds it if no person is known."""
    cleaner = Cleaner(Secrets(), KeepList(), Pseudonyms(KEY), names={}, headers=RESPONSE)
    request = Request("GET", "https://shop.example/people", b"", {})
    response = {
        "status": {"code": 200, "message": ""},
        "headers": {},
        "body": {"string": json.dumps(document).encode()},
    }
    cleaner.learn(request, response)
    body: bytes = cleaner.clean_response(response)["body"]["string"]
    return body.decode()


VALUES = st.sampled_from([*map(str, DERIVED.values()), *(f"Müller {number}" for number in range(40)), "王伟", "Ω"])
PLACES = st.dictionaries(st.sampled_from(["a", "note", "label", "who", "next"]), VALUES, min_size=1)
DOCUMENTS = st.recursive(
    VALUES | PLACES, lambda inner: st.lists(inner, max_size=4) | st.fixed_dictionaries({"in": inner})
)


@given(DOCUMENTS)
def test_equality_is_kept_and_nothing_else_becomes_equal(document: Any) -> None:
    before, after = [*leaves([document])], [*leaves(json.loads(clean([document])))]

    assert len(before) == len(after)
    assert [before.index(text) for text in before] == [after.index(text) for text in after]


def leaves(value: Any) -> Any:
    """The texts of a document, JSON inside a text as its leaves, numbers by their digits."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    elif isinstance(value, str) and value[:1] == "{":
        yield from leaves(json.loads(value))
    else:
        digits = re.sub(r"\D", "", str(value))
        yield digits if len(digits) > 6 and re.fullmatch(r"[\d ().+-]+", str(value)) else str(value)
