"""What a GPU's driver tells by itself, and how the feed of events shows it."""

from datetime import UTC, datetime
from typing import NamedTuple

from dstui.domain.engine import EngineEvent
from dstui.domain.xid import explain_xid

XID, ECC_CORRECTED, ECC_UNCORRECTED = "xid", "ecc-corrected", "ecc-uncorrected"

_ECC = {
    ECC_CORRECTED: ("the memory corrected an error", "nothing now; watch whether more come"),
    ECC_UNCORRECTED: (
        "the memory has an error that it could not correct",
        "results since then may be wrong: stop what uses the GPU, then reset it",
    ),
}


class GpuEvent(NamedTuple):
    """One event; `time` is seconds since the epoch, `code` the number of an Xid."""

    time: float
    gpu_id: str
    gpu: str
    """How a person calls it: `GPU 3`."""
    kind: str
    code: int = 0


def feed_event(event: GpuEvent) -> EngineEvent:
    """The event as a line of the feed, with what it means and what to do."""
    if event.kind == XID:
        xid = explain_xid(event.code)
        action, meaning, todo = f"xid {event.code}", xid.meaning, xid.action
        fault = "program" if xid.program else "host"
    else:
        action, fault = event.kind, "host"
        meaning, todo = _ECC.get(event.kind, (event.kind, "see nvidia-smi -q"))
    return EngineEvent(
        time=datetime.fromtimestamp(event.time, UTC),
        kind="gpu",
        action=action,
        id=event.gpu_id,
        name=event.gpu,
        attributes={"meaning": meaning, "todo": todo, "fault": fault},
    )
