"""Completes names from the engine, and gives up soon: a hung engine must not hang the shell."""

import click
from click.shell_completion import CompletionItem

_PATIENCE_S = 1.5


def container_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The containers whose names begin so, with their images."""
    from dstui.background import Background

    try:
        found = Background(1).submit(_containers, context).result(_PATIENCE_S)
    except Exception:  # noqa: BLE001 - whatever it was, the shell wants no message now
        return []
    return [
        CompletionItem(name, help=image) for name, image in found if name.startswith(incomplete)
    ]


def _containers(context: click.Context) -> list[tuple[str, str]]:
    from dstui.config import Config
    from dstui.domain.kind import Kind
    from dstui.session import Options, Session

    given = context.find_root().params
    session = Session(Config(), Options(host=given.get("host"), context=given.get("context")))
    try:
        session.open()
        session.read_list(Kind.CONTAINER)
        return sorted((found.name, found.image) for found in session.store.containers())
    finally:
        session.close()
