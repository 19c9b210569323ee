import pytest
from textual.color import Color

from dstui.domain.logline import Stream
from dstui.domain.logring import Gap
from dstui.domain.logsearch import Search
from dstui.render.logtext import LineFormat, Streams, Times
from dstui.ui.widgets.log_view import LogView
from tests.ui.bare import screen_lines, shown
from tests.ui.logs import DB, WEB, line, numbered, until


def texts(view: LogView) -> list[str]:
    return [row[2:] for row in screen_lines(view)]


async def test_it_follows_until_one_scrolls_up_and_again_at_the_end():
    view = LogView()
    async with shown(view) as pilot:
        view.append(numbered(100))
        await pilot.pause()
        assert texts(view)[-1] == "line 99"
        view.focus()
        await pilot.press("k")
        assert not view.follow
        view.append(numbered(50, 100))
        await pilot.pause()
        assert texts(view)[-1] == "line 98"
        await pilot.press("G")
        assert view.follow
        assert texts(view)[-1] == "line 149"
        await pilot.press("pageup", "pagedown")
        assert view.follow


async def test_what_is_read_stays_while_old_lines_are_evicted():
    view = LogView(100)
    async with shown(view) as pilot:
        view.append(numbered(100))
        await pilot.pause()
        view.focus()
        await pilot.press("pageup")
        before = texts(view)
        view.append(numbered(20, 100))
        await pilot.pause()
        assert texts(view) == before
        assert len(view.ring) == 100


async def test_colours_are_kept_and_nothing_else_is_obeyed():
    view = LogView()
    async with shown(view) as pilot:
        view.append(
            [
                line("\x1b[38;2;10;20;30;48;5;17mtrue\x1b[0m \x1b[1;3;4;9;7mall\x1b[0m"),
                line("\x1b[2J\x1b]0;title\x07[red]text[/red]\x1b[?1049h"),
            ]
        )
        await pilot.pause()
        assert texts(view)[:2] == ["true all", "[red]text[/red]"]
        segments = {segment.text: segment.style for segment in view.render_line(0)}
        true, every = segments["true"], segments["all"]
        assert true is not None
        assert every is not None
        assert true.color is not None
        assert true.color.triplet == (10, 20, 30)
        assert true.bgcolor is not None
        assert true.bgcolor.number == 17
        assert every.bold and every.italic and every.underline and every.strike and every.reverse


@pytest.mark.parametrize(
    ("theme", "color", "readable"), [("textual-dark", 30, 8), ("textual-light", 37, None)]
)
async def test_the_colour_of_the_background_is_made_readable(
    theme: str, color: int, readable: int | None
):
    view = LogView()
    async with shown(view) as pilot:
        pilot.app.theme = theme
        await pilot.pause()
        view.append([line(f"\x1b[{color}mtext")])
        await pilot.pause()
        style = next(segment.style for segment in view.render_line(0) if segment.text == "text")
        assert style is not None
        assert style.color is not None
        if readable is not None:
            assert style.color.number == readable
        else:
            assert Color.from_rich_color(style.color).brightness < 0.5


async def test_stderr_is_marked_and_can_be_hidden():
    view = LogView()
    async with shown(view) as pilot:
        view.append([line("out"), line("err", 1, Stream.STDERR), Gap(WEB, 1_203_551)])
        await pilot.pause()
        assert screen_lines(view)[:3] == ["  out", "E err", "  ── 1,203,551 lines skipped ──"]
        view.streams = Streams.STDERR
        assert screen_lines(view)[:2] == ["E err", "  ── 1,203,551 lines skipped ──"]
        view.streams = Streams.STDOUT
        assert screen_lines(view)[0] == "  out"
        assert [type(entry).__name__ for entry in view.shown()] == ["LogLine", "Gap"]


