"""The config file that says nothing new: every setting, commented out, with its default."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from dstui.config import Config
from dstui.config.settings import SETTING_TABLES, SETTINGS, TABLES
from dstui.domain.staleness.thresholds import Thresholds

_UNSET = {"stop_grace_s": "10"}
"""An example for what has no default."""


def default_file(columns: Mapping[str, Sequence[str]]) -> str:
    """Its text; `columns` names all the columns of each list."""
    parts = [_setting(key, key) for key in SETTINGS if "." not in key]
    for table in SETTING_TABLES:
        parts.append(f"[{table}]")
        parts.extend(
            _setting(key, key.partition(".")[2]) for key in SETTINGS if key.startswith(f"{table}.")
        )
    parts.append(f"{_comment(TABLES['columns'].meaning)}\n[columns]")
    parts.extend(f"# {section} = {_toml(list(keys))}" for section, keys in columns.items())
    example = '# "container.logs" = "l"\n# "app.quit" = ["q", "ctrl+q"]'
    parts.append(f"{_comment(TABLES['keys'].meaning)}\n[keys]\n{example}")
    return "\n\n".join(parts) + "\n"


def _setting(key: str, name: str) -> str:
    default = _default(key)
    value = _UNSET[key] if default is None else _toml(default)
    return f"{_comment(SETTINGS[key].meaning)}\n# {name} = {value}"


def _default(key: str) -> Any:
    table, _, name = key.rpartition(".")
    value: Any = Thresholds() if table == "cleanup" else Config()
    for part in (name,) if table == "cleanup" else key.split("."):
        value = getattr(value, part)
    return value


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in textwrap.wrap(text, 96))


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return str(value)
