"""Completes names from the engine, and gives up soon: a hung engine must not hang the shell."""

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from collections.abc import Callable

    from dstui.session import Session

Names = list[tuple[str, str]]
"""What may be typed, each with a word of help."""

_PATIENCE_S = 1.5


def container_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The containers whose names begin so, with their images."""
    return _completed(context, incomplete, _containers)


def image_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The references of images that begin so."""
    return _completed(context, incomplete, _images)


def _completed(
    context: click.Context, incomplete: str, read: "Callable[[Session], Names]"
) -> list[CompletionItem]:
    from dstui.background import Background

    try:
        found = Background(1).submit(_read, context, read).result(_PATIENCE_S)
    except Exception:  # noqa: BLE001 - whatever it was, the shell wants no message now
        return []
    return [
        CompletionItem(name, help=words) for name, words in found if name.startswith(incomplete)
    ]


def _read(context: click.Context, read: "Callable[[Session], Names]") -> Names:
    from dstui.config import Config
    from dstui.session import Options, Session

    given = context.find_root().params
    session = Session(Config(), Options(host=given.get("host"), context=given.get("context")))
    try:
        session.open()
        return sorted(read(session))
    finally:
        session.close()


def _containers(session: "Session") -> Names:
    from dstui.domain.kind import Kind

    session.read_list(Kind.CONTAINER)
    return [(found.name, found.image) for found in session.store.containers()]


def _images(session: "Session") -> Names:
    from dstui.domain.action import short_id
    from dstui.domain.kind import Kind

    session.read_list(Kind.IMAGE)
    images = session.store.images()
    return [(name, short_id(image.id)) for image in images for name in image.references]
