"""What a search in a log looks for."""

import re
from collections.abc import Iterator

from dstui.domain.expression import Expression, ExpressionError


class SearchError(Exception):
    """The text is no regular expression; says why."""


class Search:
    """Finds a text, or a regular expression written as `/expression/`.

    Upper and lower case are the same unless the text holds an upper case letter.
    """

    def __init__(self, text: str) -> None:
        """Raises `SearchError`."""
        self.text = text
        is_regex = len(text) > 2 and text.startswith("/") and text.endswith("/")
        source = text[1:-1] if is_regex else text
        exact = any(letter.isupper() for letter in (_without_classes(source) if is_regex else text))
        try:
            self._places = Expression(source, not exact) if is_regex else _Text(source, exact)
        except ExpressionError as error:
            raise SearchError(f"{text}: {error}") from None
        # `in` is several times faster than a pattern, and every line of a stream goes through it
        self._needle = text if exact and not is_regex else None
        self._lower = text if not exact and not is_regex and text.isascii() else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Search) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def matches(self, line: str) -> bool:
        """Whether the line holds it."""
        if self._needle is not None:
            return self._needle in line
        if self._lower is not None and line.isascii():
            return self._lower in line.lower()
        return self._places.found_in(line)

    def spans(self, line: str) -> Iterator[tuple[int, int]]:
        """Where in the line it is: start and end of each place, empty ones left out."""
        return ((start, end) for start, end in self._places.spans(line) if end > start)


class _Text:
    """A text that is looked for as it is; Python's own engine does not go astray with one."""

    def __init__(self, text: str, exact: bool) -> None:
        self._pattern = re.compile(re.escape(text), 0 if exact else re.IGNORECASE)

    def found_in(self, line: str) -> bool:
        return self._pattern.search(line) is not None

    def spans(self, line: str) -> Iterator[tuple[int, int]]:
        return (found.span() for found in self._pattern.finditer(line))


def _without_classes(source: str) -> str:
    """A regular expression without `\\S`, `\\W` and their like, whose case says nothing."""
    return re.sub(r"\\.", "", source)
