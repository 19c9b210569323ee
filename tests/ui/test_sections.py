"""The sections over the demo engine: lists, filters, folds, marks, details."""

import pytest
from textual import events

from dstui.config import Config
from dstui.demo.world import World
from dstui.domain.changes import GpusSampled
from dstui.domain.gpu import Gpu, GpuProcess, GpuReport
from dstui.domain.kind import Kind
from dstui.ui.sections.tab_environment import EnvironmentTab
from tests.ui.bare import screen_lines
from tests.ui.house import house


async def test_every_section_opens_by_its_key_and_by_click(lab):
    async with house(lab) as it:
        for key, name in (("2", "images"), ("4", "volumes"), ("5", "networks"), ("3", "gpus")):
            await it.press(key)
            assert name == it.section.NAME
        await it.pilot.click("#places", offset=(4, 0))
        assert it.section.NAME == "containers"


async def test_projects_fold_with_enter_on_their_heading(lab):
    async with house(lab) as it:
        heading = await it.until(
            lambda: next((line.id for line in it.section.table._lines if line.group), None)
        )
        before = len(it.ids)
        members = it.section.listing.members(heading)
        it.section.table.go_to(heading)
        await it.press("enter")
        assert len(it.ids) == before - len(members)
        await it.press("enter")
        assert len(it.ids) == before


async def test_a_filter_narrows_the_list_at_each_key_and_escape_ends_it(lab):
    async with house(lab) as it:
        everything = len(it.names())
        await it.press("slash", *"mlplatform")
        await it.until(lambda: 0 < len(it.names()) < everything)
        assert all("mlplatform" in name for name in it.names())
        await it.press("enter")
        await it.sees("/mlplatform")
        assert it.app.focused is it.section.table
        await it.press("escape")
        await it.until(lambda: len(it.names()) == everything)


@pytest.mark.parametrize("opened", ["", "i"])
async def test_what_is_typed_at_once_is_text_and_never_a_command(lab, opened, monkeypatch):
    async with house(lab) as it:
        acted: list[object] = []
        monkeypatch.setattr(it.section, "act", acted.append)
        await it.go_to("mlplatform-db-1")
        if opened:
            await it.press(opened)
            await it.sees('"Id"')
            await it.until(lambda: it.section.detail.has_focus_within)
        driver = it.app._driver
        assert driver is not None
        for key in ("/", *"spadDKr"):
            driver.process_message(events.Key("slash" if key == "/" else key, key))
        await it.sees("spadDKr")
        assert not acted
        assert len(it.app.screen_stack) == 1


async def test_a_wrong_filter_says_so_and_changes_nothing(lab):
    async with house(lab) as it:
        everything = len(it.names())
        await it.press("slash", *"/(/")
        await it.pilot.pause()
        assert len(it.names()) == everything
        assert it.main.query_one("FilterBar .note").has_class("-error")


async def test_a_filter_that_nothing_matches_says_so(lab):
    async with house(lab) as it:
        await it.press("slash", *"nosuchthing", "enter")
        await it.sees("No containers match 'nosuchthing'")


async def test_sort_by_key_and_by_click_and_turn_around(lab):
    async with house(lab) as it:
        await it.press("2")
        section = it.section
        await it.until(lambda: len(it.names()) > 5)
        sizes = [section.listing.row(i).image.size_bytes for i in it.ids]
        assert sizes == sorted(sizes, reverse=True)
        await it.press("O")
        assert [section.listing.row(i).image.size_bytes for i in it.ids] == sorted(sizes)
        await it.pilot.click(section.table, offset=(4, 0))
        assert section.listing.sort.key == "repository"
        await it.press("o")
        assert section.listing.sort.key == "tag"


async def test_hide_stopped_leaves_what_runs(lab):
    async with house(lab) as it:
        await it.press("h")
        rows = [it.section.listing.row(i) for i in it.ids]
        assert rows
        assert all(row.container.alive for row in rows if row is not None)
        await it.press("h")
        assert len(it.names()) == 30


