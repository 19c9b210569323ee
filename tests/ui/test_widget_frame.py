"""What stands around the lists: header, footer, filter, running jobs, events."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.cells import cell_len

from dstui.domain.engine import EngineEvent
from dstui.render.column import Cell, Role
from dstui.ui.keys import Command, Scope, commands_of
from dstui.ui.widgets import progress_list
from dstui.ui.widgets.event_feed import EventFeed
from dstui.ui.widgets.filter_bar import FilterBar
from dstui.ui.widgets.key_footer import KeyFooter
from dstui.ui.widgets.live_table import LiveTable
from dstui.ui.widgets.progress_list import ProgressList
from dstui.ui.widgets.status_header import StatusHeader
from tests.ui.bare import Repaints, received, screen_lines, shown, whole_lines

HOSTILE = "\x1b[2J[red]x[/]\u202e\r\n"


async def test_the_header_leaves_out_what_matters_least() -> None:
    header = StatusHeader()
    pieces = [Cell("Docker 27", Role.STRONG), Cell("server"), Cell("containers 3/5"), Cell("disk")]
    async with shown(header, size=(80, 3)) as pilot:
        header.show(pieces, [Cell("read-only", Role.WARNING)])
        line = whole_lines(header)[0]
        assert line.split() == ["Docker", "27", "server", "containers", "3/5", "disk", "read-only"]
        assert line.endswith("read-only ")
        await pilot.resize_terminal(40, 3)
        await pilot.pause()
        assert screen_lines(header)[0].split() == ["Docker", "27", "server", "read-only"]
        await pilot.resize_terminal(6, 3)
        await pilot.pause()
        assert screen_lines(header)[0] == " Doc…"


async def test_the_header_is_repainted_only_when_it_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    header = StatusHeader()
    async with shown(header, size=(80, 3)) as pilot:
        header.show([Cell("Docker")])
        await pilot.pause()
        repaints = Repaints(header, monkeypatch)
        header.show([Cell("Docker")])
        assert repaints.everything == 0
        header.show([Cell(HOSTILE)])
        assert repaints.everything == 1
        assert whole_lines(header)[0].isprintable()


SCOPES = (Scope.CONTAINERS, Scope.TABLE, Scope.GLOBAL)


async def test_the_footer_shows_the_keys_of_the_place_and_how_to_get_help() -> None:
    footer = KeyFooter()
    async with shown(footer, size=(200, 3)) as pilot:
        footer.show(commands_of(SCOPES))
        line = screen_lines(footer)[0]
        for entry in ("l Logs", "e Shell", "s Start/stop", "/ Filter", "? Help", "q Quit"):
            assert entry in line
        await pilot.resize_terminal(50, 3)
        await pilot.pause()
        line = screen_lines(footer)[0]
        assert line.endswith("? Help  : Commands  q Quit")
        assert cell_len(whole_lines(footer)[0]) == 50
        await pilot.resize_terminal(10, 3)
        await pilot.pause()
        assert screen_lines(footer)[0].strip() == "? Help"


async def test_the_footer_shows_the_keys_that_the_user_has_chosen() -> None:
    footer = KeyFooter()
    async with shown(footer, size=(120, 3)):
        footer.show(commands_of(SCOPES), {"container.logs": ("L",)})
        assert " L Logs" in screen_lines(footer)[0]


async def test_a_click_on_a_key_presses_it() -> None:
    footer = KeyFooter()
    async with shown(footer, size=(120, 3)) as pilot:
        footer.show(commands_of(SCOPES))
        at = screen_lines(footer)[0].index("Logs")
        await pilot.click(footer, offset=(at, 0))
        pressed: list[Command] = [m.command for m in received(pilot, KeyFooter.Pressed)]
        assert [command.id for command in pressed] == ["container.logs"]


async def test_the_filter_tells_each_change_and_how_it_ended() -> None:
    bar = FilterBar()
    async with shown(bar, LiveTable()) as pilot:
        bar.focus()
        await pilot.press("a", "b", "enter")
        assert [m.text for m in received(pilot, FilterBar.Changed)] == ["a", "ab"]
        assert [m.text for m in received(pilot, FilterBar.Closed)] == ["ab"]
        await pilot.press("escape")
        assert [m.text for m in received(pilot, FilterBar.Changed)] == ["a", "ab", ""]
        assert [m.text for m in received(pilot, FilterBar.Closed)] == ["ab", ""]
        assert bar.text == ""


async def test_a_filter_that_is_set_tells_nobody() -> None:
    bar = FilterBar()
    async with shown(bar) as pilot:
        bar.text = "cpu:>10"
        await pilot.pause()
        assert bar.text == "cpu:>10"
        assert received(pilot, FilterBar.Changed) == []


async def test_the_filter_says_what_is_wrong() -> None:
    bar = FilterBar()
    async with shown(bar) as pilot:
        bar.error = "unknown field [x]"
        await pilot.pause()
        assert bar.error == "unknown field [x]"
        bar.error = ""
        bar.say("3/7")
        assert bar.error == ""


class Clock:
    """A clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(progress_list, "monotonic", lambda: self.now)


