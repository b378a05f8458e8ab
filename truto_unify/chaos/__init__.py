"""Plants faults between a client and a store: an httpx transport and a proxy on this machine share one set of them."""

from __future__ import annotations

from truto_unify.chaos.answer import Answer, Delivery, SeenRequest
from truto_unify.chaos.catalogue import FAULTS
from truto_unify.chaos.fault import Exchange, Fault
from truto_unify.chaos.planter import Chaos, PlantedFault
from truto_unify.chaos.server import TLS_FAULTS, ChaosServer, run_in_thread
from truto_unify.chaos.transport import AsyncChaosTransport, ChaosTransport

__all__ = [
    "FAULTS",
    "TLS_FAULTS",
    "Answer",
    "AsyncChaosTransport",
    "Chaos",
    "ChaosServer",
    "ChaosTransport",
    "Delivery",
    "Exchange",
    "Fault",
    "PlantedFault",
    "SeenRequest",
    "run_in_thread",
]
