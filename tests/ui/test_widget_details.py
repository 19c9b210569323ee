"""Facts and JSON: all that is known of one object."""

import json
from typing import Any

import pytest
from rich.cells import cell_len

from dstui.render.column import Cell, Role
from dstui.render.facts import Fact, FactGroup, fact, facts
from dstui.ui.widgets.facts_view import FactsView
from dstui.ui.widgets.json_view import JsonView
from tests.ui.bare import SIZES, Repaints, received, screen_lines, shown, whole_lines

GROUPS = (
    FactGroup(
        "Container",
        (
            fact("Name", "web", Role.STRONG),
            fact("Command", "python -m train " + " ".join(f"--option-{n}=1" for n in range(20))),
            facts("Ports", ["80", "443"]),
            fact("Restart", None),
        ),
    ),
    FactGroup("Labels", (fact("owner", "ana"),)),
)
HOSTILE = "\x1b]0;title\x07\x9b2J[red]x[/]\u202e\n日本"


@pytest.mark.parametrize("size", SIZES)
async def test_facts_stand_in_line_under_their_titles(size: tuple[int, int]) -> None:
    view = FactsView()
    async with shown(view, size=size):
        view.show(GROUPS)
        lines = screen_lines(view)
        assert lines[0] == " Container"
        assert lines[1].split() == ["Name", "web"]
        column = lines[1].index("web")
        assert all(line[column - 1 : column] in ("", " ") for line in lines)
        assert [line.strip() for line in lines if line.strip() in ("443", "Labels")] == [
            "443",
            "Labels",
        ]
        assert next(line for line in lines if "Restart" in line).endswith("–")


async def test_long_values_are_wrapped_and_nothing_is_lost() -> None:
    view = FactsView()
    async with shown(view) as pilot:
        view.show(GROUPS)
        lines = screen_lines(view)
        assert " ".join(lines).count("--option-") == 20
        await pilot.resize_terminal(200, 24)
        await pilot.pause()
        assert len([line for line in screen_lines(view) if line]) < len(
            [line for line in lines if line]
        )


async def test_only_the_facts_that_changed_are_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    view = FactsView()
    async with shown(view) as pilot:
        view.show(GROUPS)
        await pilot.pause()
        repaints = Repaints(view, monkeypatch)
        view.show(GROUPS)
        assert (repaints.regions, repaints.everything) == ([], 0)
        view.show((GROUPS[0], FactGroup("Labels", (fact("owner", "ben"),))))
        assert repaints.everything == 0
        assert len(repaints.regions) == 1


async def test_the_value_at_the_cursor_is_copied_whole() -> None:
    view = FactsView()
    async with shown(view) as pilot:
        view.show(GROUPS)
        view.focus()
        await pilot.press("j", "j", "j", "c")
        assert pilot.app.clipboard == GROUPS[0].facts[1].cells[0].text


async def test_hostile_facts_are_shown_harmlessly() -> None:
    view = FactsView()
    async with shown(view):
        view.show((FactGroup(HOSTILE, (Fact(HOSTILE, (Cell(HOSTILE * 20),)),)),))
        for line in whole_lines(view):
            assert line.isprintable()
            assert cell_len(line) == view.size.width - 1


VALUE: dict[str, Any] = {
    "Id": "abc",
    "State": {"Status": "running", "Pid": 7, "Error": None, "Running": True},
    "Args": ["-m", "train"],
    "Empty": {},
    "Env": ["LONG=" + "x" * 300],
}


async def json_view(value: Any = VALUE) -> JsonView:
    view = JsonView()
    view.show(value)
    return view


async def test_json_is_shown_in_full_as_json() -> None:
    view = await json_view()
    async with shown(view, size=(80, 40)):
        text = "".join(
            line[2:].strip() if i else line[2:] for i, line in enumerate(screen_lines(view))
        )
        assert json.loads(text) == VALUE


async def test_what_is_folded_is_counted() -> None:
    view = await json_view()
    async with shown(view, size=(80, 40)) as pilot:
        view.focus()
        await pilot.press("j", "j", "enter")
        lines = screen_lines(view)
        assert lines[2] == '▸   "State": { 4 … }'
        assert '"Status"' not in "".join(lines)
        await pilot.press("right")
        assert '"Status"' in "".join(screen_lines(view))
        await pilot.press("j", "left")  # to the line that opens it
        assert view.cursor_row == 2
        await pilot.press("shift+left")
        assert len([line for line in screen_lines(view) if line]) == 7
        await pilot.press("shift+right")
        assert '"Status"' in "".join(screen_lines(view))


async def test_a_click_on_the_sign_folds() -> None:
    view = await json_view()
    async with shown(view, size=(80, 40)) as pilot:
        await pilot.click(view, offset=(0, 2))
        assert screen_lines(view)[2].startswith("▸")


async def test_the_same_folds_are_there_when_the_value_changes() -> None:
    view = await json_view()
    async with shown(view, size=(80, 40)) as pilot:
        view.focus()
        await pilot.press("j", "j", "enter")
        view.show({"First": 1, **VALUE, "State": {"Status": "exited"}})
        assert any(line.startswith('▸   "State": { 1 …') for line in screen_lines(view))


async def test_a_search_counts_its_hits_and_unfolds_to_them() -> None:
    view = await json_view()
    async with shown(view, size=(80, 40)) as pilot:
        view.focus()
        await pilot.press("shift+left")
        assert view.search("RUN") == 2
        assert '"running"' in screen_lines(view)[view.cursor_row or 0]
        await pilot.press("n")
        assert '"Running"' in screen_lines(view)[view.cursor_row or 0]
        await pilot.press("n")
        assert '"running"' in screen_lines(view)[view.cursor_row or 0]
        await pilot.press("N")
        last = received(pilot, JsonView.Searched)[-1]
        assert (last.current, last.total) == (2, 2)
        assert view.search("nothing like it") == 0


async def test_a_hit_in_a_wrapped_line_is_brought_in_sight() -> None:
    value = {"A": "x" * 5000 + "needle", "B": 1}
    view = await json_view(value)
    async with shown(view, size=(80, 24)):
        assert view.search("needle") == 1
        assert any("needle" in line for line in screen_lines(view))


async def test_hostile_json_is_shown_harmlessly() -> None:
    view = await json_view({HOSTILE: [HOSTILE, {"k": "\x9b31m\udcff"}], "n": None})
    async with shown(view):
        for line in whole_lines(view):
            assert line.isprintable()
            assert cell_len(line) == view.size.width - 1
        view.search("x")
        assert all(line.isprintable() for line in whole_lines(view))


async def test_the_value_of_a_line_is_copied_with_all_that_is_in_it() -> None:
    view = await json_view()
    async with shown(view, size=(80, 40)) as pilot:
        view.focus()
        await pilot.press("j", "j", "c")
        assert json.loads(pilot.app.clipboard) == VALUE["State"]
        await pilot.press("k", "c")
        assert pilot.app.clipboard == "abc"


async def test_no_value_is_nothing() -> None:
    view = await json_view(None)
    async with shown(view) as pilot:
        view.focus()
        await pilot.press("j", "enter", "left", "right", "n", "c")
        assert view.search("x") == 0
        assert screen_lines(view) == [""] * 24
