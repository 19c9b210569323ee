"""Gathers what rules and facts look at."""

from collections.abc import Iterable

from dstui.domain.audit import files as file_rules
from dstui.domain.audit import secret_files
from dstui.domain.audit.evidence import ContainerEvidence, FileFact, FileList, ImageEvidence
from dstui.domain.container import Container
from dstui.domain.engine import EngineError
from dstui.domain.facts import collect
from dstui.domain.image import HistoryEntry, Image
from dstui.domain.kind import Kind
from dstui.engine.client import Engine, resource
from dstui.engine.convert.container import inspected_container
from dstui.engine.convert.read import each
from dstui.engine.convert.settings import container_settings, image_settings, whole_history_entry
from dstui.engine.files import ContainerFiles, image_files

READ_BYTES = secret_files.LARGEST_READ


def image_evidence(
    engine: Engine, reference: str, files: FileList | None = None, may_read: bool = True
) -> ImageEvidence:
    """All of an image: its config, its history, and its files as far as they are known.

    `files` is the index of its layers. Without one the usual places are asked for. Small files
    are read through a container that is never started, unless `may_read` forbids that.
    """
    answer = engine.inspect(Kind.IMAGE, reference)
    image = engine.image_of(answer)
    found = ImageEvidence(
        image, image_settings(answer), _history(engine, image.id), files or FileList()
    )
    if not may_read:
        return found
    with image_files(engine, image.id) as reader:
        known = files or FileList(tuple(_probe(reader, _PROBES)))
        contents = _read(reader, _wanted(known))
    return ImageEvidence(image, found.settings, found.history, known, contents)


def container_evidence(engine: Engine, name: str) -> ContainerEvidence:
    """All of a container; of its files only those that tell which framework is in it."""
    answer = engine.inspect(Kind.CONTAINER, name)
    container = inspected_container(answer, engine.info.default_runtime)
    reader = ContainerFiles(engine, container.id)
    return ContainerEvidence(
        container,
        container_settings(answer),
        _image_of(engine, container.image_id),
        _named_now(engine, container),
        FileList(tuple(_probe(reader, _FRAMEWORK_PROBES))),
    )


_PROBES = (*collect.PROBES, *secret_files.LIKELY_PATHS, *file_rules.READ_ALWAYS)
_FRAMEWORK_PROBES = tuple(path for path in collect.PROBES if path.endswith("torch/version.py"))


def _wanted(files: FileList) -> Iterable[str]:
    wanted = (*file_rules.READ_ALWAYS, *collect.worth_reading(files))
    return dict.fromkeys((*wanted, *secret_files.worth_reading(files)))


def _probe(reader: ContainerFiles, paths: Iterable[str]) -> Iterable[FileFact]:
    for path in dict.fromkeys(paths):
        if found := reader.stat(path):
            yield FileFact(path, found.size, found.mode, found.kind)


def _read(reader: ContainerFiles, paths: Iterable[str]) -> dict[str, bytes]:
    contents = {path: reader.read(path, READ_BYTES) for path in paths}
    return {path: content for path, content in contents.items() if content is not None}


def _history(engine: Engine, image_id: str) -> tuple[HistoryEntry, ...]:
    return each(engine.rest.get(resource("/images/{}/history", image_id)), whole_history_entry)


def _image_of(engine: Engine, image_id: str) -> Image | None:
    try:
        return engine.image(image_id) if image_id else None
    except EngineError as error:
        if error.gone:
            return None
        raise


def _named_now(engine: Engine, container: Container) -> str | None:
    """The image that the container's reference names by now."""
    found = _image_of(engine, container.image)
    return found.id if found else None
