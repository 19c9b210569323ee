"""The filter language: `text`, `/regex/`, `field:value`, `field:>10`, `!not`, `"with spaces"`.

Terms are separated by spaces and all of them must hold. Text is compared without regard to case.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from operator import ge, gt, le, lt

from dstui.domain.expression import Expression, ExpressionError
from dstui.domain.quantity import parse_quantity

Test = Callable[[str], bool]

_COMPARISONS = {">=": ge, "<=": le, ">": gt, "<": lt}
_FIELD = re.compile(r"([A-Za-z][\w.-]*):")


class FilterError(ValueError):
    """What is wrong with the text of a filter, and at which character of it."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. Without a `field` any of the default fields may satisfy it."""

    test: Test
    field: str | None = None
    negated: bool = False

    def holds(self, field_text: Callable[[str], str], default_fields: Collection[str]) -> bool:
        """Whether the condition is met by an object whose fields `field_text` tells."""
        fields = default_fields if self.field is None else (self.field,)
        return any(self.test(field_text(field)) for field in fields) != self.negated


@dataclass(frozen=True, slots=True)
class Filter:
    """All the conditions of one filter text; an empty filter keeps everything."""

    terms: tuple[Term, ...]

    def matches(self, field_text: Callable[[str], str], default_fields: Collection[str]) -> bool:
        """Whether every term holds."""
        return all(term.holds(field_text, default_fields) for term in self.terms)


def parse(text: str, fields: Collection[str]) -> Filter:
    """Read a filter; `word:` is a field only when `fields` has it, so that `python:3.11` is text.

    Raises `FilterError` for a broken regex and for a field that is a likely slip of the pen.
    """
    return Filter(tuple(_Reader(text, fields).terms()))


class _Reader:
    """Reads one term after the other, from left to right."""

    def __init__(self, text: str, fields: Collection[str]) -> None:
        self._text = text
        self._fields = fields
        self._at = 0

    def terms(self) -> Iterator[Term]:
        while self._skip_spaces():
            negated = self._take("!")
            field = self._field()
            if self._done or self._text[self._at].isspace():
                continue  # still being typed: `!`, `owner:`
            yield Term(self._test(compares=field is not None), field, negated)

    @property
    def _done(self) -> bool:
        return self._at >= len(self._text)

    def _skip_spaces(self) -> bool:
        while not self._done and self._text[self._at].isspace():
            self._at += 1
        return not self._done

    def _take(self, prefix: str) -> bool:
        found = self._text.startswith(prefix, self._at)
        self._at += len(prefix) * found
        return found

    def _field(self) -> str | None:
        found = _FIELD.match(self._text, self._at)
        if found is None:
            return None
        name = found[1].lower()
        if name in self._fields:
            self._at = found.end()
            return name
        if meant := _close_to(name, self._fields):
            raise FilterError(f"no field {found[1]!r}: do you mean {meant}?", self._at)
        return None

    def _test(self, compares: bool) -> Test:
        if self._take("/"):
            return self._regex()
        if compares:
            for sign, holds in _COMPARISONS.items():
                if self._take(sign):
                    return self._comparison(holds)
            if self._take("="):
                wanted = self._word().casefold()
                return lambda text: text.casefold() == wanted
        part = self._word().casefold()
        return lambda text: part in text.casefold()

    def _regex(self) -> Test:
        """Up to a slash that ends the term; one that is not closed goes on to the end."""
        start = self._at
        closing = re.compile(r"(?<!\\)/(?=\s|$)").search(self._text, start)
        pattern = self._text[start : closing.start() if closing else len(self._text)]
        self._at = closing.end() if closing else len(self._text)
        try:
            return Expression(pattern).found_in
        except ExpressionError as error:
            raise FilterError(f"regex: {error}", start) from None

    def _comparison(self, holds: Callable[[float, float], bool]) -> Test:
        start = self._at
        word = self._word()
        limit = parse_quantity(word)
        if limit is None:
            if not word:
                return lambda text: True
            raise FilterError(f"{word!r} is not a number", start)

        def test(text: str) -> bool:
            value = parse_quantity(text)
            return value is not None and holds(value, limit)

        return test

    def _word(self) -> str:
        if self._take('"'):
            end = self._text.find('"', self._at)
            end = len(self._text) if end < 0 else end
            word = self._text[self._at : end]
            self._at = end + 1
            return word
        start = self._at
        while not self._done and not self._text[self._at].isspace():
            self._at += 1
        return self._text[start : self._at]


def _close_to(name: str, fields: Collection[str]) -> str | None:
    from difflib import get_close_matches  # only a slip of the pen needs it

    return next(iter(get_close_matches(name, list(fields), 1, cutoff=0.75)), None)
