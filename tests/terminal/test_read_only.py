"""In read-only mode nothing can be changed, whatever is pressed."""

from pathlib import Path

import pytest

from dstui.demo import server
from dstui.demo.exchange import Exchange
from dstui.demo.routes import ROUTES
from dstui.demo.routing import Handler
from dstui.demo.server import DemoServer, Pace
from dstui.demo.world import World
from dstui.ui.keys import COMMANDS, Scope
from tests.demo_fixtures import ServeDemo, serve_demo
from tests.terminal.conftest import TerminalFactory
from tests.terminal.steps import DSTUI, escape, open_on, pick, quit_clean

__all__ = ["serve_demo"]

JOB = "mara-eda"
PLACES = (
    ("1", Scope.CONTAINERS, "NAME"),
    ("2", Scope.IMAGES, "REPOSITORY"),
    ("4", Scope.VOLUMES, "DRIVER"),
    ("5", Scope.NETWORKS, "SUBNETS"),
)


@pytest.fixture
def lab(serve_demo: ServeDemo) -> DemoServer:
    return serve_demo(World(20), pace=Pace(stats_every_s=30))


@pytest.fixture(params=["--read-only", "config", "environment"])
def read_only(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    """Each way to ask for it, as options and environment."""
    if request.param == "environment":
        return [], {"DSTUI_READ_ONLY": "1"}
    if request.param == "config":
        path = tmp_path / "config.toml"
        path.write_text("read_only = true\n")
        return ["--config", str(path)], {}
    return ["--read-only"], {}


class NotingRoutes:
    """The demo engine's routes, which note what is asked to change something."""

    def __init__(self) -> None:
        self.changes: list[str] = []

    def find(self, exchange: Exchange) -> Handler | None:
        if exchange.method not in ("GET", "HEAD"):
            self.changes.append(f"{exchange.method} {exchange.path}")
        return ROUTES.find(exchange)


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the demo engine was asked to change."""
    routes = NotingRoutes()
    monkeypatch.setattr(server, "ROUTES", routes)
    return routes.changes


def keys_that_change(scope: Scope) -> list[str]:
    """As a terminal sends them."""
    keys = [key for c in COMMANDS if c.mutates and c.scope is scope for key in c.keys]
    return [chr(ord(key[-1]) & 0x1F) if key.startswith("ctrl+") else key for key in keys]


def titles_that_change(scope: Scope) -> list[str]:
    return [c.title for c in COMMANDS if c.mutates and c.scope is scope]


def test_no_key_changes_anything(
    terminal: TerminalFactory,
    lab: DemoServer,
    changes: list[str],
    read_only: tuple[list[str], dict[str, str]],
) -> None:
    options, env = read_only
    app = open_on(terminal, lab.host, *options, env=env)
    for section, scope, heading in PLACES:
        app.send(section)
        app.wait_for(heading)
        keys = keys_that_change(scope)
        assert keys
        for key in (*keys, "*", *keys):  # on one row, on all
            app.send(key)
        app.wait_calm()
        assert "╭" not in app.text, "a dialog opened"
        assert "Remove" not in app.screen[-1]
    assert not changes
    quit_clean(app)


def test_help_and_palette_offer_no_change(terminal: TerminalFactory, lab: DemoServer) -> None:
    app = open_on(terminal, lab.host, "--read-only", rows=48, columns=120)
    pick(app, JOB)
    app.send("?")
    app.wait_for("Logs: Follow the log")
    for title in titles_that_change(Scope.CONTAINERS):
        assert f" {title}: " not in app.text
    escape(app, "Logs: Follow the log")
    for title in ("Force remove", "Kill", "Rename", "Shell as"):
        assert title in titles_that_change(Scope.CONTAINERS)
        before = app.text.count(title)
        app.send(":")
        app.wait_for("Find a command")
        app.send(title)
        app.wait_for(lambda app, n=before, title=title: app.text.count(title) > n)
        app.wait_calm()
        assert app.text.count(title) == before + 1, "offered below what was typed"
        app.send("esc")
        app.wait_for(lambda app, n=before, title=title: app.text.count(title) == n)
    quit_clean(app)


@pytest.mark.parametrize(
    "command", [["exec", JOB], ["exec", JOB, "ls"], ["untag", "preprocess:dev"]]
)
def test_the_command_line_refuses(
    terminal: TerminalFactory, lab: DemoServer, changes: list[str], command: list[str]
) -> None:
    app = terminal(DSTUI, "--host", lab.host, "--read-only", *command)
    assert app.wait_exit() == 5
    assert "read-only" in app.text
    assert not changes
