"""Text of containers that means harm, on its way to a terminal."""

import os
import re
from base64 import b64decode
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dstui.demo import loglines
from dstui.demo.faults import Faults
from dstui.demo.hostile import TEXTS
from dstui.demo.model import Container, Image, Layer, Load, Mount, Volume, digest
from dstui.demo.server import DemoServer, Pace
from dstui.demo.world import World
from tests.terminal.conftest import TerminalFactory
from tests.terminal.pty_app import Terminal
from tests.terminal.sequences import read
from tests.terminal.steps import DSTUI, escape, is_listed, open_on, pick, quit_clean, toast

WIDE = {"rows": 48, "columns": 160}
SLOW_STATS = Pace(stats_every_s=30)
"""Figures that stand still leave the terminal calm."""

CONTROLS = "\x00\x07\x08\x0a\x0d\x1b\x7f\x9b\u202e\u200b\u200d\ufe0f\u0301"
nasty = st.text(CONTROLS + "[]()0123456789;:?<>=!$mhlJKHcPXq\\/^_ 漢é", min_size=1, max_size=30)
anything = st.text(min_size=1, max_size=30) | nasty | st.sampled_from(TEXTS)


@pytest.fixture(scope="module")
def hostile_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """An engine whose objects mean harm."""
    path = tmp_path_factory.mktemp("demo") / "docker.sock"
    with DemoServer(World(1), path, Faults(hostile=True), SLOW_STATS) as server:
        yield server


def assert_harmless(raw: bytes) -> None:
    """Nothing but pictures, and no leaving."""
    written = read(raw)
    assert not (written.unexpected or written.left or written.copied)


def look_at_each(app: Terminal, rows: int) -> None:
    """Walk down a list, so that the details of each row are shown."""
    app.send("g")
    for _ in range(rows):
        title = title_of_details(app)
        app.send("j")
        app.wait_for(lambda app, title=title: title_of_details(app) != title)
    app.wait_calm()


def title_of_details(app: Terminal) -> str:
    return next((line for line in reversed(app.screen) if "Overview" in line), "")


def test_no_section_and_no_detail_lets_an_escape_through(
    terminal: TerminalFactory, hostile_server: DemoServer
) -> None:
    app = open_on(terminal, hostile_server.host, **WIDE)
    app.wait_for("hostile-")
    rows = 2 * len(TEXTS)  # each in a project of its own
    app.send("E")
    app.wait_for("Nothing has happened")
    look_at_each(app, rows)
    for tab in ("Logs", "Stats", "Processes", "Environment", "Checks", "Inspect"):
        app.send("tab")
        app.wait_calm()
        app.send("]", "v" if tab == "Environment" else "G")
        app.wait_calm()
        app.send("tab")
        look_at_each(app, 4)
    for section, shown in (("2", "REPOSITORY"), ("4", "DRIVER"), ("5", "SUBNETS")):
        app.send(section)
        app.wait_for(shown)
        look_at_each(app, 4)
        app.send("G", "k" * len(TEXTS))
        app.wait_calm()
        app.send("tab", "]", "]", "tab")
        app.wait_calm()
    app.send("3")
    app.wait_calm()
    assert_harmless(app.raw)
    quit_clean(app)


COMMANDS = [text for text in TEXTS if set(text) & set(CONTROLS) - {"\u200d", "\u0301"}][1:]
"""All but the first, which are mere colors."""
MARKUP = [text for text in TEXTS if text[0] in "[%"]


def test_markup_is_text_like_any_other(
    terminal: TerminalFactory, hostile_server: DemoServer
) -> None:
    app = open_on(terminal, hostile_server.host, **WIDE)
    app.send("E")
    for words in MARKUP:
        name, beginning = f"hostile-{words}", f"hostile-{words[:9]}"
        app.send(f'/"{words}"', "enter", "G")
        app.wait_for(f" {name}  Overview")
        app.send("d")
        app.wait_for(lambda app, name=name: f"{name} runs: s stops it" in toast(app))
        for key, title in (("D", "Force remove"), ("K", "Signal to"), ("R", "Rename")):
            app.send(key)
            app.wait_for(f"  {title} {beginning}")
            escape(app, f"  {title} {beginning}")
        app.send("p")
        app.wait_for(f"  Pause {beginning}")  # it belongs to another
        app.send("y")
        app.wait_for(f"✓ paused {name} in")
        app.wait_for("pause   ")  # the event
        escape(app, f'/"{words}"')
    assert_harmless(app.raw)
    quit_clean(app)


