"""What an image is to be called: fields of a registry and a tag -> a reference, or what is wrong.

Pure, and fast enough to be asked at every key press.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dstui.domain.action import short_id
from dstui.domain.image import Image
from dstui.domain.mended import mended_tag
from dstui.domain.reference import HUB, LATEST, Reference, ReferenceProblem, check
from dstui.domain.registries import Field, Registry, registry_of
from dstui.domain.tags import DIRTY
from dstui.domain.text import clean

TAG_FIELD = "tag"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with the value of one field, and a value that may have been meant, or empty.

    The field is the key of one, or `tag`.
    """

    field: str
    message: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Naming:
    """What comes of the fields: a reference and warnings, or problems."""

    reference: Reference | None
    problems: tuple[FieldProblem, ...] = ()
    warnings: tuple[str, ...] = ()


def name_image(
    kind: Registry,
    values: Mapping[str, str],
    tag: str,
    images: Iterable[Image] = (),
    image_id: str = "",
) -> Naming:
    """The reference of these fields. `images` are those of the engine, `image_id` the one named.

    An empty value is the field's default; a value that is wrong only by capital letters is taken
    in small ones, with a warning.
    """
    given = {field.key: _value(field, values) for field in kind.fields}
    problems = [p for field in kind.fields if (p := _problem(field, given[field.key]))]
    if found := _tag_problem(tag):
        problems.append(found)
    if problems:
        return Naming(None, tuple(problems))
    domain, path = kind.location(given)
    reference = check(f"{domain}/{path}" + (f":{tag}" if tag else ""))
    if isinstance(reference, ReferenceProblem):
        problem = FieldProblem(kind.path[-1], reference.message)
        return Naming(None, (problem,))
    warnings = (
        *_changes(kind, values, given),
        *_of_kind(kind, given, reference),
        *warnings_of(reference, images, image_id),
    )
    return Naming(reference, (), warnings)


def fields_of(reference: Reference) -> tuple[Registry, dict[str, str]] | None:
    """The registry and the values that make this name, to begin with when it is to be changed.

    `None` where the kind cannot be told from the host, or the name breaks the kind's rules.
    """
    kind = registry_of(reference.domain)
    host_values = kind.owns(reference.domain) if kind else None
    if kind is None or host_values is None:
        return None
    path = reference.familiar_name if reference.domain == HUB else reference.path
    keys, parts = list(kind.path), path.split("/")
    for key in kind.path:
        field = kind.field(key)
        if len(keys) > len(parts) and field and field.optional:
            keys.remove(key)
    if len(keys) > len(parts):
        return None
    last = len(keys) - 1
    values = {**host_values, **dict(zip(keys[:last], parts, strict=False))}
    values[keys[last]] = "/".join(parts[last:])
    accepted = all(
        field.accepts(values.get(field.key, "")) for field in kind.fields if field.key in values
    )
    return (kind, values) if accepted else None


def warnings_of(
    reference: Reference, images: Iterable[Image] = (), image_id: str = ""
) -> tuple[str, ...]:
    """What is allowed of this name and still may not be wanted.

    `images` are those of the engine, `image_id` the one that is to be named so.
    """
    return tuple(_warnings(reference, images, image_id))


def _warnings(reference: Reference, images: Iterable[Image], image_id: str) -> Iterator[str]:
    tag = reference.complete.tag
    if tag == LATEST and not reference.digest:
        yield "`latest` says nothing of what is in the image, and moves: give it a version"
    if tag.endswith(DIRTY):
        yield "built from changes that are in no commit: nobody else can build it again"
    if reference.domain != reference.domain.lower():
        shown = clean(reference.domain)
        yield f"{shown} is read as the host of a registry, because of its capital letters"
    kind = registry_of(reference.domain)
    if kind and not kind.fits(reference.path):
        yield f"{kind.title} takes names of the form {reference.domain}/{kind.shape}"
    if other := overwritten(reference, images, image_id):
        name = clean(reference.complete.familiar)
        yield f"{name} names another image here ({short_id(other.id)}), which would lose this name"


def overwritten(reference: Reference, images: Iterable[Image], image_id: str) -> Image | None:
    """The other image of this engine that has the name already."""
    name = reference.complete.familiar
    return next((i for i in images if i.id != image_id and name in i.references), None)


def _value(field: Field, values: Mapping[str, str]) -> str:
    value = values.get(field.key, "").strip() or field.default
    small = value.lower()
    return small if not field.accepts(value) and field.accepts(small) else value


def _problem(field: Field, value: str) -> FieldProblem | None:
    if not value:
        missing = f"missing: {field.says}"
        return None if field.optional else FieldProblem(field.key, missing)
    if field.accepts(value):
        return None
    mended = field.mend(value)
    fits = bool(mended) and field.accepts(mended)
    arrow = f": {clean(value, 60)} -> {mended}" if fits else ""
    return FieldProblem(field.key, f"{field.says}{arrow}", mended if fits else "")


def _tag_problem(tag: str) -> FieldProblem | None:
    found = check(f"name:{tag}") if tag else None
    if not isinstance(found, ReferenceProblem):
        return None
    return FieldProblem(TAG_FIELD, found.message, mended_tag(tag))


def _changes(kind: Registry, values: Mapping[str, str], given: Mapping[str, str]) -> Iterator[str]:
    for field in kind.fields:
        typed = values.get(field.key, "").strip()
        if typed and typed != given[field.key]:
            yield f"{clean(typed)} is written {given[field.key]}: names have no capital letters"


def _of_kind(kind: Registry, given: Mapping[str, str], reference: Reference) -> Iterator[str]:
    for field in kind.fields:
        value = given[field.key]
        if field.usual and value and not re.fullmatch(field.usual, value):
            yield f"{value}: {field.usually}"
    owner = registry_of(reference.domain)
    if owner is not None and owner is not kind:
        yield f"{reference.domain} is {owner.title}, not {kind.title}"
    for key in kind.path:
        first = given[key].split("/")[0]
        foreign = registry_of(first) if "." in first or ":" in first else None
        if foreign:
            yield f"{first} is the host of {foreign.title}: here it is only a part of the name"
    if kind.key == "hub" and not given["namespace"]:
        yield "without a namespace it can only stay here: Docker's own images are named so"
