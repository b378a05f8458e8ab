"""The test kit for authors of providers: contract suite, replays, golden files. Needs the extra ``testing``."""

from __future__ import annotations

from truto_unify.testing.cassette_suite import CassetteSuite
from truto_unify.testing.contract.error_bodies import ErrorSample
from truto_unify.testing.contract_suite import ContractSuite
from truto_unify.testing.golden import compare_golden
from truto_unify.testing.provider_under_test import ProviderUnderTest
from truto_unify.testing.samples import Sample, Samples, fetch_samples, read_samples

__all__ = [
    "CassetteSuite",
    "ContractSuite",
    "ErrorSample",
    "ProviderUnderTest",
    "Sample",
    "Samples",
    "compare_golden",
    "fetch_samples",
    "read_samples",
]
