"""Bytes on their way to the terminal, which may take them slowly, or not at all."""

import os
import termios
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from dstui.tty import nonblocking_twin, write_some, write_within

BEHIND_BYTES = 4096
"""More than this under way: a further picture would only be seen late."""
_LAST_WORDS_S = 0.4
_STEP_S = 0.1


class ScreenOutput:
    """Writes on a thread of its own: whoever paints never waits for the terminal.

    `lost` is called there when the terminal is gone, `caught_up` when all has been taken after
    it was `behind`.
    """

    def __init__(
        self, descriptor: int, lost: Callable[[], object], caught_up: Callable[[], object]
    ) -> None:
        self._descriptor = nonblocking_twin(descriptor)
        self._lost = lost
        self._caught_up = caught_up
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._was_behind = self._stopping = self._gone = False
        self._news = threading.Condition()
        self._stopped = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="screen", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def write(self, text: str) -> None:
        """Have it written as soon as the terminal takes it."""
        data = text.encode(errors="replace")
        with self._news:
            if not (self._stopping or self._gone):
                self._pieces.append(data)
                self._waiting += len(data)
                self._news.notify()

    @property
    def behind(self) -> bool:
        """Whether the terminal takes less than it is sent; asking has it tell when that ends."""
        with self._news:
            behind = self._waiting > BEHIND_BYTES
            self._was_behind = self._was_behind or behind  # whoever was told so is told the end
            return behind

    def stop(self, last_words: str) -> None:
        """Drop what was not taken yet, write the last words if the terminal takes them in time.

        Takes a second at most. What may have been cut in two, the last words must end.
        """
        with self._stopped:
            with self._news:
                if self._stopping:
                    return
                self._stopping = True
                cut = self._waiting > 0
                self._news.notify()
            if cut:
                with suppress(termios.error):  # what the kernel holds is in the way as well
                    termios.tcflush(self._descriptor, termios.TCOFLUSH)
            self._thread.join(2 * _STEP_S)
            write_within(self._descriptor, last_words.encode(), _LAST_WORDS_S)
            os.close(self._descriptor)

    def _run(self) -> None:
        while (piece := self._next()) is not None:
            try:
                self._send(piece)
            except OSError:
                self._forget()
                self._lost()

    def _next(self) -> bytes | None:
        with self._news:
            while not (self._pieces or self._stopping):
                self._news.wait()
            return None if self._stopping else self._pieces.popleft()

    def _send(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest and not self._stopping:
            sent = write_some(self._descriptor, rest, _STEP_S)
            rest = rest[sent:]
            with self._news:
                self._waiting -= sent
                tell = self._was_behind and not self._waiting
                self._was_behind = self._was_behind and not tell
            if tell:
                self._caught_up()

    def _forget(self) -> None:
        with self._news:
            self._gone = True
            self._pieces.clear()
            self._waiting = 0
