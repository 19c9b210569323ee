from textual import events, on
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from dstui.ui.keys_in_turn import KeysInTurn
from tests.ui.logs import until


class Question(ModalScreen[str]):
    """Asks for one letter, after the time that it takes to be mounted."""

    def compose(self) -> ComposeResult:
        yield Label("y or n?")

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self.dismiss(event.key)


class Desk(KeysInTurn, App[None]):
    """Every letter is a command: `w` opens a line, Enter closes it, `d` asks, `x` goes away."""

    BINDINGS = [("w", "write"), ("d", "ask"), ("x", "vanish")]

    def __init__(self) -> None:
        super().__init__()
        self.commands: list[str] = []
        self.texts: list[str] = []
        self.answers: list[str | None] = []

    async def action_write(self) -> None:
        await self.mount(Input())
        self.query_one(Input).focus()

    def action_ask(self) -> None:
        self.push_screen(Question(), self.answers.append)

    async def action_vanish(self) -> None:
        self.commands.append("x")
        await self.query(Input).remove()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.texts.append(event.value)
        event.input.remove()

    def on_key(self, event: events.Key) -> None:
        if event.key not in ("w", "d", "x", "enter"):
            self.commands.append(event.key)


async def typed_at_once(pilot: Pilot[None], text: str) -> None:
    """All keys of one packet of the terminal's."""
    driver = pilot.app._driver
    assert driver is not None
    for letter in text:
        key = "enter" if letter == "\r" else letter
        driver.process_message(events.Key(key, letter))


async def test_text_goes_into_the_line_and_what_follows_does_not():
    app = Desk()
    async with app.run_test() as pilot:
        await typed_at_once(pilot, "awtext\rbwmore\rc")
        await until(pilot, lambda: "c" in app.commands)
        assert app.texts == ["text", "more"]
        assert app.commands == ["a", "b", "c"]


async def test_an_answer_goes_to_the_question():
    app = Desk()
    async with app.run_test() as pilot:
        await typed_at_once(pilot, "dydna")
        await until(pilot, lambda: app.commands)
        assert app.answers == ["y", "n"]
        assert app.commands == ["a"]


async def test_keys_go_on_when_what_had_the_focus_is_gone():
    app = Desk()
    async with app.run_test() as pilot:
        await typed_at_once(pilot, "w")
        await until(pilot, lambda: app.focused)
        app.query(Input).remove()
        await typed_at_once(pilot, "xa")
        await until(pilot, lambda: "a" in app.commands)
