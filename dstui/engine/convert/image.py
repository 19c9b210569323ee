"""Images, from a list (`GET /images/json`) and from an inspect, and their history."""

from typing import Any

from dstui.domain.image import HistoryEntry, Image, Manifest
from dstui.engine.convert.read import (
    Json,
    command,
    each,
    environment,
    flag,
    identifier,
    labels,
    mapping,
    rows,
    text,
    texts,
    time,
    whole,
)


def listed_image(row: Json) -> Image:
    """An image of the list."""
    shared = whole(row.get("SharedSize"))
    return Image(
        id=identifier(row.get("Id")),
        references=_named(row.get("RepoTags")),
        digests=_named(row.get("RepoDigests")),
        created=time(row.get("Created")),
        size_bytes=max(0, whole(row.get("Size")) or 0),
        # podman says 0 for "not computed"
        shared_bytes=shared if shared is not None and shared > 0 else None,
        labels=labels(row.get("Labels")),
        manifests=each(
            [one for one in rows(row.get("Manifests")) if flag(mapping(one).get("Available"))],
            _manifest,
        ),
    )


def _manifest(row: Json) -> Manifest:
    image = mapping(row.get("ImageData"))
    platform = mapping(image.get("Platform"))
    return Manifest(
        digest=identifier(row.get("ID")),
        kind=text(row.get("Kind")),
        platform=f"{text(platform.get('os'))}/{name}"
        if (name := _architecture(platform))
        else None,
        content_bytes=max(0, whole(mapping(row.get("Size")).get("Content")) or 0),
        unpacked_bytes=max(0, whole(mapping(image.get("Size")).get("Unpacked")) or 0),
    )


def inspected_image(answer: Any) -> Image:
    """An image with everything that the engine knows of it. Raises `UnreadableError`.

    On the containerd store its size is that of the compressed content of one platform alone.
    """
    found = mapping(answer)
    config = mapping(found.get("Config"))
    return Image(
        id=image_id(identifier(found.get("Id"))),
        references=_named(found.get("RepoTags")),
        digests=_named(found.get("RepoDigests")),
        created=time(found.get("Created")),
        size_bytes=max(0, whole(found.get("Size")) or 0),
        labels=labels(config.get("Labels")),
        architecture=_architecture(found),
        os=text(found.get("Os")) or None,
        entrypoint=command(config.get("Entrypoint")),
        command=command(config.get("Cmd")),
        user=text(config.get("User")),
        working_dir=text(config.get("WorkingDir")),
        environment=environment(config.get("Env")),
        exposed_ports=tuple(sorted(map(text, mapping(config.get("ExposedPorts"))))),
        layers=texts(mapping(found.get("RootFS")).get("Layers")),
    )


def image_id(identifier: str) -> str:
    """The id with its algorithm, which podman leaves out in some answers."""
    return identifier if ":" in identifier or len(identifier) != 64 else f"sha256:{identifier}"


def history_entry(row: Json) -> HistoryEntry:
    """One step of the history."""
    own_id = text(row.get("Id"))
    return HistoryEntry(
        id=None if own_id in ("", "<missing>") else own_id,
        created=time(row.get("Created")),
        created_by=text(row.get("CreatedBy")),
        size_bytes=max(0, whole(row.get("Size")) or 0),
        comment=text(row.get("Comment")),
        tags=_named(row.get("Tags")),
    )


def _named(references: Any) -> tuple[str, ...]:
    """Without `<none>:<none>`, by which the list marks a dangling image."""
    return tuple(name for name in texts(references) if "<none>" not in name)


def _architecture(found: Json) -> str | None:
    name = text(found.get("Architecture") or found.get("architecture"))
    variant = text(found.get("Variant") or found.get("variant"))
    return (f"{name}/{variant}" if variant else name) or None
