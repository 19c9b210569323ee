"""Push, pull, save, load: how far each is, how it ends, and what stays to be copied."""

from pathlib import Path

import pytest

from dstui.demo.server import DemoServer, Pace
from dstui.demo.world import World
from dstui.ui.long_jobs import JobState, LongJob
from dstui.ui.screens.choose import ChooseScreen
from dstui.ui.screens.confirm import ConfirmScreen
from dstui.ui.screens.prompt import PromptScreen
from dstui.ui.screens.save_as import SaveAsScreen
from dstui.ui.screens.transfers import TransfersScreen
from dstui.ui.widgets.transfer_list import TransferList
from tests.demo_fixtures import ServeDemo
from tests.ui.bare import screen_lines
from tests.ui.house import House, house

IMAGE = "ghcr.io/lab/vision-train:2.3"
SMALL = "alpine:3.22"


@pytest.fixture
def lab(serve_demo: ServeDemo) -> DemoServer:
    """An engine whose transfers take no time."""
    return serve_demo(World(30), pace=Pace(transfer_s=0.0))


@pytest.fixture
def slow_lab(serve_demo: ServeDemo) -> DemoServer:
    """An engine whose transfers do not end while they are looked at."""
    return serve_demo(World(30), pace=Pace(transfer_s=600.0))


async def image(it: House, name: str = IMAGE) -> None:
    await it.press("2")
    await it.go_to(name)


async def push(it: House, name: str = IMAGE) -> None:
    await image(it, name)
    await it.press("p")
    await it.until(lambda: isinstance(it.app.screen, ChooseScreen), "the choice of names")
    await it.press("enter")


async def job(it: House, state: JobState) -> LongJob:
    """The latest transfer, once it is so far."""

    def latest() -> LongJob | None:
        jobs = it.main.desk._jobs
        found = jobs.all[-1] if jobs and jobs.all else None
        return found if found and found.state is state else None

    return await it.until(latest, f"a transfer that is {state.value}")


def rows(it: House) -> str:
    return "\n".join(screen_lines(it.main.query_one(TransferList)))


async def typed(it: House, text: str) -> None:
    """Replace what stands in the line, and accept it."""
    line = it.app.focused
    line.value = text
    await it.press("enter")


async def test_a_push_tells_where_it_goes_and_ends_with_a_digest(lab):
    async with house(lab) as it:
        await image(it)
        await it.press("p")
        await it.sees("GitHub (GHCR)")
        await it.sees("latest moves")
        await it.press("enter")
        done = await job(it, JobState.DONE)
        assert done.pinned.startswith("ghcr.io/lab/vision-train@sha256:")
        await it.until(lambda: f"✓ pushed {IMAGE}" in rows(it))


async def test_the_pinned_name_can_be_copied(lab):
    async with house(lab) as it:
        await push(it)
        done = await job(it, JobState.DONE)
        await it.press("X")
        await it.until(lambda: isinstance(it.app.screen, TransfersScreen))
        await it.sees("docker push ghcr.io/lab/vision-train:2.3")
        await it.sees("Layer already exists")
        await it.press("y")
        await it.until(lambda: it.app.clipboard == done.pinned)


async def test_each_layer_that_moves_has_a_row(slow_lab):
    async with house(slow_lab) as it:
        slow_lab.pace = Pace(transfer_s=60.0)
        await push(it)
        await it.until(lambda: rows(it).count("Pushing") == 2, "two layers")
        assert "14 of 16 layers" in rows(it)
        assert "of 413MB" in rows(it)


async def test_a_transfer_can_be_cancelled_and_leaves_the_rest_alone(slow_lab):
    async with house(slow_lab) as it:
        await push(it)
        await job(it, JobState.RUNNING)
        await it.press("X")
        await it.until(lambda: isinstance(it.app.screen, TransfersScreen))
        await it.press("x")
        await job(it, JobState.CANCELLED)
        await it.press("escape")
        await it.until(lambda: "cancelled" in rows(it))


async def test_a_click_on_the_rows_shows_all_of_it(slow_lab):
    async with house(slow_lab) as it:
        await push(it)
        await job(it, JobState.RUNNING)
        await it.until(lambda: it.main.query_one(TransferList).size.height)
        await it.pilot.click(TransferList)
        await it.until(lambda: isinstance(it.app.screen, TransfersScreen))


async def test_quitting_asks_while_something_is_on_its_way(slow_lab):
    async with house(slow_lab) as it:
        await push(it)
        await job(it, JobState.RUNNING)
        await it.press("q")
        await it.until(lambda: isinstance(it.app.screen, ConfirmScreen))
        await it.sees(f"push {IMAGE}")
        await it.press("n")
        await it.until(lambda: len(it.app.screen_stack) == 1)
        await job(it, JobState.RUNNING)


