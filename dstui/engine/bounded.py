"""Bounds on what an engine answers: nothing it sends may take memory or time without end."""

import http.client
import time
from contextlib import suppress

LARGEST_ANSWER = 32 << 20
"""A list of ten thousand containers has about twenty million bytes."""
LARGEST_OBJECT = 4 << 20
"""The description of one object; most have some thousand bytes."""
_PIECE = 64 << 10
_SLOWEST_RATE = 10_000
"""Bytes a second of an answer that comes over a bad line; a slower one is held up on purpose."""


class AnswerTooLargeError(http.client.HTTPException):
    """The answer has more bytes than anybody needs to know."""

    def __init__(self, largest: int) -> None:
        size = f"{largest >> 20} MiB" if largest >= 1 << 20 else f"{largest >> 10} KiB"
        super().__init__(f"the engine's answer is larger than {size}")


class StrictResponse(http.client.HTTPResponse):
    """Takes no chunk of negative size, which the library would read as "all that ever comes"."""

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]
        if size < 0:
            with suppress(OSError):
                self.close()
            raise ValueError("a chunk of negative size")
        return size


def whole_body(response: http.client.HTTPResponse, largest: int, timeout_s: float | None) -> bytes:
    """All of the body. Raises `AnswerTooLargeError`, `TimeoutError` when it takes longer than
    `timeout_s` at less than a tolerable rate, and what `http.client` raises.
    """
    expected = response.length
    if expected is not None and expected > largest:
        raise AnswerTooLargeError(largest)
    began, size, pieces = time.monotonic(), 0, []
    while piece := response.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > largest:
            raise AnswerTooLargeError(largest)
        if timeout_s is not None and _too_slow(time.monotonic() - began, size, timeout_s):
            raise TimeoutError
    if expected is not None and size < expected:
        raise http.client.IncompleteRead(b"", expected - size)
    response.close()
    return b"".join(pieces)


def _too_slow(seconds: float, size: int, timeout_s: float) -> bool:
    return seconds > timeout_s + size / _SLOWEST_RATE
