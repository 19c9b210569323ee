"""A report as one line of JSON, from the worker to the program that started it."""

import json
from dataclasses import asdict

from dstui.domain.gpu import Gpu, GpuProcess, GpuReport


def encode(report: GpuReport) -> bytes:
    """One line, with its end."""
    return json.dumps(asdict(report), separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> GpuReport:
    """The report of a line; raises `ValueError` when it is not one."""
    try:
        fields = json.loads(line)
        return GpuReport(**{**fields, "gpus": tuple(map(_gpu, fields["gpus"]))})
    except (TypeError, KeyError) as error:
        raise ValueError(f"not a report: {line[:80]!r}") from error


def _gpu(fields: dict[str, object]) -> Gpu:
    listed = fields["processes"]
    if not isinstance(listed, list):
        raise TypeError("processes must be a list")
    processes = tuple(GpuProcess(**process) for process in listed)
    return Gpu(**{**fields, "processes": processes})  # type: ignore[arg-type]
