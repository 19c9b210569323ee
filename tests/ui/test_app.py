"""The app's life: first picture, connection, loss and return, sizes, the way out."""

import threading

import pytest

from dstui.background import spawn
from dstui.demo.faults import Faults
from dstui.demo.server import DemoServer, Pace
from dstui.demo.world import World
from dstui.domain.changes import Halted, Listed
from dstui.domain.kind import Kind
from dstui.session import Options
from dstui.ui.app import EXIT_NO_ENGINE
from dstui.ui.screens.connection import ConnectionScreen
from tests.ui.house import app_of, house, running

SIZES = ((80, 24), (120, 40), (160, 48), (200, 60))
NOWHERE = "unix:///nowhere/docker.sock"


async def test_the_first_picture_does_not_wait_for_the_engine(serve_demo):
    server = serve_demo(faults=Faults(delay_s=0.5))
    async with running(app_of(Options(host=server.host))) as it:
        assert "NAME" in it.text
        assert "onnecting" in it.text
        await it.sees("mlplatform")


async def test_the_header_and_the_tabs_tell_what_there_is(lab):
    async with house(lab) as it:
        store = it.app.session.store
        await it.until(lambda: store.listed(Kind.NETWORK), "the networks")
        alive = sum(found.alive for found in store.containers())
        await it.sees(f"containers {alive}/30")
        await it.sees("1 Containers 30")
        await it.sees(f"5 Networks {len(store.networks())}")


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_shows_list_and_keys(lab, size):
    async with house(lab, size=size) as it:
        width, height = size
        assert all(len(line) <= width for line in it.text.splitlines())
        assert "NAME" in it.text
        assert "Quit" in it.text.splitlines()[height - 1]


async def test_on_a_low_screen_the_details_take_the_place_of_the_list(lab):
    async with house(lab, size=(80, 24)) as it:
        await it.go_to("mlplatform-db-1")
        assert "Overview" not in it.text
        await it.press("enter")
        await it.sees("Restart policy")
        assert "CPU %" not in it.text
        await it.press("escape")
        await it.until(lambda: "CPU %" in it.text and "Overview" not in it.text)
        assert it.app.focused is it.section.table


async def test_resizing_keeps_the_cursor(lab):
    async with house(lab) as it:
        chosen = await it.go_to("mlplatform-db-1")
        await it.pilot.resize_terminal(80, 24)
        await it.pilot.resize_terminal(200, 60)
        assert it.section.table.cursor_id == chosen
        await it.sees("Overview")


async def test_no_engine_is_a_screen_that_says_what_was_tried_why_and_what_to_do():
    async with running(app_of(Options(host=NOWHERE))) as it:
        await it.sees("No container engine answers")
        assert NOWHERE in it.text
        assert "why" in it.text
        assert "to do" in it.text
        await it.press("q")
    assert it.app.return_code == EXIT_NO_ENGINE


async def test_retry_connects_when_the_engine_has_come(tmp_path):
    path = tmp_path / "docker.sock"
    async with running(app_of(Options(host=f"unix://{path}"))) as it:
        await it.sees("No container engine answers")
        server = DemoServer(World(5), path)
        server.start()
        try:
            await it.press("r")
            await it.until(lambda: not isinstance(it.app.screen, ConnectionScreen))
            await it.until(lambda: len(it.names()) == 5, "five containers")
        finally:
            it.app.session.close()
            server.stop()


async def test_the_demo_opens_from_there_under_a_banner():
    async with running(app_of(Options(host=NOWHERE))) as it:
        await it.sees("No container engine answers")
        await it.press("D")
        await it.sees("DEMO")
        await it.sees("no engine answers")
        await it.until(lambda: it.section.table._lines, "simulated containers")


async def test_a_lost_engine_leaves_the_rows_greyed_and_says_since_when(serve_demo):
    server = serve_demo(World(5))
    async with house(server) as it:
        names = it.names()
        server.stop()
        await it.sees("connection lost")
        await it.sees("Reconnecting")
        assert it.names() == names
        assert all(line.dim for line in it.section.table._lines)


async def test_an_engine_that_returns_is_read_anew(tmp_path):
    path = tmp_path / "docker.sock"
    first = DemoServer(World(5), path)
    first.start()
    async with house(first) as it:
        first.stop()
        await it.sees("connection lost")
        path.unlink(missing_ok=True)
        second = DemoServer(World(8, seed=2), path)
        second.start()
        try:
            await it.sees("answers again")
            await it.until(lambda: len(it.names()) == 8, "the containers of now")
            assert "connection lost" not in it.text
        finally:
            it.app.session.close()
            second.stop()


async def test_a_container_that_appears_is_seen(lab, lab_api):
    async with house(lab) as it:
        lab_api.create_container("redis:8-alpine", name="newcomer")
        await it.until(lambda: "newcomer" in it.names(), "the newcomer")


async def test_a_hung_engine_blocks_neither_keys_nor_the_way_out(serve_demo):
    server = serve_demo(World(5))
    async with house(server) as it:
        server.faults.hang = True
        await it.press("i")
        await it.press("2", "3", "4", "5", "1", "j", "k")
        assert it.section.NAME == "containers"
        await it.press("escape", "escape", "q")
    assert server.faults.hang


async def test_hostile_text_is_harmless(serve_demo):
    server = serve_demo(World(5), faults=Faults(hostile=True), pace=Pace())
    async with house(server, size=(160, 48)) as it:
        await it.until(lambda: len(it.names()) > 5, "the hostile ones")
        for key in ("j", "j", "j", "j", "2", "j", "j", "4", "j", "5", "j", "1", "i"):
            await it.press(key)
            assert not any(ord(c) < 32 for line in it.text.splitlines() for c in line)


async def test_a_thread_that_fails_is_told_of_and_noted(lab, own_home):
    before = threading.excepthook

    def fail() -> None:
        raise ValueError("no such figure")

    async with house(lab) as it:
        spawn("stats", fail)
        await it.sees("A part of dstui (dstui-stats)")
        await it.sees("ValueError: no such figure")
        assert "Traceback" not in it.text
    assert threading.excepthook is before
    assert "no such figure" in (own_home / "state" / "dstui" / "crash.log").read_text()


async def test_what_is_wrong_is_counted_in_the_header_and_told_on_request(serve_demo):
    async with house(serve_demo(World(3))) as it:
        await it.press("exclamation_mark")
        await it.sees("Everything is live")
        await it.press("escape")
        store = it.app.session.store
        await it.until(lambda: store.listed(Kind.VOLUME), "the volumes")
        store.apply(Listed(Kind.VOLUME, (), ("row 2: it has no id", "row 5: it is no object")))
        store.apply(Halted("usage", "ValueError: what"))
        await it.sees("2 unreadable")
        await it.sees("usage not live")
        await it.press("exclamation_mark")
        await it.sees("a volume that cannot be read: row 2: it has no id")
        await it.sees("usage not live: ValueError: what")
