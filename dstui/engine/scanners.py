"""trivy and grype, when they are installed: run on request, their findings join ours."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from dstui.background import spawn
from dstui.domain.audit.finding import AuditReport, Finding, worst_first
from dstui.domain.engine import EngineError
from dstui.domain.foreign_json import read_json
from dstui.domain.text import clean
from dstui.engine.client import Engine
from dstui.engine.scanner_output import of_grype, of_trivy

Progress = Callable[[str], None]
"""Is told each line that the scanner writes about its work; called on another thread."""

_COMMANDS: dict[str, Sequence[str]] = {
    "trivy": ("trivy", "image", "--format", "json", "--scanners", "vuln,secret"),
    "grype": ("grype", "-o", "json"),
}
_CONVERT: dict[str, Callable[[Any, str], Iterator[Finding]]] = {
    "trivy": of_trivy,
    "grype": of_grype,
}
_LARGEST_OUTPUT = 512 * 1024 * 1024
_LAST_LINES = 5
_CHECK_EVERY_S = 0.2
_GRACE_S = 3.0


class ScanCancelledError(Exception):
    """The scan was ended before it was done."""


def available() -> tuple[str, ...]:
    """The scanners that are on the PATH."""
    return tuple(name for name in _COMMANDS if shutil.which(name))


def command(scanner: str, reference: str) -> tuple[str, ...]:
    """The command line that scans an image of the engine."""
    image = f"docker:{reference}" if scanner == "grype" else reference
    return (*_COMMANDS[scanner], image)


def scan(
    engine: Engine,
    scanner: str,
    reference: str,
    progress: Progress = lambda line: None,
    cancel: threading.Event | None = None,
) -> AuditReport:
    """Run a scanner on an image. It copies the image, and may update its database over the network.

    Raises `EngineError` when it fails, in its own last words, and `ScanCancelledError`.
    """
    if scanner not in available():
        raise EngineError(f"{scanner} is not installed: it is not on the PATH")
    output = _run(
        command(scanner, reference), _environment(engine), progress, cancel or threading.Event()
    )
    try:
        answer = read_json(output)
    except ValueError as error:
        raise EngineError(f"{scanner} wrote no JSON") from error
    return AuditReport(reference, worst_first(_CONVERT[scanner](answer, reference)))


def _environment(engine: Engine) -> dict[str, str]:
    """The scanner is to ask the same engine."""
    environment = {**os.environ, "DOCKER_HOST": engine.endpoint.host}
    if engine.endpoint.tls:
        certificate = engine.endpoint.tls.get("ca") or engine.endpoint.tls.get("cert", "")
        environment["DOCKER_CERT_PATH"] = os.path.dirname(certificate)  # noqa: PTH120
        environment["DOCKER_TLS_VERIFY"] = "1" if engine.endpoint.verify else ""
    return environment


def _run(
    words: Sequence[str],
    environment: dict[str, str],
    progress: Progress,
    cancel: threading.Event,
) -> bytes:
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,  # its helpers end with it
    )
    assert process.stdout is not None and process.stderr is not None
    said: deque[str] = deque(maxlen=_LAST_LINES)
    taken = _Output(process.stdout)
    readers = [
        spawn("scan-output", taken.read),
        spawn("scan-progress", lambda: _tell(process.stderr, progress, said)),
    ]
    try:
        while process.poll() is None:
            if cancel.wait(_CHECK_EVERY_S):
                raise ScanCancelledError
            if taken.too_large:
                raise EngineError(f"{words[0]} writes more than {_LARGEST_OUTPUT >> 20} MiB")
    finally:
        _end(process)
        for reader in readers:
            reader.join(_GRACE_S)
        process.stdout.close()
        process.stderr.close()
    if process.returncode:
        words_of_it = " ".join(said) or f"exit code {process.returncode}"
        raise EngineError(f"{words[0]} failed: {words_of_it}")
    return bytes(taken.data)


class _Output:
    """Takes what the scanner writes, up to a limit."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.data = bytearray()
        self.too_large = False

    def read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := self._stream.read(1024 * 1024):
                self.data += chunk
                if len(self.data) > _LARGEST_OUTPUT:
                    self.too_large = True
                    return


def _tell(stream: IO[bytes] | None, progress: Progress, said: deque[str]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in stream or ():
            words = clean(line.decode("utf-8", "replace")).strip()
            if words:
                said.append(words)
                progress(words)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
