"""The JSON contract: the fields that scripts count on, and how values are written."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from dstui.domain.container import Container, Limits, Mount, Port, State
from dstui.domain.engine import EngineInfo
from dstui.domain.gpu import Gpu, GpuGrant, GpuProcess, GpuReport
from dstui.domain.gpu_use import GpuUse, gpu_use
from dstui.domain.image import Image
from dstui.domain.network import Network
from dstui.domain.owner import Owner
from dstui.domain.usage import Usage
from dstui.domain.volume import Volume
from dstui.render import gpus_json, json_contract
from dstui.render.containers import ContainerRow
from dstui.render.gpu_holders import HolderRow, Holding, holders
from dstui.render.gpu_processes import GpuProcessRow
from dstui.render.gpus import GpuRow
from dstui.render.images import ImageRow
from dstui.render.networks import NetworkRow
from dstui.render.volumes import VolumeRow

THEN = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
CONTAINER = Container(
    id="ab" * 32,
    name="train",
    image="pytorch:2.3",
    image_id="sha256:" + "cd" * 32,
    state=State.RUNNING,
    created=THEN,
    ports=(Port(80, host_ip="0.0.0.0", host_port=8080),),
    mounts=(Mount("bind", "/home/ann", "/data"),),
)
GPU = Gpu("nvidia:GPU-1", 0, "A100", processes=(GpuProcess(1, 100, container_id=CONTAINER.id),))
REPORT = GpuReport(0.0, (GPU,), "550.54", "12.4")


def test_the_document_has_a_schema_and_its_engine():
    info = EngineInfo("id", "box", "Docker", "26", "1.45", "unix:///x")
    whole = json_contract.document(info, images=[])
    assert whole["schema"] == 1
    assert {"id", "name", "version", "api_version", "host"} <= whole["engine"].keys()
    assert whole["images"] == []


def test_a_container_has_the_fields_that_scripts_count_on():
    row = ContainerRow(CONTAINER, Usage(0.0, cpu_percent=12.5), Owner("ann", "label owner"))
    found = json_contract.container_object(row, REPORT, writable_bytes=7)
    assert found["created"] == "2024-05-01T12:00:00Z"
    assert found["started"] is None
    assert (found["owner"], found["cpu_percent"], found["memory_bytes"]) == ("ann", 12.5, None)
    assert found["gpus_granted"] is None
    assert (found["gpu_memory_bytes"], found["gpu_percent"]) == (100, None)
    assert found["writable_bytes"] == 7
    assert found["ports"][0]["host_port"] == 8080
    assert found["mounts"][0]["source"] == "/home/ann"


def test_what_does_not_run_has_no_usage_but_its_limit():
    stopped = replace(CONTAINER, state=State.EXITED, limits=Limits(memory_bytes=2**30))
    found = json_contract.container_object(ContainerRow(stopped))
    assert found["memory_limit_bytes"] == 2**30
    assert found["cpu_percent"] is found["pids"] is found["gpu_memory_bytes"] is None


def test_granted_gpus():
    inspected = replace(CONTAINER, inspected=True)
    assert json_contract.granted(inspected) == []
    for grant, words in (
        (GpuGrant("x", all=True), ["all"]),
        (GpuGrant("x", count=2), ["any:2"]),
        (GpuGrant("x", ids=("0", "GPU-1")), ["0", "GPU-1"]),
    ):
        assert json_contract.granted(replace(inspected, gpus=grant)) == words


def test_gpu_use_is_unknown_as_soon_as_a_part_of_it_is():
    hidden = replace(
        GPU, processes=(*GPU.processes, GpuProcess(2, None, container_id=CONTAINER.id))
    )
    assert gpu_use(REPORT, CONTAINER.id) == GpuUse(100, None, (GPU.id,))
    assert gpu_use(replace(REPORT, gpus=(hidden,)), CONTAINER.id) == GpuUse(None, None, (GPU.id,))
    assert gpu_use(REPORT, "other") == gpu_use(None, "other") == GpuUse()


def test_sizes_that_were_not_measured_are_null():
    image = Image("sha256:1", ("a:1",), (), THEN, 100)
    found = json_contract.image_object(ImageRow(image), [CONTAINER])
    assert (found["size_bytes"], found["shared_bytes"], found["unique_bytes"]) == (100, None, None)
    assert found["containers"] == [{"id": CONTAINER.id, "name": "train"}]
    measured = json_contract.image_object(ImageRow(image, shared_bytes=60))
    assert (measured["shared_bytes"], measured["unique_bytes"]) == (60, 40)
    assert json_contract.volume_object(VolumeRow(Volume("v", "local", "/v")))["size_bytes"] is None


def test_a_gpu_process_names_its_container():
    row = GpuProcessRow(GPU.processes[0], GPU, CONTAINER, Owner("ann", "x"))
    process = gpus_json.gpu_object(GPU, [row])["processes"][0]
    assert process["container"] == {"id": CONTAINER.id, "name": "train", "owner": "ann"}
    assert (
        gpus_json.gpu_object(GPU, [GpuProcessRow(GPU.processes[0], GPU)])["processes"][0][
            "container"
        ]
        is None
    )


def test_every_field_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
    process = GpuProcessRow(GPU.processes[0], GPU, CONTAINER)
    objects = (
        json_contract.document(EngineInfo("", "", "", "", "", "")),
        json_contract.container_object(ContainerRow(CONTAINER)),
        json_contract.image_object(ImageRow(Image("1", (), (), THEN, 1))),
        json_contract.volume_object(VolumeRow(Volume("v", "local", "/v"))),
        json_contract.network_object(NetworkRow(Network("1", "n", "bridge"))),
        gpus_json.gpu_object(GPU, [process]),
        gpus_json.driver_object(REPORT),
        gpus_json.gpus_content(REPORT, [GpuRow(GPU, REPORT)], [process]),
        gpus_json.holders_content(REPORT, map(HolderRow, holders([process], Holding.OWNER))),
        gpus_json.free_content(REPORT, [GPU]),
    )
    undocumented = {name for found in objects for name in _names(found) if f"`{name}`" not in page}
    assert not undocumented


def _names(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
