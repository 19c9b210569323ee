"""A container's grant -> the devices it means on this machine, by UUID.

Indices are those of the driver, in the order of PCI addresses; the N of /dev/nvidiaN is another
number.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from dstui.domain.gpu import Gpu, GpuGrant, GpuReport

_NODE = re.compile(r"/dev/nvidia(\d+)")
_OLD_INSTANCE = re.compile(r"MIG-(GPU-[0-9a-f-]+)/(\d+)/(\d+)", re.IGNORECASE)


class Granted(NamedTuple):
    """The devices of a grant, and what of it names no device here."""

    devices: tuple[Gpu, ...] = ()
    unknown: tuple[str, ...] = ()


def granted(grant: GpuGrant, report: GpuReport | None) -> Granted | None:
    """The devices that a grant means; `None` where these GPUs are not the engine's."""
    if report is None or not report.gpus or report.elsewhere:
        return None
    if grant.all:
        return Granted(report.gpus)
    if grant.ids:
        return _by_ids(grant.ids, report.gpus)
    if grant.count is not None:
        return Granted(report.gpus[: grant.count])  # the engine takes the first ones, free or not
    return Granted()


def _by_ids(ids: Sequence[str], gpus: Sequence[Gpu]) -> Granted:
    devices: dict[str, Gpu] = {}
    unknown = []
    for identifier in ids:
        found = _device(identifier, gpus)
        if not found:
            unknown.append(identifier)
        devices.update((gpu.id, gpu) for gpu in found)
    return Granted(tuple(devices.values()), tuple(unknown))


def _device(identifier: str, gpus: Sequence[Gpu]) -> Sequence[Gpu]:
    """The devices of one id: none if it is unknown or means several by accident."""
    name = identifier.rpartition("=")[2]  # of a CDI name, `nvidia.com/gpu=0`
    if name == "all":
        return gpus
    if node := _NODE.fullmatch(name):
        return [gpu for gpu in gpus if gpu.minor == int(node[1])]
    if name.isdecimal():
        return [gpu for gpu in gpus if gpu.index == int(name)]
    parent, colon, instance = name.partition(":")
    if colon and parent.isdecimal() and instance.isdecimal():
        within = _device(parent, gpus)
        return [one for gpu in within for one in gpu.instances if one.index == int(instance)]
    if old := _OLD_INSTANCE.fullmatch(name):
        ids = (int(old[2]), int(old[3]))
        within = _device(old[1], gpus)
        return [one for gpu in within for one in gpu.instances if one.instance == ids]
    return _by_uuid(name, gpus)


def _by_uuid(name: str, gpus: Sequence[Gpu]) -> Sequence[Gpu]:
    if not name.lower().startswith(("gpu-", "mig-")):
        return ()
    every = [one for gpu in gpus for one in (gpu, *gpu.instances)]
    found = [one for one in every if one.uuid.lower().startswith(name.lower())]
    return found if len(found) == 1 else ()
