"""Roles -> Rich styles, for widgets that paint their own lines."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color

from dstui.render.column import Role
from dstui.ui.theme import ROLES, role_defaults

if TYPE_CHECKING:
    from textual.widget import Widget as _Base
else:
    _Base = object  # a widget base of its own would hide the style sheet of the widget's other base

_READABLE = 3.0
"""The least contrast (WCAG 2) that a role's color keeps on the cursor's background."""
_FAINT = 0.45
"""How much of the cursor's background is left while another widget has the focus."""

RoleStyles = Mapping[str, Style]
"""By the name of the role; `Role.NORMAL` is the foreground."""


class Roles:
    """The looks of all roles on one background."""

    def __init__(self, variables: Mapping[str, str], background: Color) -> None:
        found = {**role_defaults(), **variables}
        self.background = background
        self._colors = {name: Color.parse(found[f"role-{name}"]) for name in ROLES}
        self._colors[Role.NORMAL] = Color.parse(found["foreground"])

    def color(self, name: str) -> Color:
        """The color of a role, or of one of the further names a theme defines."""
        return self._colors[name]

    @cached_property
    def plain(self) -> RoleStyles:
        """On the widget's own background."""
        return self._on(self.background)

    @cached_property
    def cursor(self) -> RoleStyles:
        """On the line of the cursor."""
        return self._on(self._colors["cursor-background"])

    @cached_property
    def cursor_blurred(self) -> RoleStyles:
        """On the line of the cursor, while another widget has the focus."""
        return self._on(self.background.blend(self._colors["cursor-background"], _FAINT))

    @cached_property
    def dim(self) -> RoleStyles:
        """For what is no longer known to be true: every role muted."""
        return dict.fromkeys(self._colors, self.plain[Role.MUTED])

    @cached_property
    def dim_cursor(self) -> RoleStyles:
        """The line of the cursor where every role is muted."""
        return dict.fromkeys(self._colors, self.cursor[Role.MUTED])

    def _on(self, background: Color) -> RoleStyles:
        return {name: self._style(name, background) for name in self._colors}

    def _style(self, name: str, background: Color) -> Style:
        color = self._colors[name]
        if background != self.background and _contrast(color, background) < _READABLE:
            color = self._colors["cursor-foreground"]
        return Style(
            color=color.rich_color,
            bgcolor=background.rich_color,
            bold=name in (Role.STRONG, "group"),
        )


def _contrast(one: Color, other: Color) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class RolePainted(_Base):
    """Mixed into a widget, paints with roles; resolved once per theme and background.

    The colors come straight from the theme's variables: component classes would be matched
    against the style sheet, one by one, at every change of the focus.
    """

    _roles: Roles | None = None

    @property
    def roles(self) -> Roles:
        """The looks of the roles, as the theme in use has them."""
        if self._roles is None:
            self._roles = Roles(self.app.theme_variables, self.background_colors[1])
        return self._roles

    def notify_style_update(self) -> None:
        """Forget the looks: the theme or the background may be another."""
        self._roles = None
        super().notify_style_update()
