"""Inputs for parsers: texts that a parser understands, changed at random places; some of them long."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.parsers import Parser

MAX_CHANGES = 8
LETTERS = "\u00e9\u2028\ud83d0\0\"'<>[]{}()&=%;:,\\/ \n"


def make_inputs(parser: Parser, seed: int, count: int, max_bytes: int) -> Iterator[bytes]:
    """So many inputs; the same seed makes the same ones."""
    random = Random(seed)
    for _ in range(count):
        data = _change(random, parser.seeds)
        yield _repeat(random, data, max_bytes) if random.random() < 0.1 else data[:max_bytes]


def _change(random: Random, seeds: tuple[bytes, ...]) -> bytes:
    """A seed that is changed in some places."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.randint(0, MAX_CHANGES)):
        place = random.randint(0, len(data))
        match random.randrange(5):
            case 0:
                data.insert(place, random.randrange(256))
            case 1:
                del data[place : place + random.randint(1, 8)]
            case 2:
                data[place:place] = random.choice(seeds)[: random.randint(1, 40)]
            case 3:
                data[place:place] = data[max(place - random.randint(1, 6), 0) : place]
            case _:
                data[place:place] = random.choice(LETTERS).encode("utf-8", "surrogatepass")
    return bytes(data)


def _repeat(random: Random, data: bytes, max_bytes: int) -> bytes:
    """A short piece again and again: patterns that try every combination, or every place, take long on it."""
    start = random.randrange(len(data) + 1)
    piece = data[start : start + random.randint(1, 8)] or b"<"
    head = data[: random.randint(0, start)]
    return (head + piece * (max_bytes // len(piece)))[:max_bytes]