def test_copying_gives_the_clipboard_what_is_copied_and_nothing_else(
    terminal: TerminalFactory, hostile_server: DemoServer
) -> None:
    app = open_on(terminal, hostile_server.host, **WIDE)
    pick(app, "hostile-clipboard")
    app.send("G")  # below its project
    app.send("C")
    app.wait_for(lambda app: "Copied docker inspect" in toast(app))
    app.wait_for(lambda app: read(app.raw).copied)
    [copied] = read(app.raw).copied
    assert b64decode(copied.removeprefix("52;c;")) == b"docker inspect hostile-clipboard"
    quit_clean(app)


# Any text

EXAMPLES = int(os.environ.get("DSTUI_TEST_HOSTILE_EXAMPLES", "4"))


@pytest.fixture(scope="module")
def open_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoServer, Terminal]]:
    """One dstui for all examples."""
    path = tmp_path_factory.mktemp("demo") / "docker.sock"
    with (
        DemoServer(World(1), path, pace=SLOW_STATS) as server,
        Terminal([DSTUI, "--host", server.host], **WIDE) as app,
    ):
        app.wait_for(is_listed)
        yield server, app
        quit_clean(app)


def container_of(world: World, number: int, texts: list[str]) -> Container:
    """A container that has these texts wherever there is text."""
    name, label, value, env, argument, log, user, path = texts
    now = world.clock()
    image = Image(
        id=f"sha256:{digest('property', number)}",
        tags=[f"property/{name}:{number}{label}"],
        digests=[],
        layers=(Layer(f"RUN {argument}", 1000, value, f"sha256:{digest('layer', number)}", 1.0),),
        created=now,
        entrypoint=[argument],
        cmd=[value],
        env=[f"{label}={env}"],
        labels={label: value},
    )
    return Container(
        id=digest("property container", number),
        name=f"property-{number}-{name}",
        image=image,
        image_name=image.tags[0],
        path=path,
        args=[argument],
        created=now,
        env=[f"TOKEN_{env}={value}", env],
        labels={label: value, "dstui.owner": user},
        user=user,
        workdir=path,
        mounts=[Mount("volume", f"property-{number}-{value}", f"/{path}")],
        load=Load(),
        processes=(argument, env),
        logs=log,
        log_every_s=0.5,
        seed=number,
        pid=world.population.next_pid(),
        state="running",
        started=now - 5,
    )


def show(server: DemoServer, container: Container) -> None:
    with server.world.changed:
        server.world.images.append(container.image)
        volume = container.mounts[0].source
        server.world.volumes[volume] = Volume(volume, container.created, 1000)
        server.world.containers[container.id] = container
        server.world.changed.notify_all()
    server.world.tell(container, "create")
    server.world.tell(container, "start")


def remove(server: DemoServer, container: Container) -> None:
    with server.world.changed:
        del server.world.containers[container.id]
        server.world.changed.notify_all()
    server.world.tell(container, "destroy")


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=st.lists(anything, min_size=8, max_size=8))
def test_whatever_a_container_says_is_shown_harmlessly(
    open_lab: tuple[DemoServer, Terminal], monkeypatch: pytest.MonkeyPatch, texts: list[str]
) -> None:
    server, app = open_lab
    number = len(server.world.images)
    log = texts[5].encode("utf-8", "surrogateescape" if texts[5].isascii() else "replace")
    monkeypatch.setitem(loglines._WRITERS, texts[5], lambda *_: (1 + number % 2, log))
    container = container_of(server.world, number, texts)
    before = len(app.raw)
    show(server, container)
    app.send(f"/property-{number}-", "enter")
    app.wait_for(lambda app: f"/property-{number}-  1 of " in app.text)
    app.wait_for(lambda app: f"property-{number}-" in app.text.partition("NAME")[2])
    for key in "i]v]]":
        app.send(key)
        app.wait_calm()
    app.send("l")
    app.wait_for(lambda app: re.search(r"following · [1-9]", app.text))
    app.send("tab", "D")
    app.wait_for("Force remove")
    escape(app, "Force remove")
    remove(server, container)
    app.wait_for(f"/property-{number}-  0 of ")
    escape(app, f"/property-{number}-")
    assert_harmless(app.raw[before:])


@pytest.mark.parametrize("text", COMMANDS)
def test_the_reader_of_sequences_is_strict(text: str) -> None:
    raw = f"\x1b[1;1H\x1b[38;2;1;2;3m{text}\x1b[0m".encode("utf-8", "surrogatepass")
    written = read(raw)
    assert written.unexpected or written.left or written.copied
