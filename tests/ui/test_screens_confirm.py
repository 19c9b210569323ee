"""Actions: what is asked first, what is done then, and what is said of it."""

import getpass
from dataclasses import replace

import pytest

from dstui.demo.faults import Faults
from dstui.demo.world import World
from dstui.domain.changes import Removed, Updated
from dstui.domain.kind import Kind
from dstui.ui.screens.confirm import ConfirmScreen
from tests.ui.house import House, house

DB = "mlplatform-db-1"


def state_of(it: House, identifier: str) -> str:
    found = it.app.session.store.container(identifier)
    return found.state.value if found else "gone"


async def confirmed(it: House) -> ConfirmScreen:
    return await it.until(
        lambda: it.app.screen if isinstance(it.app.screen, ConfirmScreen) else None,
        "a confirmation",
    )


async def stopped_one(it: House) -> str:
    """Put the cursor on a container that does not run; its name."""
    store = it.app.session.store
    name = next(found.name for found in store.containers() if not found.alive)
    await it.go_to(name)
    return name


async def test_the_default_answer_changes_nothing(lab):
    async with house(lab) as it:
        name = await stopped_one(it)
        await it.press("d")
        await confirmed(it)
        await it.sees(f"Remove {name}?")
        assert it.app.focused is not None
        assert it.app.focused.id == "no"
        await it.press("enter")
        await it.until(lambda: len(it.app.screen_stack) == 1)
        assert name in it.names()


async def test_a_confirmation_names_owner_command_and_what_was_written(lab):
    async with house(lab) as it:
        name = await stopped_one(it)
        row = it.section.row
        await it.press("d")
        await it.sees(f"docker rm {name}")
        await it.sees("written outside its volumes")
        if row.owner and row.owner.name not in ("root", getpass.getuser()):
            assert f"belongs to {row.owner.name}" in it.text
        await it.press("c")
        assert it.app.clipboard == f"docker rm {name}"


async def test_yes_removes_it_and_says_so_with_the_docker_command(lab):
    async with house(lab) as it:
        name = await stopped_one(it)
        await it.press("d")
        await confirmed(it)
        await it.press("y")
        await it.sees(f"removed {name}")
        await it.until(lambda: name not in it.names(), "its row to go")


async def test_stop_shows_its_grace_and_start_brings_it_back(lab):
    async with house(lab) as it:
        chosen = await it.go_to(DB)
        await it.press("s")
        await it.press("y")
        await it.until(lambda: state_of(it, chosen) == "exited")
        await it.sees(f"stopped {DB}")
        await it.press("s")
        await it.until(lambda: state_of(it, chosen) == "running")


async def test_what_runs_is_not_removed_but_the_way_is_told(lab):
    async with house(lab) as it:
        await it.go_to(DB)
        await it.press("d")
        await it.sees(f"{DB} runs: s stops it")
        assert len(it.app.screen_stack) == 1


async def test_force_remove_says_that_it_stops_first(lab):
    async with house(lab) as it:
        chosen = await it.go_to(DB)
        await it.press("D")
        await it.sees("stopped gracefully first")
        await it.press("y")
        await it.until(lambda: state_of(it, chosen) == "gone")


async def test_pause_and_resume(lab):
    async with house(lab) as it:
        await it.go_to(DB)
        for expected in ("paused", "running"):
            await it.press("p")
            if isinstance(it.app.screen, ConfirmScreen):
                await it.press("y")
            await it.until(
                lambda expected=expected: it.section.row.container.state.value == expected
            )


async def test_kill_asks_for_the_signal(lab):
    async with house(lab) as it:
        chosen = await it.go_to(DB)
        await it.press("K")
        await it.sees(f"Signal to {DB}")
        await it.press("k", "enter")
        await it.sees(f"Kill {DB} with SIG")
        await it.press("n")
        assert state_of(it, chosen) == "running"


async def test_rename_refuses_what_the_engine_would_refuse(lab):
    async with house(lab) as it:
        chosen = await it.go_to(DB)
        other = next(name for name in it.names() if name != DB)
        await it.press("R", "ctrl+u", *other)
        await it.sees(f"Another container is named {other}")
        await it.press("enter")
        assert len(it.app.screen_stack) == 2
        await it.press("ctrl+u", *"renamed-db", "enter")
        await it.until(lambda: it.app.session.store.container(chosen).name == "renamed-db")


async def test_marked_ones_are_done_in_parallel_after_one_question(lab):
    async with house(lab) as it:
        names = [c.name for c in it.app.session.store.containers() if not c.alive][:3]
        for name in names:
            await it.go_to(name)
            await it.press("space")
        await it.press("d")
        await it.sees(f"Remove {len(names)} containers?")
        for name in names:
            assert f"docker rm {name}" in it.text
        await it.press("y")
        await it.until(lambda: not set(names) & set(it.names()), "all of them to go")
        assert not it.section.table.marked


async def test_what_has_changed_meanwhile_is_left_alone(lab, lab_api):
    async with house(lab) as it:
        name = await stopped_one(it)
        chosen = it.section.table.cursor_id
        await it.press("d")
        await confirmed(it)
        lab_api.start(chosen)
        await it.until(lambda: state_of(it, chosen) == "running")
        await it.press("y")
        await it.sees(f"{name}: left alone, it is running now")
        assert name in it.names()


async def test_what_is_gone_meanwhile_is_one_line(lab, lab_api):
    async with house(lab) as it:
        name = await stopped_one(it)
        chosen = it.section.table.cursor_id
        await it.press("d")
        await confirmed(it)
        lab_api.remove_container(chosen)
        await it.until(lambda: state_of(it, chosen) == "gone")
        await it.press("y")
        await it.sees(f"{name}: left alone, it is gone")


async def test_a_container_that_the_store_still_knows_but_is_gone_is_one_line(serve_demo):
    async with house(serve_demo(World(5))) as it:
        found = next(c for c in it.app.session.store.containers() if not c.alive)
        it.app.session.store.apply(Removed(Kind.CONTAINER, found.id))
        ghost = replace(found, id="f" * 64, name="ghost")
        it.app.session.store.apply(Updated(Kind.CONTAINER, ghost))
        await it.go_to("ghost")
        await it.press("d", "y")
        await it.sees("ghost: left alone, it is gone")
        assert len(it.app.screen_stack) == 1


async def test_the_engines_refusal_is_told_in_its_own_words(serve_demo):
    server = serve_demo(World(5))
    async with house(server) as it:
        name = await stopped_one(it)
        server.faults.update(Faults(path="^/containers/[^/]+$", error_status=500).as_json())
        await it.press("d")
        await confirmed(it)
        await it.press("y")
        await it.sees(f"remove {name}:")
        assert name in it.names()


@pytest.mark.parametrize(
    ("section", "command"),
    [("2", "docker rmi"), ("4", "docker volume rm"), ("5", "docker network rm")],
)
async def test_images_volumes_and_networks_are_removed_after_a_question(lab, section, command):
    async with house(lab) as it:
        await it.press(section)
        await it.until(lambda: it.names())
        await it.press("G", "d")
        screen = await confirmed(it)
        await it.sees(command)
        assert screen.query("#no")
        await it.press("n")


async def test_the_engines_own_networks_cannot_be_removed(lab):
    async with house(lab) as it:
        await it.press("5")
        await it.go_to("bridge")
        await it.press("d")
        await it.sees("the engine's own networks cannot be removed")
        assert len(it.app.screen_stack) == 1
