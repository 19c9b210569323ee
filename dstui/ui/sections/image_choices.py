"""What an image can be pushed as, pulled by, and saved to."""

import re
from collections.abc import Iterator

from dstui.domain.action import short_id
from dstui.domain.image import Image
from dstui.domain.reference import HUB, Reference, ReferenceProblem, check, parse
from dstui.domain.registries import registry_of
from dstui.ui.screens.choose import Choice

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def destinations(image: Image) -> list[Choice]:
    """Every name of the image, and where it would be sent by it."""
    return [Choice(name, name, _where(parse(name))) for name in image.references]


def _where(reference: Reference) -> str:
    kind = registry_of(reference.domain)
    place = kind.title if kind else reference.domain
    return "; ".join([place, *_doubts(reference)])


def _doubts(reference: Reference) -> Iterator[str]:
    if reference.domain == HUB and reference.path.startswith("library/"):
        yield "only Docker itself may push names without a namespace"
    if reference.complete.tag == "latest":
        yield "latest moves"


def wrong_reference(text: str) -> str:
    """Why this names no image, and what may have been meant; or nothing."""
    found = check(text.strip())
    if not isinstance(found, ReferenceProblem):
        return ""
    perhaps = f"\nPerhaps {found.suggestion}" if found.suggestion else ""
    return f"{found.message}{perhaps}"


def file_name(image: Image) -> str:
    """A file that tells what is in it: `pytorch-25.10-py3.tar`."""
    if not image.references:
        return f"{short_id(image.id)}.tar"
    name = image.references[0].rpartition("/")[2]
    return f"{_UNFIT.sub('-', name)}.tar"
