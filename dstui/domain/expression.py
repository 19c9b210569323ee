"""Regular expressions that a person types, matched by RE2.

Python's own engine can take for ever for some (`(a+)+b` on forty letters), and its compiler ends
with errors that are none of its own; RE2 takes a time that grows with the text alone, and refuses
what would be too large. In return it knows no look-around and no back-references.
"""

import time
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from dstui.domain.text import clean

if TYPE_CHECKING:
    import re2

_LONGEST = 1000
_MEMORY = 1 << 20
_TRIAL = 256
"""Letters of a trial, which shows whether a line's time is one that nobody notices."""
_TRIALS_S = 0.004
"""Of the processor, for all trials: a plain expression takes a hundredth of it."""


class ExpressionError(ValueError):
    """The text is no regular expression, or one that would take too long; says why."""


class Expression:
    """Searches a text; may be used from any thread."""

    def __init__(self, source: str, ignore_case: bool = True) -> None:
        """Raises `ExpressionError`."""
        if len(source) > _LONGEST:
            raise ExpressionError(f"it has more than {_LONGEST} characters")
        self._search = _compiled(source, ignore_case)
        if _seconds(self._search, source) > _TRIALS_S:
            raise ExpressionError("it would take too long")

    def found_in(self, text: str) -> bool:
        """Whether it is somewhere in the text."""
        return self._search.search(_encodable(text)) is not None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where in the text it is: start and end of each place, in characters."""
        for found in self._search.finditer(_encodable(text)):
            yield found.span()


def _compiled(source: str, ignore_case: bool) -> "re2._Regexp":
    import re2

    try:
        return re2.compile(source, _options(ignore_case))
    except UnicodeEncodeError:
        raise ExpressionError("it is not valid Unicode") from None
    except re2.error as error:
        said = error.args[0] if error.args else b""
        words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise ExpressionError(clean(words, 100)) from None


@cache
def _options(ignore_case: bool) -> "re2.Options":
    import re2

    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


def _seconds(search: "re2._Regexp", source: str) -> float:
    """What it takes of the processor for texts of the kind that costs most: its own letters."""
    letters = "".join(letter for letter in source if letter.isalnum()) or "a"
    own = (letters * _TRIAL)[:_TRIAL]
    began = time.thread_time()
    for text in (letters[0] * _TRIAL, own, "a" * _TRIAL, "aZ09 _-./:é" * (_TRIAL // 11)):
        search.search(text)
        if time.thread_time() - began > _TRIALS_S:
            break
    return time.thread_time() - began


def _encodable(text: str) -> str:
    """A file's name may hold bytes that are no text: a stand-in for each."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
