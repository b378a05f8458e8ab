"""The body of an answer within its limits, however it is compressed and in whatever parts it arrives."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.answer_body import BodyReader, BodyRefused
from truto_unify.types import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

CODERS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    "identity": lambda data: data,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP ": gzip.compress,
    "gzip, identity": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": lambda data: zlib.compress(data, wbits=-zlib.MAX_WBITS),
    "br": lambda data: data,  # left as it is
}


def read(coding: str, *parts: bytes, limits: Limits | None = None) -> bytes:
    reader = BodyReader([coding], limits or Limits())
    for part in parts:
        reader.add(part)
    return reader.body()


@given(st.binary(max_size=300_000), st.sampled_from(sorted(CODERS)), st.integers(1, 70_000))
def test_every_coding_gives_the_body_back_in_any_parts(body: bytes, coding: str, size: int) -> None:
    wire = CODERS[coding](body)

    assert read(coding, *(wire[at : at + size] for at in range(0, len(wire), size))) == body


def test_a_body_of_several_gzip_members_is_read_to_its_end() -> None:
    wire = gzip.compress(b"[1,") + gzip.compress(b"2]") + bytes(10)

    assert read("gzip", wire) == b"[1,2]"
    assert read("gzip", *(bytes([byte]) for byte in wire)) == b"[1,2]"


@pytest.mark.parametrize("coding", ["gzip, gzip", "deflate,gzip", "gzip, br", "gzip, gzip, gzip"])
def test_a_body_that_is_compressed_more_than_once_is_refused_before_it_is_read(coding: str) -> None:
    with pytest.raises(BodyRefused, match=rf"^is compressed [23] times \({coding.partition(',')[0]}, "):
        BodyReader([coding], Limits())
    with pytest.raises(BodyRefused, match=r"^is compressed"):
        BodyReader(coding.split(","), Limits())


def test_a_bomb_takes_no_more_memory_than_the_limit() -> None:
    wire = gzip.compress(bytes(50_000_000), 1)
    limits = Limits(max_body=1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(BodyRefused) as caught:
            read("gzip", wire, limits=limits)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert str(caught.value) == (
        "is larger than 1000000 bytes; Limits.max_body (in the service: TRUTO_UNIFY_MAX_ANSWER) raises this limit"
    )
    assert peak < 3_000_000


def test_a_small_part_that_inflates_to_much_is_taken_in_steps() -> None:
    reader = BodyReader(["gzip"], Limits())
    sizes = [len(reader.body()) for _ in reader.add_in_steps(gzip.compress(bytes(1_000_000)))]

    assert sizes[-1] == 1_000_000
    assert max(after - before for before, after in pairwise(sizes)) <= 64 * 1024


def test_compressed_bytes_that_hold_nothing_count_too() -> None:
    empty = zlib.compress(b"", wbits=31)

    with pytest.raises(BodyRefused, match="is larger than 1000 bytes"):
        read("gzip", *[empty] * 100, limits=Limits(max_body=1000))


@pytest.mark.parametrize(
    ("body", "is_refused"),
    [
        (b"[" + b"[]," * 600 + b"0]", True),
        (b'[{"a":' + b'{"a":' * 1200 + b"0" + b"}" * 1200 + b"}]", True),
        (b"\xef\xbb\xbf[" + b"[]," * 600 + b"0]", True),
        (b" [" + b"1.25," * 900 + b"0]", False),
        (b'["' + b"a" * 5000 + b'"]', False),
        (b"name,email\n" * 2000, False),  # not JSON
        (b"[1,2]", False),
    ],
)
def test_json_of_too_many_values_is_refused_before_it_is_parsed(body: bytes, *, is_refused: bool) -> None:
    outcome = "read"
    try:
        read("", body, limits=Limits(max_values=1000))
    except BodyRefused as error:
        outcome = str(error)

    assert outcome == (
        "holds more than 1000 JSON values; Limits.max_values (in the service: TRUTO_UNIFY_MAX_ANSWER_VALUES) raises "
        "this limit"
        if is_refused
        else "read"
    )
