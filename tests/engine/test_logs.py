"""Logs of real containers."""

from dataclasses import dataclass, field
from pathlib import Path

import docker
import pytest

from dstui.domain.logline import LogBatch, LogRequest, Stream
from dstui.engine.client import Engine
from dstui.engine.logs import LogStream
from tests.conftest import ContainerFactory
from tests.waiting import wait_until

BOTH = "echo out; sleep 0.05; echo err >&2; sleep 0.05; echo more"


@dataclass
class Log:
    """A log stream that is read into lists."""

    engine: Engine
    batches: list[LogBatch] = field(default_factory=list)
    ended: list[LogStream] = field(default_factory=list)

    def read(self, request: LogRequest) -> LogStream:
        stream = LogStream(self.engine, request, self.batches.append, self.ended.append)
        stream.start()
        return stream

    def wait_end(self) -> LogBatch:
        wait_until(lambda: self.batches and self.batches[-1].ended, what="the end of the log")
        return self.batches[-1]

    @property
    def lines(self) -> list[tuple[Stream, str]]:
        return [(line.stream, line.text) for batch in self.batches for line in batch.lines]

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.lines]

    @property
    def skipped(self) -> int:
        return sum(batch.skipped for batch in self.batches)


@pytest.fixture
def log(engine: Engine) -> Log:
    return Log(engine)


def test_both_streams_to_the_containers_end(log: Log, container_factory: ContainerFactory) -> None:
    identifier = container_factory("sh", "-c", BOTH)
    log.read(LogRequest(identifier))
    assert log.wait_end().error == ""
    out, err = Stream.STDOUT, Stream.STDERR
    assert log.lines == [(out, "out"), (err, "err"), (out, "more")]
    times = [line.time for batch in log.batches for line in batch.lines]
    assert times == sorted(times)
    assert all(time.endswith("Z") for time in times)


def test_a_container_with_a_terminal(log: Log, container_factory: ContainerFactory) -> None:
    identifier = container_factory("sh", "-c", BOTH, tty=True)
    log.read(LogRequest(identifier))
    log.wait_end()
    assert log.lines == [(Stream.STDOUT, text) for text in ("out", "err", "more")]


def test_the_last_lines_then_what_is_new(log: Log, container_factory: ContainerFactory) -> None:
    script = "seq 100; while [ ! -e /go ]; do sleep 0.05; done; echo new; sleep 1000"
    identifier = container_factory("sh", "-c", script)
    wait_until(lambda: b"100" in log.engine.api.logs(identifier, tail=1))
    stream = log.read(LogRequest(identifier, tail=3))
    wait_until(lambda: log.texts == ["98", "99", "100"])
    log.engine.api.exec_start(log.engine.api.exec_create(identifier, ["touch", "/go"])["Id"])
    wait_until(lambda: log.texts == ["98", "99", "100", "new"])
    stream.close()


def test_lines_longer_than_the_engines_messages(
    log: Log, container_factory: ContainerFactory
) -> None:
    script = "head -c 100000 /dev/zero | tr '\\0' x; echo end; printf rest"
    log.read(LogRequest(container_factory("sh", "-c", script)))
    log.wait_end()
    assert [text[-16:] for text in log.texts] == ["90,003 more bytes"[-16:], "rest"]


def test_since(log: Log, container_factory: ContainerFactory) -> None:
    identifier = container_factory("sh", "-c", "echo one; sleep 1.2; echo two")
    log.read(LogRequest(identifier))
    log.wait_end()
    later = Log(log.engine)
    started = _started(log, identifier)
    later.read(LogRequest(identifier, since=started + 0.9, follow=False))
    later.wait_end()
    assert later.texts == ["two"]


def _started(log: Log, identifier: str) -> float:
    found = log.engine.container(identifier).started
    assert found is not None
    return found.timestamp()


def test_a_flood_is_counted_and_memory_stays(log: Log, container_factory: ContainerFactory) -> None:
    identifier = container_factory("yes", "a flood")
    stream = log.read(LogRequest(identifier, tail=10))
    wait_until(lambda: log.skipped > 20_000, "lines to be dropped")
    kept = max(len(batch.lines) for batch in log.batches)
    stream.close()
    wait_until(lambda: log.ended == [stream])
    assert kept <= 2000
    assert not any(batch.ended for batch in log.batches)


def test_closing_leaves_no_connection(log: Log, container_factory: ContainerFactory) -> None:
    identifier = container_factory("sleep", "1000")
    before = len(_sockets())
    streams = [log.read(LogRequest(identifier)) for _ in range(10)]
    wait_until(lambda: len(_sockets()) >= before + 10)
    for stream in streams:
        stream.close()
    wait_until(lambda: len(log.ended) == 10)
    wait_until(lambda: len(_sockets()) <= before + 4, what="only kept connections to be left")


def _sockets() -> list[str]:
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except OSError:
            continue
    return [link for link in links if link.startswith("socket:")]


def test_a_removed_container_ends_the_log(
    log: Log, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    identifier = container_factory("sh", "-c", "echo one; sleep 1000")
    log.read(LogRequest(identifier))
    wait_until(lambda: log.texts == ["one"])
    docker_api.remove_container(identifier, force=True)
    log.wait_end()


def test_a_restarted_container_goes_on(
    log: Log, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    identifier = container_factory("sh", "-c", "echo life; sleep 1000")
    stream = log.read(LogRequest(identifier))
    wait_until(lambda: log.texts == ["life"])
    docker_api.restart(identifier, timeout=0)
    wait_until(lambda: log.texts == ["life", "life"])
    stream.close()


def test_no_such_container(log: Log) -> None:
    log.read(LogRequest("no-such-container"))
    assert "No such container" in log.wait_end().error


def test_a_container_that_keeps_no_log(log: Log, container_factory: ContainerFactory) -> None:
    identifier = container_factory(host_config={"log_config": {"Type": "none"}})
    log.read(LogRequest(identifier))
    assert "logging driver `none`" in log.wait_end().error
