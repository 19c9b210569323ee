"""What takes minutes: transfers and scans. Each tells how far it is, and can be cancelled."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from dstui.background import Background, Cancellation
from dstui.domain.action import Action, Verb, docker_command
from dstui.domain.text import clean
from dstui.domain.transfer import RefusedBy, TransferProgress, TransferResult

if TYPE_CHECKING:
    from dstui.domain.audit.finding import AuditReport
    from dstui.session import Session

P = ParamSpec("P")
T = TypeVar("T")

AT_A_TIME = 4
"""The others wait: they would only share the same line."""
_KEPT = 20
_PATIENCE_S = 3.0
"""What a cancelled job gets to clean up behind itself when the app ends."""
_DONE = {Verb.PULL: "pulled", Verb.PUSH: "pushed", Verb.SAVE: "saved", Verb.LOAD: "loaded"}
_REFUSED_BY = {
    RefusedBy.NAME: "the name is refused",
    RefusedBy.LOGIN: "the login is refused",
    RefusedBy.NETWORK: "the network fails",
    RefusedBy.FILE: "the file is refused",
    RefusedBy.DISK: "the disk is full",
    RefusedBy.OTHER: "it failed",
}

LongWork = Callable[["LongJobs"], Coroutine[Any, Any, object]]
"""What begins a job and waits for its end."""

Detail = tuple[str, str]
"""A label and a text."""


class JobState(StrEnum):
    """How a job fares."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True, eq=False)
class LongJob:
    """One of them. `told` is what came of it in a few words, `details` all there is to say."""

    key: str
    title: str
    command: str
    cancellation: Cancellation = field(default_factory=Cancellation)
    progress: TransferProgress = field(default_factory=TransferProgress)
    state: JobState = JobState.RUNNING
    told: str = ""
    details: tuple[Detail, ...] = ()
    pinned: str = ""
    """The name by digest of what was pulled or pushed."""
    began: float = field(default_factory=monotonic)
    ended: float | None = None

    @property
    def seconds(self) -> float:
        """How long it has been running, or did."""
        return (monotonic() if self.ended is None else self.ended) - self.began

    def end(self, state: JobState, told: str, details: Iterable[Detail] = ()) -> None:
        """It is over."""
        self.state, self.told, self.ended = state, told, monotonic()
        self.details = tuple((label, clean(text, 2000)) for label, text in details if text)


class LongJobs:
    """Runs them on threads of their own, so that nothing else has to wait for them."""

    def __init__(self, session: "Session", tell: Callable[[str], None]) -> None:
        """`tell` shows bad news; good ones stand in the list for a while."""
        self._session = session
        self._tell = tell
        self._threads = Background(AT_A_TIME)
        self._listeners: list[Callable[[], None]] = []
        self._running: set[asyncio.Future[Any]] = set()
        self._count = 0
        self.all: list[LongJob] = []
        """The latest, the oldest first."""

    @property
    def running(self) -> list[LongJob]:
        """Those that are not over."""
        return [job for job in self.all if job.state is JobState.RUNNING]

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Have `changed` called on the app's loop; the answer ends that."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    def transfer(self, action: Action) -> Coroutine[None, None, TransferResult | None]:
        """Pull, push, save or load."""
        job = self._begin(f"{action.verb.value} {_what(action)}", docker_command(action))
        return self._transfer(job, action)

    def scan(self, reference: str, scanner: str) -> "Coroutine[None, None, AuditReport | None]":
        """Have a scanner look at an image."""
        job = self._begin(f"{scanner} {reference}")
        return self._scan(job, reference, scanner)

    async def close(self) -> None:
        """Cancel all of them, and give them a moment to clean up."""
        for job in self.running:
            job.cancellation.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=_PATIENCE_S)

    # One job

    def _begin(self, title: str, command: str = "") -> LongJob:
        self._count += 1
        job = LongJob(f"long-{self._count}", title, command)
        over = [old for old in self.all if old.state is not JobState.RUNNING]
        for old in over[: max(0, len(self.all) - _KEPT + 1)]:
            self.all.remove(old)
        self.all.append(job)
        self._changed()
        return job

    async def _transfer(self, job: LongJob, action: Action) -> TransferResult | None:
        def progressed(progress: TransferProgress) -> None:
            self._progressed(job, progress)

        report = self._from_thread(progressed)
        result = await self._run(job, self._session.transfer, action, report, job.cancellation)
        if result is not None:
            _end_transfer(job, result)
            self._over(job)
        return result

    async def _scan(self, job: LongJob, reference: str, scanner: str) -> "AuditReport | None":
        cancel = threading.Event()
        job.cancellation.by(cancel.set)

        def said(line: str) -> None:
            self._progressed(job, TransferProgress(message=clean(line, 200)))

        say = self._from_thread(said)
        report = await self._run(job, self._session.scan_image, reference, scanner, say, cancel)
        if report is not None:
            job.end(JobState.DONE, f"{scanner} found {len(report.findings)} in {reference}")
            self._over(job)
        return report

    async def _run(
        self, job: LongJob, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """The answer; `None` when there is none, which the job then tells."""
        future = asyncio.wrap_future(self._threads.submit(call, *args, **kwargs))
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(future)
        except Exception as error:  # noqa: BLE001 - every end of a job is shown
            if job.cancellation.called:
                job.end(JobState.CANCELLED, f"{job.title}: cancelled")
            else:
                words = clean(str(error), 2000) or type(error).__name__
                job.end(JobState.FAILED, f"{job.title}: it failed", [("Cause", words)])
            self._over(job)
            return None

    def _from_thread(self, call: Callable[[T], None]) -> Callable[[T], None]:
        """Calls on the loop what another thread tells; a loop that is closed hears nothing."""
        loop = asyncio.get_running_loop()

        def told(value: T) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(call, value)

        return told

    def _progressed(self, job: LongJob, progress: TransferProgress) -> None:
        if job.state is JobState.RUNNING:
            job.progress = progress
            self._changed()

    def _over(self, job: LongJob) -> None:
        self._changed()
        if job.state is JobState.FAILED:
            why = [text for label, text in job.details if label in ("Cause", "Fix")]
            self._tell("\n".join([job.told, *(why or [text for _, text in job.details])]))

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def _what(action: Action) -> str:
    match action.verb:
        case Verb.SAVE:
            return f"{action.target} to {clean(action.path)}"
        case Verb.LOAD:
            return clean(action.path)
        case _:
            return action.target


def _end_transfer(job: LongJob, result: TransferResult) -> None:
    outcome = result.outcome
    job.pinned = result.pinned
    if result.cancelled:
        job.end(JobState.CANCELLED, f"{job.title}: cancelled")
    elif outcome.ok:
        what = ", ".join(map(clean, result.loaded)) or _what(outcome.action)
        notes = [("Note", note) for note in result.notes]
        digest = [("Digest", result.digest)]
        job.end(JobState.DONE, f"{_DONE[outcome.action.verb]} {what}", [*digest, *notes])
    else:
        why = _REFUSED_BY[result.refused_by or RefusedBy.OTHER]
        said = [("Cause", outcome.cause), ("Fix", outcome.fix), ("Engine", outcome.message)]
        job.end(JobState.FAILED, f"{job.title}: {why}", said)
