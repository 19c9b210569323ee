"""Gathers all that cleanup looks at, the slow `system/df` beside everything else."""

import json
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from dstui.background import Background
from dstui.domain.cleanup.layer_bytes import Layers
from dstui.domain.container import Container
from dstui.domain.engine import DiskUse, EngineError
from dstui.domain.gpu import GpuReport
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.lineage import Lineage
from dstui.domain.staleness.facts import BuildRecord, CleanupFacts
from dstui.engine.activity import ActivityReader
from dstui.engine.client import Engine
from dstui.engine.convert.container import inspected_container, listed_container
from dstui.engine.convert.disk import build_records, df_answer
from dstui.engine.convert.image import inspected_image, listed_image
from dstui.engine.convert.read import UnreadableError, each, mapping, text
from dstui.engine.convert.read import time as moment
from dstui.engine.convert.storage import disk_use
from dstui.engine.image_list import read_list
from dstui.engine.lineage import lineage_of
from dstui.engine.log_files import log_size

_SLOW_TIMEOUT_S = 900.0
_TRY_AGAIN_S = 0.5
_SMALLEST_SKEW_S = 2.0
"""The engine tells its time in whole seconds."""
_LAYER_STORES = ("overlay2", "overlay", "fuse-overlayfs", "aufs", "btrfs", "zfs", "devicemapper")


class Disk(NamedTuple):
    """What `system/df` told."""

    use: DiskUse
    records: tuple[BuildRecord, ...] = ()
    note: str = ""


class _Inspected(NamedTuple):
    container: Container
    log_path: str


def gather(
    engine: Engine,
    background: Background,
    gpus: GpuReport | None = None,
    activity: bool = True,
) -> CleanupFacts:
    """One `system/df`, each list once, each container inspected, and each image whose layers
    bear on the plan. Without `activity` it is not asked what running containers do. Raises
    `EngineError`.
    """
    disk_answer = background.submit(read_disk, engine)
    now = engine_now(engine)
    containers = _containers(engine, background)
    present = [found.container for found in containers]
    reader = ActivityReader(engine, present, background) if activity else None
    images, lineage = _images(engine, present)
    volumes, networks = engine.volumes(), engine.networks()
    disk = disk_answer.result()
    details, notes = _details(engine, background, images, present, disk.use)
    listed = tuple(_with_layers(image, details) for image in images)
    facts = CleanupFacts(
        engine_id=engine.info.id,
        engine_name=engine.info.name,
        data_root=engine.info.data_root,
        now=now,
        disk=disk.use,
        containers=tuple(present),
        images=listed,
        volumes=volumes,
        networks=networks,
        build_cache=disk.records,
        activity=reader.finish(now, gpus) if reader else {},
        log_bytes=_log_bytes(engine, containers),
        tagged={name: found.tagged for name, found in details.items() if found.tagged},
        lineage=lineage,
        held_layers=_held_layers(present, listed, details),
        records_removable=engine.info.product == "Docker",
        estimates=tuple(_estimates(engine, disk)),
        notes=tuple(note for note in (disk.note, *notes) if note),
    )
    return replace(facts, layer_bytes=_layer_bytes(engine, background, facts))


def read_disk(engine: Engine) -> Disk:
    """`system/df`; when somebody else has it running already, after that."""
    deadline = time.monotonic() + _SLOW_TIMEOUT_S
    while True:
        try:
            answer = df_answer(engine.rest.get("/system/df", timeout_s=_SLOW_TIMEOUT_S))
            return Disk(disk_use(answer, time.time()), build_records(answer))
        except EngineError as error:
            if error.status is None:
                raise
            if "already running" not in error.message or time.monotonic() > deadline:
                return Disk(DiskUse(time.time(), None), (), f"sizes unknown: {error.message}")
        time.sleep(_TRY_AGAIN_S)


def engine_now(engine: Engine) -> datetime:
    """The time by the engine's clock, which the ages of its objects go by."""
    answer = engine.rest.ask("GET", "/_ping", timeout_s=engine.rest.timeout_s)
    here = datetime.now(UTC)
    try:
        there = parsedate_to_datetime(answer.headers.get("Date") or "")
    except ValueError:
        return here
    skew = there - here
    return there if abs(skew) > timedelta(seconds=_SMALLEST_SKEW_S) else here


def _containers(engine: Engine, background: Background) -> list[_Inspected]:
    listed = engine.containers()
    answers = [background.submit(_inspect_container, engine, found) for found in listed]
    return [found for answer in answers if (found := answer.result())]


def _inspect_container(engine: Engine, listed: Container) -> _Inspected | None:
    try:
        answer = engine.inspect(Kind.CONTAINER, listed.id)
        found = inspected_container(answer, engine.info.default_runtime)
        return _Inspected(found, text(answer.get("LogPath")))
    except UnreadableError:
        return _Inspected(listed, "")
    except EngineError as error:
        if error.status is None:
            raise
        return None if error.gone else _Inspected(listed, "")


