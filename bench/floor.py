"""The least that a Textual app can be: the floor under dstui's own start."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Floor(App[None]):
    """One line that looks like a container's row."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static("dsbench-000")


if __name__ == "__main__":
    Floor().run()
