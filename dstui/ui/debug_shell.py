"""A debug shell beside a container: first of which image, then the shell itself."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from textual.app import App

from dstui.domain.action import Action
from dstui.domain.container import Container
from dstui.domain.debug_image import DebugImage
from dstui.domain.engine import EngineError, EngineUnreachableError, ShellRequest
from dstui.domain.text import clean
from dstui.render.units import decimal_bytes
from dstui.session import Session
from dstui.ui.screens.choose import Choice, ChooseScreen
from dstui.ui.shell import ShellResult, hand_over

T = TypeVar("T")
Transfer = Callable[[Action], object]
"""Begins a pull."""

_PULL = "pull another"
"""The value of the line that offers to pull one: no image has this name."""
_SMALL = "busybox:latest"


async def debug_shell(
    app: App[Any],
    session: Session,
    container: Container,
    transfer: Transfer,
    choose: bool = False,
) -> ShellResult:
    """A shell in a throwaway container beside this one.

    The image is asked for the first time, or to `choose` another. For a worker, as it waits for
    the answer.
    """
    image = await _in_background(session, session.debug_image)
    if choose or not image:
        image = await _chosen(app, session, image, transfer)
    if not image:
        return ShellResult(ran=False)
    wanted = ShellRequest(container.id)
    return await hand_over(
        app,
        session.background,
        f"debug shell of {image} beside {container.name}, whose files are in $TARGET_ROOT;"
        " exit or ctrl-d to return",
        lambda rows, columns: session.debug_shell(
            replace(wanted, rows=rows, columns=columns), image
        ),
    )


async def _chosen(app: App[Any], session: Session, before: str, transfer: Transfer) -> str:
    """The image to use now and from now on; empty when there is none yet."""
    try:
        images = await _in_background(session, session.debug_images)
    except (EngineError, EngineUnreachableError) as error:
        app.notify(clean(str(error)), severity="warning", markup=False)
        return ""
    screen = ChooseScreen("Debug shells run in", _choices(images), selected=before)
    image = await app.push_screen_wait(screen)
    if image == _PULL:
        await _pull(app, session, transfer)
        return ""
    if image:
        await _remember(app, session, image)
    return image or ""


def _choices(images: Sequence[DebugImage]) -> list[Choice]:
    found = [
        Choice(
            image.reference,
            image.reference,
            f"{decimal_bytes(image.size_bytes):>8}  {image.evidence.words}",
        )
        for image in images
    ]
    return [*found, Choice(_PULL, "Pull another …", "from a registry")]


async def _pull(app: App[Any], session: Session, transfer: Transfer) -> None:
    """Ask for a reference and fetch it; the next debug shell is of it."""
    from dstui.domain.reference import parse
    from dstui.domain.transfer import pull
    from dstui.ui.screens.prompt import PromptScreen
    from dstui.ui.sections.image_choices import wrong_reference

    name = await app.push_screen_wait(
        PromptScreen(
            "Pull an image for debug shells",
            _SMALL,
            wrong_with=wrong_reference,
            hint="Enter pull   Esc back",
        )
    )
    if name:
        reference = parse(name.strip()).complete
        transfer(pull(reference))
        await _remember(app, session, reference.familiar)


async def _remember(app: App[Any], session: Session, image: str) -> None:
    problem = await _in_background(session, lambda: session.remember_debug_image(image))
    if problem:
        app.notify(f"It cannot be remembered: {clean(problem)}", severity="warning", markup=False)


async def _in_background(session: Session, question: Callable[[], T]) -> T:
    return await asyncio.wrap_future(session.background.submit(question))
