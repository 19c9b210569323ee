"""One engine, its GPUs and its store, wired together: what the CLI and the UI are handed.

Every method that asks the engine something blocks and is meant for a background thread
(`Session.background`); what it returns is a domain object, what it raises an `EngineError`.
"""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dstui.actionlog import ActionLog
from dstui.background import Background, Cancellation
from dstui.config import Config
from dstui.domain.action import Action, Outcome, Verb
from dstui.domain.changes import DiskMeasured, GpusSampled, Sampled, Unreachable
from dstui.domain.container import Container
from dstui.domain.engine import (
    DataRootUse,
    Endpoint,
    EngineInfo,
    EngineUnreachableError,
    ProcessTable,
    ShellRequest,
)
from dstui.domain.gpu import GpuReport
from dstui.domain.image import HistoryEntry, Image
from dstui.domain.kind import Kind
from dstui.domain.logline import LogBatch, LogRequest
from dstui.store import Store
from dstui.tty import RemoteTerminal

if TYPE_CHECKING:  # the SDK takes a while to import: the first picture does not wait for it
    from dstui.demo.process import DemoProcess
    from dstui.domain.audit.evidence import FileList
    from dstui.domain.audit.finding import AuditReport
    from dstui.domain.cleanup.disk_report import DiskReport
    from dstui.domain.cleanup.look import CleanupLook
    from dstui.domain.cleanup.plan import Plan
    from dstui.domain.cleanup.planner import Choice, Planner
    from dstui.domain.cleanup.report import CleanReport
    from dstui.domain.cleanup.report import Progress as CleanupProgress
    from dstui.domain.facts.fact import ImageFact
    from dstui.domain.layers.index import Source
    from dstui.domain.layers.indexed import IndexedImage
    from dstui.domain.layers.reading import IndexCost, Progress
    from dstui.domain.selftest.step import SelfTestReport, Target
    from dstui.domain.staleness.facts import CleanupFacts
    from dstui.domain.transfer import TransferProgress, TransferResult
    from dstui.engine.client import Engine
    from dstui.engine.logs import LogStream
    from dstui.engine.stats import StatsSampler
    from dstui.engine.watch import Watcher
    from dstui.gpuwatch import GpuWatch
    from dstui.selftest.runner import Report


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


