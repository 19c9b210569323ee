"""Images on their way: pull, push, save, load. Each tells how far it is and can be cancelled.

All of them block, and none raises an `EngineError`: the result tells what went wrong.
"""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from dstui.background import Cancellation
from dstui.domain.action import Action, Outcome, Verb
from dstui.domain.engine import EngineError
from dstui.domain.reference import Reference, ReferenceProblem, parse
from dstui.domain.refusals import Refusal, file_refusal, refusal
from dstui.domain.text import clean
from dstui.domain.transfer import TransferProgress, TransferResult
from dstui.engine.client import Engine, resource
from dstui.engine.credentials import Login, login_for
from dstui.engine.progress import Tracker
from dstui.engine.upload import upload
from dstui.engine.wire import Reply, request, shut

Report = Callable[[TransferProgress], object]

REPORT_EVERY_S = 0.1

_ARCHIVE = "archive"
"""The row of progress that a file has."""
_END_OF_TAR = bytes(1024)
_NO_LOGIN = Login("")


@dataclass(slots=True)
class _Task:
    """One transfer under way, and what is known of it so far."""

    engine: Engine
    action: Action
    report: Report
    cancellation: Cancellation
    tracker: Tracker = field(default_factory=Tracker)
    reference: Reference | None = None
    login: Login = _NO_LOGIN
    reported: float = 0.0

    def tell(self, last: bool = False) -> None:
        """Report where it is, if the last time was long enough ago."""
        now = time.monotonic()
        if last or now - self.reported >= REPORT_EVERY_S:
            self.reported = now
            self.report(self.tracker.progress)

    def ask(self, method: str, path: str, query: dict[str, str]) -> Reply:
        """A request that a cancellation ends at any time, and that may take as long as it wants."""
        return request(
            self.engine,
            method,
            path,
            query,
            headers={"X-Registry-Auth": self.login.header} if self.login.header else {},
            timeout_s=None,
            opened=lambda connection: self.cancellation.by(lambda: shut(connection)),
        )


def transfer(
    engine: Engine,
    action: Action,
    report: Report = lambda progress: None,
    cancellation: Cancellation | None = None,
) -> TransferResult:
    """Do it and wait for its end.

    `report` is called here, at most ten times a second and once at the end. A cancelled pull or
    push ends on the engine too; an engine before version 27 finishes a cancelled save by itself.
    """
    task = _Task(engine, action, report, cancellation or Cancellation())
    began = time.monotonic()
    try:
        _DEEDS[action.verb](task)
        failure = task.tracker.error
    except EngineError as error:
        failure = error.message
    except OSError as error:
        failure = f"cannot use {clean(action.path)}: {error.strerror or error}"
    return _result(task, failure, time.monotonic() - began)


def _result(task: _Task, failure: str, seconds: float) -> TransferResult:
    tracker, reference = task.tracker, task.reference
    if failure and task.cancellation.called:
        outcome = Outcome(task.action, False, "cancelled", seconds=seconds)
        return TransferResult(outcome, cancelled=True)
    if failure:
        found = _refusal(task, failure)
        outcome = Outcome(task.action, False, failure, found.cause, found.fix, seconds)
        return TransferResult(outcome, refused_by=found.by)
    pinned = reference.pinned(tracker.digest).familiar if reference and tracker.digest else ""
    outcome = Outcome(task.action, True, tracker.progress.message, seconds=seconds)
    return TransferResult(
        outcome, tracker.digest, pinned, tuple(tracker.loaded), tuple(tracker.notes)
    )


def _refusal(task: _Task, failure: str) -> Refusal:
    if task.action.path:
        return file_refusal(failure, clean(task.action.path))
    domain = task.reference.domain if task.reference else "the registry"
    return refusal(failure, domain, task.login.found, task.login.problem)


# Registries


