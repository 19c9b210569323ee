"""A treemap of directories: what is large is large on screen."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker

from dstui.domain.layers.directories import ROOT
from dstui.domain.layers.tree import Node, Tree
from dstui.domain.text import clean
from dstui.render.column import Role
from dstui.render.treemap import Tile, tiles
from dstui.render.units import decimal_bytes
from dstui.ui.widgets.roles import RolePainted
from dstui.ui.widgets.text_cells import clip, width_of

_COLORS = (Role.ACCENT, Role.GOOD, Role.PAUSED, "group", Role.WARNING, "marked", Role.NUMBER)
_FAINT, _STRONGER = 0.20, 0.09
"""How much of its color an outermost tile has, and how much more with each level inside."""
_NEIGHBOUR = 0.06
"""Neighbours of one color differ by this much."""

InBackground = Callable[[Callable[[], list[Tile]]], Coroutine[Any, Any, list[Tile]]]


class Treemap(RolePainted, Widget, can_focus=True):
    """Tiles whose areas are sizes; the arrows move between them, Enter goes in."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1, 0)", "Left", show=False),
        Binding("right,l", "move(1, 0)", "Right", show=False),
        Binding("up,k", "move(0, -1)", "Up", show=False),
        Binding("down,j", "move(0, 1)", "Down", show=False),
        Binding("enter", "enter", "Go in", show=False),
        Binding("backspace", "out", "Go out", show=False),
    ]

    class Highlighted(Message):
        """Another tile is chosen, or another directory is shown."""

        def __init__(self, map: "Treemap") -> None:
            super().__init__()
            self.map = map

        @property
        def control(self) -> "Treemap":
            """The map that sent it."""
            return self.map

    def __init__(
        self,
        in_background: InBackground = asyncio.to_thread,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._in_background = in_background
        self._tree: Tree | None = None
        self._directory = ROOT
        self._tiles: Sequence[Tile] = ()
        self._came_from: list[int] = []
        self._chosen = 0
        self._strips: list[Strip] = []
        self._laid_out_for = Size(0, 0)
        self._laying_out: Worker[None] | None = None

    # What it shows

    def show(self, tree: Tree | None) -> None:
        """Show a tree, from its root on."""
        if tree is not self._tree:
            self._tree, self._tiles, self._strips = tree, (), []
            self._came_from = []
            self._go_to(ROOT)

    @property
    def node(self) -> Node | None:
        """The chosen tile's; `None` for none, or for the many small ones."""
        return self._tiles[self._chosen].node if self._tiles else None

    @property
    def chosen(self) -> Tile | None:
        """The chosen tile."""
        return self._tiles[self._chosen] if self._tiles else None

    @property
    def whole(self) -> int | None:
        """All bytes of the tree."""
        return self._tree.bytes if self._tree is not None else None

    @property
    def path(self) -> str:
        """The directory that is shown."""
        if self._tree is None:
            return ""
        return clean(f"/{self._tree.entries.directories.paths[self._directory]}")

    def go_out(self) -> bool:
        """Show the directory that this one is in; false at the root."""
        if self._tree is None or not self._came_from:
            return False
        self._go_to(self._came_from.pop(), back_from=self._directory)
        return True

    def _go_to(self, directory: int, back_from: int | None = None) -> None:
        self._directory = directory
        self._lay_out(back_from)

    def _lay_out(self, chosen: int | None = None) -> None:
        """Make the tiles anew, on a thread: directories may be large. The newest wins."""
        self._laying_out = self.run_worker(
            partial(self._laid_out, self._tree, self._directory, self.content_size, chosen),
            group="lay out",
            exclusive=True,
            exit_on_error=False,
        )

    async def _laid_out(
        self, tree: Tree | None, directory: int, size: Size, chosen: int | None
    ) -> None:
        found: list[Tile] = []
        if tree is not None and size.width and size.height:
            found = await self._in_background(partial(tiles, tree, directory, *size))
        self._tiles, self._laid_out_for, self._strips = found, size, []
        self._chosen = 0
        if chosen is not None:
            directories = (tile.node.directory if tile.node else None for tile in found)
            self._chosen = next((n for n, number in enumerate(directories) if number == chosen), 0)
        self.refresh()
        self.post_message(self.Highlighted(self))

    def on_resize(self) -> None:
        """Lay the tiles out for the new size."""
        node = self.node
        self._lay_out(node.directory if node is not None else None)

    # Moving

    def _choose(self, number: int) -> None:
        if number != self._chosen:
            self._chosen = number
            self._strips = []
            self.refresh()
            self.post_message(self.Highlighted(self))

    def action_move(self, right: int, down: int) -> None:
        """Go to the nearest outer tile in a direction."""
        outer = [n for n, tile in enumerate(self._tiles) if tile.level == 0]
        if not outer:
            return
        here = self._tiles[self._chosen].box
        x, y = here.x + here.width / 2, 2 * (here.y + here.height / 2)
        best, least = self._chosen, float("inf")
        for number in outer:
            box = self._tiles[number].box
            across = box.x + box.width / 2 - x
            along = 2 * (box.y + box.height / 2) - y
            ahead, aside = (across * right, abs(along)) if right else (along * down, abs(across))
            if ahead > 0 and ahead + 2 * aside < least:
                best, least = number, ahead + 2 * aside
        self._choose(best)

    def action_enter(self) -> None:
        """Show what is in the chosen directory."""
        if self.node is not None and self.node.directory is not None:
            self._came_from.append(self._directory)
            self._go_to(self.node.directory)

    def action_out(self) -> None:
        """Show the directory around this one."""
        self.go_out()

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one goes in."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        for number in reversed(range(len(self._tiles))):  # the innermost first
            box = self._tiles[number].box
            inside = box.x <= offset.x < box.x + box.width
            if inside and box.y <= offset.y < box.y + box.height:
                self._choose(number)
                if event.chain == 2:
                    self.action_enter()
                return

    # Painting

    def notify_style_update(self) -> None:
        """Other colors: paint anew."""
        self._strips = []
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """One line of all tiles."""
        width = self.content_size.width
        if self.content_size == self._laid_out_for:
            if not self._strips:
                self._strips = self._painted()
            return self._strips[y]
        return Strip([Segment(" " * width, self.roles.plain[Role.NORMAL])], width)

    def _painted(self) -> list[Strip]:
        width, height = self.content_size
        blank = self.roles.plain[Role.NORMAL]
        text = [[" "] * width for _ in range(height)]
        looks = [[blank] * width for _ in range(height)]
        chosen = self.chosen
        for tile in self._tiles:
            _draw(tile, self._style(tile, tile is chosen), text, looks)
        return [_strip(line, styles) for line, styles in zip(text, looks, strict=True)]

    def _style(self, tile: Tile, chosen: bool) -> Style:
        roles = self.roles
        if chosen:
            return Style(
                color=roles.background.rich_color,
                bgcolor=roles.color(Role.ACCENT).rich_color,
                bold=True,
            )
        name = _COLORS[tile.color % len(_COLORS)]
        strength = _FAINT + _STRONGER * tile.level
        if tile.level and (tile.box.x + tile.box.y) % 2:
            strength -= _NEIGHBOUR
        background = roles.background.blend(roles.color(name), strength)
        return Style(
            color=roles.color(Role.NORMAL).rich_color,
            bgcolor=background.rich_color,
            bold=not tile.level,
        )


def _draw(tile: Tile, style: Style, text: list[list[str]], looks: list[list[Style]]) -> None:
    box = tile.box
    for y in range(box.y, box.y + box.height):
        text[y][box.x : box.x + box.width] = [" "] * box.width
        looks[y][box.x : box.x + box.width] = [style] * box.width
    size = decimal_bytes(tile.bytes)
    room = box.width - 2
    lines = [f"{tile.name} {size}"]
    if width_of(lines[0]) > room and box.height > 1:
        lines = [tile.name, size]
    for y, line in enumerate(lines[: box.height]):
        _write(clip(line, room) if room > 2 else "", box.x + 1, text[box.y + y])


def _write(words: str, x: int, line: list[str]) -> None:
    """Put a text into cells; of a wide character the second cell stays empty."""
    for character in words:
        line[x] = character
        if width_of(character) > 1:
            line[x + 1] = ""
        x += width_of(character)


def _strip(line: Sequence[str], styles: Sequence[Style]) -> Strip:
    segments: list[Segment] = []
    start = 0
    for at in range(1, len(line) + 1):
        if at == len(line) or styles[at] is not styles[start]:
            segments.append(Segment("".join(line[start:at]), styles[start]))
            start = at
    return Strip(segments, len(line))