async def test_the_end_of_the_app_cancels_what_is_left(slow_lab, tmp_path):
    async with house(slow_lab) as it:
        await image(it, SMALL)
        await it.press("s")
        await it.until(lambda: isinstance(it.app.screen, SaveAsScreen))
        await typed(it, str(tmp_path / "alpine.tar"))
        await job(it, JobState.RUNNING)
        await it.until(lambda: list(tmp_path.iterdir()), "the file that is being written")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("nvcr.io/nvidia/pytorch:25.10-py3", "the login is refused"),
        ("redis:8-alpine", "the login is refused"),
    ],
)
async def test_a_refused_push_says_that_it_was_the_login(lab, name, what):
    async with house(lab) as it:
        await push(it, name)
        failed = await job(it, JobState.FAILED)
        assert what in failed.told
        await it.until(lambda: "✗" in rows(it) and it.app.screen.query("Toast"))
        await it.press("X")
        await it.sees("docker login")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("lab/nothing:1", "the name is refused"),
        ("registry.nowhere.example/a:1", "the network fails"),
    ],
)
async def test_a_refused_pull_says_whether_it_was_name_or_network(lab, name, what):
    async with house(lab) as it:
        await image(it)
        await it.press("u")
        await it.until(lambda: isinstance(it.app.screen, PromptScreen))
        await typed(it, name)
        failed = await job(it, JobState.FAILED)
        assert what in failed.told
        await it.sees(what)


async def test_what_is_pulled_is_in_the_list(lab):
    async with house(lab) as it:
        await image(it)
        await it.press("u")
        await it.until(lambda: isinstance(it.app.screen, PromptScreen))
        await typed(it, "python:3.13-slim")
        done = await job(it, JobState.DONE)
        assert done.pinned.startswith("python@sha256:")
        await it.until(lambda: "python:3.13-slim" in it.names())


async def test_a_name_that_is_none_is_not_pulled(lab):
    async with house(lab) as it:
        await image(it)
        await it.press("u")
        await it.until(lambda: isinstance(it.app.screen, PromptScreen))
        await typed(it, "lab/Train:1")
        await it.sees("Perhaps lab/train:1")
        assert isinstance(it.app.screen, PromptScreen)


async def test_an_image_goes_to_a_file_and_comes_back(lab, tmp_path):
    path = tmp_path / "alpine.tar"
    async with house(lab) as it:
        await image(it, SMALL)
        await it.press("s")
        await it.until(lambda: isinstance(it.app.screen, SaveAsScreen))
        await it.sees("Save alpine:3.22 (8.31MB) to a file")
        await typed(it, str(path))
        await job(it, JobState.DONE)
        assert path.stat().st_size > 8_310_000
        await it.press("L")
        await it.until(lambda: isinstance(it.app.screen, SaveAsScreen))
        await typed(it, str(path))
        await it.until(lambda: "✓ loaded alpine:3.22" in rows(it))


async def test_a_file_is_replaced_only_after_a_second_yes(lab, tmp_path):
    path: Path = tmp_path / "alpine.tar"
    path.write_text("mine")
    async with house(lab) as it:
        await image(it, SMALL)
        await it.press("s")
        await it.until(lambda: isinstance(it.app.screen, SaveAsScreen))
        await typed(it, str(path))
        await it.sees("Enter again replaces it")
        assert path.read_text() == "mine"
        await it.press("enter")
        await job(it, JobState.DONE)
        assert path.stat().st_size > 8_310_000


async def test_a_file_that_is_not_there_is_not_loaded(lab, tmp_path):
    async with house(lab) as it:
        await image(it)
        await it.press("L")
        await it.until(lambda: isinstance(it.app.screen, SaveAsScreen))
        await typed(it, str(tmp_path / "nothing.tar"))
        await it.sees("there is no such file")
        assert isinstance(it.app.screen, SaveAsScreen)


async def test_an_image_without_a_name_is_not_pushed(lab):
    async with house(lab) as it:
        await it.press("2")
        await it.until(lambda: it.names())
        dangling = next(i for i in it.app.session.store.images() if i.dangling)
        it.section.table.go_to(dangling.id)
        await it.press("p")
        await it.sees("t gives it one")
        assert len(it.app.screen_stack) == 1


async def test_transfers_may_be_looked_at_before_there_are_any(lab):
    async with house(lab, size=(80, 24)) as it:
        await it.press("X")
        await it.sees("Nothing was pulled")
