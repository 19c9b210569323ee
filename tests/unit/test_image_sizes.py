"""One size for an image, whatever was asked, on each image store: by answers of real engines."""

import json
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from dstui.domain.engine import Endpoint
from dstui.domain.image import Image, ImageStore
from dstui.engine.client import Engine
from dstui.engine.convert.engine import info
from dstui.render.images import ImageRow, overview
from dstui.render.json_contract import image_object

RECORDED = Path(__file__).parent.parent / "data" / "image_stores"
STORES = {
    "docker-20.10": ImageStore.GRAPH_DRIVER,
    "docker-26.1-containerd": ImageStore.CONTAINERD,
    "docker-28.5": ImageStore.GRAPH_DRIVER,
    "docker-28.5-containerd": ImageStore.CONTAINERD,
    "podman-5.4": ImageStore.CONTAINERS_STORAGE,
}


class Recorded:
    """Answers as the engine did, and filters its list as engines do."""

    def __init__(self, name: str) -> None:
        self.said = json.loads((RECORDED / f"{name}.json").read_text())
        self.asked: list[dict[str, Any]] = []

    def get(self, path: str, query: Any = (), **_limits: Any) -> Any:
        if path == "/images/json":
            self.asked.append(dict(query))
            return [self._row(row, dict(query)) for row in self._listed(dict(query))]
        name = path.removeprefix("/images/").removesuffix("/json")
        return next(found for found in self.said["inspect"] if found["Id"] == name)

    def _listed(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        filters = json.loads(query.get("filters", "{}"))
        patterns = filters.get("reference", ["*"])
        rows = [row for row in self.said["list"] if _named(row, patterns)]
        return [row for row in rows if not row["RepoTags"]] if "dangling" in filters else rows

    @staticmethod
    def _row(row: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
        return row if query.get("manifests") else {**row, "Manifests": None}


def _named(row: dict[str, Any], patterns: list[str]) -> bool:
    return any(fnmatch(name, pattern) for name in row["RepoTags"] or [""] for pattern in patterns)


def engine_of(name: str) -> tuple[Engine, Recorded]:
    rest = Recorded(name)
    said = rest.said
    told = info(said["info"], said["product"], said["api_version"], Endpoint("unix:///x", "test"))
    return Engine(rest, told), rest  # type: ignore[arg-type]


@pytest.mark.parametrize("name", STORES)
def test_the_image_store_is_known(name: str) -> None:
    engine, _ = engine_of(name)
    assert engine.info.image_store is STORES[name]


@pytest.mark.parametrize("name", STORES)
def test_a_list_and_an_inspect_tell_one_size(name: str) -> None:
    engine, rest = engine_of(name)
    listed = engine.images()
    assert [image.size_bytes for image in listed] == [row["Size"] for row in rest.said["list"]]
    for image in listed:
        inspected = engine.image(image.id)
        assert (inspected.size_bytes, inspected.manifests) == (image.size_bytes, image.manifests)
        assert _shown(inspected) == _shown(image)


def _shown(image: Image) -> tuple[Any, ...]:
    told = image_object(ImageRow(image))
    sizes = next(group for group in overview(ImageRow(image)) if group.title == "Size")
    return told["size_bytes"], told["manifests"], sizes


def test_only_the_row_of_its_name_is_asked_for() -> None:
    engine, rest = engine_of("docker-28.5-containerd")
    engine.image(rest.said["list"][0]["Id"])
    name = rest.said["list"][0]["RepoTags"][0]
    assert rest.asked == [{"manifests": 1, "filters": json.dumps({"reference": [name]})}]


@pytest.mark.parametrize("names", [["[::1]:5000/team/x:1"], []], ids=["pattern", "dangling"])
def test_a_name_that_the_filter_misses_leads_to_the_whole_list(names: list[str]) -> None:
    engine, rest = engine_of("docker-26.1-containerd")
    row = rest.said["list"][0]
    inspected = next(found for found in rest.said["inspect"] if found["Id"] == row["Id"])
    row["RepoTags"] = inspected["RepoTags"] = names
    assert engine.image(row["Id"]).size_bytes == row["Size"] != inspected["Size"]


def test_other_stores_are_not_asked_again() -> None:
    engine, rest = engine_of("docker-28.5")
    engine.image(rest.said["list"][0]["Id"])
    assert rest.asked == []


def test_the_sizes_of_the_manifests_make_up_that_of_the_image() -> None:
    engine, _ = engine_of("docker-28.5-containerd")
    for image in engine.images():
        assert image.size_bytes == sum(
            manifest.content_bytes + manifest.unpacked_bytes for manifest in image.manifests
        )
    platforms = {manifest.platform for image in engine.images() for manifest in image.manifests}
    assert platforms == {"linux/amd64", "linux/arm64", None}
