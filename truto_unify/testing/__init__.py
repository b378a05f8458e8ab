"""The test kit for authors of providers: one contract for all, replays, golden files. Needs the extra ``testing``."""

from __future__ import annotations

from truto_unify.testing.contract import ContractSuite
from truto_unify.testing.error_bodies import ErrorSample
from truto_unify.testing.golden import compare_golden
from truto_unify.testing.replays import CassetteSuite
from truto_unify.testing.samples import Sample, Samples, fetch_samples, read_samples
from truto_unify.testing.subject import Subject

__all__ = [
    "CassetteSuite",
    "ContractSuite",
    "ErrorSample",
    "Sample",
    "Samples",
    "Subject",
    "compare_golden",
    "fetch_samples",
    "read_samples",
]
