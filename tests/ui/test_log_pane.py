import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from dstui.domain.container import Container, State
from dstui.domain.logline import LogBatch, LogLine, LogRequest, Stream
from dstui.domain.logring import Gap, weight
from dstui.ui.widgets.log_pane import LogPane
from tests.ui.bare import screen_lines, shown
from tests.ui.logs import DB, FakeSession, FakeStream, container, line, numbered, until
from tests.waiting import PATIENCE_S


@asynccontextmanager
async def pane_of(
    session: FakeSession, *containers: Container, size: tuple[int, int] = (100, 24)
) -> AsyncIterator[tuple[LogPane, Pilot[None]]]:
    pane = LogPane()
    async with shown(pane, size=size) as pilot:
        pane.show(session.as_session(), containers or (container(),))
        pane.view.focus()
        await pilot.pause()
        yield pane, pilot


def status(pane: LogPane) -> str:
    return str(pane.query_one("#log-status", Static).content)


def texts(pane: LogPane) -> list[str]:
    return [entry.text for entry in pane.view.shown() if isinstance(entry, LogLine)]


def says(*lines: LogLine, skipped: int = 0) -> LogBatch:
    return LogBatch(tuple(lines), skipped)


def tail_of(lines: tuple[LogLine, ...]) -> Callable[..., None]:
    """A log as the engine has it: of what is asked for, the last lines."""

    def script(request: LogRequest, emit: Callable[[LogBatch], None], _stream: FakeStream) -> None:
        emit(says(*(lines if request.tail is None else lines[-request.tail :])))

    return script


async def test_it_asks_for_the_last_lines_and_follows_them():
    session = FakeSession(tail=500)
    async with pane_of(session) as (pane, pilot):
        [stream] = session.streams
        assert (stream.request.tail, stream.request.follow) == (500, True)
        stream.emit(says(*numbered(30)))
        await until(pilot, lambda: len(texts(pane)) == 30)
        stream.emit(says(line("news", 99)))
        await until(pilot, lambda: "news" in screen_lines(pane.view)[-1])
        await until(pilot, lambda: "▼ following · 31 lines" in status(pane))


async def test_a_line_whose_end_has_not_come_is_shown_and_changes_in_place():
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        emit = session.streams[0].emit
        for percent in ("1 %", "2 %"):
            progress = line(f"fetching\rdone {percent}", 1)
            emit(LogBatch((), begun=(progress,)))
            await until(pilot, lambda p=percent: _texts(pane) == [f"done {p}"])
        emit(LogBatch((line("before", 0),), begun=(progress,)))
        await until(pilot, lambda: _texts(pane) == ["before", "done 2 %"])
        emit(LogBatch((progress, line("after", 2))))
        await until(pilot, lambda: _texts(pane) == ["before", "done 2 %", "after"])
        assert pane.view.ring.bytes == sum(map(weight, pane.view.shown()))


def _texts(pane: LogPane) -> list[str]:
    """The lines on screen."""
    return [text.strip() for text in screen_lines(pane.view) if text.strip()]


async def test_a_hidden_pane_reads_nothing():
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        session.streams[0].emit(says(*numbered(3)))
        await until(pilot, lambda: len(texts(pane)) == 3)
        pane.stop()
        assert session.streams[0].closed.is_set()
        session.streams[0].emit(says(line("late")))
        pane.show(session.as_session(), (container(),))
        session.streams[1].emit(says(*numbered(5)))
        await until(pilot, lambda: len(texts(pane)) == 5)
        assert "late" not in texts(pane)


async def test_another_container_takes_the_place_of_the_first():
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        session.streams[0].emit(says(*numbered(3)))
        await until(pilot, lambda: len(texts(pane)) == 3)
        pane.show(session.as_session(), (container(DB, "db"),))
        assert session.streams[0].closed.is_set()
        assert texts(pane) == []
        assert session.streams[1].request.container_id == DB


async def test_a_project_is_interleaved_with_its_names():
    session = FakeSession()
    async with pane_of(session, container(), container(DB, "db")) as (pane, pilot):
        web, db = session.streams
        web.emit(says(line("one", 1), line("three", 3)))
        await until(pilot, lambda: len(texts(pane)) == 2)
        db.emit(says(line("two", 2, container_id=DB)))
        await until(pilot, lambda: texts(pane) == ["one", "two", "three"])
        assert screen_lines(pane.view)[1] == "  db  two"


