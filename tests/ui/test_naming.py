"""The naming dialog: what comes of the fields at each key, and what Enter does with it."""

import subprocess
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from dstui.ui.screens.choose import ChooseScreen
from dstui.ui.screens.naming import NamingScreen
from dstui.ui.widgets.cycle import Cycle
from tests.ui.house import House, house

IMAGE = "ghcr.io/lab/vision-train:2.3"
OTHER = "ghcr.io/lab/vision-train:2.2"


async def dialog(it: House, image: str = IMAGE) -> NamingScreen:
    """The dialog for an image, with its first preview."""
    await it.press("2")
    await it.go_to(image)
    await it.press("t")
    screen = await it.until(
        lambda: it.app.screen if isinstance(it.app.screen, NamingScreen) else None, "the dialog"
    )
    await it.until(lambda: screen._ready, "the first preview")
    return screen


async def write(it: House, screen: NamingScreen, field: str, text: str) -> None:
    """Replace what stands in a field."""
    line = next(line for line in screen.query(Input).results() if line.name == field)
    line.focus()
    line.value = text
    await it.pilot.pause()


async def choose(it: House, screen: NamingScreen, where: str, value: str) -> None:
    """Turn to a value, key by key."""
    cycle = screen.query_one(where, Cycle)
    cycle.focus()
    for _ in range(20):
        if cycle.value == value:
            return
        await it.press("right")
    raise AssertionError(f"no {value} in {where}")


def names(it: House, image_id: str) -> tuple[str, ...]:
    image = it.app.session.store.image(image_id)
    return image.references if image else ()


