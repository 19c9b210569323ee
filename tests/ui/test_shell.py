import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, Static

from dstui.background import Background
from dstui.domain.engine import EngineError, ShellRequest
from dstui.ui import shell
from dstui.ui.shell import OpenRemote, ShellResult, TypedAhead
from tests.ui.bare import shown
from tests.ui.logs import DB, FakeSession, container, until


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, OpenRemote]]:
    """What was handed the terminal, in place of doing so."""
    calls: list[tuple[str, OpenRemote]] = []

    async def record(
        _app: App[Any], _background: Background, title: str, open_remote: OpenRemote
    ) -> ShellResult:
        calls.append((title, open_remote))
        return ShellResult(ran=True)

    monkeypatch.setattr(shell, "hand_over", record)
    return calls


class Asked(FakeSession):
    """Records what shells it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Any] = []

    def shell(self, request: ShellRequest) -> None:
        self.requests.append(request)

    def attach(self, container_id: str, rows: int, columns: int) -> None:
        self.requests.append(("attach", container_id, rows, columns))


async def test_without_a_terminal_nothing_is_opened():
    session = Asked()
    async with shown(Static()) as pilot:
        result = await shell.shell(pilot.app, session.as_session(), container())
    assert not result.ran
    assert "no terminal" in result.error
    assert session.requests == []


async def test_each_opens_what_it_says(opened: list[tuple[str, OpenRemote]]):
    session = Asked()
    async with shown(Static()) as pilot:
        for opener in (shell.shell, shell.attach):
            await opener(pilot.app, session.as_session(), container())  # type: ignore[operator]
    titles = [title for title, _ in opened]
    assert titles[0] == "shell in web, exit or ctrl-d to return"
    assert "ctrl-] ctrl-] to detach" in titles[1]
    for _, open_remote in opened:
        open_remote(30, 100)
    wanted = ShellRequest(container().id, rows=30, columns=100)
    assert session.requests == [wanted, ("attach", container().id, 30, 100)]


async def ask(pilot: Pilot[None], session: Asked, identifier: str) -> None:
    web = container(identifier)
    pilot.app.run_worker(shell.shell_as(pilot.app, session.as_session(), web))
    await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
    await pilot.pause()


async def test_command_user_and_directory_are_asked_and_remembered(
    opened: list[tuple[str, OpenRemote]],
):
    session = Asked()
    async with shown(Static()) as pilot:
        await ask(pilot, session, "c" * 64)
        await pilot.press(*"python -c '1 + 1'", "tab", *"1000:1000", "tab", *"/data", "enter")
        await until(pilot, lambda: len(opened) == 1)
        title, open_remote = opened[0]
        assert title.startswith("python -c 1 + 1 in web")
        open_remote(24, 80)
        assert session.requests == [
            ShellRequest("c" * 64, ("python", "-c", "1 + 1"), "1000:1000", "/data", 24, 80)
        ]
        await ask(pilot, session, "c" * 64)
        values = [field.value for field in pilot.app.screen.query(Input)]
        assert values == ["python -c '1 + 1'", "1000:1000", "/data"]
        await pilot.press("escape")
        await ask(pilot, session, DB)
        assert [field.value for field in pilot.app.screen.query(Input)] == ["", "", ""]


async def test_an_open_quote_is_said(opened: list[tuple[str, OpenRemote]]):
    async with shown(Static()) as pilot:
        await ask(pilot, Asked(), "d" * 64)
        await pilot.press(*"echo 'x", "enter")
        await pilot.pause()
        assert "quotation" in str(pilot.app.screen.query_one("#wrong", Static).content)
        assert opened == []


class Remote:
    """Remembers that it was closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_: None

    def close(self) -> None:
        self.closed.set()


async def test_a_shell_that_nobody_waits_for_any_more_is_closed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shell, "can_hand_over", lambda _app: True)
    remote, asked, may_open = Remote(), threading.Event(), threading.Event()

    def open_remote(_rows: int, _columns: int) -> Any:
        asked.set()
        may_open.wait()
        return remote

    async with shown(Static()) as pilot:
        worker = pilot.app.run_worker(
            shell.hand_over(pilot.app, Background(), "slow", open_remote), exit_on_error=False
        )
        await until(pilot, asked.is_set)
        worker.cancel()
        await until(pilot, lambda: worker.is_finished)
        may_open.set()
        await until(pilot, remote.closed.is_set)


async def test_where_it_cannot_be_suspended_the_shell_is_closed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shell, "can_hand_over", lambda _app: True)
    remote: Any = Remote()
    async with shown(Static()) as pilot:
        result = await shell.hand_over(pilot.app, Background(), "x", lambda _r, _c: remote)
        assert not result.ran
        assert remote.closed.is_set()


class Typed(TypedAhead, App[None]):
    """Notes the keys that come to it."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []

    def on_key(self, event: Key) -> None:
        self.keys.append(event.key)


async def test_what_is_typed_for_a_shell_that_cannot_be_opened_is_no_command(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(shell, "can_hand_over", lambda app: True)
    refuse, background, app = threading.Event(), Background(), Typed()

    def open_remote(rows: int, columns: int) -> Any:
        refuse.wait()
        raise EngineError("container is paused")

    async with app.run_test() as pilot:
        await pilot.press("a")
        opening = asyncio.create_task(shell.hand_over(app, background, "shell", open_remote))
        await asyncio.sleep(0)
        await pilot.press("d", "enter")
        refuse.set()
        assert (await opening).error == "container is paused"
        await pilot.press("b")
        assert app.keys == ["a", "b"]


async def test_escape_gives_up_a_shell_that_is_not_opened(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shell, "can_hand_over", lambda app: True)
    answer, background, app = threading.Event(), Background(), Typed()
    closed = threading.Event()

    class Late:
        def close(self) -> None:
            closed.set()

    def open_remote(rows: int, columns: int) -> Any:
        answer.wait()
        return Late()

    async with app.run_test() as pilot:
        opening = asyncio.create_task(shell.hand_over(app, background, "shell", open_remote))
        await asyncio.sleep(0)
        await pilot.press("escape")
        assert not (await opening).ran
        answer.set()
        await until(pilot, closed.is_set)
        await pilot.press("b")
        assert app.keys == ["b"]
