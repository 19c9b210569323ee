"""Getting at an index: at once where that is quick, else after a question."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from textual.app import App

from dstui.domain.layers.index import Source
from dstui.domain.layers.reading import UnreadableImageError
from dstui.domain.text import clean
from dstui.session import Session
from dstui.ui.layers.indexes import ImageIndexes, Reading

if TYPE_CHECKING:
    from dstui.domain.layers.indexed import IndexedImage
    from dstui.domain.layers.reading import IndexCost

P = ParamSpec("P")
T = TypeVar("T")

Began = Callable[[Reading], None]


async def obtain(
    app: App[object],
    session: Session,
    indexes: ImageIndexes,
    image_id: str,
    name: str,
    asked: bool,
    began: Began = lambda reading: None,
) -> "IndexedImage | None":
    """The index of an image; `None` where it would cost something and nobody said yes.

    What was not `asked` for is read only where that takes a second. Raises `IndexCancelledError`
    and `EngineError`.
    """
    if (known := indexes.known(image_id)) is not None:
        return known
    if (reading := indexes.reading(image_id)) is not None:
        return await indexes.read(image_id, None, reading.asked, began)
    cost = await _ask(session, session.index_cost, image_id)
    why = ""
    if cost.cached or cost.source is Source.TAR_SPLIT:
        try:
            return await indexes.read(image_id, Source.TAR_SPLIT, asked, began)
        except UnreadableImageError as error:
            if not asked:
                raise
            why = clean(error.message)
    elif not asked:
        return None
    return await _after_a_question(app, session, indexes, cost, (image_id, name, why), began)


async def _after_a_question(
    app: App[object],
    session: Session,
    indexes: ImageIndexes,
    cost: "IndexCost",
    image: tuple[str, str, str],
    began: Began,
) -> "IndexedImage | None":
    from dstui.ui.screens.index_source import IndexSourceScreen, ways

    image_id, name, why = image
    found = ways(cost, name, session.read_only)
    if cost.socket_command and not why and await _ask(session, session.may_read_records):
        try:
            return await indexes.read(image_id, Source.TAR_SPLIT_SOCKET, True, began)
        except UnreadableImageError as error:
            why, found = clean(error.message), found[1:]
    source = await app.push_screen_wait(IndexSourceScreen(name, found, why))
    if source is None:
        return None
    if source is Source.TAR_SPLIT_SOCKET:
        problem = await _ask(session, session.allow_reading_records)
        if problem:
            app.notify(f"Cannot remember it: {clean(problem)}", severity="warning", markup=False)
    return await indexes.read(image_id, source, True, began)


async def _ask(session: Session, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return await asyncio.wrap_future(session.background.submit(call, *args, **kwargs))
