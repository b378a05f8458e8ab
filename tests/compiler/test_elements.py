"""Elements that repeat leave once, whichever way their list is written and read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laid_over import mapper_of_file
from tests.shipped import REGISTRY

if TYPE_CHECKING:
    from truto_unify.mapping.mapper import Mapper

RESOURCE: Final = "ecommerce/customers"
LAYERS: dict[str, Any] = {
    "written out": {"phones": "[a, b, c]", "emails": "[a, b, c]"},
    "written out, and long": {"phones": "[a, b, c, d]", "emails": "[a, b, c, d]"},
    "a loop": {"phones": "[a, b, c, d][?@]", "emails": "[a, b, c, d][?@]"},
    "a list of the record": {"phones": "all", "emails": "all"},
    "one": {"phones": "[a]", "emails": "[a]"},
}
PHONES = st.one_of(
    st.sampled_from(
        [
            "+15550100",
            "15550100",
            "+1 555 0100",
            "+15550100 x7",
            "+15550100 ext. 7",
            "+15550100 x8",
            "+15550101",
            "15550100#7",
            "+",
            "n/a",
            "N/A",
            " ",
            "",
            "٣٤٥",
            "x",
        ]
    ),
    st.from_regex(r"\+?[0-9]{0,4} ?(x|ext|#)?[0-9]{0,2}", fullmatch=True),
    st.none(),
    st.integers(0, 99),
)
EMAILS = st.one_of(
    st.sampled_from(
        [
            "a@b.c",
            "A@B.C",
            " a@b.c ",
            "straße@b.c",
            "STRASSE@b.c",
            "jose\u0301@b.c",
            "JOS\u00c9@b.c",
            "a\u200b@b.c",
            "",
            " ",
        ]
    ),
    st.none(),
)


def make_mapper(each: dict[str, str], extension: str | None) -> Mapper:
    phone = {"number": "phone", "type": {"const": "x"}} | ({"extension": extension} if extension else {})
    layer = {
        "response_mapping": {
            "id": "id",
            "phones": [{"each": each["phones"], **phone}],
            "emails": [{"each": each["emails"], "email": "email", "type": "kind", "is_primary": "main"}],
        }
    }
    return mapper_of_file(REGISTRY, RESOURCE, "woocommerce", layer)


MAPPERS = {(way, ext): make_mapper(each, ext) for way, each in LAYERS.items() for ext in (None, "ext")}


@pytest.mark.parametrize("extension", [None, "ext"])
@pytest.mark.parametrize("way", LAYERS)
@given(
    items=st.lists(
        st.fixed_dictionaries(
            {"phone": PHONES, "email": EMAILS, "ext": st.sampled_from([None, "7", "8", ""]), "kind": st.just("k")}
        ),
        min_size=4,
        max_size=4,
    )
)
def test_the_rule_decides_which_items_stay(way: str, extension: str | None, items: list[dict[str, Any]]) -> None:
    mapper = MAPPERS[way, extension]
    native = {"id": 1, "all": items, **dict(zip("abcd", items, strict=True))}
    expected = mapper.interpret_record(native)

    assert mapper.map_record(native) == expected
    if not expected.faults:
        body = json.dumps([native]).encode()
        assert json.loads(mapper.map_page(body)) == [expected.fields]


def test_a_constant_email_of_the_mapping_is_compared_too() -> None:
    mapper = make_mapper(
        {"phones": "[{phone: '+1555'}, a]", "emails": "[{email: 'a@b.c'}, a, {email: '{x}@b.c'}]"}, None
    )
    native = {"id": 1, "a": {"phone": "1555", "email": "A@b.c"}}

    assert mapper.map_record(native) == mapper.interpret_record(native)
    assert [email["email"] for email in mapper.map(native)["emails"]] == ["a@b.c", "{x}@b.c"]
    assert [phone["number"] for phone in mapper.map(native)["phones"]] == ["+1555"]


def test_an_element_that_repeats_is_left_out_and_the_first_stays() -> None:
    native = {
        "id": 1,
        "all": [
            {"phone": "+15550100", "email": "Ana@shop.example", "kind": "first"},
            {"phone": "+1 555-0100 x7", "email": "ana@SHOP.example", "kind": "second"},
            {"phone": "+15550101", "email": "bo@shop.example", "kind": "third"},
        ],
    }

    record = MAPPERS["a list of the record", None].map(native)

    assert [(phone["number"], phone["extension"]) for phone in record["phones"]] == [
        ("+15550100", "7"),
        ("+15550101", None),
    ]
    assert [(email["email"], email["type"]) for email in record["emails"]] == [
        ("Ana@shop.example", "first"),
        ("bo@shop.example", "third"),
    ]
