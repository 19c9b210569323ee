"""The names that the config file may use for things that the layers above it define."""

from collections.abc import Collection, Sequence
from typing import Any

from dstui.render.column import Column


def known_names(place: str) -> Collection[str] | None:
    """The names that may stand in this place of the file; `None` where any may."""
    if place == "theme":
        from dstui.ui.theme import names

        return names()
    return known_without_theme(place)


def known_without_theme(place: str) -> Collection[str] | None:
    """The same for a command that shows no theme, and is not to wait for Textual."""
    if place == "keys":
        from dstui.ui.keys import COMMANDS

        return [command.id for command in COMMANDS]
    table, _, section = place.partition(".")
    if table == "columns" and section:
        return [column.key for column in columns_of(section)]
    return None


def columns_of(section: str) -> Sequence[Column[Any]]:
    """All the columns of a list, by the plural that the config uses."""
    from importlib import import_module

    columns: Sequence[Column[Any]] = import_module(f"dstui.render.{section}").COLUMNS
    return columns
