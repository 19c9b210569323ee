"""The indexes of images: read on a thread, told how far it is, and kept for a second look."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from dstui.domain.layers.index import Source
from dstui.session import Session

if TYPE_CHECKING:
    from dstui.domain.layers.indexed import IndexedImage

_KEPT = 3
"""So many are in memory: two to compare, and one that was looked at before."""
_PATIENCE_S = 3.0
"""How long an end waits for what was cancelled: a container may have to be removed."""


class Reading:
    """One index that is being read. `asked` is one that takes long and that was asked for."""

    def __init__(self, image_id: str, asked: bool) -> None:
        self.image_id = image_id
        self.asked = asked
        self.done: float | None = 0.0
        self.words = ""
        self.cancelled = threading.Event()
        self.ended: asyncio.Future[IndexedImage] | None = None

    def progress(self, done: float | None, words: str) -> None:
        """Called on the thread that reads."""
        self.done, self.words = done, words

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.ended is None or not self.ended.done()


class ImageIndexes:
    """Reads at most one index that was asked for and one that was not: the newest of each."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[str, IndexedImage] = {}
        self._readings: dict[str, Reading] = {}

    def known(self, image_id: str) -> "IndexedImage | None":
        """An index that has been read."""
        found = self._kept.pop(image_id, None)
        if found is not None:
            self._kept[image_id] = found
        return found

    def reading(self, image_id: str | None) -> Reading | None:
        """The reading of an image that is on its way."""
        found = self._readings.get(image_id) if image_id else None
        return found if found is not None and found.running else None

    async def read(
        self,
        image_id: str,
        source: Source | None,
        asked: bool,
        began: Callable[[Reading], None] = lambda reading: None,
    ) -> "IndexedImage":
        """Read one, or wait for the reading that is on its way.

        Raises `IndexCancelledError`, or what the engine could not do.
        """
        reading = self.reading(image_id)
        if reading is None:
            self._cancel(r for r in self._readings.values() if r.asked == asked)
            reading = self._begin(image_id, source, asked)
        began(reading)
        assert reading.ended is not None
        return await asyncio.shield(reading.ended)

    def _begin(self, image_id: str, source: Source | None, asked: bool) -> Reading:
        reading = self._readings[image_id] = Reading(image_id, asked)
        future = self._session.background.submit(
            self._session.image_index,
            image_id,
            reading.progress,
            reading.cancelled,
            only=source,
        )
        reading.ended = asyncio.wrap_future(future)
        reading.ended.add_done_callback(lambda ended: self._keep(image_id, ended))
        return reading

    def _keep(self, image_id: str, ended: "asyncio.Future[IndexedImage]") -> None:
        if not ended.cancelled() and ended.exception() is None:
            self._kept[image_id] = ended.result()
            while len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]

    def cancel(self, image_id: str) -> bool:
        """Read it no further; whether it was being read."""
        reading = self.reading(image_id)
        if reading is not None:
            reading.cancelled.set()
        return reading is not None

    def _cancel(self, readings: Iterable[Reading]) -> None:
        for reading in readings:
            reading.cancelled.set()

    async def close(self) -> None:
        """Cancel all, and give them a moment to clean up behind themselves."""
        running = [reading for reading in self._readings.values() if reading.running]
        self._cancel(running)
        if ends := [reading.ended for reading in running if reading.ended is not None]:
            await asyncio.wait(ends, timeout=_PATIENCE_S)
