"""Replays cassettes before they count, and compares their answers with what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vcr import VCR
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.record_mode import RecordMode

from truto_unify.client import Client
from truto_unify.errors import UnifyError
from truto_unify.testing.answer_checks import CallCheck, check_call
from truto_unify.testing.cassettes.matching import describe_mismatch, register_matchers
from truto_unify.testing.cassettes.replay import replay_call
from truto_unify.testing.cassettes.sidecar import read_sidecar
from truto_unify.testing.evidence.proofs import read_exchanges
from truto_unify.testing.provider_under_test import ProviderUnderTest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from truto_unify.registry import Registry
    from truto_unify.testing.cassettes.sidecar import Sidecar
    from truto_unify.testing.exchanges import Exchange


@dataclass(frozen=True, slots=True)
class Replayed:
    """A cassette after its replay.

    Attributes:
        sidecar: its sidecar.
        exchanges: its requests and answers.
        check: what its answers show.
        problems: the reasons why it does not count; empty if it counts.
    """

    sidecar: Sidecar
    exchanges: tuple[Exchange, ...]
    check: CallCheck
    problems: tuple[str, ...]


def replay_cassette(registry: Registry, file: Path) -> Replayed:
    """Replays the recorded call of a cassette without a network, and checks the answers.

    A cassette without a unified call cannot be replayed; it counts as it is.

    Raises:
        UnsafeCassette: the file is not a cassette, or has no sidecar.
    """
    sidecar = read_sidecar(file)
    exchanges = tuple(read_exchanges([file]))
    if sidecar.call is None or sidecar.resource is None:
        return Replayed(sidecar, exchanges, CallCheck(), ())
    problems = _replay_problems(registry, file, sidecar)
    check = CallCheck() if problems else check_exchanges(registry, sidecar, exchanges)
    return Replayed(sidecar, exchanges, check, (*problems, *check.problems))


def check_exchanges(registry: Registry, sidecar: Sidecar, exchanges: Sequence[Exchange]) -> CallCheck:
    """What the answers of a cassette show about its call; nothing if the answer is a refusal."""
    if sidecar.error or sidecar.call is None or sidecar.resource is None:
        return CallCheck()
    account = sidecar.replay_account()
    under_test = ProviderUnderTest.of_account(registry, sidecar.resource, account)
    return check_call(under_test, account, sidecar.call.get("arguments", {}), exchanges)


def _replay_problems(registry: Registry, file: Path, sidecar: Sidecar) -> list[str]:
    recorder = VCR(record_mode=RecordMode.NONE)
    register_matchers(recorder)
    error: str | None = None
    with recorder.use_cassette(str(file)) as cassette, Client(registry, sleep=lambda _: None) as client:
        try:
            replay_call(client, sidecar)
        except (UnifyError, CannotOverwriteExistingCassetteException) as failure:
            mismatch = failure if hasattr(failure, "failed_request") else failure.__cause__
            if hasattr(mismatch, "failed_request"):
                return [describe_mismatch(mismatch)]
            error = type(failure).__name__
        left = len(cassette) - len(cassette.play_counts)
    problems = [f"{left} of {len(cassette)} recorded answers are not asked for any more"] if left else []
    if error != sidecar.error:
        problems.append(
            f"the recorded call ends with {sidecar.error or 'a result'}, and the replay with {error or 'a result'}"
        )
    return problems