async def test_long_lines_wrap_or_scroll_sideways():
    view = LogView()
    async with shown(view, size=(23, 10)) as pilot:
        view.append([line("0123456789" * 3, 0, Stream.STDERR), line("short")])
        await pilot.pause()
        assert screen_lines(view)[:2] == ["E 01234567890123456789", "  short"]
        view.focus()
        await pilot.press("right")
        assert screen_lines(view)[0].endswith("89")
        view.wrap = True
        assert screen_lines(view)[:3] == ["E 01234567890123456789", "E 0123456789", "  short"]


@pytest.mark.parametrize("width", range(6, 30))
async def test_wrapping_loses_nothing(width: int):
    text = (
        "日本語 and ASCII and é e\u0301 mixed 日本語日本語日 \x1b[31mred\x1b[0m 👍🏽👍🏽👍🏽 end."
    )
    view = LogView()
    async with shown(view, size=(width, 60)) as pilot:
        view.wrap = True
        view.append([line(text), line("next")])
        await pilot.pause()
        rows = [row.strip() for row in screen_lines(view)]
        joined = "".join(rows).replace(" ", "")
        assert joined == "日本語andASCIIandée\u0301mixed日本語日本語日red👍🏽👍🏽👍🏽end.next"
        assert all(view.render_line(y).cell_length == width - 1 for y in range(60))


async def test_resizing_keeps_the_end_at_the_end():
    view = LogView()
    view_text = "x" * 100
    async with shown(view) as pilot:
        view.wrap = True
        view.append([line(view_text), *numbered(50)])
        await pilot.pause()
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert texts(view)[-1] == "line 49"
        assert view.follow
        await pilot.resize_terminal(120, 50)
        await pilot.pause()
        assert texts(view)[-1] == "line 49"
        assert view.follow


async def test_times_and_names_stand_before_the_lines(monkeypatch: pytest.MonkeyPatch):
    view = LogView()
    async with shown(view) as pilot:
        view.form = LineFormat(Times.OFF, {WEB: "web", DB: "database"})
        view.append([line("from web", 1), line("more from web", 3)])
        view.append([line("from db", 2, container_id=DB)])
        await pilot.pause()
        assert screen_lines(view)[:3] == [
            "  web      from web",
            "  database from db",
            "  web      more from web",
        ]
        view.form = LineFormat(Times.SHORT, {WEB: "web"})
        assert screen_lines(view)[0].endswith(":00:01.000 from web")


async def test_search_counts_and_lights_hits_and_goes_through_them():
    view = LogView()
    async with shown(view) as pilot:
        view.append(numbered(200))
        await pilot.pause()
        view.search = Search("line 1")
        assert view.hits == (0, 111)
        view.next_hit(-1)
        assert view.hits == (111, 111)
        view.next_hit()
        assert view.hits == (1, 111)
        assert "line 1" in texts(view)
        assert not view.follow
        row = texts(view).index("line 1")
        assert [segment.text for segment in view.render_line(row)][:2] == ["  ", "line 1"]
        view.append(numbered(10, 1000))
        assert view.hits == (1, 121)
        view.search = None
        assert view.hits == (0, 0)


async def test_a_hit_beyond_a_change_of_colour_is_lit_in_one_piece():
    view = LogView()
    async with shown(view) as pilot:
        view.append([line("aa\x1b[31mbb\x1b[0mcc aabb")])
        view.search = Search("abb")
        await pilot.pause()
        ground = view.roles.background.rich_color
        lit = [s.text for s in view.render_line(0) if s.style and s.style.bgcolor != ground]
        assert "".join(lit) == "abbabb"


async def test_a_full_view_of_long_lines_stays_bounded():
    view = LogView(1000, keep_bytes=500_000)
    async with shown(view) as pilot:
        for _ in range(20):
            view.append([line("y" * 30_000) for _ in range(10)])
        await pilot.pause()
        assert view.ring.bytes <= 500_000
        assert texts(view)[0].startswith("yyyy")


async def test_hits_of_a_large_log_come_without_holding_up_the_keys():
    view = LogView()
    async with shown(view) as pilot:
        view.append(numbered(50_000))
        view.search = Search("7")
        assert view.hits[1] < 50_000
        await until(pilot, lambda: view.hits[1] == sum("7" in str(n) for n in range(50_000)))
