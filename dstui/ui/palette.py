"""The command palette: every command that is open in the place where one is."""

from functools import partial

from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode

from dstui.ui import theme
from dstui.ui.keys import Command, keys_of, shown
from dstui.ui.screens.main import MainScreen
from dstui.ui.screens.themes import use


class CommandProvider(Provider):
    """Finds commands by their titles and helps; runs them where they belong."""

    async def discover(self) -> Hits:
        """All of them, while nothing is typed."""
        for command, node in self._open():
            yield DiscoveryHit(
                command.title, partial(_run, self.app, command, node), help=self._help(command)
            )

    async def search(self, query: str) -> Hits:
        """Those that match what is typed."""
        matcher = self.matcher(query)
        for command, node in self._open():
            score = matcher.match(f"{command.title} {command.help}")
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(command.title),
                    partial(_run, self.app, command, node),
                    help=self._help(command),
                )

        for name in theme.names():
            title = f"Theme {name}"
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), partial(use, self.app, name))

    def _open(self) -> list[tuple[Command, DOMNode]]:
        return list(self.screen.commands()) if isinstance(self.screen, MainScreen) else []

    def _help(self, command: Command) -> str:
        chosen = self.screen.session.config.keys if isinstance(self.screen, MainScreen) else {}
        keys = " ".join(shown(key) for key in keys_of(command, chosen))
        return f"{keys:<8} {command.help}"


async def _run(app: App[object], command: Command, node: DOMNode) -> None:
    await app.run_action(command.action, node)
