"""What every part of a session stands on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from dstui.actionlog import ActionLog
from dstui.background import Background
from dstui.domain.engine import EngineUnreachableError
from dstui.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from dstui.config import Config
    from dstui.demo.process import DemoProcess
    from dstui.domain.container import Container
    from dstui.engine.client import Engine
    from dstui.engine.logs import LogStream
    from dstui.engine.registry_questions import RegistryQuestions
    from dstui.engine.stats import StatsSampler
    from dstui.engine.watch import Watcher
    from dstui.gpuwatch import GpuWatch

DEMO_CONTAINERS = 20
"""How many the demo simulates unless told otherwise."""


class ReadOnlyError(Exception):
    """A mutation was asked of a session that is read-only."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for, over the config."""

    host: str | None = None
    context: str | None = None
    demo: int | None = None
    """The number of simulated containers, or `None` for a real engine."""
    demo_reason: str = ""
    """Why the demo opened without being asked for; shown in its banner."""
    read_only: bool = False


class SessionCore:
    """The engine, the store and the rules that every question and every action share."""

    def __init__(self, config: Config, options: Options) -> None:
        self.config = config
        self.options = options
        self.store = Store()
        self.background = Background()
        self._engine: Engine | None = None
        self._demo: DemoProcess | None = None
        self._sweeping: Future[None] | None = None
        self._watcher: Watcher | None = None
        self._stats: StatsSampler | None = None
        self._gpus: GpuWatch | None = None
        self._registries: RegistryQuestions | None = None
        self._log_streams: set[LogStream] = set()
        self._action_log = ActionLog()

    @property
    def read_only(self) -> bool:
        """Whether mutations are refused."""
        return self.config.read_only or self.options.read_only

    @property
    def demo(self) -> bool:
        """Whether the engine is simulated."""
        return self.options.demo is not None

    @property
    def engine(self) -> Engine:
        """The connected engine."""
        if self._engine is None:
            raise EngineUnreachableError(self.store.failures)
        return self._engine

    def _running(self) -> Sequence[Container]:
        return [found for found in self.store.containers() if found.alive]

    def _gpu_watch(self) -> GpuWatch:
        from dstui.gpuwatch import GpuWatch

        labels = self.config.owner_labels
        watch = partial(GpuWatch, self.store, self.background, owner_labels=labels)
        if self._demo is not None:
            source = self._demo.gpu_source()
            return watch(source=source, events=source.events)
        if (engine := self._engine) is None:
            asked = [failure.endpoint for failure in self.store.failures]
            local = not asked or any(endpoint.local for endpoint in asked)
            return watch(local=local)
        return watch(top=engine.top, info=engine.info, local=engine.endpoint.local)

    def _refuse_if_read_only(self, what: str) -> None:
        if self.read_only:
            raise ReadOnlyError(f"{what}: dstui is read-only here")
