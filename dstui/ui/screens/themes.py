"""Choose a theme, seeing each one before it is taken."""

from typing import Any

from textual.app import App

from dstui.ui import theme
from dstui.ui.screens.choose import Choice, ChooseScreen


def choose_theme(app: App[Any]) -> None:
    """Preview as the cursor moves; escape goes back to the one before."""
    before = app.theme

    def chosen(name: str | None) -> None:
        if name is None:
            app.theme = before
        elif app.theme == name:
            app.notify(f'To keep it: theme = "{name}" in config.toml', markup=False)

    choices = [Choice(name, name) for name in theme.names()]
    app.push_screen(
        ChooseScreen("Theme", choices, selected=before, preview=lambda name: use(app, name)),
        chosen,
    )


def use(app: App[Any], name: str) -> None:
    """Take this theme; a bad file is one message and changes nothing."""
    try:
        app.register_theme(theme.load(name))
    except theme.ThemeError as error:
        app.notify(str(error), severity="error", markup=False)
        return
    app.theme = name
