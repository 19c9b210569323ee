"""What an engine sends has an end for dstui, whether it has one or not."""

import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dstui.domain.engine import Endpoint, EngineError
from dstui.engine import bounded, rest, wire
from dstui.engine.logframes import Frames
from dstui.engine.rest import Rest
from dstui.engine.wire import Chunks
from tests.waiting import returns

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


class Sender:
    """Listens at a path and sends each who asks the same pieces, which may have no end."""

    def __init__(self, path: Path) -> None:
        self.pieces: Iterable[bytes] = ()
        self.endpoint = Endpoint(f"unix://{path}", source="test")
        self.api_version = "1.41"
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._send, args=(connection,), daemon=True).start()

    def _send(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.recv(65536)
            for piece in self.pieces:
                connection.sendall(piece)


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Sender]:
    opened = Sender(tmp_path / "engine.sock")
    yield opened
    opened.close()


@pytest.fixture
def asked(sender: Sender) -> Iterator[Rest]:
    opened = Rest(sender.endpoint)
    yield opened
    opened.close()


def chunks(*contents: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(content), content) for content in contents)


ENDLESS = {
    "with its length": lambda: [HEAD + b"Content-Length: 999999999999\r\n\r\n", b"[" * 100],
    "in chunks": lambda: itertools.chain([CHUNKED], itertools.repeat(chunks(b"[" * 65536))),
    "one chunk": lambda: itertools.chain(
        [CHUNKED + b"fffffffffff\r\n"], itertools.repeat(b"[" * 65536)
    ),
    "until it hangs up": lambda: itertools.chain(
        [HEAD + b"Connection: close\r\n\r\n"], itertools.repeat(b"[" * 65536)
    ),
}


@pytest.mark.parametrize("form", ENDLESS)
def test_an_endless_answer_is_an_error(sender: Sender, asked: Rest, form: str) -> None:
    sender.pieces = ENDLESS[form]()
    with pytest.raises(EngineError, match="the engine's answer is larger than 32 MiB"):
        returns(lambda: asked.get("/x"))


def test_a_description_has_a_smaller_bound(sender: Sender, asked: Rest) -> None:
    sender.pieces = ENDLESS["in chunks"]()
    with pytest.raises(EngineError, match="larger than 4 MiB"):
        returns(lambda: asked.get("/x", largest=bounded.LARGEST_OBJECT))


@pytest.mark.parametrize("size", [b"-7", b"-1", b"-ffffffff"])
def test_a_chunk_of_negative_size_is_an_error(sender: Sender, asked: Rest, size: bytes) -> None:
    sender.pieces = [CHUNKED, size, b"\r\n", b"[]" * 100]
    with pytest.raises(EngineError):
        returns(lambda: asked.get("/x"))
    with contextlib.suppress(EngineError):  # or the end of the stream, which is a loss as well
        assert returns(lambda: list(asked.lines("/x"))) == []
    with pytest.raises(ValueError, match="invalid size"):
        Chunks().feed(size + b"\r\n[][]")


def test_an_answer_that_drips_is_an_error(sender: Sender, asked: Rest) -> None:
    """Each byte comes in time; all of them never would."""
    drop, dries = chunks(b" "), threading.Event()
    drops = (drop for _ in itertools.takewhile(lambda _: not dries.wait(0.01), itertools.count()))
    sender.pieces = itertools.chain([CHUNKED], drops)
    with pytest.raises(EngineError, match="does not answer"):
        returns(lambda: asked.get("/x", timeout_s=0.2))
    dries.set()


@pytest.mark.parametrize("length", [3, 100_000])
def test_an_answer_that_is_cut_is_an_error(sender: Sender, asked: Rest, length: int) -> None:
    sender.pieces = [HEAD + b"Content-Length: %d\r\n\r\n" % length, b"[]"]
    with pytest.raises(EngineError, match="closed the connection"):
        asked.get("/x")