async def test_lines_that_were_not_kept_up_with_are_counted():
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        session.streams[0].emit(says(line("a"), skipped=1_203_551))
        await until(pilot, lambda: "1,203,551 skipped" in status(pane))
        assert screen_lines(pane.view)[0] == "  ── 1,203,551 lines skipped ──"


async def test_search_with_hits_and_n():
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        session.streams[0].emit(says(*numbered(100)))
        await until(pilot, lambda: len(texts(pane)) == 100)
        await pilot.press("slash", *"line 9")
        assert "0/11 line 9" in status(pane)
        await pilot.press("enter")
        assert "11/11" in status(pane)
        await pilot.press("n")
        assert "1/11" in status(pane)
        await pilot.press("N", "N")
        assert "10/11" in status(pane)
        assert "‖ not following" in status(pane)
        await pilot.press("escape")
        assert "/11" not in status(pane)


async def test_no_regular_expression_is_said_and_stays_to_be_corrected():
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        await pilot.press("slash", *"/[/", "enter")
        assert "missing ]" in status(pane)
        assert pane.query_one("#log-search", Input).has_focus
        await pilot.press("escape")
        assert pane.view.has_focus


async def test_only_matching_lines_are_read_of_the_whole_log_not_of_its_end():
    lines = tuple(line("needle" if n % 1000 == 0 else f"hay {n}", n / 1000) for n in range(20_000))
    session = FakeSession(tail_of(lines), tail=100)
    async with pane_of(session) as (pane, pilot):
        await until(pilot, lambda: len(texts(pane)) == 100)
        await pilot.press("F", *"needle", "enter")
        assert session.streams[-1].request.tail is None
        await until(pilot, lambda: texts(pane) == ["needle"] * 20)
        assert "only needle: 20 lines of 20,000" in status(pane)
        session.streams[-1].emit(says(line("more hay", 100), line("a needle", 101)))
        await until(pilot, lambda: texts(pane)[-1] == "a needle")
        await pilot.press("F")
        await until(pilot, lambda: len(texts(pane)) == 100)


async def test_more_lines_are_loaded_and_the_place_is_kept():
    session = FakeSession(tail_of(numbered(5000)), tail=100)
    async with pane_of(session) as (pane, pilot):
        await until(pilot, lambda: len(texts(pane)) == 100)
        await pilot.press("g")
        top = screen_lines(pane.view)[0]
        assert top == "  line 4900"
        await pilot.press("plus")
        await until(pilot, lambda: len(texts(pane)) == 1000)
        await until(pilot, lambda: screen_lines(pane.view)[0] == top)
        assert not pane.view.follow


async def test_no_more_is_loaded_than_is_kept():
    session = FakeSession(tail=100, keep_lines=500)
    async with pane_of(session) as (_, pilot):
        await pilot.press("plus")
        assert session.streams[-1].request.tail == 500
        await pilot.press("plus")
        assert len(session.streams) == 2


async def test_since_is_chosen_from_a_list_or_written():
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        await pilot.press("S", "k", "k", "enter")
        await pilot.pause()
        since = session.streams[-1].request.since
        assert since == pytest.approx(time.time() - 3600, abs=PATIENCE_S)
        assert "since 1h" in status(pane)
        await pilot.press("S")
        await pilot.pause()
        options = pilot.app.screen.query_one(OptionList)
        options.highlighted = options.option_count - 1
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("ctrl+u", *"90s", "enter")
        await pilot.pause()
        since = session.streams[-1].request.since
        assert since == pytest.approx(time.time() - 90, abs=PATIENCE_S)


async def test_times_wrap_and_stderr_go_round():
    session = FakeSession(timestamps=True)
    async with pane_of(session) as (pane, pilot):
        session.streams[0].emit(says(line("out"), line("err", 1, Stream.STDERR)))
        await until(pilot, lambda: len(texts(pane)) == 2)
        assert screen_lines(pane.view)[0].endswith(":00:00.000 out")
        await pilot.press("t", "t")
        assert screen_lines(pane.view)[0] == "  out"
        await pilot.press("b")
        assert texts(pane) == ["err"]
        assert "only stderr" in status(pane)
        await pilot.press("b", "b", "w")
        assert len(texts(pane)) == 2
        assert "wrapped" in status(pane)


