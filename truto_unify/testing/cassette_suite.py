"""Replays every cassette of a folder and compares the results with golden files; an author writes no test for it."""

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
    """The replays as tests; a subclass whose name begins with ``Test`` names the registry and the folders.

    Attributes:
        registry: the providers and mappings.
        cassette_folder: cassettes of ``truto-unify record`` with their sidecars, in folders of any depth.
        golden_folder: its folder ``cassettes/`` holds each call's result, written by ``pytest --update-golden``.
    """

    registry: ClassVar[Registry]
    cassette_folder: ClassVar[Path] = Path("cassettes")
    golden_folder: ClassVar[Path] = Path("golden")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each cassette, which pytest-recording replays."""
        if "cassette" in metafunc.fixturenames:
            files = self.cassettes()
            names = [file.relative_to(self.cassette_folder).as_posix().removesuffix(".yaml") for file in files]
            marks = [pytest.mark.vcr(str(file)) for file in files]
            cases = zip(names, marks, strict=True)
            metafunc.parametrize("cassette", [pytest.param(name, id=name, marks=mark) for name, mark in cases])

    @classmethod
    def cassettes(cls) -> list[Path]:
        """The cassettes in the folder; empty before the first recording."""
        return sorted(cls.cassette_folder.rglob("*.yaml"))

    def test_cassettes_are_safe(self) -> None:
        """No cassette holds a secret or personal data. The plugin checks their age."""
        _, findings = check_cassettes(self.cassettes(), datetime.date.min, self.registry)
        report([str(finding) for finding in findings])

    def test_a_replayed_call_equals_its_golden_file(self, cassette: str, request: pytest.FixtureRequest) -> None:
        """The answers of the recorded call fit their requests, and its result equals a golden file.

        The golden file holds its records without ``remote_data``, or its error.
        """
        sidecar = read_sidecar(self.cassette_folder / f"{cassette}.yaml")
        if sidecar.call is None:
            pytest.skip("the sidecar names no call: the cassette was not recorded by truto-unify record")
        outcome = replay(self.registry, sidecar)
        exchanges = [*read_exchanges([self.cassette_folder / f"{cassette}.yaml"])]
        problems = check_exchanges(self.registry, sidecar, exchanges).problems
        report([f"{cassette}: {problem}" for problem in problems])
        difference = compare_golden(
            self.golden_folder / "cassettes" / f"{cassette}.json", outcome, update=is_updating(request.config)
        )
        report([f"{cassette}: {difference}"] if difference else [])


def replay(registry: Registry, sidecar: Sidecar) -> Any:
    """The result of a cassette's call: the unified records, or the recorded error.

    Raises:
        AssertionError: the cassette has an error, and the call succeeds.
        UnifyError: the call fails with another error.
    """
    try:
        with Client(registry, sleep=lambda _: None) as client:
            records = replay_call(client, sidecar)
    except ProviderError as error:
        if type(error).__name__ != sidecar.error:
            raise
        return {"error": sidecar.error, "status_code": error.status_code, "code": error.code, "message": error.message}
    report([f"the cassette has the error {sidecar.error}, and the call succeeds"] if sidecar.error else [])
    return [record.model_dump(mode="json", exclude={"remote_data"}) for record in records]
