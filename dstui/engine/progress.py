"""The engine's progress messages of a pull, push or load, as the state of the whole."""

import re
from dataclasses import dataclass, replace
from typing import Any

from dstui.domain.foreign_json import read_json
from dstui.domain.text import clean
from dstui.domain.transfer import LayerProgress, TransferProgress
from dstui.engine.convert.read import Json, mapping, text, whole

_LONGEST_LINE = 1024 * 1024
_MOST_LAYERS = 1000
_DIGEST = re.compile(r"digest:? (?P<digest>sha256:[0-9a-f]{64})", re.IGNORECASE)
_LOADED = re.compile(r"Loaded image(?: ID)?: (?P<name>\S+)")
_DONE = (
    "Pull complete",
    "Pushed",
    "Already exists",
    "Layer already exists",
    "Mounted from",
    "Saved",
    "Loaded",
)
_STEPS = {
    "Downloading": (0.0, 0.5),
    "Verifying Checksum": (0.5, 0.5),
    "Download complete": (0.5, 0.5),
    "Extracting": (0.5, 1.0),
    "Pushing": (0.0, 1.0),
    "Loading layer": (0.0, 1.0),
    "Saving": (0.0, 1.0),
    "Sending": (0.0, 0.5),
    "Sent": (0.5, 0.5),
}
"""Which part of a layer's way each step is: where a layer is fetched and unpacked, half each."""


@dataclass(slots=True)
class _Layer:
    progress: LayerProgress
    bytes: int | None = None
    """Its size, once a step has told it."""
    way: float = 0.0
    """From 0 to 1, over all steps."""


class Tracker:
    """Takes messages; `progress` is where things are, `error` what ended it, if anything."""

    def __init__(self) -> None:
        self.error = ""
        self.digest = ""
        self.loaded: list[str] = []
        self.notes: list[str] = []
        self._layers: dict[str, _Layer] = {}
        self._message = ""
        self._fraction: float | None = None
        self._rest = b""
        self._ended = False

    @property
    def progress(self) -> TransferProgress:
        """How far it is."""
        layers = tuple(layer.progress for layer in self._layers.values())
        return TransferProgress(layers, self._whole(), self._message)

    def feed(self, data: bytes) -> None:
        """Take bytes of the stream, however they are cut."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            self._rest = b""
        for line in lines:
            self._read(line)

    def end(self) -> None:
        """Take what came last, even without the end of its line."""
        self._read(self._rest)
        self._rest = b""
        self._ended = True
        if not self.error:
            for layer in self._layers.values():
                layer.progress = replace(layer.progress, done=True)

    def _read(self, line: bytes) -> None:
        try:
            self.take(read_json(line))
        except ValueError:
            return  # an empty line, or half of one

    def take(self, message: Any) -> None:
        """Take one message."""
        fields = mapping(message)
        if fields.get("error") or fields.get("errorDetail"):
            detail = mapping(fields.get("errorDetail"))
            self.error = text(detail.get("message")) or text(fields.get("error")) or "it failed"
        if digest := text(mapping(fields.get("aux")).get("Digest")):
            self._keep_digest(f"digest {digest}")
        status, layer = text(fields.get("status")), text(fields.get("id"))
        if layer and status and not status.startswith("Pulling from"):
            self._detailed_step(layer, status, mapping(fields.get("progressDetail")))
        elif said := status or text(fields.get("stream")).strip():
            self._say(said)

    def _say(self, said: str) -> None:
        self._message = clean(said)
        self._keep_digest(said)
        if found := _LOADED.search(said):
            self.loaded.append(found["name"])
        if "renaming the old one" in said:
            self.notes.append(self._message)

    def _keep_digest(self, said: str) -> None:
        if found := _DIGEST.search(said):
            self.digest = found["digest"]

    def _detailed_step(self, layer: str, status: str, detail: Json) -> None:
        if detail.get("units"):  # it counts seconds
            self.step(layer, status)
        else:
            self.step(layer, status, whole(detail.get("current")), whole(detail.get("total")))

    def step(
        self, identifier: str, status: str, current: int | None = None, total: int | None = None
    ) -> None:
        """Say where one layer, or a file, is."""
        if identifier not in self._layers and len(self._layers) >= _MOST_LAYERS:
            return
        done = status.startswith(_DONE)
        layer = self._layers.setdefault(identifier, _Layer(LayerProgress(identifier, status)))
        layer.progress = LayerProgress(identifier, status, current, total, done)
        layer.bytes = total or layer.bytes
        begin, end = (1.0, 1.0) if done else _STEPS.get(status, (0.0, 0.0))
        layer.way = begin + (end - begin) * (layer.progress.fraction or 0.0)

    def _whole(self) -> float | None:
        """By bytes where they are known; a layer of unknown size counts as the mean of the others.

        One that was there already has no size: there is nothing to do for it.
        """
        layers = self._layers.values()
        if self._ended and not self.error:
            return 1.0
        if not layers:
            return None
        known = [layer.bytes for layer in layers if layer.bytes]
        mean = sum(known) / len(known) if known else 1.0
        work = [
            (layer.bytes or mean, layer.way)
            for layer in layers
            if layer.bytes or not layer.progress.done
        ]
        weight = sum(size for size, _ in work)
        now = sum(size * way for size, way in work) / weight if weight else 1.0
        self._fraction = max(now, self._fraction or 0.0)
        return self._fraction
