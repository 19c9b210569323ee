"""The cleanup section over the demo engine: the disk, the plan, the ticks, and removing them."""

from dstui.demo.world import World
from dstui.domain.cleanup.plan import Recovery
from dstui.domain.kind import Kind
from dstui.ui.screens.cleanup_confirm import CleanupConfirmScreen
from dstui.ui.screens.cleanup_run import CleanupRunScreen
from dstui.ui.sections.cleanup import CleanupSection
from tests.demo_fixtures import ServeDemo
from tests.ui.house import House, house


def chosen(it: House) -> list[str]:
    section = it.section
    assert isinstance(section, CleanupSection)
    return sorted(row.label for row in section.plan.chosen)


async def opened(it: House) -> CleanupSection:
    """Go there, and wait until the engine has told its sizes."""
    await it.press("6")
    await it.until(lambda: isinstance(it.section, CleanupSection))
    section = it.section
    await it.until(lambda: section.plan is not None and section.table._lines, "the plan")
    await it.pilot.pause()
    return section


async def test_the_disk_and_the_plan_are_shown_with_true_sums(lab):
    async with house(lab) as it:
        section = await opened(it)
        await it.sees("RECLAIMABLE")
        for words in ("Writable layers", "Build cache", "Volumes", "measured just now"):
            assert words in it.text
        assert "come back" in it.text
        assert section.plan.total_bytes > 0
        assert all(not row.others for row in section.plan.chosen)


async def test_a_slow_engine_is_waited_for_without_blocking(lab):
    async with house(lab) as it:
        lab.apply_faults({"path": "/system/df", "delay_s": 1.5})
        await it.press("6")
        await it.sees("measuring…")
        await it.press("1")
        assert it.section.NAME == "containers"
        section = await opened(it)
        assert section.plan is not None


async def test_an_engine_that_fails_says_why_in_place_of_the_plan(lab):
    async with house(lab) as it:
        lab.apply_faults({"path": "/images/json", "error_status": 500})
        await it.press("6")
        await it.sees("The engine did not tell what fills its disk")
        lab.apply_faults({"error_status": 0})
        await it.press("ctrl+r")
        await it.sees("RECLAIMABLE")


async def test_each_tick_changes_the_sum(lab):
    async with house(lab) as it:
        section = await opened(it)
        await it.go_to("hf-cache-old")
        before = section.plan.total_bytes
        await it.press("space")
        size = lab.world.volumes["hf-cache-old"].size
        assert section.plan.total_bytes == before + size
        await it.go_to("hf-cache-old")
        await it.press("space")
        assert section.plan.total_bytes == before


async def test_a_click_beside_a_row_is_a_tick(lab):
    async with house(lab) as it:
        section = await opened(it)
        identifier = await it.go_to("hf-cache-old")
        section.table.toggle_mark(identifier)
        await it.until(lambda: "hf-cache-old" in chosen(it))
        section.table.toggle_mark(identifier)
        await it.until(lambda: "hf-cache-old" not in chosen(it))


async def test_a_heading_ticks_all_below_it_and_tells_their_sum(lab):
    async with house(lab, size=(140, 60)) as it:
        section = await opened(it)
        section.table.go_to("group:Volumes")
        await it.sees("If removed")
        await it.press("space")
        assert "hf-cache-old" in chosen(it)
        await it.sees("lost for ever")
        section.table.go_to("group:Volumes")
        await it.press("enter")
        assert "hf-cache-old" in chosen(it), "what is folded stays ticked"


async def test_what_is_others_is_off_until_it_is_ticked_and_its_count_typed(lab, lab_api):
    async with house(lab) as it:
        section = await opened(it)
        theirs = next(row for row in section.plan.rows if row.others)
        assert not theirs.chosen
        await it.press("asterisk")
        assert not any(row.others for row in section.plan.chosen)
        while section.plan.chosen:
            await it.press("asterisk")
        await it.go_to(theirs.name)
        await it.press("space", "d")
        await it.until(lambda: isinstance(it.app.screen, CleanupConfirmScreen))
        assert "not yours" in it.text
        await it.press("enter")
        assert "Type 1" in it.text
        await it.press("1", "enter")
        await it.sees("1 of 1 removed")
        names = [name for c in lab_api.containers(all=True) for name in c["Names"]]
        assert f"/{theirs.name}" not in names


async def test_exactly_what_was_confirmed_is_removed(lab, lab_api):
    images = {found["Id"] for found in lab_api.images()}
    async with house(lab) as it:
        section = await opened(it)
        wanted = section.plan.chosen
        await it.press("d")
        await it.until(lambda: isinstance(it.app.screen, CleanupConfirmScreen))
        await it.press("n")
        assert {found["Id"] for found in lab_api.images()} == images
        await it.press("d")
        await it.until(lambda: isinstance(it.app.screen, CleanupConfirmScreen))
        assert "Lost for ever" in it.text
        await it.press("y")
        await it.sees(f"{len(wanted)} of {len(wanted)} removed")
        gone = {row.id for row in wanted}
        assert {found["Id"] for found in lab_api.images()} == images - gone
        assert not gone & set(lab.world.build_cache)
        await it.press("escape")
        await it.until(lambda: not gone & {row.id for row in section.draft.plan.rows})


