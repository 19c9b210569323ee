"""Bytes that come once, taken or skipped in order."""

from collections.abc import Callable

from dstui.engine.index.tarheader import BadTarError

PIECE = 1 << 20


class ByteStream:
    """Takes exact amounts from a source that gives what it has; `read` gives nothing at the end."""

    __slots__ = ("_at", "_buffer", "_passed", "_read")

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read
        self._buffer = b""
        self._at = 0
        self._passed = 0

    @property
    def position(self) -> int:
        """How many bytes were taken or skipped."""
        return self._passed + self._at

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay; fewer at the end."""
        while len(self._buffer) - self._at < size:
            more = self._read()
            if not more:
                break
            self._passed += self._at
            self._buffer = self._buffer[self._at :] + more
            self._at = 0
        return self._buffer[self._at : self._at + size]

    def take(self, size: int) -> bytes:
        """The next bytes. Raises `BadTarError` where the stream ends before."""
        end = self._at + size
        if end <= len(self._buffer):
            taken = self._buffer[self._at : end]
            self._at = end
            return taken
        taken = self.peek(size)
        if len(taken) < size:
            raise BadTarError("the archive is cut off")
        self._at += size
        return taken

    def some(self, most: int) -> bytes:
        """What is at hand, or comes next, up to so many bytes; nothing at the end."""
        if self._at == len(self._buffer):
            self._passed += self._at
            self._buffer, self._at = self._read(), 0
        if not self._at and len(self._buffer) <= most:
            taken = self._buffer
        else:
            taken = self._buffer[self._at : self._at + most]
        self._at += len(taken)
        return taken

    def skip(self, size: int) -> None:
        """Pass over bytes. Raises `BadTarError` where the stream ends before."""
        end = self._at + size
        while end > len(self._buffer):
            end -= len(self._buffer)
            self._passed += len(self._buffer)
            self._buffer, self._at = self._read(), 0
            if not self._buffer:
                raise BadTarError("the archive is cut off")
        self._at = end

    def window(self, size: int) -> "Window":
        """The next bytes as a stream of their own."""
        return Window(self, size)


class Window:
    """A part of a stream; `finish` passes over what of it was not read."""

    def __init__(self, stream: ByteStream, size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self) -> bytes:
        """What comes next of the part; nothing at its end."""
        piece = self._stream.some(min(self._left, PIECE)) if self._left else b""
        if self._left and not piece:
            raise BadTarError("the archive is cut off")
        self._left -= len(piece)
        return piece

    def finish(self) -> None:
        """Pass over the rest."""
        self._stream.skip(self._left)
        self._left = 0
