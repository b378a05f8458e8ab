from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.shipped import REGISTRY
from truto_unify.expressions import parse_expression
from truto_unify.inspection.native_fields import show_native
from truto_unify.inspection.reading import reads_of_expression, reads_of_field, reads_of_mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.inspection.reading import Reads

# Expression: the fields that it reads for their values, and the fields that it only tests.
READS = {
    "a.b": (["a.b"], []),
    "a[0].b": (["a.b"], []),
    "a[].b[].c": (["a.b.c"], []),
    "a.*.b": (["a.b"], []),
    "a || b.c": (["a", "b.c"], ["a"]),
    "(a.items || a)[].id": (["a.items.id", "a.id"], ["a.items"]),
    "a && b": (["b"], ["a"]),
    "!a && 'x'": ([], ["a"]),
    "a == 'x' && b": (["b"], ["a"]),
    "list[?main].mail | [0]": (["list.mail"], ["list.main"]),
    "[{to: mail, at: b.c}, {to: d}][].to": (["mail", "d"], []),
    "[a, b[]][].n": (["a.n", "b.n"], []),
    "join_text(' ', [a, b.c])": (["a", "b.c"], []),
    "sort_by(a, &n)[].v": (["a.v"], []),
    'x."a.b".c': (['x."a.b".c'], []),
    "'constant'": ([], []),
    "@": ([], []),
}


@pytest.mark.parametrize("text", READS)
def test_an_expression_reads_these_native_fields(text: str) -> None:
    reads = reads_of_expression(parse_expression(text))

    values, tests = READS[text]
    assert {show_native(path) for path in reads.values} == set(values)
    assert {show_native(path) for path in reads.tests} - set(values) == set(tests) - set(values)


def test_the_parts_of_a_list_lead_to_native_fields_of_the_record() -> None:
    rules = REGISTRY.mapping("ecommerce/customers", "zohoinventory").config.response_mapping

    state = reads_of_field(rules["addresses"], "state")
    number = reads_of_field(rules["phones"], "number")

    assert {show_native(path) for path in state.values} == {
        f"{owner}.{name}"
        for owner in ("billing_address", "shipping_address", "addresses")
        for name in ("state", "state_code")
    }
    assert {show_native(path) for path in number.values} == {
        "phone",
        "mobile",
        "contact_persons.phone",
        "contact_persons.mobile",
        "billing_address.phone",
        "shipping_address.phone",
        "addresses.phone",
    }


def test_a_mapping_reads_these_native_fields_and_no_name_of_the_call(golden: Callable[[str, Any], None]) -> None:
    reads = {slug: reads_of_mapping(REGISTRY.mapping("ecommerce/customers", slug)) for slug in REGISTRY.providers}

    first = {path[0] for read in reads.values() for path in read.values | read.tests}
    assert first.isdisjoint({"query", "context", "loaded", "item", "parent"})
    golden("native_reads", {slug: shown(read) for slug, read in reads.items()})


def shown(reads: Reads) -> dict[str, list[str]]:
    """The fields that are read for their values, and those that are only tested."""
    return {
        "values": sorted(map(show_native, reads.values)),
        "only_tested": sorted(map(show_native, reads.tests - reads.values)),
    }
