"""Which image a debug shell is of: asked once, remembered, chosen anew, pulled."""

from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from dstui.background import Background
from dstui.domain.action import Action, Verb
from dstui.domain.debug_image import DebugImage, Evidence
from dstui.domain.engine import EngineError, ShellRequest
from dstui.ui import debug_shell
from dstui.ui.shell import OpenRemote, ShellResult
from tests.ui.bare import shown
from tests.ui.logs import FakeSession, container, until

OFFERED = (
    DebugImage("busybox:1.36", 4_300_000, Evidence.TOOLS),
    DebugImage("train:9", 9_100_000_000, Evidence.BUILT_WITH_ONE),
)


class Session(FakeSession):
    """Has images, and remembers one."""

    def __init__(self, remembered: str = "", images: tuple[DebugImage, ...] = OFFERED) -> None:
        super().__init__()
        self.background = Background()
        self.remembered = remembered
        self.images = images
        self.problem = ""
        self.opened: list[tuple[ShellRequest, str]] = []

    def debug_image(self) -> str:
        return self.remembered

    def debug_images(self) -> tuple[DebugImage, ...]:
        return self.images

    def remember_debug_image(self, image: str) -> str:
        self.remembered = image
        return self.problem

    def debug_shell(self, request: ShellRequest, image: str) -> None:
        self.opened.append((request, image))


class Scene:
    """A session, what was handed the terminal, and what was pulled."""

    def __init__(self, pilot: Pilot[None], session: Session) -> None:
        self.pilot = pilot
        self.session = session
        self.pulled: list[Action] = []

    async def press_x(self, choose: bool = False) -> None:
        app, session = self.pilot.app, self.session.as_session()
        self._worker = app.run_worker(
            debug_shell.debug_shell(app, session, container(), self.pulled.append, choose)
        )

    async def asked(self, kind: type[Any] = OptionList) -> Any:
        await until(self.pilot, lambda: isinstance(self.pilot.app.focused, kind))
        return self.pilot.app.focused

    async def done(self) -> ShellResult:
        await until(self.pilot, lambda: self._worker.is_finished)
        result: ShellResult = await self._worker.wait()
        return result


@pytest.fixture(autouse=True)
def titles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was handed the terminal, in place of doing so."""
    found: list[str] = []

    async def record(
        _app: App[Any], _background: Background, title: str, open_remote: OpenRemote
    ) -> ShellResult:
        found.append(title)
        open_remote(30, 100)
        return ShellResult(ran=True)

    monkeypatch.setattr(debug_shell, "hand_over", record)
    return found


async def test_the_first_time_it_asks_best_first_and_then_never_again(titles: list[str]) -> None:
    async with shown(Static()) as pilot:
        scene = Scene(pilot, Session())
        await scene.press_x()
        options = await scene.asked()
        lines = [str(options.get_option_at_index(n).prompt) for n in range(options.option_count)]
        assert lines[0].split() == ["busybox:1.36", "4.3MB", "small,", "with", "tools"]
        assert lines[1].split()[:2] == ["train:9", "9.1GB"]
        assert lines[2].startswith("Pull another")
        await pilot.press("enter")
        assert (await scene.done()).ran
        assert "debug shell of busybox:1.36 beside web" in titles[0]
        await scene.press_x()
        assert (await scene.done()).ran
    wanted = ShellRequest(container().id, rows=30, columns=100)
    assert scene.session.opened == [(wanted, "busybox:1.36")] * 2


async def test_another_can_be_chosen_from_the_one_that_is_in_use() -> None:
    async with shown(Static()) as pilot:
        scene = Scene(pilot, Session("train:9"))
        await scene.press_x(choose=True)
        options = await scene.asked()
        assert options.highlighted == 1
        await pilot.press("k", "enter")
        await scene.done()
    assert scene.session.remembered == "busybox:1.36"


async def test_leaving_opens_nothing_and_remembers_nothing() -> None:
    async with shown(Static()) as pilot:
        scene = Scene(pilot, Session())
        await scene.press_x()
        await scene.asked()
        await pilot.press("escape")
        assert not (await scene.done()).ran
    assert (scene.session.opened, scene.session.remembered) == ([], "")


async def test_one_can_be_pulled_where_there_is_none() -> None:
    async with shown(Static()) as pilot:
        scene = Scene(pilot, Session(images=()))
        await scene.press_x()
        await scene.asked()
        await pilot.press("enter")
        field = await scene.asked(Input)
        assert field.value == "busybox:latest"
        field.value = "mirror.example/alpine"
        await pilot.press("enter")
        assert not (await scene.done()).ran
    assert [(action.verb, action.name) for action in scene.pulled] == [
        (Verb.PULL, "mirror.example/alpine:latest")
    ]
    assert scene.session.remembered == "mirror.example/alpine:latest"


async def test_images_that_cannot_be_listed_are_told() -> None:
    class Failing(Session):
        def debug_images(self) -> tuple[DebugImage, ...]:
            raise EngineError("the engine is busy")

    async with shown(Static()) as pilot:
        scene = Scene(pilot, Failing())
        await scene.press_x()
        assert not (await scene.done()).ran
        messages = [notification.message for notification in pilot.app._notifications]
    assert messages == ["the engine is busy"]


async def test_what_cannot_be_remembered_serves_all_the_same() -> None:
    async with shown(Static()) as pilot:
        session = Session()
        session.problem = "/state/choices.json: Read-only file system"
        scene = Scene(pilot, session)
        await scene.press_x()
        await scene.asked()
        await pilot.press("enter")
        assert (await scene.done()).ran
        messages = [notification.message for notification in pilot.app._notifications]
    assert "Read-only file system" in messages[0]
