"""Theme files -> Textual themes: each role becomes the variable `$role-NAME`."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from textual.theme import Theme

from dstui.ownfiles import read_file
from dstui.render.column import Role

DEFAULT = "dstui-dark"

COLORS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)
ROLES = (
    *(role.value for role in Role if role is not Role.NORMAL),
    "cursor-background",
    "cursor-foreground",
    "marked",
    "group",
    "header",
)

_HEX_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class ThemeError(Exception):
    """A theme that cannot be used: which file, what is wrong, what it needs."""


def load(name: str) -> Theme:
    """The theme of this name; raises `ThemeError`."""
    for directory in (shipped_directory(), user_directory()):
        path = directory / f"{name}.toml"
        if path.is_file():
            return read(path)
    known = ", ".join(names())
    raise ThemeError(f"There is no theme {name!r}. Themes: {known}")


def names() -> tuple[str, ...]:
    """The themes that come with dstui, then the user's own."""
    shipped = sorted(path.stem for path in shipped_directory().glob("*.toml"))
    own = sorted(path.stem for path in user_directory().glob("*.toml"))
    first = [DEFAULT] if DEFAULT in shipped else []
    return tuple(dict.fromkeys([*first, *shipped, *own]))


def read(path: Path) -> Theme:
    """The theme of one file; raises `ThemeError`."""
    try:
        content = tomllib.loads(read_file(path).decode())
    except (OSError, ValueError) as error:
        raise ThemeError(f"Theme file {path}: {error}") from None
    except RecursionError:
        raise ThemeError(f"Theme file {path}: it is nested too deeply") from None
    about = _table(content, "theme", path)
    colors = _colors(_table(content, "colors", path), COLORS, "colors", path)
    roles = _colors(_table(content, "roles", path), ROLES, "roles", path)
    theme = Theme(path.stem, colors["primary"], dark=bool(about.get("dark", True)))
    for key, color in colors.items():
        setattr(theme, key, color)
    theme.variables = _variables(colors, roles)
    return theme


def _table(content: Mapping[str, Any], name: str, path: Path) -> Mapping[str, Any]:
    table = content.get(name)
    if not isinstance(table, dict):
        raise ThemeError(f"Theme file {path}: the table [{name}] is missing")
    return table


def _colors(
    table: Mapping[str, Any], wanted: tuple[str, ...], name: str, path: Path
) -> dict[str, str]:
    if missing := [key for key in wanted if key not in table]:
        raise ThemeError(f"Theme file {path}: [{name}] lacks {', '.join(missing)}")
    for key in wanted:
        if not _HEX_COLOR.fullmatch(str(table[key])):
            raise ThemeError(
                f"Theme file {path}: {name}.{key} = {table[key]!r} is no color; write #rrggbb"
            )
    return {key: str(table[key]) for key in wanted}


def _variables(colors: Mapping[str, str], roles: Mapping[str, str]) -> dict[str, str]:
    """The roles, and Textual's own variables where its defaults are louder than ours."""
    return {
        "role-normal": colors["foreground"],
        **{f"role-{role}": color for role, color in roles.items()},
        "block-cursor-background": roles["cursor-background"],
        "block-cursor-foreground": roles["cursor-foreground"],
        "block-cursor-text-style": "none",
        "block-hover-background": colors["panel"],
        "button-focus-text-style": "bold",
        "border": colors["primary"],
        "border-blurred": colors["panel"],
        "footer-key-foreground": roles["accent"],
        "input-cursor-background": colors["foreground"],
        "input-cursor-foreground": colors["background"],
        "input-selection-background": roles["cursor-background"],
        "scrollbar": colors["panel"],
        "scrollbar-hover": roles["muted"],
        "scrollbar-active": roles["accent"],
        "scrollbar-background": colors["background"],
        "scrollbar-background-hover": colors["background"],
        "scrollbar-background-active": colors["background"],
        "scrollbar-corner-color": colors["background"],
    }


@cache
def shipped_directory() -> Path:
    """`themes/` of the package or, in an editable install, beside it."""
    package = Path(__file__).parents[1]
    inside = package / "themes"
    return inside if inside.is_dir() else package.parent / "themes"


@cache
def user_directory() -> Path:
    """Where a user's own themes are looked for (`$XDG_CONFIG_HOME/dstui/themes`)."""
    from platformdirs import user_config_path

    return user_config_path("dstui") / "themes"


@cache
def _default_roles() -> Mapping[str, str]:
    return load(DEFAULT).variables


def role_defaults() -> dict[str, str]:
    """The variables of the default theme, for an app that has not set one of ours."""
    return dict(_default_roles())


class RoleDefaults:
    """Mixed into an `App`, makes every `$role-NAME` known whatever its theme is."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What a theme does not say itself."""
        return role_defaults()
