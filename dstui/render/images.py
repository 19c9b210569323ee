"""Images as table rows and details: one row an image, however many references it has."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dstui.domain.action import short_id
from dstui.domain.image import Image, Manifest
from dstui.render.column import UNKNOWN, Cell, Column, Role
from dstui.render.facts import Fact, FactGroup, fact, facts, pairs
from dstui.render.units import age, decimal_bytes, moment

if TYPE_CHECKING:
    from dstui.domain.facts.fact import ImageFact

NO_TAG = "<none>"
"""What `docker images` shows for a repository or a tag that is not there."""


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image, the names of the containers made from it, and the bytes it shares with others.

    `shared_bytes` comes with the slow `system/df` answer and is `None` until one was read.
    """

    image: Image
    containers: tuple[str, ...] = ()
    now: float = 0.0
    stale: bool = False
    shared_bytes: int | None = None
    contents: "tuple[ImageFact, ...] | None" = None
    """What is in it, as far as that was read; `None` when it was not looked into."""

    @property
    def unique_bytes(self) -> int | None:
        """The bytes that come back when it is removed."""
        if self.shared_bytes is None:
            return self.image.unique_bytes
        return max(0, self.image.size_bytes - self.shared_bytes)


def split_reference(reference: str) -> tuple[str, str]:
    """Repository and tag of a reference as the engine writes it; no tag is `<none>`."""
    repository = reference.split("@")[0]
    name, colon, tag = repository.rpartition(":")
    if not colon or "/" in tag:
        return repository, NO_TAG
    return name, tag


def display_name(image: Image) -> str:
    """Its first reference, else the repository it was pulled from, else its short id."""
    if image.references:
        return image.references[0]
    if image.digests:
        return image.digests[0].split("@")[0]
    return short_id(image.id)


def _repository(row: ImageRow) -> Cell:
    named = row.image.references or row.image.digests
    if not named:
        return Cell(NO_TAG, Role.MUTED)
    return Cell(split_reference(named[0])[0], Role.STRONG if row.containers else Role.NORMAL)


def _tag(row: ImageRow) -> Cell:
    references = row.image.references
    if not references:
        return Cell(NO_TAG, Role.MUTED)
    more = f" +{len(references) - 1}" if len(references) > 1 else ""
    return Cell(split_reference(references[0])[1] + more)


def _use(row: ImageRow) -> Cell:
    if row.image.dangling:
        return Cell("dangling", Role.WARNING)
    return Cell("") if row.containers else Cell("unused", Role.MUTED)


def _bytes(count: int | None) -> Cell:
    return Cell(decimal_bytes(count), Role.MUTED if count is None else Role.NUMBER)


def _shared(row: ImageRow) -> int | None:
    return row.image.shared_bytes if row.shared_bytes is None else row.shared_bytes


def _references(row: ImageRow) -> str:
    """Every name it goes by, for the filter."""
    return " ".join((*row.image.references, *row.image.digests)) or NO_TAG


def _tags(references: Iterable[str]) -> str:
    return " ".join(split_reference(reference)[1] for reference in references) or NO_TAG


_FACT_COLUMNS = (
    ("os", "OS", 24),
    ("python", "PYTHON", 10),
    ("cuda", "CUDA", 10),
    ("torch", "TORCH", 14),
    ("tensorflow", "TENSORFLOW", 12),
    ("jax", "JAX", 10),
    ("user", "USER", 12),
)
FACT_KEYS = frozenset(key for key, _, _ in _FACT_COLUMNS)
"""The columns that tell what is in an image: it has to be looked into for them."""


def _fact_column(key: str, title: str, width: int) -> Column[ImageRow]:
    def cell(row: ImageRow) -> Cell:
        found = _found(row, key)
        if found is None:
            return Cell(UNKNOWN, Role.MUTED)
        return Cell(found.value, Role.MUTED if found.hint else Role.NORMAL)

    return Column(
        key,
        title,
        cell=cell,
        sort=lambda row: None if (found := _found(row, key)) is None else found.value.casefold(),
        max_width=width,
        priority=8,
        shown=False,
        help="Read from the image, one after the other, once its line is on screen",
    )


def _found(row: ImageRow, name: str) -> "ImageFact | None":
    """The first fact of this name is the one with the best proof."""
    return next((found for found in row.contents or () if found.name == name), None)