async def test_what_changed_meanwhile_is_left_alone_and_told(lab, lab_api):
    async with house(lab) as it:
        section = await opened(it)
        theirs = next(row for row in section.plan.rows if row.others and row.kind == "container")
        while section.plan.chosen:
            await it.press("asterisk")
        await it.go_to(theirs.name)
        await it.press("space", "d")
        await it.until(lambda: isinstance(it.app.screen, CleanupConfirmScreen))
        lab_api.start(theirs.id)
        await it.press("1", "enter")
        await it.sees("0 of 1 removed")
        assert "skipped" in it.text


async def test_cancelling_stops_between_two_objects(serve_demo: ServeDemo):
    async with house(serve_demo(World(30))) as it:
        section = await opened(it)
        await it.press("d")
        await it.until(lambda: isinstance(it.app.screen, CleanupConfirmScreen))
        await it.press("y")
        await it.until(lambda: isinstance(it.app.screen, CleanupRunScreen))
        screen = it.app.screen
        await it.press("escape")
        await it.until(lambda: screen._over or screen not in it.app.screen_stack)
        if screen in it.app.screen_stack and screen._report.cancelled:
            assert "not done" in it.text
        assert section.plan is not None


async def test_rules_ages_goals_and_groups_change_the_plan(lab):
    async with house(lab) as it:
        section = await opened(it)
        await it.press("b")
        assert "nobody's" in it.text
        await it.press("b", "r", "j", "j", "j", "space", "enter")
        await it.until(lambda: section.draft.off)
        assert "1 rules off" in it.text or "1 rule off" in it.text
        everything = len(section.plan.rows)
        await it.press("t", *"9000d", "enter")
        await it.until(lambda: len(section.plan.rows) < everything)
        await it.press("t", "enter")
        await it.until(lambda: len(section.plan.rows) == everything)
        await it.press("f", *"1GB", "enter")
        await it.sees("goal 1GB")
        assert section.plan.total_bytes >= 10**9


async def test_p_goes_to_what_the_row_has_to_do_with(lab):
    async with house(lab) as it:
        await opened(it)
        name = next(r.name for r in it.section.plan.rows if r.others and r.kind == "container")
        await it.press("1")
        await it.go_to(name)
        await it.press("P")
        await it.until(lambda: isinstance(it.section, CleanupSection))
        await it.until(lambda: name in it.names())
        assert all(
            name in line for line in it.text.splitlines() if "! " in line and "exited" in line
        )
        assert chosen(it) == []
        await it.press("escape")
        await it.until(lambda: len(chosen(it)) > 0)


async def test_p_on_what_stays_says_why(lab):
    async with house(lab) as it:
        await opened(it)
        await it.press("1")
        await it.go_to("mlplatform-db-1")
        await it.press("P")
        await it.sees("mlplatform-db-1 stays:")


async def test_the_details_tell_why_what_is_lost_and_how_to_save_it(lab):
    async with house(lab, size=(140, 60)) as it:
        await opened(it)
        await it.go_to("hf-cache-old")
        await it.sees("Save it first")
        assert "docker volume rm hf-cache-old" in it.text
        await it.press("y")
        await it.sees("Copied docker run --rm -v hf-cache-old:/volume:ro")


async def test_read_only_offers_no_removal(lab):
    async with house(lab, read_only=True) as it:
        await opened(it)
        await it.press("d")
        assert len(it.app.screen_stack) == 1
        assert "Remove ticked" not in it.text


async def test_small_terminals_show_the_list_or_the_details(lab):
    async with house(lab, size=(80, 24)) as it:
        section = await opened(it)
        assert "come back" in it.text
        assert "RECLAIMABLE" not in it.text
        await it.press("j", "enter")
        await it.sees("Why it is stale")
        await it.press("escape")
        assert section.table.has_focus


async def test_the_registries_of_the_images_on_screen_are_asked_and_of_no_others(lab):
    async with house(lab) as it:
        asked, hidden = [], []
        ask = it.app.session.ask_registry

        def spy(image):
            asked.append(image.id)
            on_screen = (it.section.listing.row(name) for name in it.section.table.visible_ids)
            if image.id not in {row.identifier for row in on_screen if row is not None}:
                hidden.append(image.id)
            return ask(image)

        it.app.session.ask_registry = spy
        section = await opened(it)
        assert not asked  # other kinds come first
        section.filter("kind:image")
        await it.until(lambda: asked, "an image on screen")

        def proven() -> bool:
            rows = [section.plan.row((Kind.IMAGE, name)) for name in asked]
            return all(row.recovery is Recovery.PULL for row in rows)

        await it.until(proven, "what the registries have")
        assert not hidden
        assert len(asked) == len(set(asked))