async def test_running_jobs_are_seen_and_leave_when_they_are_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    jobs = ProgressList()
    async with shown(jobs) as pilot:
        assert not jobs.display
        jobs.begin("1", "stop web")
        jobs.begin("2", "stop db")
        await pilot.pause()
        assert jobs.size.height == 2
        clock.now += 3
        assert screen_lines(jobs)[0].split()[1:] == ["stop", "web", "3", "s"]
        jobs.end("1", "stopped web", ok=True)
        jobs.end("2", "stop db: refused", ok=False)
        assert [line.split()[0] for line in screen_lines(jobs)] == ["✓", "✗"]
        assert jobs.running == 0
        clock.now += 5
        jobs._tick()
        await pilot.pause()
        assert [line.split()[1:3] for line in screen_lines(jobs)] == [["stop", "db:"]]
        clock.now += 20
        jobs._tick()
        await pilot.pause()
        assert not jobs.display
        assert jobs._timer is None


async def test_a_running_job_repaints_its_sign_and_its_time_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Clock(monkeypatch)
    jobs = ProgressList()
    async with shown(jobs) as pilot:
        jobs.begin("1", "stop web")
        await pilot.pause()
        repaints = Repaints(jobs, monkeypatch)
        jobs._tick()
        assert repaints.everything == 0
        assert 0 < repaints.cells < 20


async def test_the_outcome_of_a_job_is_harmless() -> None:
    jobs = ProgressList()
    async with shown(jobs) as pilot:
        jobs.begin("1", HOSTILE)
        await pilot.pause()
        jobs.end("1", HOSTILE, ok=False)
        assert all(line.isprintable() for line in whole_lines(jobs))


def event(number: int, action: str = "start", **attributes: Any) -> EngineEvent:
    time = datetime(2024, 6, 1, 12, number // 60 % 60, number % 60, tzinfo=UTC)
    return EngineEvent(time, "container", action, "f" * 64, f"c{number}", attributes)


async def test_the_feed_stays_at_its_end() -> None:
    feed = EventFeed()
    async with shown(feed, size=(80, 10)):
        assert screen_lines(feed)[0].strip() == "Nothing has happened since dstui started"
        events = [event(number) for number in range(30)]
        feed.show(events)
        assert "c29" in screen_lines(feed)[-1]
        feed.show([*events[5:], event(30, "die", exitCode="137")])
        assert "c30" in screen_lines(feed)[-1]
        assert "exit 137" in screen_lines(feed)[-1]


async def test_a_feed_that_is_read_does_not_move() -> None:
    feed = EventFeed()
    events = [event(number) for number in range(30)]
    feed.show(events)
    async with shown(feed, size=(80, 10)) as pilot:
        feed.focus()
        await pilot.press("g", "pagedown", "j", "j")
        before = screen_lines(feed)
        feed.show([*events[1:], event(30)])
        assert screen_lines(feed) == before
        await pilot.press("G")
        feed.show([*events[1:], event(30), event(31)])
        assert "c31" in screen_lines(feed)[-1]


async def test_hostile_events_are_shown_harmlessly() -> None:
    feed = EventFeed()
    async with shown(feed):
        feed.show([EngineEvent(datetime.now(UTC), HOSTILE, HOSTILE, HOSTILE, HOSTILE)])
        assert all(line.isprintable() for line in whole_lines(feed))
