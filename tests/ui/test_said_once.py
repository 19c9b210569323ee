"""A toast says a thing once."""

from textual.app import App
from textual.widgets._toast import Toast

from dstui.ui.said_once import SaidOnce
from tests.waiting import until


class Talker(SaidOnce, App[None]):
    """Has nothing to show but toasts."""


async def test_what_stands_on_the_screen_is_not_said_again():
    app = Talker()
    async with app.run_test(notifications=True) as pilot:

        def toasts():
            return [str(toast.visual) for toast in app.screen.query(Toast)]

        for _ in range(5):
            app.notify("lost", timeout=3600)
            app.notify("found", timeout=3600)
        await until(pilot.pause, lambda: len(toasts()) == 2, "two toasts")
        app.notify("last", timeout=3600)
        await until(pilot.pause, lambda: len(toasts()) > 2, "the last one")
        assert len(toasts()) == 3
        app.clear_notifications()
        await until(pilot.pause, lambda: not toasts(), "no toasts")
        app.notify("lost", timeout=3600)
        await until(pilot.pause, lambda: len(toasts()) == 1, "it may be said again")