COLUMNS: tuple[Column[ImageRow], ...] = (
    Column(
        "repository",
        "REPOSITORY",
        cell=_repository,
        sort=lambda row: display_name(row.image).casefold(),
        filter=_references,
        min_width=16,
        max_width=60,
        flexible=True,
    ),
    Column(
        "tag",
        "TAG",
        cell=_tag,
        sort=lambda row: _tag(row).text.casefold(),
        filter=lambda row: _tags(row.image.references),
        min_width=8,
        max_width=32,
        flexible=True,
        priority=1,
        help="+N: so many further references, all in the overview",
    ),
    Column(
        "id",
        "ID",
        cell=lambda row: Cell(short_id(row.image.id), Role.MUTED),
        sort=lambda row: row.image.id,
        filter=lambda row: row.image.id.removeprefix("sha256:"),
        min_width=12,
        max_width=12,
        priority=4,
    ),
    Column(
        "age",
        "CREATED",
        cell=lambda row: Cell(age(row.image.created, row.now), Role.MUTED),
        sort=lambda row: -row.image.created.timestamp() if row.image.created else None,
        min_width=7,
        max_width=7,
        priority=3,
        right=True,
        searched=False,
    ),
    Column(
        "size",
        "SIZE",
        cell=lambda row: _bytes(row.image.size_bytes),
        sort=lambda row: row.image.size_bytes,
        min_width=7,
        max_width=8,
        right=True,
        descending=True,
        searched=False,
        help="What the engine says it takes, with what it shares",
    ),
    Column(
        "shared",
        "SHARED",
        cell=lambda row: _bytes(_shared(row)),
        sort=_shared,
        min_width=7,
        max_width=8,
        priority=6,
        right=True,
        descending=True,
        searched=False,
        help="Layers that other images have too",
    ),
    Column(
        "unique",
        "UNIQUE",
        cell=lambda row: _bytes(row.unique_bytes),
        sort=lambda row: row.unique_bytes,
        min_width=7,
        max_width=8,
        priority=5,
        right=True,
        descending=True,
        searched=False,
        help="What comes back when it is removed",
    ),
    Column(
        "containers",
        "USED BY",
        cell=lambda row: Cell(", ".join(row.containers)),
        sort=lambda row: len(row.containers),
        min_width=7,
        max_width=32,
        priority=7,
        descending=True,
    ),
    Column(
        "use",
        "NOTE",
        cell=_use,
        sort=lambda row: _use(row).text,
        min_width=8,
        max_width=8,
        priority=2,
        help="dangling: no reference names it; unused: no container is made from it",
    ),
    *(_fact_column(*column) for column in _FACT_COLUMNS),
    Column(
        "label",
        "LABELS",
        cell=lambda row: Cell(" ".join(f"{k}={v}" for k, v in row.image.labels.items())),
        sort=lambda row: len(row.image.labels),
        max_width=48,
        priority=11,
        shown=False,
        searched=False,
    ),
)


def overview(row: ImageRow) -> tuple[FactGroup, ...]:
    """All that matters of an image; what needs an inspect is unknown until one came."""
    image = row.image
    inspected = image.architecture is not None
    platform = f"{image.os or UNKNOWN}/{image.architecture}" if inspected else None
    return (
        FactGroup(
            "Image",
            (
                facts("References", image.references, "none: it is dangling"),
                facts("Digests", image.digests, "none: it was never pushed or pulled"),
                fact("Id", image.id),
                fact("Created", moment(image.created, row.now)),
                fact("Platform", platform),
            ),
        ),
        *contents_groups(row.contents),
        FactGroup(
            "Size",
            (
                fact("Size", decimal_bytes(image.size_bytes)),
                fact("Shared", decimal_bytes(_shared(row))),
                fact("Unique", decimal_bytes(row.unique_bytes)),
                *([facts("Of it", map(_manifest, image.manifests))] if image.manifests else []),
            ),
        ),
        FactGroup("Use", (facts("Containers", row.containers),)),
        *([FactGroup("Defaults", _defaults(image))] if inspected else []),
        pairs("Labels", image.labels.items()),
    )


def _manifest(manifest: Manifest) -> str:
    """What one platform, or an attestation, takes of the image's size."""
    unpacked = manifest.unpacked_bytes
    more = f" + {decimal_bytes(unpacked)} unpacked" if unpacked else ""
    name = manifest.platform or manifest.kind
    return f"{name}: {decimal_bytes(manifest.content_bytes)} as transferred{more}"


_SAID_ELSEWHERE = frozenset({"platform", "user", "entrypoint", "command", "ports"})
_WIDEST_VALUE = 32


def contents_groups(contents: "tuple[ImageFact, ...] | None") -> tuple[FactGroup, ...]:
    """What is in an image, each fact with what it was read from; nothing when nothing is known."""
    found = [one for one in contents or () if one.name not in _SAID_ELSEWHERE]
    if not found:
        return ()
    width = min(_WIDEST_VALUE, max(len(one.value) for one in found))
    lines: dict[str, list[Cell]] = {}
    for one in found:
        hint = " (a hint)" if one.hint else ""
        text = f"{one.value:<{width}}   {one.evidence}{hint}"
        role = Role.MUTED if one.hint else Role.NORMAL
        lines.setdefault(one.name, []).append(Cell(text, role))
    return (FactGroup("In it", tuple(Fact(name, tuple(cells)) for name, cells in lines.items())),)


def _defaults(image: Image) -> tuple[Fact, ...]:
    """What a container made from it starts with."""
    return (
        fact("Entrypoint", shlex.join(image.entrypoint) if image.entrypoint else "none"),
        fact("Command", shlex.join(image.command) if image.command else "none"),
        fact("User", image.user or "root (none is set)"),
        fact("Directory", image.working_dir or "/"),
        facts("Ports", image.exposed_ports),
        facts("Environment", (name for name, _ in image.environment)),
    )
