"""The bytes of a log stream, taken apart into lines.

A flood costs little: a line that is dropped is counted, never decoded.
"""

import re
from collections import deque
from collections.abc import Iterator

from dstui.domain.logline import LogLine, Stream

MOST_LINES = 2_000
"""Kept between two calls of `take`; of a flood a person could not read even these."""
MOST_BYTES = 2 * 1024 * 1024
LONGEST_LINE = 10_000
"""Bytes shown of a line. The engine itself cuts lines into messages of 16 KiB."""

_HEADER = 8
_LONGEST_FRAME = 4 * 1024 * 1024
"""An engine sends 16 or 32 KiB at a time."""
_STREAMS = {1: Stream.STDOUT, 2: Stream.STDERR}
_TIME = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:\d\d)) ?")


class Frames:
    """Takes a multiplexed stream apart, however its bytes are cut."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Each frame that `data` completes: its stream (1 stdout, 2 stderr) and its content.

        Raises `ValueError` when this is no multiplexed stream.
        """
        buffer = self._rest + data if self._rest else data
        at, size = 0, len(buffer)
        while at + _HEADER <= size:
            length = int.from_bytes(buffer[at + 4 : at + _HEADER])
            if length > _LONGEST_FRAME or buffer[at] > 3:
                raise ValueError("not a multiplexed stream")
            start = at + _HEADER
            if start + length > size:
                break
            yield buffer[at], buffer[start : start + length]
            at = start + length
        self._rest = buffer[at:]


class LineBuffer:
    """Puts a container's lines together and keeps them until they are taken.

    While it `drops`, only the newest are kept.
    """

    def __init__(self, container_id: str) -> None:
        self.drops = False
        self.received = 0
        """Lines that have come so far, dropped ones among them."""
        self._container_id = container_id
        self._kept: deque[tuple[int, bytes, int]] = deque()
        self._kept_bytes = 0
        self._skipped = 0
        self._begun: dict[int, _Begun] = {}
        self._begun_changed = False

    @property
    def full(self) -> bool:
        """Whether as much is kept as should be at once."""
        return len(self._kept) >= MOST_LINES or self._kept_bytes >= MOST_BYTES

    @property
    def empty(self) -> bool:
        """Whether there is nothing new to take, nor in what has begun."""
        return not (self._kept or self._skipped or self._begun_changed)

    @property
    def dropping(self) -> bool:
        """Whether lines have been dropped since the last `take`."""
        return self._skipped > 0

    def add(self, stream: int, message: bytes) -> None:
        """A message of the engine: a line, a part of one, or several."""
        if stream not in self._begun and 0 <= message.find(b"\n") == len(message) - 1:
            self._keep(stream, message, 0)
            return
        *lines, rest = message.split(b"\n")
        for line in lines:
            self._begin(stream, line)
            self._finish(stream)
        if rest:
            self._begin(stream, rest)

    def end(self) -> None:
        """No more comes: what has begun is a line too."""
        for stream in tuple(self._begun):
            self._finish(stream)

    def drop_begun(self) -> None:
        """What has begun will come again from its start."""
        self._begun.clear()
        self._begun_changed = True

    def begun(self) -> tuple[LogLine, ...]:
        """The lines whose end has not come, as they are now."""
        self._begun_changed = False
        return tuple(self._line(n, bytes(b.start), b.cut) for n, b in self._begun.items())

    def take(self) -> tuple[tuple[LogLine, ...], int]:
        """The kept lines, and how many were dropped before them."""
        lines = tuple(self._line(*kept) for kept in self._kept)
        skipped = self._skipped
        self._kept.clear()
        self._kept_bytes = self._skipped = 0
        return lines, skipped

    def _begin(self, stream: int, part: bytes) -> None:
        begun = self._begun.get(stream)
        if begun is None:
            begun = self._begun[stream] = _Begun()
        elif time := _TIME.match(part):  # each message of a long line has a time of its own
            part = part[time.end() :]
        begun.extend(part)
        self._begun_changed = True

    def _finish(self, stream: int) -> None:
        begun = self._begun.pop(stream)
        self._begun_changed = True
        self._keep(stream, bytes(begun.start), begun.cut)

    def _keep(self, stream: int, line: bytes, cut: int) -> None:
        self.received += 1
        self._kept.append((stream, line, cut))
        self._kept_bytes += len(line)
        while self.drops and self._kept and self.full:
            self._kept_bytes -= len(self._kept.popleft()[1])
            self._skipped += 1

    def _line(self, stream: int, line: bytes, cut: int) -> LogLine:
        time = _TIME.match(line)
        text = line[time.end() :] if time else line
        if len(text) > LONGEST_LINE + 2:
            text = text.rstrip(b"\r\n").rpartition(b"\r")[2]
        if cut or len(text) > LONGEST_LINE + 2:
            cut += len(text) - LONGEST_LINE
            text = text[:LONGEST_LINE]
        else:
            text = text.removesuffix(b"\n").removesuffix(b"\r")
        return LogLine(
            self._container_id,
            _STREAMS.get(stream, Stream.STDOUT),
            text.decode(errors="replace") + (f" … {cut:,} more bytes" if cut > 0 else ""),
            time[1].decode() if time else "",
        )


class _Begun:
    """The start of a line whose end has not come, and how many bytes of it were cut off.

    Where there is no room for all of it, only what no carriage return overwrites is kept.
    """

    _ROOM = LONGEST_LINE + 64  # for the time, which is not a part of the text

    def __init__(self) -> None:
        self.start = bytearray()
        self.cut = 0
        self._returned = False

    def extend(self, part: bytes) -> None:
        """Take over the next part."""
        if len(self.start) + len(part) > self._ROOM:
            part = self._last_state(part)
        self._returned = part.endswith(b"\r") or (self._returned and not part)
        room = max(self._ROOM - len(self.start), 0)
        self.start += part[:room]
        self.cut += max(len(part) - room, 0)

    def _last_state(self, part: bytes) -> bytes:
        """Forget what is overwritten; the part without what it overwrites itself."""
        if not self._returned and b"\r" not in part.rstrip(b"\r"):
            return part
        time = _TIME.match(self.start) or _TIME.match(part)
        self.start[:] = time[0] if time else b""
        self.cut = 0
        return part.rstrip(b"\r").rpartition(b"\r")[2]