@pytest.mark.parametrize("form", ["length", "chunks"])
def test_a_kept_connection_serves_again(sender: Sender, asked: Rest, form: str) -> None:
    body = json.dumps(list(range(50_000))).encode()
    answer = CHUNKED + chunks(body[:9], body[9:]) + b"0\r\n\r\n"
    if form == "length":
        answer = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    sender.pieces = [answer]
    assert asked.get("/x") == list(range(50_000))
    assert asked.get("/x") == list(range(50_000))


# Lines


def test_of_a_long_line_only_the_beginning_is_told(sender: Sender, asked: Rest) -> None:
    long = chunks(*[b"x" * 65536] * 40, b"\n")
    sender.pieces = [CHUNKED + chunks(b"first\n") + long + chunks(b"last\n") + b"0\r\n\r\n"]
    first, cut, last = returns(lambda: list(asked.lines("/x")))
    assert (first, last) == (b"first\n", b"last\n")
    assert cut == b"x" * rest.LONGEST_LINE


def test_a_line_without_end_is_an_error(sender: Sender, asked: Rest) -> None:
    sender.pieces = itertools.chain([CHUNKED], itertools.repeat(chunks(b"x" * 65536)))
    with pytest.raises(EngineError, match="larger than 64 MiB"):
        returns(lambda: list(asked.lines("/x")))


# Pieces


@given(st.binary(max_size=200), st.integers(1, 20))
def test_any_bytes_are_chunks_or_none(data: bytes, step: int) -> None:
    taken = Chunks()
    with contextlib.suppress(ValueError):
        got = b"".join(taken.feed(data[at : at + step]) for at in range(0, len(data), step))
        assert len(got) <= len(data)


chunk_like = st.lists(
    st.sampled_from([b"\r\n", b"0", b"5", b"-1", b"hello", b";x", b"ff", b" "]), max_size=20
).map(b"".join)


@given(chunk_like, st.integers(1, 5))
def test_chunks_are_the_same_however_they_are_cut(data: bytes, step: int) -> None:
    def taken(pieces: Iterable[bytes]) -> bytes | None:
        chunked = Chunks()
        try:
            return b"".join(map(chunked.feed, pieces))
        except ValueError:
            return None

    assert taken([data]) == taken(data[at : at + step] for at in range(0, len(data), step))


def test_a_large_chunk_is_not_kept() -> None:
    taken = Chunks()
    taken.feed(b"fffffff\r\n")
    for _ in range(100):
        assert len(taken.feed(b"x" * 65536)) == 65536
    assert not taken._rest


def test_a_size_without_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="no end"):
        Chunks().feed(b"0" * 5000)


def test_a_log_frame_of_absurd_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="multiplexed"):
        list(Frames().feed(b"\1\0\0\0" + (5 << 20).to_bytes(4) + b"x"))


def test_the_rest_of_an_answer_is_bounded(sender: Sender) -> None:
    sender.pieces = itertools.chain([CHUNKED], itertools.repeat(chunks(b"x" * 65536)))
    reply = wire.request(sender, "GET", "/x")  # type: ignore[arg-type]
    assert len(returns(lambda: reply.read_all(60))) == 1 << 20
    reply.close()


@settings(max_examples=40, deadline=None)
@given(answer=st.binary(max_size=80) | st.binary(max_size=60).map(lambda b: CHUNKED + b))
def test_any_answer_is_read_or_an_error(
    answer: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sender = Sender(tmp_path_factory.mktemp("any") / "s")
    sender.pieces = [answer]
    asked = Rest(sender.endpoint)
    try:
        for ask in (lambda: asked.get("/x"), lambda: list(asked.lines("/x"))):
            with contextlib.suppress(EngineError):
                returns(ask)
        with contextlib.suppress(EngineError):
            reply = wire.request(sender, "GET", "/x")  # type: ignore[arg-type]
            returns(lambda: reply.read_all(60))
            reply.close()
    finally:
        asked.close()
        sender.close()
