"""Log streams taken apart: frames, lines, floods."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.logline import LogBatch, LogLine, LogRequest, Stream
from dstui.engine import logs
from dstui.engine.logframes import LONGEST_LINE, MOST_BYTES, MOST_LINES, Frames, LineBuffer
from dstui.engine.logs import LogStream, just_after
from dstui.render.ansi import plain
from tests.unit.scripted_engine import ScriptedEngine, chunked
from tests.waiting import wait_until

TIME = "2026-11-22T13:46:32.305662629Z"


def frame(stream: int, content: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(content).to_bytes(4) + content


def lines_of(*messages: bytes, stream: int = 1) -> list[LogLine]:
    buffer = LineBuffer("c")
    for message in messages:
        buffer.add(stream, message)
    buffer.end()
    return list(buffer.take()[0])


def texts_of(*messages: bytes) -> list[str]:
    return [line.text for line in lines_of(*messages)]


@given(
    st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=50)), max_size=8),
    st.integers(1, 40),
)
def test_frames_come_out_whole_however_they_are_cut(
    frames: list[tuple[int, bytes]], step: int
) -> None:
    sent = b"".join(frame(*one) for one in frames)
    taken = Frames()
    got = [one for at in range(0, len(sent), step) for one in taken.feed(sent[at : at + step])]
    assert got == frames


def test_what_is_no_multiplexed_stream_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a multiplexed"):
        list(Frames().feed(b"plain text"))


def test_the_time_is_split_off() -> None:
    [line] = lines_of(f"{TIME} hello world\n".encode(), stream=2)
    assert line == LogLine("c", Stream.STDERR, "hello world", TIME)


def test_podmans_local_times() -> None:
    [line] = lines_of(b"2026-11-22T14:46:32.305662629+01:00 x\n")
    assert (line.text, line.time) == ("x", "2026-11-22T14:46:32.305662629+01:00")


def test_empty_lines_and_line_ends() -> None:
    stamp = TIME.encode()
    assert texts_of(stamp + b" \n", stamp + b" a\r\n", stamp + b" b\rc\n", b"\n") == [
        "",
        "a",
        "b\rc",
        "",
    ]


def test_a_line_whose_end_has_not_come_is_told_as_it_is() -> None:
    buffer = LineBuffer("c")
    buffer.add(1, f"{TIME} Password".encode())
    assert not buffer.empty
    assert buffer.begun() == (LogLine("c", Stream.STDOUT, "Password", TIME),)
    assert buffer.empty
    assert buffer.take() == ((), 0)
    buffer.add(1, f"{TIME} : \n".encode())
    assert not buffer.empty
    assert buffer.begun() == ()
    assert [line.text for line in buffer.take()[0]] == ["Password: "]


@given(st.integers(1, 2000), st.integers(2, 9000), st.booleans())
def test_of_a_progress_longer_than_a_line_may_be_the_last_state_is_kept(
    states: int, message: int, ended: bool
) -> None:
    written = b"".join(b"\r%d of %d" % (n, states) for n in range(1, states + 1))
    buffer = LineBuffer("c")
    for at in range(0, len(written), message):
        buffer.add(1, TIME.encode() + b" " + written[at : at + message])
    if ended:
        buffer.add(1, TIME.encode() + b" \n")
    [line] = buffer.take()[0] if ended else buffer.begun()
    assert plain(line.text) == f"{states} of {states}"
    assert line.time == TIME
    assert len(line.text) <= LONGEST_LINE


def test_invalid_utf8_is_replaced() -> None:
    assert texts_of(b"", b"a\xff\n") == ["a\N{REPLACEMENT CHARACTER}"]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n")), max_size=6), st.data())
def test_lines_come_out_whole_however_they_are_cut(written: list[str], data: st.DataObject) -> None:
    sent = "".join(f"{TIME} {line}\n" for line in written).encode(errors="replace")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=5)))
    parts = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    got = lines_of(*(part for part in parts if part))
    assert [line.text for line in got] == [
        line.encode(errors="replace").decode() for line in written
    ]
    assert {line.time for line in got} <= {TIME}


def test_streams_do_not_mix_within_a_line() -> None:
    buffer = LineBuffer("c")
    for stream, message in [(1, b"out "), (2, b"err "), (1, b"one\n"), (2, b"two\n")]:
        buffer.add(stream, message)
    assert [(line.stream, line.text) for line in buffer.take()[0]] == [
        (Stream.STDOUT, "out one"),
        (Stream.STDERR, "err two"),
    ]


def test_a_megabyte_of_one_line_is_cut_with_a_mark() -> None:
    message = TIME.encode() + b" " + b"x" * 16384
    [text] = texts_of(*[message] * 64, TIME.encode() + b" end\n")
    assert text == "x" * LONGEST_LINE + f" … {64 * 16384 + 3 - LONGEST_LINE:,} more bytes"
    [text] = texts_of(b"y" * 12_000 + b"\n")
    assert text.startswith("y" * LONGEST_LINE + " … ")


def test_a_flood_keeps_the_newest_and_counts_the_others() -> None:
    buffer = LineBuffer("c")
    buffer.drops = True
    for number in range(10_000):
        buffer.add(1, b"%d\n" % number)
    lines, skipped = buffer.take()
    assert len(lines) + skipped == 10_000
    assert len(lines) <= MOST_LINES
    assert lines[-1].text == "9999"
    assert buffer.take() == ((), 0)


def test_a_flood_of_long_lines_is_bounded_in_bytes() -> None:
    buffer = LineBuffer("c")
    buffer.drops = True
    for _ in range(1000):
        buffer.add(1, b"x" * 9_999 + b"\n")
    lines, skipped = buffer.take()
    assert len(lines) + skipped == 1000
    assert sum(len(line.text) for line in lines) <= MOST_BYTES


@pytest.mark.parametrize(
    ("moment", "after"),
    [
        ("2026-11-22T14:01:01.071093104Z", "1795356061.071093105"),
        ("2026-11-22T14:01:01.999999999Z", "1795356062.000000000"),
        ("2026-11-22T14:01:01Z", "1795356061.000000001"),
        ("2026-11-22T15:01:01.5+01:00", "1795356061.500000001"),
    ],
)
def test_the_nanosecond_after(moment: str, after: str) -> None:
    assert just_after(moment) == after


class Reader:
    """A log stream and what it emitted."""

    def __init__(self, engine: ScriptedEngine, request: LogRequest) -> None:
        self.batches: list[LogBatch] = []
        self.ended: list[LogStream] = []
        self.stream = LogStream(
            engine,  # type: ignore[arg-type]
            request,
            self.batches.append,
            on_end=self.ended.append,
        )
        self.stream.start()

    def wait(self) -> LogBatch:
        wait_until(lambda: self.batches and self.batches[-1].ended, what="the end of the log")
        assert self.ended == [self.stream]
        return self.batches[-1]

    @property
    def texts(self) -> list[str]:
        return [line.text for batch in self.batches for line in batch.lines]


LOGS = "/containers/c/logs"


def messages(*texts: str) -> list[bytes]:
    return [frame(1, f"{TIME} {text}\n".encode()) for text in texts]


def test_a_log_is_read_to_its_end(tmp_path: Path) -> None:
    with ScriptedEngine(tmp_path / "s", {LOGS: [chunked(*messages("one", "two"))]}) as engine:
        reader = Reader(engine, LogRequest("c", tail=10))
        assert reader.wait().error == ""
        assert reader.texts == ["one", "two"]
        assert "timestamps=1" in engine.requests[0]
        assert "tail=10" in engine.requests[0]


@pytest.mark.parametrize("tty", [True, False])
def test_a_log_tells_the_line_whose_end_has_not_come(tmp_path: Path, tty: bool) -> None:
    states = [f"{TIME} 1 %\r".encode(), b"2 %\r"]
    parts = states if tty else [frame(2, part) for part in states]
    answer = chunked(*parts, end=False)
    inspected = {"Config": {"Tty": tty}}
    with ScriptedEngine(tmp_path / "s", {LOGS: [answer]}, inspected, hold=True) as engine:
        reader = Reader(engine, LogRequest("c", tail=10))
        wait_until(lambda: any(batch.begun for batch in reader.batches), what="the line")
        [line] = next(batch.begun for batch in reader.batches if batch.begun)
        assert plain(line.text) == "2 %"
        reader.stream.close()


def test_a_log_of_a_terminal_is_not_multiplexed(tmp_path: Path) -> None:
    answer = chunked(f"{TIME} one\r\n{TIME} tw".encode(), b"o\r\n")
    inspected = {"Config": {"Tty": True}}
    with ScriptedEngine(tmp_path / "s", {LOGS: [answer]}, inspected) as engine:
        reader = Reader(engine, LogRequest("c"))
        reader.wait()
        assert reader.texts == ["one", "two"]


def test_a_log_that_breaks_says_so(tmp_path: Path) -> None:
    cut = chunked(*messages("one"), end=False)
    with ScriptedEngine(tmp_path / "s", {LOGS: [cut]}) as engine:
        reader = Reader(engine, LogRequest("c"))
        assert "before the end" in reader.wait().error
        assert reader.texts == ["one"]


def test_a_container_without_a_log_says_why(tmp_path: Path) -> None:
    inspected = {"HostConfig": {"LogConfig": {"Type": "none"}}}
    with ScriptedEngine(tmp_path / "s", {}, inspected) as engine:
        assert "logging driver `none`" in Reader(engine, LogRequest("c")).wait().error


def test_a_follower_that_the_engine_lost_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_RESUME_AFTER_S", 0.01)
    inspected = {"State": {"Running": True}}
    with ScriptedEngine(tmp_path / "s", {LOGS: [chunked(*messages("x"))]}, inspected) as engine:
        reader = Reader(engine, LogRequest("c"))
        wait_until(lambda: len(engine.requests) >= 3)
        reader.stream.close()
        assert "since" not in engine.requests[0]
        assert f"since={just_after(TIME)}" in engine.requests[1]
        wait_until(lambda: reader.ended)
        assert not any(batch.ended for batch in reader.batches)


def test_closing_wakes_a_silent_log(tmp_path: Path) -> None:
    answer = chunked(*messages("one"), end=False)
    with ScriptedEngine(tmp_path / "s", {LOGS: [answer]}, hold=True) as engine:
        reader = Reader(engine, LogRequest("c"))
        wait_until(lambda: reader.texts == ["one"])
        reader.stream.close()
        wait_until(lambda: reader.ended)
        assert not any(batch.ended for batch in reader.batches)


class Once(dict[str, list[bytes]]):
    """Answers that are given once: when they are asked for again there is nothing new."""

    def get(self, path: str, default: object = None) -> list[bytes]:  # type: ignore[override]
        return self.pop(path, [chunked()])


def test_all_that_was_asked_for_comes_undropped(tmp_path: Path) -> None:
    content = b"".join(messages(*map(str, range(3 * MOST_LINES))))
    with ScriptedEngine(tmp_path / "s", Once({LOGS: [chunked(content)]})) as engine:
        reader = Reader(engine, LogRequest("c", tail=3 * MOST_LINES))
        reader.wait()
        assert len(reader.texts) == 3 * MOST_LINES
        assert not any(batch.skipped for batch in reader.batches)
