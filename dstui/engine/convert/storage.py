"""Volumes, networks and disk use."""

from collections.abc import Mapping
from typing import Any

from dstui.domain.engine import DiskUse
from dstui.domain.network import Network
from dstui.domain.volume import Volume
from dstui.engine.convert.image import image_id
from dstui.engine.convert.read import (
    Json,
    flag,
    identifier,
    labels,
    mapping,
    rows,
    text,
    time,
    whole,
)


def volume(row: Json) -> Volume:
    """A volume: list and inspect tell the same."""
    return Volume(
        name=identifier(row.get("Name")),
        driver=text(row.get("Driver")),
        mountpoint=text(row.get("Mountpoint")),
        created=time(row.get("CreatedAt")),
        scope=text(row.get("Scope")) or "local",
        labels=labels(row.get("Labels")),
        options=labels(row.get("Options")),
        size_bytes=_known_size(mapping(row.get("UsageData")).get("Size")),
    )


def network(row: Json) -> Network:
    """A network: list and inspect tell the same, but for the connected containers."""
    pools = [mapping(pool) for pool in rows(mapping(row.get("IPAM")).get("Config"))]
    return Network(
        id=identifier(row.get("Id")),
        name=text(row.get("Name")),
        driver=text(row.get("Driver")),
        scope=text(row.get("Scope")) or "local",
        internal=flag(row.get("Internal")) or False,
        created=time(row.get("Created")),
        subnets=tuple(subnet for pool in pools if (subnet := text(pool.get("Subnet")))),
        gateways=tuple(gateway for pool in pools if (gateway := text(pool.get("Gateway")))),
        labels=labels(row.get("Labels")),
        options=labels(row.get("Options")),
    )


def disk_use(answer: Any, measured: float) -> DiskUse:
    """The answer of `system/df`; a size of -1 is one that the engine does not know."""
    found = mapping(answer)
    volumes = [(row, mapping(row.get("UsageData"))) for row in _objects(found, "Volumes")]
    return DiskUse(
        time=measured,
        layers_bytes=_layers_bytes(found),
        shared_bytes=_sizes(
            (image_id(text(row.get("Id"))), row.get("SharedSize"))
            for row in _objects(found, "Images")
        ),
        volume_bytes=_sizes((text(row.get("Name")), usage.get("Size")) for row, usage in volumes),
        writable_bytes=_sizes(
            # an empty writable layer is left out of the answer
            (text(row.get("Id")), row.get("SizeRw", 0))
            for row in _objects(found, "Containers")
        ),
        build_cache_bytes=sum(
            _known_size(row.get("Size")) or 0
            for row in _objects(found, "BuildCache")
            if row.get("Shared") is not True
        ),
    )


def _layers_bytes(found: Json) -> int | None:
    """Podman before 5 always says 0."""
    size = _known_size(found.get("LayersSize"))
    return None if size == 0 and rows(found.get("Images")) else size


def _objects(found: Json, key: str) -> list[Json]:
    return [row for row in rows(found.get(key)) if isinstance(row, dict)]


def _sizes(pairs: Any) -> Mapping[str, int]:
    known = ((name, _known_size(value)) for name, value in pairs)
    return {name: size for name, size in known if name and size is not None}


def _known_size(value: Any) -> int | None:
    size = whole(value)
    return size if size is not None and size >= 0 else None
