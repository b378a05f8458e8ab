"""Cassettes that are safe by construction: recorded, cleaned, checked, and matched on replay."""

from __future__ import annotations

from truto_unify.testing.cassettes.check import Finding, check_cassettes
from truto_unify.testing.cassettes.errors import UnsafeCassette
from truto_unify.testing.cassettes.matching import MATCH_ON, match_body, match_query, register_matchers
from truto_unify.testing.cassettes.replay import replay_call
from truto_unify.testing.cassettes.sidecar import Sidecar, read_sidecar, sidecar_path

__all__ = [
    "MATCH_ON",
    "Finding",
    "Sidecar",
    "UnsafeCassette",
    "check_cassettes",
    "match_body",
    "match_query",
    "read_sidecar",
    "register_matchers",
    "replay_call",
    "sidecar_path",
]
