from __future__ import annotations

from tests.shipped import REGISTRY
from truto_unify.inspection.coverage import Coverage, LeftOut, find_coverage

MAPPING = REGISTRY.mapping("ecommerce/customers", "zohoinventory")


def test_left_out_fields_have_their_share_and_only_repeated_values_are_shown() -> None:
    records = [
        {
            "contact_id": str(number),
            "contact_name": "Ana",
            "kind": "business" if number % 2 else "individual",
            "nick": "Ana",
            "note": f"text {'abcdefghij'[number]}",
            "vat": None if number else "DE1",
            "ever_null": None,
            "billing_address": {"city": "Lima", "attention": "Ana"},
            "tags": [{"name": "vip"}],
        }
        for number in range(10)
    ]

    coverage = find_coverage(MAPPING, records, lambda path: path in {("nick",), ("billing_address", "attention")})

    assert coverage == Coverage(
        records=10,
        mapped=3,
        left_out=(
            LeftOut("billing_address.attention", 1.0, ("text",)),
            LeftOut("kind", 1.0, ("text",), ("business", "individual")),
            LeftOut("nick", 1.0, ("text",)),
            LeftOut("note", 1.0, ("text",)),
            LeftOut("tags.name", 1.0, ("text",), ("vip",)),
            LeftOut("vat", 0.1, ("text",)),
        ),
    )
    assert round(coverage.share, 2) == 0.33


def test_few_records_show_no_values() -> None:
    coverage = find_coverage(MAPPING, [{"contact_id": "1", "kind": "business"}] * 3, lambda _: False)

    assert coverage.left_out == (LeftOut("kind", 1.0, ("text",)),)


def test_without_records_the_coverage_is_complete() -> None:
    assert find_coverage(MAPPING, [], lambda _: False).share == 1.0
