"""Replays every cassette of a folder and compares what comes out with golden files; an author writes no test for it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from truto_unify.client import Client
from truto_unify.errors import ProviderError
from truto_unify.testing.cassettes.check import check_cassettes
from truto_unify.testing.cassettes.replay import replay_call
from truto_unify.testing.cassettes.sidecar import read_sidecar
from truto_unify.testing.evidence.proofs import read_exchanges
from truto_unify.testing.evidence.replayed import check_exchanges
from truto_unify.testing.golden import compare_golden
from truto_unify.testing.plugin import is_updating, report

if TYPE_CHECKING:
    from truto_unify.registry import Registry
    from truto_unify.testing.cassettes.sidecar import Sidecar


class CassetteSuite:
    """The tests; a subclass whose name begins with ``Test`` says what they are about.

    Attributes:
        registry: providers and mappings.
        cassette_folder: cassettes of ``truto-unify record`` with their sidecars, in folders or not.
        golden_folder: what each call gives, in ``cassettes/`` there; written by ``pytest --update-golden``.
    """

    registry: ClassVar[Registry]
    cassette_folder: ClassVar[Path] = Path("cassettes")
    golden_folder: ClassVar[Path] = Path("golden")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each cassette, which pytest-recording replays."""
        if "cassette" in metafunc.fixturenames:
            names = [one.relative_to(self.cassette_folder).as_posix().removesuffix(".yaml") for one in self.cassettes()]
            marks = [pytest.mark.vcr(str(file)) for file in self.cassettes()]
            cases = zip(names, marks, strict=True)
            metafunc.parametrize("cassette", [pytest.param(name, id=name, marks=mark) for name, mark in cases])

    @classmethod
    def cassettes(cls) -> list[Path]:
        """The cassettes in the folder; none before the first recording."""
        return sorted(cls.cassette_folder.rglob("*.yaml"))

    def test_cassettes_are_safe(self) -> None:
        """No secret and nobody is in them. How old they are is the plugin's business."""
        _, findings = check_cassettes(self.cassettes(), datetime.date.min, self.registry)
        report([str(one) for one in findings])

    def test_a_call_gives_what_it_gave(self, cassette: str, request: pytest.FixtureRequest) -> None:
        """The recorded call: the answers are what was asked for, and what comes of them stands in a golden file.

        The golden file holds its records without ``remote_data``, or its refusal.
        """
        about = read_sidecar(self.cassette_folder / f"{cassette}.yaml")
        if about.call is None:
            pytest.skip("the sidecar names no call: the cassette was not recorded by truto-unify record")
        outcome = replay(self.registry, about)
        exchanges = [*read_exchanges([self.cassette_folder / f"{cassette}.yaml"])]
        problems = check_exchanges(self.registry, about, exchanges).problems
        report([f"{cassette}: {problem}" for problem in problems])
        difference = compare_golden(
            self.golden_folder / "cassettes" / f"{cassette}.json", outcome, update=is_updating(request.config)
        )
        report([f"{cassette}: {difference}"] if difference else [])


def replay(registry: Registry, about: Sidecar) -> Any:
    """What the call of a cassette gives: the unified records, or the refusal that was recorded.

    Raises:
        AssertionError: a refusal was recorded, and the call succeeds.
        UnifyError: the call fails in another way than it did.
    """
    try:
        with Client(registry, sleep=lambda _: None) as client:
            records = replay_call(client, about)
    except ProviderError as error:
        if type(error).__name__ != about.error:
            raise
        return {"error": about.error, "status_code": error.status_code, "code": error.code, "message": error.message}
    report([f"{about.error} was recorded, and the call succeeds"] if about.error else [])
    return [one.model_dump(mode="json", exclude={"remote_data"}) for one in records]