def image_id(it: House, name: str) -> str:
    store = it.app.session.store
    return next(image.id for image in store.images() if name in image.references)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with one commit and the tag v1.4.0."""
    (tmp_path / "train.py").write_text("print('hello')\n")
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (
        ["init", "-q"],
        ["add", "-A"],
        ["commit", "-q", "-m", "first"],
        ["tag", "v1.4.0"],
    ):
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True)
    return tmp_path


async def test_it_begins_with_the_present_name_and_previews_each_key(lab):
    async with house(lab) as it:
        screen = await dialog(it)
        assert screen.query_one("#kind", Cycle).value == "ghcr"
        await it.sees("It has this name already")
        await write(it, screen, "tag", "2.4")
        await it.sees("ghcr.io/lab/vision-train:2.4")
        await it.sees(f"docker tag {IMAGE} ghcr.io/lab/vision-train:2.4")


async def test_enter_gives_the_name(lab):
    async with house(lab) as it:
        screen = await dialog(it)
        identifier = image_id(it, IMAGE)
        await write(it, screen, "tag", "2.4")
        await it.press("enter")
        await it.until(lambda: "ghcr.io/lab/vision-train:2.4" in names(it, identifier))
        await it.sees(f"{IMAGE} is ghcr.io/lab/vision-train:2.4 too")


async def test_another_registry_brings_its_own_fields_and_rules(lab):
    async with house(lab) as it:
        screen = await dialog(it)
        await choose(it, screen, "#kind", "gcp")
        await it.sees("Still to fill in: Project, Repository")
        await it.press("enter")
        assert isinstance(it.app.screen, NamingScreen)
        await write(it, screen, "project", "lab-vision")
        await write(it, screen, "repo", "images")
        await it.sees("us-docker.pkg.dev/lab-vision/images/vision-train:2.3")


async def test_what_is_wrong_is_told_and_enter_mends_it(lab):
    async with house(lab) as it:
        screen = await dialog(it)
        await write(it, screen, "tag", "2.5.1+cu124")
        await it.sees("`+`")
        await it.sees("Enter takes 2.5.1-cu124")
        await it.press("enter")
        assert screen.query_one("#tag", Input).value == "2.5.1-cu124"
        await it.sees("ghcr.io/lab/vision-train:2.5.1-cu124")


async def test_latest_is_warned_of(lab):
    async with house(lab) as it:
        screen = await dialog(it, OTHER)
        await write(it, screen, "tag", "")
        await it.sees("! `latest` says nothing")


async def test_a_name_of_another_image_is_taken_only_at_the_second_enter(lab):
    async with house(lab) as it:
        screen = await dialog(it)
        identifier = image_id(it, IMAGE)
        await write(it, screen, "tag", "2.2")
        await it.sees("names another image here")
        await it.press("enter")
        await it.sees("Enter again takes this name from the other image")
        assert OTHER not in names(it, identifier)
        await it.press("enter")
        await it.until(lambda: OTHER in names(it, identifier))


async def test_git_makes_the_tag(lab, repository):
    async with house(lab) as it:
        screen = await dialog(it)
        await choose(it, screen, "#strategy", "tree")
        screen.query_one("#directory", Input).value = str(repository)
        tree = subprocess.run(
            ["git", "rev-parse", "HEAD:./"], cwd=repository, capture_output=True, text=True
        ).stdout
        await it.sees(f"ghcr.io/lab/vision-train:{tree[:12]}")
        await choose(it, screen, "#strategy", "semver")
        await it.sees("ghcr.io/lab/vision-train:1.4.0")


async def test_what_no_commit_has_is_warned_of(lab, repository):
    (repository / "train.py").write_text("print('changed')\n")
    async with house(lab) as it:
        screen = await dialog(it)
        await choose(it, screen, "#strategy", "commit")
        screen.query_one("#directory", Input).value = str(repository)
        await it.sees("-dirty")
        await it.sees("! built from changes that are in no commit")


async def test_a_directory_without_git_is_said_and_gives_no_name(lab, tmp_path):
    async with house(lab) as it:
        screen = await dialog(it)
        await choose(it, screen, "#strategy", "tree")
        screen.query_one("#directory", Input).value = str(tmp_path)
        preview = screen.query_one("#preview", Static)  # on screen it may be wrapped anywhere
        await it.until(lambda: "is not in a git repository" in str(preview.content))
        await it.sees("✗ ")
        await it.press("enter")
        assert isinstance(it.app.screen, NamingScreen)


async def test_an_image_without_a_name_gets_its_first(lab):
    async with house(lab) as it:
        await it.press("2")
        await it.until(lambda: it.names())
        dangling = next(i for i in it.app.session.store.images() if i.dangling)
        it.section.table.go_to(dangling.id)
        await it.press("t")
        screen = await it.until(
            lambda: it.app.screen if isinstance(it.app.screen, NamingScreen) else None
        )
        await it.until(lambda: screen._ready)
        await write(it, screen, "namespace", "lab")
        await write(it, screen, "image", "train")
        await choose(it, screen, "#strategy", "digest")
        await it.press("enter")
        await it.until(lambda: names(it, dangling.id))
        (name,) = names(it, dangling.id)
        assert name == f"lab/train:{dangling.id.partition(':')[2][:12]}"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_all_of_it_fits_on_the_screen(lab, size):
    async with house(lab, size=size) as it:
        screen = await dialog(it)
        await choose(it, screen, "#kind", "gitlab")
        await choose(it, screen, "#strategy", "semver")
        await it.sees("Next is")
        await it.sees("Esc back")


async def test_untag_takes_the_chosen_name_and_leaves_the_image(lab):
    async with house(lab) as it:
        await it.press("2")
        identifier = await it.go_to(IMAGE)
        await it.press("U")
        await it.until(lambda: isinstance(it.app.screen, ChooseScreen))
        await it.press("down", "enter")
        await it.until(lambda: names(it, identifier) == (IMAGE,))


async def test_the_last_name_is_not_taken(lab):
    async with house(lab) as it:
        await it.press("2")
        await it.go_to("redis:8-alpine")
        await it.press("U")
        await it.sees("has no other name")
        assert len(it.app.screen_stack) == 1


async def test_read_only_gives_no_name(lab):
    async with house(lab, read_only=True) as it:
        await it.press("2")
        await it.go_to(IMAGE)
        await it.press("t", "U", "p", "u", "L")
        assert len(it.app.screen_stack) == 1