async def test_hide_stopped_can_be_the_default(lab):
    async with house(lab, config=Config(hide_stopped=True)) as it:
        assert 0 < len(it.names()) < 30


async def test_chosen_columns_are_the_ones_shown(lab):
    config = Config(columns={"containers": ("name", "id")})
    async with house(lab, config=config) as it:
        assert screen_lines(it.section.table)[0].split() == ["NAME", "▴", "ID"]


async def test_marks_are_the_targets_of_an_action(lab):
    async with house(lab) as it:
        await it.press("g", "space", "space")
        assert len(it.section.targets()) >= 2
        await it.press("escape")
        assert len(it.section.targets()) >= 1
        assert not it.section.table.marked


async def test_only_the_tab_on_screen_is_loaded_and_rows_passed_by_are_not(lab, monkeypatch):
    async with house(lab) as it:
        await it.press("g", "i")
        await it.sees('"Id"')
        asked: list[str] = []
        inspect = it.app.session.inspect

        def spy(kind: Kind, identifier: str):
            asked.append(identifier)
            return inspect(kind, identifier)

        monkeypatch.setattr(it.app.session, "inspect", spy)
        await it.press("escape")
        await it.press(*["j"] * 15)
        chosen = it.section.table.cursor_id
        await it.until(lambda: chosen in asked, "the last row's description")
        assert len(set(asked)) < 8


@pytest.mark.parametrize(
    ("tab", "text"),
    [
        ("Overview", "Restart policy"),
        ("Stats", "CPU"),
        ("Processes", "PID"),
        ("Environment", "••••"),
        ("Inspect", '"Id"'),
        ("Logs", "following"),
    ],
)
async def test_the_tabs_of_a_container(lab, tab, text):
    async with house(lab) as it:
        await it.go_to("mlplatform-db-1")
        it.section.open_detail(tab)
        await it.sees(text)


async def test_the_keys_of_the_tabs_lead_through_all_of_them_and_round(lab):
    """Also past one in which nothing takes keys."""
    async with house(lab) as it:
        detail = it.section.detail
        await it.press("enter")
        await it.until(lambda: detail.has_focus_within)
        seen = []
        for _ in it.section.tabs():
            seen.append(detail.tab)
            await it.press("right_square_bracket")
            await it.until(lambda: detail.tab not in (None, seen[-1]), "the next tab")
            await it.until(lambda: detail.tab.has_focus_within, "the keys in it")
        assert len(set(seen)) == len(it.section.tabs())
        assert detail.tab is seen[0]


async def test_secrets_are_masked_until_asked_for_and_masked_again(lab):
    async with house(lab) as it:
        await it.go_to("mlplatform-db-1")
        it.section.open_detail("Environment")
        await it.sees("••••")
        await it.press("v")
        await it.until(lambda: "••••" not in it.text)
        assert isinstance(it.section.detail.tab, EnvironmentTab)
        await it.press("left_square_bracket", "right_square_bracket")
        await it.sees("••••")


async def test_the_layers_of_an_image(lab):
    async with house(lab) as it:
        await it.press("2")
        await it.until(lambda: it.names())
        it.section.open_detail("Layers")
        await it.sees("INSTRUCTION")
        await it.until(lambda: "RUN" in it.text or "COPY" in it.text or "ADD" in it.text)


async def test_sizes_come_when_a_view_that_shows_them_is_open(lab):
    async with house(lab) as it:
        assert it.app.session.store.disk_use is None
        await it.press("2")
        await it.until(lambda: it.app.session.store.disk_use, "the sizes")


async def test_the_question_before_an_image_goes_tells_what_comes_back(lab):
    async with house(lab) as it:
        await it.press("2")
        await it.until(lambda: it.app.session.store.disk_use)
        await it.go_to("nvcr.io/nvidia/pytorch:25.10-py3")
        await it.press("d")
        await it.sees("come back")