async def test_lines_on_screen_are_copied_clean():
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        session.streams[0].emit(says(*numbered(50, text="\x1b[31mred\x1b[0m")))
        await until(pilot, lambda: len(texts(pane)) == 50)
        await pilot.press("y")
        height = pane.view.size.height
        assert pilot.app.clipboard == "\n".join(f"red {n}" for n in range(50 - height, 50))


async def test_a_copy_is_no_larger_than_terminals_accept():
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        session.streams[0].emit(says(*(line("x" * 10_000, n) for n in range(20))))
        await until(pilot, lambda: len(texts(pane)) == 20)
        await pilot.press("y")
        assert len(pilot.app.clipboard) == 5 * 10_000 + 4


async def test_saving_asks_before_it_replaces_a_file(tmp_path: Path):
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        session.streams[0].emit(says(line("\x1b[2Jfirst"), line("second", 1)))
        await until(pilot, lambda: len(texts(pane)) == 2)
        path = tmp_path / "web.log"
        path.write_text("precious")
        await pilot.press("ctrl+s")
        await pilot.pause()
        field = pilot.app.screen.query_one(Input)
        assert field.value.startswith("~/web-")
        field.value = str(path)
        await pilot.press("enter")
        wrong = pilot.app.screen.query_one("#wrong", Static)
        await until(pilot, lambda: "exists" in str(wrong.content))
        assert path.read_text() == "precious"
        await pilot.press("enter")
        await until(pilot, lambda: path.read_text() == "first\nsecond\n")


async def test_saving_where_one_may_not_says_why(tmp_path: Path):
    session = FakeSession()
    async with pane_of(session) as (_, pilot):
        await pilot.press("ctrl+s")
        await pilot.pause()
        pilot.app.screen.query_one(Input).value = str(tmp_path / "nowhere" / "x.log")
        await pilot.press("enter")
        wrong = pilot.app.screen.query_one("#wrong", Static)
        await until(pilot, lambda: "No such file" in str(wrong.content))


async def test_a_log_goes_on_when_its_container_runs_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dstui.ui.widgets.log_reader._FIRST_PAUSE_S", 0.0)
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        session.streams[0].emit(says(*numbered(3)))
        session.streams[0].emit(LogBatch((), ended=True))
        await until(pilot, lambda: "■ ended" in status(pane))
        pane.show(session.as_session(), (replace(container(), state=State.EXITED),))
        assert len(session.streams) == 1
        pane.show(session.as_session(), (container(),))
        assert len(session.streams) == 2
        session.streams[1].emit(says(numbered(3)[2], line("again", 60)))
        await until(pilot, lambda: texts(pane)[-1] == "again")
        assert texts(pane) == ["line 0", "line 1", "line 2", "again"]


async def test_what_went_wrong_is_said():
    session = FakeSession()
    async with pane_of(session) as (pane, pilot):
        session.streams[0].emit(
            LogBatch((), ended=True, error="this container keeps\x1b[2J no log")
        )
        await until(pilot, lambda: "this container keeps no log" in status(pane))


async def test_a_flood_neither_holds_up_the_keys_nor_fills_the_memory():
    batch = says(*(line("x" * 1000, n / 1000) for n in range(10_000)))
    total, more = 20 * len(batch.lines), threading.Semaphore(0)

    def flood(_request: LogRequest, emit: Callable[[LogBatch], None], _: FakeStream) -> None:
        while more.acquire():
            emit(batch)

    session = FakeSession(flood, keep_lines=5_000)
    async with pane_of(session) as (pane, pilot):
        for _ in range(20):
            more.release()
            await pilot.press("up", "down")
        await until(pilot, lambda: "skipped" in status(pane))
        assert len(pane.view.ring) == 5_000
        counted = sum(e.skipped if isinstance(e, Gap) else 1 for e in pane.view.shown())
        assert counted <= total
