"""A session's beginning and end."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from dstui.domain.changes import Unreachable
from dstui.domain.engine import EngineUnreachableError
from dstui.session.core import SessionCore

if TYPE_CHECKING:
    from dstui.domain.engine import Endpoint, EngineInfo


_SWEPT_WITHIN_S = 0.5


class Life(SessionCore):
    """Connects, follows the engine and the GPUs, and ends all of it."""

    def open(self) -> EngineInfo:
        """Connect to the first engine that answers; tells the store too.

        Raises `EngineUnreachableError`.
        """
        from dstui.engine.connect import candidates, connect

        try:
            if self.options.demo is not None:
                from dstui.demo.process import DemoProcess

                self._demo = DemoProcess(containers=self.options.demo)
                endpoints: tuple[Endpoint, ...] = (self._demo.start(),)
            else:
                endpoints = candidates(self.options.host, self.options.context)
            self._engine = connect(endpoints)
            self._sweep()
        except EngineUnreachableError as error:
            self.store.apply(Unreachable(error.failures))
            raise
        return self._engine.info

    def _sweep(self) -> None:
        """Remove what an earlier dstui left on this engine, without anybody waiting for it."""
        if self.read_only or self.demo:
            return
        from dstui.engine.leftovers import sweep

        self._sweeping = self.background.submit(sweep, self.engine)

    def watch(self) -> None:
        """Start to follow the engine and the GPUs: from now on the store is live."""
        from dstui.engine.stats import StatsSampler
        from dstui.engine.watch import Watcher

        self._watcher = Watcher(self.engine, self.store.apply)
        self._watcher.start()
        self._stats = StatsSampler(
            self.engine, self._running, self.store.apply, every_s=self.config.sample_every_s
        )
        self._stats.start()
        self._start_gpus()

    def watch_gpus(self) -> None:
        """Start to follow the GPUs, and of the engine, if one is connected, its containers."""
        if self._engine is not None:
            from dstui.engine.watch import Watcher

            self._watcher = Watcher(self.engine, self.store.apply)
            self._watcher.start()
        self._start_gpus()

    def _start_gpus(self) -> None:
        self._gpus = self._gpu_watch()
        self._gpus.start()

    def toggle_gpu_release(self) -> bool:
        """Let go of the GPU driver, or take it back; whether it is let go of now."""
        return self._gpus is not None and self._gpus.toggle_release()

    def close(self) -> None:
        """Stop every stream, watcher and sampler, and the demo engine. Never blocks for long."""
        for stream in tuple(self._log_streams):
            stream.close()
        for part in (self._watcher, self._stats, self._gpus, self._demo):
            if part is not None:
                part.stop()
        if self._sweeping is not None:
            with suppress(TimeoutError):
                self._sweeping.exception(_SWEPT_WITHIN_S)
        if self._engine is not None:
            self._engine.close()
