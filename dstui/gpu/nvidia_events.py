"""Follows the events of the NVIDIA driver: what went wrong, told by the driver itself."""

import time
from collections.abc import Callable

from dstui.domain.gpu_event import GpuEvent
from dstui.domain.text import clean
from dstui.gpu import nvml
from dstui.gpu.nvml_events import EventSet, Told
from dstui.gpu.provider import DriverError, DriverUnavailableError

WAIT_S = 1.0
LOOK_AGAIN_EVERY_S = 60.0
"""GPUs come and go: who is listened to is decided anew so often."""
REST_S = 5.0
"""After a failure: a driver that fails at once would else keep this thread busy."""


def follow(emit: Callable[[GpuEvent], None]) -> None:
    """Tell what happens, for ever. Has a session with the driver of its own."""
    while True:
        try:
            nvml.open_session()
        except DriverUnavailableError:
            time.sleep(LOOK_AGAIN_EVERY_S)
            continue
        try:
            _listen(emit)
        except DriverError:
            time.sleep(REST_S)
        finally:
            _close_session()


def _listen(emit: Callable[[GpuEvent], None]) -> None:
    events = EventSet()
    try:
        names = _add_all(events)
        until = time.monotonic() + LOOK_AGAIN_EVERY_S
        while time.monotonic() < until:
            if not names:
                time.sleep(WAIT_S)
            elif told := events.wait(WAIT_S):
                emit(_event(told, names))
    finally:
        events.close()


def _add_all(events: EventSet) -> dict[str, str]:
    """Listen to every GPU that can be heard; their names by UUID."""
    names: dict[str, str] = {}
    for index in range(nvml.count()):
        try:
            handle = nvml.device(index)
            uuid = clean(nvml.uuid(handle))
            if events.add(handle, uuid):
                names[uuid] = f"GPU {index}"
        except DriverError:
            continue  # a lost one is not heard; its error stands in its row
    return names


def _event(told: Told, names: dict[str, str]) -> GpuEvent:
    name = names.get(told.uuid, "GPU")
    return GpuEvent(time.time(), f"nvidia:{told.uuid}", name, told.kind, told.code)


def _close_session() -> None:
    try:
        nvml.close_session()
    except DriverError:
        return  # nothing was open any more
