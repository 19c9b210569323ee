"""What a GPU's driver tells by itself, and how the feed of events shows it."""

from datetime import UTC, datetime
from typing import NamedTuple

from dstui.domain.container import Container
from dstui.domain.engine import EngineEvent
from dstui.domain.owner import Owner
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
    """One event; `time` is seconds since the epoch, `code` the number of an Xid.

    `pid` and `process` (its name) are of the process that caused it, `container_ids` those in its
    control groups, outermost first; 0 and empty where that is not known.
    """

    time: float
    gpu_id: str
    gpu: str
    """How a person calls it: `GPU 3`."""
    kind: str
    code: int = 0
    pid: int = 0
    process: str = ""
    container_ids: tuple[str, ...] = ()


def feed_events(
    event: GpuEvent, container: Container | None = None, owner: Owner | None = None
) -> tuple[EngineEvent, ...]:
    """The event as lines of the feed, with what it means and what to do.

    One is the GPU's, and one the container's whose process caused it.
    """
    if event.kind == XID:
        xid = explain_xid(event.code)
        action, meaning, todo = f"xid {event.code}", xid.meaning, xid.action
        fault = "program" if xid.program else "host"
    else:
        action, fault = event.kind, "host"
        meaning, todo = _ECC.get(event.kind, (event.kind, "see nvidia-smi -q"))
    time = datetime.fromtimestamp(event.time, UTC)
    attributes = {"meaning": meaning, "todo": todo, "fault": fault}
    if cause := _cause(event, container, owner):
        attributes["cause"] = cause
    of_gpu = EngineEvent(time, "gpu", action, event.gpu_id, event.gpu, attributes)
    if container is None:
        return (of_gpu,)
    attributes = {**attributes, "gpu": event.gpu}
    of_container = EngineEvent(
        time, "container", f"gpu {action}", container.id, container.name, attributes
    )
    return (of_gpu, of_container)


def _cause(event: GpuEvent, container: Container | None, owner: Owner | None) -> str:
    """`process 4711 python3 of train (lena)`; empty when nobody is known."""
    if not event.pid:
        return ""
    process = f"process {event.pid} {event.process}".rstrip()
    if container is None:
        return process
    return f"{process} of {container.name}" + (f" ({owner.name})" if owner else "")
