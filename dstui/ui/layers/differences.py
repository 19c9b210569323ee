"""The tables of a comparison: packages, files, environment, labels, config."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from textual import on

from dstui.domain.comparison import ImageComparison
from dstui.domain.filter import FilterError
from dstui.render.column import Column
from dstui.render.comparison import FILE_COLUMNS, PACKAGE_COLUMNS, SETTING_COLUMNS
from dstui.ui.sections.listing import Listing
from dstui.ui.widgets.live_table import LiveTable


@dataclass(frozen=True, slots=True)
class Aspect:
    """One of them. `same` is said when nothing differs."""

    title: str
    columns: Sequence[Column[Any]]
    rows_of: Callable[[ImageComparison], Sequence[Any]]
    same: str
    sort: str = ""


ASPECTS = (
    Aspect("Packages", PACKAGE_COLUMNS, lambda found: found.packages, "The same packages", "bytes"),
    Aspect("Files", FILE_COLUMNS, lambda found: found.files, "The same files", "bytes"),
    Aspect("Environment", SETTING_COLUMNS, lambda found: found.environment, "The same variables"),
    Aspect("Labels", SETTING_COLUMNS, lambda found: found.labels, "The same labels"),
    Aspect("Config", SETTING_COLUMNS, lambda found: found.settings, "The same config"),
)


class DifferencesTable(LiveTable):
    """The differences in one aspect."""

    def __init__(self, aspect: Aspect) -> None:
        super().__init__(empty=aspect.same)
        self.aspect = aspect
        self.listing: Listing[Any] = Listing(aspect.columns, sort=aspect.sort)
        self._differences: tuple[tuple[str, Any], ...] = ()
        self.set_columns(self.listing.columns, self.listing.sort)

    def put(self, found: ImageComparison) -> None:
        """Show them."""
        rows = self.aspect.rows_of(found)
        self._differences = tuple((str(number), row) for number, row in enumerate(rows))
        self.show_again()

    def show_again(self) -> None:
        """Sort and filter anew."""
        self.set_columns(self.listing.columns, self.listing.sort)
        lines = self.listing.lines(self._differences)
        none = f"Nothing matches {self.listing.filter_text!r}"
        self.empty = none if self.listing.filter_text else self.aspect.same
        self.show(lines)

    def filter(self, text: str) -> str:
        """Show only what matches; the answer is what is wrong with the text, or nothing."""
        try:
            self.listing.filter(text)
        except FilterError as error:
            return error.message
        self.show_again()
        return ""

    def found(self) -> str:
        """How many rows match the filter."""
        listing = self.listing
        return f"{listing.shown} of {listing.total}" if listing.filter_text else ""

    @on(LiveTable.HeaderClicked)
    def _header_clicked(self, event: LiveTable.HeaderClicked) -> None:
        event.stop()
        self.listing.sort_by(event.key)
        self.show_again()
