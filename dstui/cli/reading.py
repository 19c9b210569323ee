"""Reading an image's files on the command line: which source, how far it is, Ctrl-C to cancel."""

import shutil
import sys
import threading
from contextlib import suppress

import click

from dstui.cli.exits import complain
from dstui.domain.image import Image
from dstui.domain.layers.index import Source
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.text import clean
from dstui.render.layer_facts import cost_words
from dstui.session import Session

CANCELLED = 130
_PATIENCE_S = 10.0
_ERASE = "\r\x1b[K"

source_option = click.option(
    "--source",
    type=click.Choice([source.value for source in Source]),
    help="Where to read it, if not from the best one: the engine's records on disk, the same over "
    "its socket (through a container that is never started), or the image's archive. An index "
    "that is in the cache is taken as it is.",
)


def read_index(session: Session, image: Image, chosen: str | None) -> IndexedImage:
    """The index of an image. What takes minutes, or a container, is said on standard error."""
    only = Source(chosen) if chosen else _best(session, image)
    if only is Source.TAR_SPLIT_SOCKET:
        cost = session.index_cost(image.id)
        if not cost.cached:
            words = "the engine's records are read through a container that is never started"
            complain(f"{words}: {cost.socket_command}".rstrip(": "))
    progress, cancel = _Progress(), threading.Event()
    running = session.background.submit(
        session.image_index, image.id, progress.show, cancel, only=only
    )
    try:
        return running.result()
    except KeyboardInterrupt:
        raise click.exceptions.Exit(CANCELLED) from None
    finally:
        cancel.set()
        with suppress(Exception):  # it may have a container to remove
            running.result(_PATIENCE_S)
        progress.end()


def _best(session: Session, image: Image) -> Source | None:
    cost = session.index_cost(image.id)
    if cost.cached or cost.source is Source.TAR_SPLIT:
        return Source.TAR_SPLIT
    if cost.socket_command and session.may_read_records():
        return Source.TAR_SPLIT_SOCKET
    words = f"reading the image's archive: {cost_words(cost)}"
    if cost.socket_command:
        words += f"; --source {Source.TAR_SPLIT_SOCKET.value} takes a few seconds"
    complain(words)
    return Source.ARCHIVE


class _Progress:
    """Redraws a line on standard error, if that is a terminal; nothing of it stays."""

    def __init__(self) -> None:
        self._drawn = False
        self._on_terminal = sys.stderr.isatty()

    def show(self, done: float | None, words: str) -> None:
        """Called on the thread that reads."""
        if self._on_terminal:
            percent = "" if done is None else f"{100 * done:3.0f}%  "
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(_ERASE + f"{percent}{clean(words)}"[:width])
            sys.stderr.flush()
            self._drawn = True

    def end(self) -> None:
        """Wipe it away."""
        if self._drawn:
            sys.stderr.write(_ERASE)
            sys.stderr.flush()
