"""The demo engine as a child process, which ends with its parent, however that ends."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from dstui.domain.engine import (
    ConnectionFailure,
    Endpoint,
    EngineUnreachableError,
    FailureKind,
)
from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_event import GpuEvent

_BACKLOG = 512
_ANSWER_WITHIN_S = 5.0
_END_WITHIN_S = 2.0


class DemoProcess:
    """Starts and ends the child. The socket lies in a directory that only this user can open."""

    def __init__(self, containers: int, seed: int = 1) -> None:
        self._containers = containers
        self._seed = seed
        self._directory: Path | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def socket_path(self) -> Path:
        if self._directory is None:
            raise RuntimeError("the demo engine was not started")
        return self._directory / "docker.sock"

    def start(self) -> Endpoint:
        """Start the child and tell where it answers.

        The socket listens before the child runs and is handed to it, so a client can connect at
        once: the kernel keeps its request until the child is ready, and should the child fail,
        the connection is refused. Raises `EngineUnreachableError`.
        """
        try:
            self._directory = Path(tempfile.mkdtemp(prefix="dstui-demo-"))
            endpoint = Endpoint(host=f"unix://{self.socket_path}", source="the demo engine")
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
                listener.bind(str(self.socket_path))
                listener.listen(_BACKLOG)
                self._child = self._spawn(listener.fileno())
        except OSError as error:
            self.stop()
            raise _failed(error) from error
        return endpoint

    def _spawn(self, descriptor: int) -> subprocess.Popen[bytes]:
        words = (self._containers, self._seed, descriptor, self.socket_path)
        return subprocess.Popen(
            [sys.executable, "-m", "dstui.demo", *map(str, words)],
            stdin=subprocess.PIPE,  # its end tells the child that the parent is gone
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(descriptor,),
            start_new_session=True,  # a ctrl-C on the terminal is for the parent alone
        )

    def stop(self) -> None:
        """End the child and remove the directory; may be called twice."""
        if self._child is not None:
            if self._child.stdin is not None:
                with contextlib.suppress(OSError):
                    self._child.stdin.close()
            try:
                self._child.wait(_END_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
            self._child = None
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    def gpu_source(self) -> "DemoGpuSource":
        """A function that reads the simulated GPUs; raises `OSError` when the child is gone."""
        return DemoGpuSource(self.socket_path)


class DemoGpuSource:
    """Reads the simulated GPUs, and keeps what they told by itself until it is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told_until = 0.0
        self._events: list[GpuEvent] = []

    def __call__(self) -> GpuReport:
        """One round of the sampler."""
        from dstui.gpu.wire import event_of, report_of

        reading = json.loads(_get(self._path, "/_demo/gpus"))
        told = [event_of(event) for event in reading.pop("events")]
        self._events += [event for event in told if event.time > self._told_until]
        self._told_until = max((event.time for event in told), default=self._told_until)
        return report_of(reading)

    def events(self) -> list[GpuEvent]:
        """What came with the last report and was not asked for yet."""
        events, self._events = self._events, []
        return events


def _get(path: Path, target: str) -> bytes:
    """One HTTP/1.0 exchange, as far as its body."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_ANSWER_WITHIN_S)
        connection.connect(str(path))
        connection.sendall(f"GET {target} HTTP/1.0\r\nHost: demo\r\n\r\n".encode())
        received = bytearray()
        while data := connection.recv(65_536):
            received += data
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise OSError(f"the demo engine does not tell of its GPUs: {head[:100]!r}")
    return body


def _failed(error: OSError) -> EngineUnreachableError:
    failure = ConnectionFailure(
        endpoint=Endpoint(host="unix://", source="the demo engine"),
        kind=FailureKind.OTHER,
        reason=f"the demo engine could not be started: {error.strerror or error}",
        fix="Check that the directory for temporary files (TMPDIR) is writable and has space.",
    )
    return EngineUnreachableError((failure,))