def _pull(task: _Task) -> None:
    reference = task.reference = _reference(task.action.name)
    task.login = login_for(reference.domain)
    # without a tag the engine would fetch all that the repository has
    tag = reference.digest or reference.tag
    query = {"fromImage": reference.name, "tag": tag}
    _follow(task, task.ask("POST", "/images/create", query))


def _push(task: _Task) -> None:
    reference = task.reference = _reference(task.action.name)
    if reference.digest:
        raise EngineError("an image is pushed by a tag: the registry finds its digest")
    task.login = login_for(reference.domain)
    path = resource("/images/{}/push", reference.name)
    _follow(task, task.ask("POST", path, {"tag": reference.tag}))


def _reference(name: str) -> Reference:
    try:
        return parse(name).complete
    except ReferenceProblem as problem:
        raise EngineError(f"invalid reference: {problem.message}") from problem


def _follow(task: _Task, reply: Reply) -> None:
    """Read the engine's messages until they end."""
    try:
        while not reply.ended:
            reply.wait(None)
            task.tracker.feed(reply.receive())
            task.tell()
    finally:
        reply.close()
    task.tracker.end()
    task.tell(last=True)


# Files


def _save(task: _Task) -> None:
    """Beside its place first: a file of that name is a whole archive or it is not there."""
    path = Path(task.action.path)
    _refuse_to_replace(path, task.action.force)
    size = task.engine.image(task.action.id or task.action.name).size_bytes
    reply = task.ask("GET", resource("/images/{}/get", task.action.name), {})
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
        try:
            _write(task, reply, new, size)
            new.close()
            _refuse_to_replace(path, task.action.force)
            Path(new.name).replace(path)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise
        finally:
            reply.close()


def _refuse_to_replace(path: Path, force: bool) -> None:
    if path.is_dir():
        raise EngineError(f"{clean(str(path))} is a directory: name a file in it")
    if path.exists() and not force:
        raise EngineError(f"{clean(str(path))} exists already")


def _write(task: _Task, reply: Reply, file: IO[bytes], expected: int) -> None:
    written, tail = 0, b""
    while not reply.ended:
        reply.wait(None)
        data = reply.receive()
        file.write(data)
        written += len(data)
        tail = (tail + data)[-len(_END_OF_TAR) :]
        # an archive is a little larger than the image in it: full only at its end
        task.tracker.step(_ARCHIVE, "Saving", written, max(expected, written + 1))
        task.tell()
    if tail != _END_OF_TAR:  # an engine that fails amid it adds its reason to the bytes
        task.tracker.feed(tail[tail.rfind(b'{"error') :] + b"\n")
        raise EngineError(task.tracker.error or "the engine did not finish the archive")
    task.tracker.step(_ARCHIVE, "Saved", written, written)
    task.tracker.end()
    task.tell(last=True)


def _load(task: _Task) -> None:
    path = Path(task.action.path)
    if not path.is_file():
        missing = "is not a file" if path.exists() else "does not exist"
        raise EngineError(f"{clean(str(path))} {missing}")
    with path.open("rb") as content:
        size = os.fstat(content.fileno()).st_size
        reply = upload(
            task.engine,
            "/images/load",
            {"quiet": "0"},
            content,
            size,
            sent=lambda count: _tell_sent(task, count, size),
            opened=lambda connection: task.cancellation.by(lambda: shut(connection)),
        )
    task.tracker.step(_ARCHIVE, "Sent", size, size)
    _follow(task, reply)
    if not task.tracker.loaded and not task.tracker.error:
        raise EngineError(f"{clean(str(path))} has no image in it")
    task.tracker.step(_ARCHIVE, "Loaded", size, size)
    task.tell(last=True)


def _tell_sent(task: _Task, count: int, size: int) -> None:
    task.tracker.step(_ARCHIVE, "Sending", count, size)
    task.tell()


_DEEDS: dict[Verb, Callable[[_Task], None]] = {
    Verb.PULL: _pull,
    Verb.PUSH: _push,
    Verb.SAVE: _save,
    Verb.LOAD: _load,
}
