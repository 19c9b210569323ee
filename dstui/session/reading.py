"""What a session tells of the engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dstui.domain.changes import DiskMeasured, GpusSampled, Sampled
from dstui.domain.engine import DataRootUse
from dstui.domain.kind import Kind
from dstui.session.core import SessionCore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from dstui.domain.container import Container
    from dstui.domain.engine import ProcessTable
    from dstui.domain.gpu import GpuReport
    from dstui.domain.image import HistoryEntry, Image
    from dstui.domain.logline import LogBatch, LogRequest
    from dstui.engine.logs import LogStream


class Reading(SessionCore):
    """Questions to the engine, the driver and the disk."""

    # One picture, for the command line

    def read_list(self, kind: Kind, inspected: bool = False) -> None:
        """Read the list of one kind into the store, each object inspected if that is wanted."""
        from dstui.engine.once import read_list

        self.store.apply(read_list(self.engine, kind, inspected, self.background))

    def find_container(self, name: str) -> Container:
        """A container by name or id; raises an `EngineError` that is `gone` when there is none."""
        return self.engine.container(name)

    def find_image(self, name: str) -> Image:
        """An image by reference or id; raises an `EngineError` that is `gone` if there is none."""
        return self.engine.image(name)

    def sample(self) -> None:
        """Read the first true usage of what runs into the store: 0.2 s, or 2 s from afar."""
        from dstui.engine.stats import sample_once

        if running := self._running():
            self.store.apply(Sampled(sample_once(self.engine, running)))

    def sample_gpus(self) -> GpuReport:
        """Read one report of the driver into the store. Needs no engine."""
        from dstui.gpu.sampler import sample_once

        report = self._demo.gpu_source()() if self._demo else sample_once()
        report = self._gpu_watch().joined(report, wait=True)
        self.store.apply(GpusSampled(report))
        return report

    def data_root_use(self) -> DataRootUse | None:
        """How full the disk of a local engine's data is; `None` for a remote or simulated one."""
        path = self.engine.info.data_root
        if self.demo or not path or not self.engine.endpoint.local:
            return None
        try:
            disk = os.statvfs(path)
        except OSError:
            return None  # the engine lives in another file system: a VM, a container
        free, total = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
        return DataRootUse(path, free, total)

    # Of single objects

    def refresh(self) -> None:
        """List everything anew."""
        if self._watcher is not None:
            self._watcher.refresh()

    def focus(self, container_ids: Iterable[str]) -> None:
        """Say which containers are on screen: sampled first, and alone where each one costs."""
        if self._stats is not None:
            self._stats.focus(container_ids)

    def inspect(self, kind: Kind, identifier: str) -> dict[str, Any]:
        """The engine's own description of an object, as it came."""
        return self.engine.inspect(kind, identifier)

    def history(self, image_id: str) -> tuple[HistoryEntry, ...]:
        """The image's history, newest first."""
        return self.engine.history(image_id)

    def top(self, container_id: str) -> ProcessTable:
        """The processes of a running container."""
        return self.engine.top(container_id)

    def writable_bytes(self, container_id: str) -> int | None:
        """The size of the writable layer: slow, as the engine walks its files."""
        return self.engine.writable_bytes(container_id)

    def measure_disk(self) -> None:
        """Read `system/df` into the store: a slow call."""
        self.store.apply(DiskMeasured(self.engine.disk_use()))

    def logs(self, request: LogRequest, emit: Callable[[LogBatch], None]) -> LogStream:
        """Read a log on a thread of its own; `emit` is called there. Close the stream to end it."""
        from dstui.engine.logs import LogStream

        stream = LogStream(self.engine, request, emit, on_end=self._log_streams.discard)
        self._log_streams.add(stream)
        stream.start()
        return stream
