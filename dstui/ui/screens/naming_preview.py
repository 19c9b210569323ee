"""What comes of a name that is being made: the reference, what is missing, wrong or doubtful."""

from collections.abc import Iterator, Mapping

from textual.content import Content

from dstui.domain.image import Image
from dstui.domain.naming import TAG_FIELD, FieldProblem, Naming
from dstui.domain.registries import Registry
from dstui.ui.tagging import Tag

Part = tuple[str, str]
"""Text and its style."""


def previewed(
    kind: Registry,
    values: Mapping[str, str],
    naming: Naming,
    tag: Tag,
    image: Image,
    command: str,
) -> Content:
    """All that there is to say, in a few lines."""
    lines = [*_reference(naming, tag), *_remarks(kind, values, naming, tag, image)]
    if command and not _named_so(naming, image):
        lines.append((command, "$role-number"))
    if kind.note:
        lines.append((kind.note, "$role-muted"))
    joined: list[Part] = []
    for text, style in lines:
        joined.append((f"\n{text}" if joined else text, style))
    return Content.assemble(*joined)


def _reference(naming: Naming, tag: Tag) -> Iterator[Part]:
    if naming.reference is None:
        return
    name = naming.reference.familiar_name
    if tag.awaited:
        yield f"{name}:…", "$role-muted"
    elif not tag.problem:
        yield naming.reference.complete.familiar, "bold $role-strong"


def _remarks(
    kind: Registry, values: Mapping[str, str], naming: Naming, tag: Tag, image: Image
) -> Iterator[Part]:
    if tag.problem:
        yield f"✗ {tag.problem}", "$role-bad"
    if tag.awaited:
        yield "asking git…", "$role-muted"
    if missing := _missing(kind, values, naming):
        yield f"Still to fill in: {', '.join(missing)}", "$role-accent"
    for problem in naming.problems:
        if not _is_missing(problem, values):
            yield f"✗ {_label(kind, problem)}: {problem.message}", "$role-bad"
            if problem.suggestion:
                yield f"  Enter takes {problem.suggestion}", "$role-accent"
    if tag.awaited or tag.problem:
        return
    if _named_so(naming, image):
        yield "It has this name already", "$role-muted"
    for warning in naming.warnings:
        yield f"! {warning}", "$role-warning"


def _named_so(naming: Naming, image: Image) -> bool:
    reference = naming.reference
    return reference is not None and reference.complete.familiar in image.references


def _missing(kind: Registry, values: Mapping[str, str], naming: Naming) -> list[str]:
    return [_label(kind, p) for p in naming.problems if _is_missing(p, values)]


def _is_missing(problem: FieldProblem, values: Mapping[str, str]) -> bool:
    return problem.field != TAG_FIELD and not values.get(problem.field, "").strip()


def _label(kind: Registry, problem: FieldProblem) -> str:
    field = kind.field(problem.field)
    return field.label if field else "Tag"