async def test_used_by_leads_to_the_container(lab):
    async with house(lab) as it:
        await it.press("5")
        await it.go_to("bridge")
        it.section.open_detail("Used by")
        tab = await it.until(lambda: getattr(it.section.detail.tab, "table", None))
        chosen = await it.until(lambda: tab.cursor_id)
        await it.until(lambda: tab.has_focus)
        await it.press("enter")
        await it.until(lambda: it.section.NAME == "containers")
        await it.until(lambda: it.section.table.cursor_id == chosen)


async def test_no_gpu_is_explained(lab):
    async with house(lab) as it:
        await it.until(lambda: it.app.session.store.gpu_report, "the first report")
        it.app.session.store.apply(GpusSampled(GpuReport(0.0, reason="No driver.", fix="Load it.")))
        await it.press("3")
        await it.sees("No driver. Load it.")


async def test_gpus_and_their_processes_lead_to_the_container(serve_demo):
    async with house(serve_demo(World(5))) as it:
        container = it.app.session.store.containers()[0]
        process = GpuProcess(4242, 2**30, "anna", "python train.py", container_id=container.id)
        gpu = Gpu("nvidia:GPU-1", 0, "NVIDIA H200", processes=(process,))
        it.app.session._gpus.stop()
        it.app.session.store.apply(GpusSampled(GpuReport(0.0, (gpu,))))
        await it.press("3")
        await it.sees("NVIDIA H200")
        await it.sees("python train.py")
        await it.press("tab")
        await it.until(lambda: it.section.detail.has_focus_within)
        await it.press("enter")
        await it.until(lambda: it.section.NAME == "containers")
        await it.until(lambda: it.section.table.cursor_id == container.id)


async def test_copy_the_id_and_the_docker_command(lab):
    async with house(lab) as it:
        chosen = await it.go_to("mlplatform-db-1")
        await it.press("c")
        assert it.app.clipboard == chosen
        await it.press("C")
        assert it.app.clipboard == "docker inspect mlplatform-db-1"
        await it.press("l")
        await it.pilot.pause()
        await it.press("escape", "C")
        assert it.app.clipboard == "docker logs --follow --tail 1000 mlplatform-db-1"


async def test_the_event_feed_opens_and_closes(lab, lab_api):
    async with house(lab) as it:
        await it.press("E")
        lab_api.pause("mlplatform-db-1")
        await it.sees("pause")
        await it.press("E")
        await it.until(lambda: not it.main.query("#events"))


async def test_zoom_gives_a_pane_all_the_room(lab):
    async with house(lab) as it:
        assert "Overview" in it.text
        await it.press("z")
        await it.until(lambda: "Overview" not in it.text)
        await it.press("z")
        await it.sees("Overview")
        await it.press("tab")
        await it.until(lambda: it.section.detail.has_focus_within)
        await it.press("plus")
        await it.until(lambda: "CPU %" not in it.text)
        await it.press("escape")
        await it.sees("CPU %")


async def test_the_palette_finds_and_runs_a_command(lab):
    async with house(lab) as it:
        await it.press("colon")
        await it.pilot.pause()
        await it.press(*"networks")
        await it.sees("Go to the networks")
        await it.press("enter", "enter")
        await it.until(lambda: it.section.NAME == "networks")


async def test_a_theme_is_seen_before_it_is_chosen_and_escape_takes_it_back(lab):
    async with house(lab) as it:
        before = it.app.theme
        await it.press("ctrl+t")
        await it.press("down")
        await it.until(lambda: it.app.theme != before)
        await it.press("escape")
        await it.until(lambda: it.app.theme == before)


async def test_a_container_that_goes_away_takes_the_cursor_to_its_neighbour(lab, lab_api):
    async with house(lab) as it:
        gone = await it.go_to("mlplatform-db-1")
        lab_api.remove_container(gone, force=True)
        await it.until(lambda: "mlplatform-db-1" not in it.names())
        assert it.section.table.cursor_id is not None