def _images(engine: Engine, containers: Iterable[Container]) -> tuple[tuple[Image, ...], Lineage]:
    """The images without the hidden ones, which the classic builder made on its way, and what
    each was built on.
    """
    answer = read_list(engine.rest, engine.info, {"all": 1})
    lineage = lineage_of(answer, containers)
    with_children = set(lineage.parents.values())
    images = each(answer, listed_image)
    listed = (image for image in images if image.references or image.id not in with_children)
    return tuple(listed), lineage


class _Details(NamedTuple):
    layers: tuple[str, ...]
    tagged: datetime | None


def _details(
    engine: Engine,
    background: Background,
    images: Iterable[Image],
    containers: Iterable[Container],
    use: DiskUse,
) -> tuple[dict[str, _Details], list[str]]:
    """Of the images that may go or that share layers, and of those behind containers that are
    not listed. One that shares nothing and is used stays out of all sums.
    """
    used = {container.image_id for container in containers if container.image_id}
    listed = {image.id for image in images}
    wanted = [name for name in listed if name not in used or use.shared_bytes.get(name) != 0]
    hidden = sorted(used - listed)
    answers = {name: background.submit(_image_details, engine, name) for name in (*wanted, *hidden)}
    found = {name: details for name, answer in answers.items() if (details := answer.result())}
    lost = [name for name in hidden if name not in found]
    note = f"{len(lost)} containers hold layers of images that are gone: these bytes stay"
    return found, [note] if lost else []


def _image_details(engine: Engine, name: str) -> _Details | None:
    try:
        answer = engine.inspect(Kind.IMAGE, name)
        return _Details(inspected_image(answer).layers, last_tag_time(answer))
    except UnreadableError:
        return None
    except EngineError as error:
        if error.status is None:
            raise
        return None


def last_tag_time(answer: Mapping[str, Any]) -> datetime | None:
    """When an image last got a name here: podman does not tell."""
    return moment(mapping(answer.get("Metadata")).get("LastTagTime"))


def _with_layers(image: Image, details: Mapping[str, _Details]) -> Image:
    found = details.get(image.id)
    return replace(image, layers=found.layers) if found else image


def _held_layers(
    containers: Iterable[Container], images: Iterable[Image], details: Mapping[str, _Details]
) -> dict[str, tuple[str, ...]]:
    listed = {image.id for image in images}
    return {
        container.id: details[container.image_id].layers
        for container in containers
        if container.image_id not in listed and container.image_id in details
    }


def _layer_bytes(
    engine: Engine, background: Background, facts: CleanupFacts
) -> dict[str, tuple[int, ...]]:
    """The histories of the few images whose layers no size tells."""
    layers = Layers(facts.images, facts.disk.shared_bytes, held=facts.held_layers)
    counts = {image.id: len(image.layers) for image in facts.images}
    asked: dict[str, Future[tuple[int, ...] | None]] = {
        name: background.submit(_history_bytes, engine, name, counts.get(name, 0))
        for name in layers.untold
    }
    return {name: sizes for name, answer in asked.items() if (sizes := answer.result())}


def _history_bytes(engine: Engine, name: str, layers: int) -> tuple[int, ...] | None:
    """The size of each layer, oldest first; `None` where the steps do not tell which made one.

    Steps without bytes may have made an empty layer or none. Where the layers are those that have
    bytes, or all, there is no doubt.
    """
    try:
        history = engine.history(name)
    except EngineError as error:
        if error.status is None:
            raise
        return None
    sizes = [entry.size_bytes for entry in reversed(history)]
    filled = [size for size in sizes if size]
    for certain in (filled, sizes):
        if len(certain) == layers:
            return tuple(certain)
    return None


def _log_bytes(engine: Engine, containers: Iterable[_Inspected]) -> dict[str, int]:
    if not engine.endpoint.local:
        return {}
    sizes = ((found.container.id, log_size(found.log_path)) for found in containers)
    return {identifier: size for identifier, size in sizes if size is not None}


def _estimates(engine: Engine, disk: Disk) -> Iterable[str]:
    driver, product = engine.info.storage_driver, engine.info.product
    if product == "Podman":
        yield "podman rounds the sizes of layers: the bytes are an estimate"
    elif driver == "vfs":
        yield "the vfs driver stores each layer whole: more comes back than is shown"
    elif driver not in _LAYER_STORES:
        store = f"the {driver} store" if driver else "a store of an unknown kind"
        yield f"{store} may keep layers compressed as well: the bytes are an estimate"
    if any(record.shared for record in disk.records):
        yield "layers that the build cache shares with images stay until both are gone"


def containers_with(engine: Engine, name: str, value: str) -> tuple[Container, ...]:
    """The containers, in any state, of a filter of the list: `ancestor`, `volume`, `network`."""
    filters = json.dumps({name: [value]})
    answer = engine.rest.get("/containers/json", {"all": 1, "filters": filters})
    return each(answer, listed_container)