class Session:
    """Owns the connection, the watchers and the store; `close` ends all of them."""

    def __init__(self, config: Config, options: Options) -> None:
        self.config = config
        self.options = options
        self.store = Store()
        self.background = Background()
        self._engine: Engine | None = None
        self._demo: DemoProcess | None = None
        self._watcher: Watcher | None = None
        self._stats: StatsSampler | None = None
        self._gpus: GpuWatch | None = None
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
    def engine(self) -> "Engine":
        """The connected engine."""
        if self._engine is None:
            raise EngineUnreachableError(self.store.failures)
        return self._engine

    # Life

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
        except EngineUnreachableError as error:
            self.store.apply(Unreachable(error.failures))
            raise
        return self._engine.info

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

    def _gpu_watch(self) -> "GpuWatch":
        from dstui.gpuwatch import GpuWatch

        if self._demo is not None:
            source = self._demo.gpu_source()
            return GpuWatch(self.store, self.background, source=source, events=source.events)
        if (engine := self._engine) is None:
            return GpuWatch(self.store, self.background)
        local = engine.endpoint.local
        return GpuWatch(self.store, self.background, engine.top, engine.info, local)

    def toggle_gpu_release(self) -> bool:
        """Let go of the GPU driver, or take it back; whether it is let go of now."""
        return self._gpus is not None and self._gpus.toggle_release()

    def _running(self) -> Sequence[Container]:
        return [found for found in self.store.containers() if found.alive]

    def close(self) -> None:
        """Stop every stream, watcher and sampler, and the demo engine. Never blocks for long."""
        for stream in tuple(self._log_streams):
            stream.close()
        for part in (self._watcher, self._stats, self._gpus, self._demo):
            if part is not None:
                part.stop()
        if self._engine is not None:
            self._engine.close()

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

    # Reading

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

    def logs(self, request: LogRequest, emit: Callable[[LogBatch], None]) -> "LogStream":
        """Read a log on a thread of its own; `emit` is called there. Close the stream to end it."""
        from dstui.engine.logs import LogStream

        stream = LogStream(self.engine, request, emit, on_end=self._log_streams.discard)
        self._log_streams.add(stream)
        stream.start()
        return stream

    # Checks and facts

    def layer_files(
        self,
        reference: str,
        deep: bool = False,
        progress: "Progress" = lambda done, words: None,
        cancel: threading.Event | None = None,
    ) -> "FileList | None":
        """The files of an image's layers, for checks and facts; `None` where that takes minutes
        and is not to be `deep`. Raises `IndexCancelledError` once `cancel` is set.
        """
        from dstui.engine.checks import layer_files

        return layer_files(self.engine, reference, deep, progress, cancel or threading.Event())

    def image_facts(
        self, reference: str, files: "FileList | None" = None
    ) -> "tuple[ImageFact, ...]":
        """What is in an image, each fact with its evidence; more with the files of its layers."""
        from dstui.engine.checks import facts_of_image

        return facts_of_image(self.engine, reference, files, may_read=not self.read_only)

    def audit_image(self, reference: str, files: "FileList | None" = None) -> "AuditReport":
        """The findings of an image, without the allowed ones."""
        from dstui.domain.audit.allow import allowed
        from dstui.engine.checks import check_image

        report = check_image(self.engine, reference, files, may_read=not self.read_only)
        return allowed(report, self.config.audit_allow)

    def audit_container(self, name: str) -> "AuditReport":
        """The findings of a container, without the allowed ones."""
        from dstui.domain.audit.allow import allowed
        from dstui.engine.checks import check_container

        return allowed(check_container(self.engine, name), self.config.audit_allow)

    def scanners(self) -> tuple[str, ...]:
        """The vulnerability scanners that are installed: trivy, grype."""
        from dstui.engine.scanners import available

        return available()

    def scan_image(
        self,
        reference: str,
        scanner: str,
        progress: Callable[[str], None] = lambda line: None,
        cancel: threading.Event | None = None,
    ) -> "AuditReport":
        """Run a scanner on an image: minutes, and gigabytes of its temporary directory."""
        from dstui.domain.audit.allow import allowed
        from dstui.engine.scanners import scan

        self._refuse_if_read_only(scanner)
        report = scan(self.engine, scanner, reference, progress, cancel)
        return allowed(report, self.config.audit_allow)

    # Self-test

    def self_test_target(self, container: str | None = None, image: str | None = None) -> "Target":
        """What a self-test is about, by name; without a name the machine and its engine.

        Raises an `EngineError` that is `gone` when there is no such object.
        """
        from dstui.domain.selftest.step import Target

        if container:
            found = self.find_container(container)
            return Target(Kind.CONTAINER, found.id, found.name)
        if image:
            known = self.find_image(image)
            return Target(Kind.IMAGE, known.id, image)
        return Target()

    def busy_gpus(self, target: "Target") -> tuple[str, ...]:
        """The GPUs in use that a self-test would take memory of, a line each."""
        from dstui.selftest.busy import busy_gpus

        container = self.engine.container(target.id) if target.kind is Kind.CONTAINER else None
        known = self.store.gpu_report
        return busy_gpus(target, self.sample_gpus() if known is None else known, container)

    def self_test(
        self,
        target: "Target",
        report: "Report",
        cancellation: Cancellation | None = None,
        may_use_memory: bool = True,
    ) -> "SelfTestReport":
        """Test host, engine and target in this order; seconds, or minutes with a framework.

        `report` is called on this thread. An engine that does not answer is told as a step.
        """
        from dstui.selftest.selftest import SelfTest

        cancellation = cancellation or Cancellation()
        if self.demo:
            from dstui.demo.selftest import DemoSelfTest

            container = self.engine.container(target.id) if target.kind is Kind.CONTAINER else None
            return DemoSelfTest(target, self.sample_gpus(), container).run(report, cancellation)
        test = SelfTest(
            self._engine,
            target,
            self.store.failures,
            may_use_memory=may_use_memory,
            may_create=not self.read_only,
        )
        return test.run(report, cancellation)

    # Shells

    def shell(self, request: ShellRequest) -> RemoteTerminal:
        """Open an interactive command; raises `NoShellError` when the container has no shell."""
        from dstui.engine.exec import open_shell

        self._refuse_if_read_only("shell")
        return open_shell(self.engine, request, self.config.shells)

    def attach(self, container_id: str, rows: int, columns: int) -> RemoteTerminal:
        """Attach to the main process."""
        from dstui.engine.exec import attach

        self._refuse_if_read_only("attach")
        return attach(self.engine, container_id, self.config.detach_keys, rows, columns)

    def debug_shell(self, request: ShellRequest) -> RemoteTerminal:
        """Open a shell in a throwaway container beside the target, removed when it is closed."""
        from dstui.engine.exec import debug_shell

        self._refuse_if_read_only("debug shell")
        return debug_shell(self.engine, request, self.config.debug_image)

    # Acting

    def perform(self, action: Action) -> Outcome:
        """Do it, log it, and tell what came of it. Never raises an `EngineError`."""
        from dstui.engine.actions import perform

        self._refuse_if_read_only(action.verb.value)
        outcome = perform(self.engine, action)
        self._action_log.write(self.engine.info, outcome)
        return outcome

    def perform_all(self, actions: Iterable[Action]) -> "list[Future[Outcome]]":
        """Do all of them in parallel; a future each, in order."""
        return [self.background.submit(self.perform, action) for action in actions]

    def transfer(
        self,
        action: Action,
        report: "Callable[[TransferProgress], object]",
        cancellation: Cancellation | None = None,
    ) -> "TransferResult":
        """Pull, push, save or load; `report` is called on this thread as it goes on.

        Logged, and never raising an `EngineError`. An image can be saved even when read-only.
        """
        from dstui.engine.transfer import transfer

        if action.verb is not Verb.SAVE:
            self._refuse_if_read_only(action.verb.value)
        result = transfer(self.engine, action, report, cancellation)
        self._action_log.write(self.engine.info, result.outcome)
        return result

    # Cleanup

    def cleanup_facts(self, activity: bool = True) -> "CleanupFacts":
        """All that bears on cleanup, with one `system/df`: seconds, minutes where much is stored.

        Without `activity` it is not asked what running containers do.
        """
        from dstui.engine.cleanup_facts import gather

        gpus = self.store.gpu_report
        if activity and gpus is None:
            gpus = self.sample_gpus()
        return gather(self.engine, self.background, gpus, activity)

    def disk_usage_report(self, facts: "CleanupFacts | None" = None) -> "DiskReport":
        """How the engine's disk is filled, and what of it nothing uses."""
        from dstui.domain.cleanup.disk_report import disk_report

        return disk_report(facts or self.cleanup_facts(activity=False), self.data_root_use())

    def cleanup_look(self) -> "CleanupLook":
        """How the disk is filled and what may go, from the same facts."""
        from dstui.domain.cleanup.look import CleanupLook

        facts = self.cleanup_facts()
        return CleanupLook(self.disk_usage_report(facts), self.cleanup_planner(facts))

    def cleanup_planner(self, facts: "CleanupFacts") -> "Planner":
        """Makes plans from these facts by the thresholds of the config. Asks the engine nothing."""
        from dstui.domain.cleanup.planner import Planner
        from dstui.domain.staleness.thresholds import Thresholds

        thresholds = Thresholds(**self.config.cleanup)
        return Planner(facts, thresholds, _own_names(), self.config.owner_labels)

    def cleanup_plan(self, facts: "CleanupFacts", choice: "Choice | None" = None) -> "Plan":
        """What is stale and to be removed, with true bytes."""
        from dstui.domain.cleanup.planner import Choice

        return self.cleanup_planner(facts).plan(choice or Choice())

    def clean(
        self,
        plan: "Plan",
        progress: "CleanupProgress" = lambda step: None,
        cancellation: Cancellation | None = None,
        planner: "Planner | None" = None,
    ) -> "CleanReport":
        """Remove what a plan has chosen, each object after a second look; `progress` is called on
        this thread. Cancelled between two objects. With the plan's `planner` the report is exact
        also where not everything went.

        Raises `WrongEngineError` for a plan of another engine.
        """
        from dstui.domain.cleanup.planner import weigh_again
        from dstui.domain.staleness.thresholds import Thresholds
        from dstui.engine.cleaning import Cleaner, check_engine
        from dstui.engine.cleanup_facts import engine_now
        from dstui.engine.second_look import SecondLook

        self._refuse_if_read_only("cleanup")
        check_engine(plan, self.engine.info)
        keep = Thresholds(**self.config.cleanup).keep
        look = SecondLook(self.engine, keep, self.config.owner_labels, engine_now(self.engine))
        cleaner = Cleaner(
            self.engine, plan, look, lambda done: self._action_log.write(self.engine.info, done)
        )
        report = cleaner.run(progress, cancellation or Cancellation(), self._free_bytes)
        return report if planner is None else weigh_again(report, planner)

    def _free_bytes(self) -> int | None:
        use = self.data_root_use()
        return None if use is None else use.free_bytes

    # Image indexes

    def image_index(
        self,
        image_id: str,
        progress: "Progress" = lambda done, words: None,
        cancel: threading.Event | None = None,
        allow_socket_container: bool = False,
        only: "Source | None" = None,
    ) -> "IndexedImage":
        """Every file of every layer: a second or, from the image's archive, minutes; then cached.

        `only` names the one source that is to be used: to name the socket's is to allow it.
        `progress` is called on this thread. Raises `IndexCancelledError` once `cancel` is set.
        """
        from dstui.domain.layers.index import Source
        from dstui.domain.layers.indexed import IndexedImage
        from dstui.engine.index.indexing import index_image

        if only is Source.TAR_SPLIT_SOCKET:
            self._refuse_if_read_only("a container that reads layers")
        allowed = allow_socket_container and not self.read_only
        cancel = cancel or threading.Event()
        index = index_image(self.engine, image_id, progress, cancel, allowed, only=only)
        return IndexedImage(index)

    def index_cost(self, image_id: str) -> "IndexCost":
        """What it takes to index an image, and what permission would make it cheaper."""
        from dstui.engine.index.indexing import index_cost

        return index_cost(self.engine, image_id)

    def may_read_records(self) -> bool:
        """Whether the person allowed this engine's records of layers to be read by a container."""
        from dstui.permissions import LAYER_RECORDS, Permissions

        return not self.read_only and Permissions().given(LAYER_RECORDS, self.engine.info.id)

    def allow_reading_records(self) -> str:
        """Remember that they may be read; the answer is why that failed, or nothing."""
        from dstui.permissions import LAYER_RECORDS, Permissions

        return Permissions().give(LAYER_RECORDS, self.engine.info.id)

    def layer_sharing(self, image_id: str) -> tuple[tuple[str, ...], ...]:
        """The names of the other images that have each layer of this one, oldest layer first."""
        from dstui.engine.index.sharing import sharing

        return sharing(self.engine, image_id)

    def _refuse_if_read_only(self, what: str) -> None:
        if self.read_only:
            raise ReadOnlyError(f"{what}: dstui is read-only here")


def _own_names() -> frozenset[str]:
    """By which containers may name this user as their owner: the name, or the uid they run as."""
    from getpass import getuser

    return frozenset((getuser(), str(os.getuid())))
