"""Images, volumes, networks, events, processes and the header."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dstui.domain.container import Container, Mount, State
from dstui.domain.engine import DataRootUse, EngineEvent, EngineInfo, ProcessTable
from dstui.domain.gpu import Gpu, GpuProcess, GpuReport
from dstui.domain.image import Image
from dstui.domain.network import Network
from dstui.domain.used_by import by_image, by_network, by_volume
from dstui.domain.volume import Volume
from dstui.render import events, gpus, images, networks, volumes
from dstui.render.column import Column, Role
from dstui.render.header import header
from dstui.render.processes import process_columns, process_rows
from dstui.render.table import Sort, arrange, matching

NOW = datetime(2024, 5, 2, 12, 0, tzinfo=UTC)
NOW_S = NOW.timestamp()
IMAGE = Image(
    id="sha256:" + "ab" * 32,
    references=("localhost:5000/team/train:v2", "train:latest"),
    digests=("localhost:5000/team/train@sha256:" + "cd" * 32,),
    created=NOW - timedelta(days=40),
    size_bytes=15_300_000_000,
)


def texts(columns, row):
    return {column.key: column.cell(row).text for column in columns}


def facts_of(groups):
    return {
        fact.label: [cell.text for cell in fact.cells] for group in groups for fact in group.facts
    }


# Images


def test_an_image_has_one_row_and_counts_its_other_references():
    shown = texts(images.COLUMNS, images.ImageRow(IMAGE, ("job",), NOW_S))
    assert shown["repository"] == "localhost:5000/team/train"
    assert shown["tag"] == "v2 +1"
    assert (shown["id"], shown["age"], shown["size"]) == ("abababababab", "1 mo", "15.3GB")
    assert (shown["containers"], shown["use"]) == ("job", "")


def test_sharing_is_unknown_until_it_was_measured():
    row = images.ImageRow(IMAGE, now=NOW_S)
    assert texts(images.COLUMNS, row)["shared"] == texts(images.COLUMNS, row)["unique"] == "–"
    measured = texts(images.COLUMNS, replace(row, shared_bytes=5_000_000_000))
    assert (measured["shared"], measured["unique"]) == ("5GB", "10.3GB")


def test_an_image_is_found_by_each_of_its_references():
    row = images.ImageRow(IMAGE)
    for text in ("train:latest", "tag:latest", "tag:v2", "repository:/^localhost/", "id:abab"):
        assert matching(text, images.COLUMNS)(row), text


def test_dangling_and_unused_images_are_marked_in_words():
    dangling = replace(IMAGE, references=())
    shown = texts(images.COLUMNS, images.ImageRow(dangling))
    assert (shown["repository"], shown["tag"]) == ("localhost:5000/team/train", "<none>")
    assert shown["use"] == "dangling"
    assert texts(images.COLUMNS, images.ImageRow(IMAGE))["use"] == "unused"


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("python:3.11", ("python", "3.11")),
        ("localhost:5000/x", ("localhost:5000/x", "<none>")),
        ("a/b@sha256:12", ("a/b", "<none>")),
        ("a/b:1@sha256:12", ("a/b", "1")),
    ],
)
def test_references_split_into_repository_and_tag(reference, parts):
    assert images.split_reference(reference) == parts


def test_an_image_overview_has_every_reference():
    facts = facts_of(images.overview(images.ImageRow(IMAGE, ("job",), NOW_S)))
    assert facts["References"] == list(IMAGE.references)
    assert facts["Platform"] == ["–"]
    assert "Entrypoint" not in facts
    inspected = replace(IMAGE, os="linux", architecture="arm64", command=("sh", "-c", "a b"))
    facts = facts_of(images.overview(images.ImageRow(inspected)))
    assert facts["Platform"] == ["linux/arm64"]
    assert facts["Command"] == ["sh -c 'a b'"]


# Used by


def test_containers_are_gathered_by_what_they_use():
    container = Container(
        id="1" * 64,
        name="job",
        image="train",
        image_id=IMAGE.id,
        state=State.RUNNING,
        created=NOW,
        mounts=(
            Mount("volume", "/v", "/a", volume="data"),
            Mount("volume", "/v", "/b", volume="data"),
        ),
        networks=("bridge", "shop"),
    )
    assert by_image([container]) == {IMAGE.id: (container,)}
    assert by_volume([container]) == {"data": (container,)}
    assert set(by_network([container])) == {"bridge", "shop"}


# Volumes and networks


def test_anonymous_volumes_are_short_and_marked():
    volume = Volume("9" * 64, "local", "/var/lib/docker/volumes/9")
    shown = texts(volumes.COLUMNS, volumes.VolumeRow(volume))
    assert shown["name"] == "999999999999…"
    assert shown["use"] == "anonymous unused"
    assert (shown["size"], shown["age"]) == ("–", "–")
    assert matching("9" * 64, volumes.COLUMNS)(volumes.VolumeRow(volume))


def test_a_volume_shows_who_mounts_it_and_its_measured_size():
    row = volumes.VolumeRow(Volume("data", "local", "/v"), ("job", "web"), size_bytes=1000)
    shown = texts(volumes.COLUMNS, row)
    assert (shown["containers"], shown["size"], shown["use"]) == ("job, web", "1kB", "")
    assert facts_of(volumes.overview(row))["Containers"] == ["job", "web"]


def test_the_engines_own_networks_are_marked():
    bridge = networks.NetworkRow(Network("a" * 64, "bridge", "bridge"))
    mine = networks.NetworkRow(Network("b" * 64, "shop", "bridge", internal=True))
    assert texts(networks.COLUMNS, bridge)["use"] == "predefined"
    assert texts(networks.COLUMNS, mine)["use"] == "internal unused"
    assert facts_of(networks.overview(mine))["Internal"] == ["yes"]


GPU = Gpu("nvidia:GPU-1", 0, "A100", processes=(GpuProcess(4711, 2**30),))
REPORT = GpuReport(NOW_S, (GPU,), driver_version="550.54", cuda_version="12.4")


# Events, processes


def test_an_event_is_a_line_with_its_detail():
    event = EngineEvent(NOW, "container", "die", "f" * 64, "job", {"exitCode": "137"})
    cells = events.event_cells(event)
    assert [cell.text for cell in cells[1:]] == ["container", "die", "job", "exit 137 SIGKILL"]
    assert cells[2].role is Role.BAD


def test_an_event_of_an_unknown_kind_is_shown_too():
    event = EngineEvent(NOW, "plugin", "whatever: x", "")
    assert [cell.text for cell in events.event_cells(event)][1:] == [
        "plugin",
        "whatever: x",
        "",
        "",
    ]


def test_processes_have_the_columns_that_top_answered():
    table = ProcessTable(
        ("UID", "PID", "CMD"), (("root", "20", "sh\x1b[2J"), ("root", "3", "sleep 1"), ("x",))
    )
    columns = process_columns(table)
    assert [column.title for column in columns] == ["UID", "PID", "CMD"]
    lines = arrange(process_rows(table), columns, Sort("pid"))
    assert [line.id for line in lines] == ["3", "20", "2"]
    assert columns[2].cell(table.rows[0]).text == "sh"


# Header

INFO = EngineInfo("id", "gpu-box", "Docker", "26.1.0", "1.45", "unix:///var/run/docker.sock")


def pieces(**more):
    given = {"containers": (3, 10), "images": 12, **more}
    return [cell.text for cell in header(INFO, **given)]


def test_the_header_tells_engine_host_and_counts():
    assert pieces() == ["Docker 26.1.0", "gpu-box", "containers 3/10", "images 12 · –"]


def test_the_header_counts_layers_once_and_busy_gpus():
    shown = pieces(
        layers_bytes=20_000_000_000,
        gpus=GpuReport(NOW_S, (GPU, replace(GPU, processes=(), utilization_percent=0.0))),
        data_root=DataRootUse("/var/lib/docker", 50_000_000_000, 1_000_000_000_000),
    )
    assert shown[3:] == ["images 12 · 20GB", "GPUs 1/2 busy", "disk 95% · 50GB free !"]


def test_the_header_says_that_the_engine_is_lost_and_since_when():
    shown = pieces(lost_since=NOW_S - 65, lost_reason="connection refused", now=NOW_S)
    assert shown[0] == "✗ connection lost 1 min ago: connection refused"


def test_the_header_says_which_part_is_not_live():
    shown = pieces(halted={"networks": "OverflowError", "usage": "no"})
    assert shown[:2] == ["✗ networks not live: OverflowError", "✗ usage not live: no"]


def test_the_header_counts_what_cannot_be_read():
    assert pieces(unreadable=2)[-1] == "2 unreadable"


def test_the_header_knows_nothing_before_the_first_answer():
    shown = [cell.text for cell in header(None, containers=None, images=None)]
    assert shown == ["connecting …", "containers –/–", "images – · –"]


# All tables


@pytest.mark.parametrize("module", [images, volumes, networks, gpus, events])
def test_columns_have_distinct_keys_and_room_for_their_titles(module):
    columns: tuple[Column, ...] = module.COLUMNS
    assert len({column.key for column in columns}) == len(columns)
    for column in columns:
        assert column.min_width <= column.max_width
        assert len(column.title) <= column.max_width
