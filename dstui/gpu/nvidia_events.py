"""Follows the events of the NVIDIA driver: what went wrong, told by the driver itself."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dstui.domain.gpu_event import XID, GpuEvent
from dstui.domain.text import clean
from dstui.gpu import nvml
from dstui.gpu.kernel_log import KERNEL_LOG, Culprits, KernelLog
from dstui.gpu.nvml_events import EventSet, Told
from dstui.gpu.processes import ProcessTable
from dstui.gpu.provider import DriverError, DriverUnavailableError

WAIT_S = 1.0
LOOK_AGAIN_EVERY_S = 60.0
"""GPUs come and go: who is listened to is decided anew so often."""
REST_S = 5.0
"""After a failure: a driver that fails at once would else keep this thread busy."""


class _Card(NamedTuple):
    """What a GPU is called by a person, and by the kernel."""

    name: str
    address: str


def follow(emit: Callable[[GpuEvent], None], kernel_log: Path = KERNEL_LOG) -> None:
    """Tell what happens, for ever. Has a session with the driver of its own."""
    culprits = _culprits(kernel_log)
    while True:
        try:
            nvml.open_session()
        except DriverUnavailableError:
            time.sleep(LOOK_AGAIN_EVERY_S)
            continue
        try:
            _listen(emit, culprits)
        except DriverError:
            time.sleep(REST_S)
        finally:
            _close_session()


def _culprits(kernel_log: Path) -> Culprits | None:
    """Who caused an error stands in the kernel's log alone, which is not for everybody."""
    try:
        return Culprits(KernelLog(kernel_log, only_new=True))
    except OSError:
        return None


def _listen(emit: Callable[[GpuEvent], None], culprits: Culprits | None) -> None:
    events = EventSet()
    try:
        cards = _add_all(events)
        until = time.monotonic() + LOOK_AGAIN_EVERY_S
        while time.monotonic() < until:
            if not cards:
                time.sleep(WAIT_S)
            elif told := events.wait(WAIT_S):
                emit(_with_culprit(_event(told, cards), cards.get(told.uuid), culprits))
            elif culprits is not None:
                culprits.look()
    finally:
        events.close()


def _add_all(events: EventSet) -> dict[str, _Card]:
    """Listen to every GPU that can be heard; what they are called by UUID."""
    cards: dict[str, _Card] = {}
    for index in range(nvml.count()):
        try:
            handle = nvml.device(index)
            uuid = clean(nvml.uuid(handle))
            if events.add(handle, uuid):
                cards[uuid] = _Card(f"GPU {index}", _address(handle))
        except DriverError:
            continue  # a lost one is not heard; its error stands in its row
    return cards


def _address(handle: nvml.Handle) -> str:
    try:
        (address,) = nvml.pci_bus_id(handle)
    except DriverError:
        return ""
    return address


def _event(told: Told, cards: dict[str, _Card]) -> GpuEvent:
    name = cards[told.uuid].name if told.uuid in cards else "GPU"
    return GpuEvent(time.time(), f"nvidia:{told.uuid}", name, told.kind, told.code)


def _with_culprit(event: GpuEvent, card: _Card | None, culprits: Culprits | None) -> GpuEvent:
    if event.kind != XID or card is None or culprits is None:
        return event
    logged = culprits.of(card.address, event.code)
    if logged is None or not logged.pid:
        return event
    process = ProcessTable().look_up({logged.pid}).get(logged.pid)
    containers = process.container_ids if process and process.name == logged.process else ()
    return event._replace(pid=logged.pid, process=logged.process, container_ids=containers)


def _close_session() -> None:
    try:
        nvml.close_session()
    except DriverError:
        return  # nothing was open any more
