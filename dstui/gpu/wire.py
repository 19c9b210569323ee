"""What the worker says as lines of JSON, to the program that started it: reports and events."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dstui.domain.foreign_json import read_json
from dstui.domain.gpu import Gpu, GpuProcess, GpuReport
from dstui.domain.gpu_event import GpuEvent

_REPORT_FIELDS = tuple(name for name in GpuReport.__slots__ if name != "gpus")
_GPU_FIELDS = tuple(name for name in Gpu.__slots__ if name not in ("processes", "instances"))


def encode(message: GpuReport | GpuEvent) -> bytes:
    """One line, with its end."""
    fields = {"event": tuple(message)} if isinstance(message, GpuEvent) else _report_fields(message)
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


# `dataclasses.asdict` copies every value deeply: four times as slow, each second.


def _report_fields(report: GpuReport) -> dict[str, Any]:
    fields = {name: getattr(report, name) for name in _REPORT_FIELDS}
    return {**fields, "gpus": [_gpu_fields(gpu) for gpu in report.gpus]}


def _gpu_fields(gpu: Gpu) -> dict[str, Any]:
    fields = {name: value for name in _GPU_FIELDS if (value := getattr(gpu, name)) is not None}
    if gpu.processes:
        fields["processes"] = [
            {n: v for n in GpuProcess.__slots__ if (v := getattr(process, n)) is not None}
            for process in gpu.processes
        ]
    if gpu.instances:
        fields["instances"] = [_gpu_fields(instance) for instance in gpu.instances]
    return fields


def decode(line: bytes) -> GpuReport | GpuEvent:
    """The message of a line; raises `ValueError` when it is not one."""
    try:
        fields = read_json(line)
        if "event" in fields:
            return event_of(fields["event"])
        return report_of(fields)
    except (TypeError, KeyError, ValueError, AttributeError, IndexError) as error:
        raise ValueError(f"not a report: {line[:80]!r}") from error


def event_of(values: Sequence[Any]) -> GpuEvent:
    """The event that a JSON array stands for."""
    event = GpuEvent(*values)
    return event._replace(container_ids=tuple(event.container_ids))


def report_of(fields: Mapping[str, Any]) -> GpuReport:
    """The report that JSON stands for."""
    return GpuReport(**{**fields, "gpus": tuple(map(_gpu, fields["gpus"]))})


def _gpu(fields: Mapping[str, Any]) -> Gpu:
    ids = fields.get("instance")
    return Gpu(
        **{
            **fields,
            "processes": tuple(map(_process, fields.get("processes", ()))),
            "instances": tuple(map(_gpu, fields.get("instances", ()))),
            "instance": (ids[0], ids[1]) if ids else None,
        }
    )


def _process(fields: Mapping[str, Any]) -> GpuProcess:
    return GpuProcess(**{**fields, "container_ids": tuple(fields.get("container_ids", ()))})
