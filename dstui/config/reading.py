"""Reads config.toml. What is wrong costs one message and its own default, nothing else."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from dstui.config import Config, KnownNames, LogSettings, Problem
from dstui.config.settings import SECTIONS, SETTING_TABLES, SETTINGS, TABLES, Setting
from dstui.domain.nesting import is_deep

_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_HEADING = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"[\w.-]+")
_READ_ONLY = re.compile(r"^[ \t]*read_only[ \t]*=[ \t]*true", re.MULTILINE)

_TOO_DEEP = "it is nested too deeply"


def read(content: bytes, source: str, known: KnownNames) -> tuple[Config, tuple[Problem, ...]]:
    """The config of a file's content, and what had to be set aside."""
    try:
        text = content.decode("utf-8")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Config(), (Problem(line, "this is not UTF-8 text", source),)
    except (ValueError, RecursionError) as error:
        return _cautious(text), (_syntax_problem(error, text, source),)
    if is_deep(table):
        return _cautious(text), (_set_aside(None, _TOO_DEEP, source),)
    reader = _Reader(text, source, known)
    return reader.config(table), tuple(reader.problems)


def _cautious(text: str) -> Config:
    return Config(read_only=bool(_READ_ONLY.search(text)))


def _syntax_problem(error: Exception, text: str, source: str) -> Problem:
    if isinstance(error, RecursionError):
        return _set_aside(None, _TOO_DEEP, source)
    if not isinstance(error, tomllib.TOMLDecodeError):
        return _set_aside(None, "it has a number of absurd length", source)
    message = str(error)
    place = _AT_LINE.search(message)
    line = int(place[1]) if place else text.count("\n") + 1
    what = _AT_LINE.sub("", message).removesuffix(" (at end of document)")
    return _set_aside(line, f"this is not TOML: {what}", source)


def _set_aside(line: int | None, why: str, source: str) -> Problem:
    return Problem(line, f"{why}. All settings have their defaults", source)


class _Reader:
    """Collects the good values and the problems of one file."""

    def __init__(self, text: str, source: str, known: KnownNames) -> None:
        self._lines = _lines_of_keys(text)
        self._source = source
        self._known = known
        self.problems: list[Problem] = []

    def config(self, table: Mapping[str, Any]) -> Config:
        top: dict[str, Any] = {}
        logs: dict[str, Any] = {}
        for key, value in table.items():
            if key == "logs":
                logs = self._settings("logs", value)
            elif key == "cleanup":
                top[key] = self._settings(key, value)
            elif key in TABLES:
                top[key] = self._names(key, value)
            else:
                top.update(self._setting("", key, value))
        return replace(Config(), **top, logs=replace(LogSettings(), **logs))

    def _settings(self, table: str, values: Any) -> dict[str, Any]:
        if not isinstance(values, dict):
            self._report("", table, f"must be a table, [{table}]")
            return {}
        found: dict[str, Any] = {}
        for key, value in values.items():
            found.update(self._setting(table, key, value))
        return found

    def _setting(self, table: str, key: str, value: Any) -> dict[str, Any]:
        setting = SETTINGS.get(f"{table}.{key}" if table else key)
        if setting is None:
            self._unknown(table, key, _keys_of(table))
            return {}
        return self._checked(table, key, value, setting)

    def _names(self, table: str, values: Any) -> dict[str, tuple[str, ...]]:
        """A table of lists, whose keys (and, for columns, items) are names of other things."""
        if not isinstance(values, dict):
            self._report("", table, f"must be a table, [{table}]")
            return {}
        names = SECTIONS if table == "columns" else self._known(table)
        found: dict[str, tuple[str, ...]] = {}
        for key, value in _flattened(values):
            if names is not None and key not in names:
                self._unknown(table, key, names)
            else:
                found.update(self._checked(table, key, value, TABLES[table]))
        return found

    def _checked(self, table: str, key: str, value: Any, setting: Setting) -> dict[str, Any]:
        try:
            good = setting.check(value)
        except ValueError as wanted:
            instead = "" if setting.cautious is None else f"; taken as {_toml(setting.cautious)}"
            self._report(table, key, f"must be {wanted}, not {_toml(value)}{instead}")
            return {} if setting.cautious is None else {key: setting.cautious}
        place = f"{table}.{key}" if table else key
        if table == "keys" or (names := self._known(place)) is None:
            return {key: good}
        wrong = [name for name in ((good,) if isinstance(good, str) else good) if name not in names]
        for name in wrong:
            self._report(table, key, f"there is no {_toml(name)}{_meant(name, names)}")
        return {} if wrong else {key: good}

    def _unknown(self, table: str, key: str, names: Iterable[str]) -> None:
        self._report(table, key, f"this is not a setting{_meant(key, names)}")

    def _report(self, table: str, key: str, message: str) -> None:
        name = f"{table}.{key}" if table else key
        self.problems.append(Problem(self._lines.get(name), f"{name}: {message}", self._source))


def _lines_of_keys(text: str) -> dict[str, int]:
    """The line of each table and key, by dotted name. TOML has further ways to write them; those
    are not found, and their problems have no line."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if found := _HEADING.match(line):
            table = _bare(found[1])
            lines.setdefault(table, number)
            continue
        name, equals, _ = line.partition("=")
        key = _bare(name)
        if equals and _KEY.fullmatch(key):
            lines.setdefault(f"{table}.{key}" if table else key, number)
    return lines


def _bare(key: str) -> str:
    return re.sub(r"[\s\"']", "", key)


def _keys_of(table: str) -> list[str]:
    """The keys that may stand in a table."""
    if table:
        return [k.partition(".")[2] for k in SETTINGS if k.startswith(f"{table}.")]
    return [*(key for key in SETTINGS if "." not in key), *SETTING_TABLES, *TABLES]


def _flattened(values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """`container.logs = "l"` without quotes is a table in a table: take the id together again."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{more}", inner) for more, inner in _flattened(value))
        else:
            yield key, value


def _meant(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, list(names), 1)
    return f"; do you mean {close[0]}?" if close else ""


def _toml(value: Any) -> str:
    """A value roughly as the file spells it, cut short."""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        shown = f'"{value}"' if isinstance(value, str) else str(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a number of absurd length"
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
