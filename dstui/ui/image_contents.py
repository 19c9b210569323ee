"""What is in the images: read in the background, each once, as an image never changes."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from dstui.domain.engine import EngineError
from dstui.domain.image import Image

if TYPE_CHECKING:
    from dstui.domain.facts.fact import ImageFact
    from dstui.session import Session

P = ParamSpec("P")
T = TypeVar("T")


class ImageContents:
    """Config first, then the facts of a few small files, then those of all files at hand."""

    def __init__(self, session: "Session", changed: Callable[[], None]) -> None:
        """`changed` is called on the app's loop when there is more to tell."""
        self._session = session
        self._changed = changed
        self._inspected: dict[str, Image] = {}
        self._facts: dict[str, tuple[ImageFact, ...]] = {}
        self._reading: set[str] = set()

    def of(self, image: Image) -> "tuple[Image, tuple[ImageFact, ...] | None]":
        """The image with what an inspect tells of it, and the facts; as far as they were read."""
        facts = self._facts.get(image.id)
        known = self._inspected.get(image.id)
        if known is None:
            return image, facts
        names = {"references": image.references, "digests": image.digests}
        measured = {"shared_bytes": image.shared_bytes}
        return replace(known, **names, **measured), facts  # type: ignore[arg-type]

    async def inspect(self, image_id: str) -> None:
        """Read its config; at once."""
        if image_id not in self._inspected:
            self._inspected[image_id] = await self._ask(self._session.find_image, image_id)
            self._changed()

    async def read(self, image_id: str) -> None:
        """Look into it, through a container that is never started; half a second."""
        if image_id in self._facts or image_id in self._reading:
            return
        self._reading.add(image_id)
        try:
            facts = await self._ask(self._session.image_facts, image_id)
            self._keep(image_id, facts)
            files = await self._ask(self._session.layer_files, image_id)
            if files is not None:
                self._keep(image_id, await self._ask(self._session.image_facts, image_id, files))
        finally:
            self._reading.discard(image_id)

    async def read_all(self, image_ids: Iterable[str]) -> None:
        """Look into several, one after the other; what cannot be read is passed over."""
        for image_id in image_ids:
            try:
                await self.read(image_id)
            except EngineError:
                continue

    def _keep(self, image_id: str, facts: "tuple[ImageFact, ...]") -> None:
        self._facts[image_id] = facts
        self._changed()

    async def _ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        future = self._session.background.submit(call, *args, **kwargs)
        return await asyncio.wrap_future(future)
