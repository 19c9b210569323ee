"""Answers that are read as they come, from an engine that cuts them anywhere."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.engine import EngineError
from dstui.engine.wire import Chunks, request
from tests.unit.scripted_engine import ScriptedEngine, chunked
from tests.waiting import PATIENCE_S


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.integers(1, 30))
def test_chunks_come_out_whole_however_they_are_cut(contents: list[bytes], step: int) -> None:
    sent = chunked(*contents).partition(b"\r\n\r\n")[2]
    chunks = Chunks()
    got = b"".join(chunks.feed(sent[at : at + step]) for at in range(0, len(sent), step))
    assert got == b"".join(contents)
    assert chunks.complete


def test_what_is_not_chunked_is_an_error() -> None:
    with pytest.raises(ValueError, match="invalid"):
        Chunks().feed(b"hello\r\n")


def read(path: Path, *pieces: bytes) -> bytes:
    with ScriptedEngine(path / "s", {"/x": pieces}) as engine:
        reply = request(engine, "GET", "/x")  # type: ignore[arg-type]
        body = b""
        while not reply.ended and reply.wait(PATIENCE_S):
            body += reply.receive()
        reply.close()
        return body


def test_bodies_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert read(tmp_path, chunked(b"one", b"two")) == b"onetwo"
    assert (
        read(tmp_path / "a", b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 3\r\n\r\nab", b"c") == b"abc"
    )
    assert read(tmp_path / "b", b"HTTP/1.1 101 UPGRADED\r\n\r\nraw", b"ness") == b"rawness"


def test_a_stream_that_is_cut_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="before the end"):
        read(tmp_path, chunked(b"one", end=False))


def test_a_refusal_is_in_the_engines_words(tmp_path: Path) -> None:
    with ScriptedEngine(tmp_path / "s", {}) as engine:
        with pytest.raises(EngineError, match="no!") as refused:
            request(engine, "GET", "/nothing")  # type: ignore[arg-type]
        assert refused.value.gone


def test_nobody_there(tmp_path: Path) -> None:
    engine = ScriptedEngine(tmp_path / "s", {})
    with pytest.raises(EngineError, match="no connection to the engine"):
        request(engine, "GET", "/x")  # type: ignore[arg-type]


def test_no_http_at_all(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no answer"):
        read(tmp_path, b"SSH-2.0-OpenSSH\r\n\r\n")
