"""`dstui logs` on a terminal: a line whose end has not come stands there as it is."""

import io
import sys
from typing import Any

import pytest

from dstui.cli.container_commands import _Printer
from dstui.domain.logline import LogBatch, LogLine, Stream


class _Stream(io.TextIOWrapper):
    def __init__(self, tty: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty

    @property
    def written(self) -> str:
        buffer: Any = self.buffer
        return str(buffer.getvalue().decode())


def line(text: str) -> LogLine:
    return LogLine("c", Stream.STDOUT, text)


@pytest.mark.parametrize(
    ("tty", "wanted"),
    [(True, "one\n1 %\r\x1b[K2 %\r\x1b[Kdone\n"), (False, "one\n1 %\r2 %\rdone\n")],
)
def test_it_changes_in_place_and_a_pipe_gets_it_once(
    monkeypatch: pytest.MonkeyPatch, tty: bool, wanted: str
) -> None:
    stdout = _Stream(tty)
    monkeypatch.setattr(sys, "stdout", stdout)
    monkeypatch.setattr(sys, "stderr", _Stream(tty))
    printer = _Printer(timestamps=False)
    printer.take(LogBatch((line("one"),), begun=(line("1 %"),)))
    printer.take(LogBatch((), begun=(line("1 %\r2 %"),)))
    printer.take(LogBatch((line("1 %\r2 %\rdone"),), ended=True))
    assert stdout.written == wanted
