"""What an image wastes, as rows: what belongs together is one, with its parts to be unfolded."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dstui.domain.instruction import read_instruction
from dstui.domain.layers.extras import Extra, ExtraItem
from dstui.domain.layers.fixes import extra_fix, waste_fix
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.losses import Cause, WasteItem
from dstui.domain.text import clean
from dstui.render.column import Cell, Column, Role
from dstui.render.layer_facts import counted
from dstui.render.units import decimal_bytes

MOST_PARTS = 1000
"""So many parts of a row can be unfolded, the largest."""
_OWN_LINE = 0.01
"""What is deleted or hidden in one go, and larger than this part of the image, has a line."""

_ROLES: Mapping[str, Role] = {
    Cause.REPLACED: Role.WARNING,
    Cause.DELETED: Role.BAD,
    Cause.HIDDEN: Role.BAD,
    Cause.METADATA_COPY: Role.WARNING,
}
MEANING: Mapping[str, str] = {
    Cause.REPLACED: "a later layer has other content at the same path",
    Cause.DELETED: "a later layer deletes it, and the bytes stay in the image",
    Cause.HIDDEN: "a later layer replaces the whole directory",
    Cause.METADATA_COPY: "a later layer has the same content again, for its mode, owner or time",
    Extra.DUPLICATE: "the same content stands at another path",
    Extra.CACHE: "it is downloaded again when it is gone",
    Extra.MODEL_WEIGHTS: "every change of the image moves the model along",
}
"""What each cause says, in words."""

WASTED = "Waste"
NOT_NEEDED = "Visible, and not needed"


@dataclass(frozen=True, slots=True)
class WasteRow:
    """Bytes at (or below) a path. Layers count from 1, as they are shown."""

    id: str
    cause: str
    path: str
    bytes: int
    files: int
    layer: int
    """The one that carries the bytes."""
    wasted_by: int | None
    """The one that hides them; `None` for what is visible."""
    instruction: str
    """What made the layer that hides them, or carries them where none does."""
    fix: str
    parts: tuple["WasteRow", ...] = ()
    level: int = 0

    @property
    def group(self) -> str:
        """Whether it is part of the sum of waste."""
        return NOT_NEEDED if self.wasted_by is None else WASTED


ItemT = TypeVar("ItemT", WasteItem, ExtraItem)
Make = Callable[[ItemT, str, int], WasteRow]


def waste_rows(indexed: IndexedImage) -> tuple[WasteRow, ...]:
    """The waste, then what is visible and still not needed; the largest first."""
    instructions = [_words(made_by) for made_by in indexed.index.instructions]

    def wasted(item: WasteItem, identifier: str, level: int) -> WasteRow:
        return WasteRow(
            id=identifier,
            cause=item.cause.value,
            path=clean(f"/{item.path}"),
            bytes=item.bytes,
            files=item.files,
            layer=item.written_by + 1,
            wasted_by=item.wasted_by + 1,
            instruction=instructions[item.wasted_by],
            fix=clean(waste_fix(item, indexed.index.instructions)),
            level=level,
        )

    def extra(item: ExtraItem, identifier: str, level: int) -> WasteRow:
        return WasteRow(
            id=identifier,
            cause=item.cause.value,
            path=clean(f"/{item.path}"),
            bytes=item.bytes,
            files=item.files,
            layer=item.layer + 1,
            wasted_by=None,
            instruction=instructions[item.layer],
            fix=clean(extra_fix(item)),
            level=level,
        )

    large = indexed.total_bytes * _OWN_LINE
    return (
        *_gathered(indexed.waste, lambda item: _place_of_waste(item, large), wasted),
        *_gathered(indexed.extras, lambda item: _place_of_extra(item, large), extra),
    )


def _place_of_waste(item: WasteItem, large: float) -> Hashable:
    alone = item.bytes >= large and item.cause in (Cause.DELETED, Cause.HIDDEN)
    return item.cause, item.written_by, item.wasted_by, item.path if alone else ""


def _place_of_extra(item: ExtraItem, large: float) -> Hashable:
    alone = item.bytes >= large or item.cause is not Extra.DUPLICATE
    return item.cause, item.layer, item.path if alone else ""


def _gathered(
    items: Iterable[ItemT], place_of: Callable[[ItemT], Hashable], make: Make[ItemT]
) -> list[WasteRow]:
    together: dict[Hashable, list[ItemT]] = {}
    for item in items:
        together.setdefault(place_of(item), []).append(item)
    rows = [_row(members, f"{n}:", make) for n, members in enumerate(together.values())]
    return sorted(rows, key=lambda row: (-row.bytes, row.path))


def _row(items: Sequence[ItemT], number: str, make: Make[ItemT]) -> WasteRow:
    first = items[0]
    identifier = f"{number}{first.cause.value}"
    if len(items) == 1:
        return make(first, identifier, 0)
    whole = make(
        first._replace(
            path=_common([item.path for item in items]),
            bytes=sum(item.bytes for item in items),
            files=sum(item.files for item in items),
        ),
        identifier,
        0,
    )
    parts = tuple(make(item, f"{identifier}:{n}", 1) for n, item in enumerate(items[:MOST_PARTS]))
    return WasteRow(
        id=whole.id,
        cause=whole.cause,
        path=whole.path,
        bytes=whole.bytes,
        files=whole.files,
        layer=whole.layer,
        wasted_by=whole.wasted_by,
        instruction=whole.instruction,
        fix=_fix_of_many(whole),
        parts=parts,
    )


def _common(paths: Sequence[str]) -> str:
    """The directory that all of these are in."""
    first, last = min(paths).split("/"), max(paths).split("/")
    same = 0
    while same < min(len(first), len(last)) - 1 and first[same] == last[same]:
        same += 1
    return "/".join(first[:same])


def _fix_of_many(row: WasteRow) -> str:
    match row.cause:
        case Cause.DELETED:
            return f"Delete them in the RUN that writes them (layer {row.layer})"
        case Cause.HIDDEN:
            return f"Leave them out of layer {row.layer}: layer {row.wasted_by} hides them"
        case Cause.REPLACED:
            return f"Write them once: layer {row.wasted_by} replaces those of layer {row.layer}"
        case Extra.DUPLICATE:
            return "Keep one of each, or link them with ln"
    return row.fix


def _words(made_by: str | None) -> str:
    return "" if made_by is None else str(read_instruction(made_by))


# Cells


def _path(row: WasteRow) -> Cell:
    if row.parts:
        return Cell(f"{'' if row.path == '/' else row.path}/…")
    return Cell(row.path)


def _layers(row: WasteRow) -> Cell:
    if row.wasted_by is None or row.wasted_by == row.layer:
        return Cell(str(row.layer), Role.MUTED)
    return Cell(f"{row.layer} → {row.wasted_by}", Role.MUTED)


WASTE_COLUMNS: tuple[Column[WasteRow], ...] = (
    Column(
        "bytes",
        "SIZE",
        cell=lambda row: Cell(decimal_bytes(row.bytes), Role.NUMBER),
        sort=lambda row: row.bytes,
        min_width=7,
        max_width=8,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "cause",
        "CAUSE",
        cell=lambda row: Cell("" if row.level else row.cause, _ROLES.get(row.cause, Role.ACCENT)),
        sort=lambda row: row.cause,
        min_width=8,
        max_width=13,
        filter=lambda row: row.cause,
    ),
    Column(
        "files",
        "FILES",
        cell=lambda row: Cell(str(row.files)),
        sort=lambda row: row.files,
        min_width=5,
        max_width=8,
        priority=2,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "layer",
        "LAYER",
        cell=_layers,
        sort=lambda row: row.layer,
        min_width=5,
        max_width=9,
        priority=1,
        right=True,
        searched=False,
        help="The layer that carries the bytes → the one that hides them",
    ),
    Column(
        "path",
        "PATH",
        cell=_path,
        sort=lambda row: row.path,
        min_width=28,
        max_width=100,
        flexible=True,
    ),
    Column(
        "instruction",
        "INSTRUCTION",
        cell=lambda row: Cell(row.instruction, Role.MUTED),
        sort=lambda row: row.instruction,
        min_width=16,
        max_width=60,
        priority=3,
        flexible=True,
    ),
)


def about_waste(row: WasteRow) -> tuple[Cell, ...]:
    """What happened, by which instruction, and the line that mends it."""
    hidden = row.wasted_by is not None and row.wasted_by != row.layer
    blamed = row.wasted_by if hidden else row.layer
    told = f"{row.cause}: {MEANING.get(row.cause, '')}; {counted(row.files, 'file')}"
    return (
        Cell(f"Fix  {row.fix}", Role.GOOD),
        Cell(f"Layer {blamed}  {row.instruction}"),
        Cell(told, Role.MUTED),
    )
