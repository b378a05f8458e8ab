"""All faults by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.chaos.body_faults import BODY_FAULTS
from truto_unify.chaos.delivery_faults import DELIVERY_FAULTS
from truto_unify.chaos.list_faults import LIST_FAULTS
from truto_unify.chaos.status_faults import STATUS_FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.chaos.fault import Fault

FAULTS: Mapping[str, Fault] = {
    fault.name: fault for fault in (*DELIVERY_FAULTS, *STATUS_FAULTS, *BODY_FAULTS, *LIST_FAULTS)
}
