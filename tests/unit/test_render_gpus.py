"""GPUs, their processes and their holders as rows and details."""

from dataclasses import replace
from typing import Any

from dstui.domain.changes import GpusSampled, Listed
from dstui.domain.container import Container, State
from dstui.domain.engine import EngineInfo
from dstui.domain.gpu import Gpu, GpuGrant, GpuMoment, GpuProcess, GpuReport
from dstui.domain.gpu_event import XID, GpuEvent, feed_events
from dstui.domain.kind import Kind
from dstui.domain.owner import Owner
from dstui.render import events, gpu_facts, gpu_holders, gpu_processes, gpus, rows
from dstui.render.column import Cell, Column, Role
from dstui.render.containers import COLUMNS as CONTAINER_COLUMNS
from dstui.render.containers import ContainerRow, overview
from dstui.render.facts import FactGroup
from dstui.render.gpu_holders import Holding
from dstui.render.header import header
from dstui.render.table import arrange, matching
from dstui.render.text import table
from dstui.store import Store

NOW = 1_700_000_000.0
GIB = 2**30
TRAIN = Container(
    "a" * 64, "train", "torch", "i", State.RUNNING, None,
    labels={"owner": "ann"}, inspected=True, gpus=GpuGrant("--gpus", ids=("1", "9")),
)  # fmt: skip
JUPYTER = replace(TRAIN, id="b" * 64, name="jupyter", labels={"owner": "ben"}, gpus=None)
COMPUTING = GpuProcess(
    4711, GIB, "root", "python train.py", 90.0, TRAIN.id, (TRAIN.id,), NOW - 7200
)
IDLE = GpuProcess(
    4712, 2 * GIB, "root", "jupyter", 0.0, JUPYTER.id, (), NOW - 90_000, idle_since=NOW - 1500
)
HOST = GpuProcess(4713, GIB, "karl", "a\x1b[0m", started=NOW - 60)
GPU = Gpu(
    id="nvidia:GPU-1",
    index=0,
    name="NVIDIA A100-SXM4-40GB",
    utilization_percent=97.0,
    memory_used_bytes=39_000 * 2**20,
    memory_total_bytes=40_536 * 2**20,
    temperature_c=88.0,
    power_w=301.4,
    power_limit_w=400.0,
    processes=(COMPUTING, IDLE),
    unknown={"fan_percent": "not supported by this GPU"},
)
INSTANCE = Gpu("nvidia:MIG-1", 0, "3g.20gb", instance=(1, 0), processes=(HOST,))
SPLIT = Gpu("nvidia:GPU-2", 1, "NVIDIA A100", mig=True, instances=(INSTANCE,), processes=(HOST,))
REPORT = GpuReport(NOW, (GPU, SPLIT), driver_version="550.54", cuda_version="12.4")


def texts(columns: Any, row: Any) -> dict[str, str]:
    return {column.key: column.cell(row).text for column in columns}


def facts_of(groups: tuple[FactGroup, ...]) -> dict[str, list[str]]:
    return {f.label: [cell.text for cell in f.cells] for group in groups for f in group.facts}


def store_of(report: GpuReport = REPORT) -> Store:
    store = Store()
    store.apply(Listed(Kind.CONTAINER, (TRAIN, JUPYTER)))
    store.apply(GpusSampled(report))
    return store


def gpu_rows(report: GpuReport = REPORT) -> list[gpus.GpuRow]:
    return [row for _, row in rows.gpu_rows(store_of(report), NOW, ("owner",))]


def role(columns: tuple[Column[Any], ...], key: str, row: Any) -> Role:
    return next(c for c in columns if c.key == key).cell(row).role


# The table of GPUs


def test_a_gpu_row_reads_like_nvidia_smi() -> None:
    shown = texts(gpus.COLUMNS, gpu_rows()[0])
    assert shown["utilization"] == "97%"
    assert shown["memory"] == "39000MiB / 40536MiB"
    assert (shown["temperature"], shown["power"]) == ("88°C", "301W / 400W")
    assert (shown["fan"], shown["ecc"], shown["mig"], shown["clocks"]) == ("–", "–", "–", "–")
    assert role(gpus.COLUMNS, "temperature", gpu_rows()[0]) is Role.WARNING


def test_a_row_names_its_holders_the_idle_one_first() -> None:
    row = gpu_rows(GpuReport(NOW, (replace(GPU, memory_used_bytes=3 * GIB), SPLIT)))[0]
    assert texts(gpus.COLUMNS, row)["holders"] == "idle 25 min: jupyter, train"
    assert role(gpus.COLUMNS, "holders", row) is Role.WARNING
    assert texts(gpus.COLUMNS, gpu_rows()[1])["holders"] == "karl on the host"


def test_many_holders_are_counted_in_what_fits() -> None:
    box = [
        replace(TRAIN, id=f"{n:064x}", name=f"c{n}", labels={"owner": f"o{n % 6}"})
        for n in range(14)
    ]
    held = tuple(
        replace(IDLE if n < 12 else COMPUTING, pid=n + 1, container_id=b.id, memory_bytes=2**20)
        for n, b in enumerate(box)
    )
    store = Store()
    store.apply(Listed(Kind.CONTAINER, tuple(box)))
    store.apply(
        GpusSampled(GpuReport(NOW, (replace(GPU, processes=held, memory_used_bytes=2**29),)))
    )
    ((_, row),) = rows.gpu_rows(store, NOW, ("owner",))
    cell = next(c for c in gpus.COLUMNS if c.key == "holders").cell(row)
    assert cell.text == "14 containers, 6 owners, 12 idle"
    assert cell.role is Role.WARNING
    assert cell.fitting(26) == "14 containers, 12 idle"
    assert cell.fitting(12) == "14 holders"
    columns = [c for c in gpus.COLUMNS if c.key in ("index", "name", "memory", "holders")]
    assert "14 containers, 12 idle" in table(columns, [row], width=66)[1]


def test_memory_of_no_visible_process_is_not_nobodys() -> None:
    seen = replace(GPU, processes=(), memory_used_bytes=int(9.8 * GIB))
    row = gpu_rows(GpuReport(NOW, (seen,)))[0]
    assert texts(gpus.COLUMNS, row)["holders"] == "9.8GiB by no visible process"
    assert role(gpus.COLUMNS, "holders", row) is Role.WARNING
    said = facts_of(gpu_facts.overview(row))
    assert said["Memory"] == ["9.8GiB by no visible process"]
    assert said["May be"][0] in gpu_facts.INVISIBLE_CAUSES
    assert "" not in said


def test_the_header_says_whose_gpus_these_are() -> None:
    cells = header(None, containers=None, images=None, gpus=replace(REPORT, elsewhere=True))
    assert any(cell.text.startswith("GPUs of this machine 2/2") for cell in cells)


def test_holders_that_are_not_known_are_not_nobody() -> None:
    denied = Gpu("nvidia:GPU-3", 0, "A100", unknown={"processes": "no permission"})
    shown = texts(gpus.COLUMNS, gpu_rows(GpuReport(NOW, (denied,)))[0])
    assert (shown["holders"], shown["processes"]) == ("–", "–")
    free = texts(gpus.COLUMNS, gpu_rows(GpuReport(NOW, (replace(denied, unknown={}),)))[0])
    assert (free["holders"], free["processes"]) == ("", "0")


def test_instances_follow_their_gpu_whatever_the_order() -> None:
    found = rows.gpu_rows(store_of(), NOW)
    lines = arrange(found, gpus.COLUMNS, parts_of=gpus.instances_of)
    assert [(line.row.gpu.name, line.level) for line in lines if line.row] == [
        ("NVIDIA A100-SXM4-40GB", 0), ("NVIDIA A100", 0), ("3g.20gb", 1),
    ]  # fmt: skip
    assert texts(gpus.COLUMNS, lines[2].row)["index"] == "1:0"


def test_a_gpu_is_found_by_its_instance() -> None:
    keep = matching("3g.20gb", gpus.COLUMNS)
    lines = arrange(rows.gpu_rows(store_of(), NOW), (), keep=keep, parts_of=gpus.instances_of)
    assert [line.id for line in lines] == [SPLIT.id, INSTANCE.id]


def test_the_history_is_a_line_of_dots() -> None:
    store = store_of()
    for second in range(300):
        moved = replace(REPORT, time=NOW + second, gpus=(replace(GPU, utilization_percent=100.0),))
        store.apply(GpusSampled(moved))
    ((_, row),) = rows.gpu_rows(store, NOW)
    dots = texts(gpus.COLUMNS, row)["history"]
    assert len(dots) == gpus.SPARK_WIDTH
    assert dots.endswith("⣿⣿⣿⣿")
    assert dots.startswith("   ")


def test_a_gpu_that_failed_says_so_and_how_old_its_values_are() -> None:
    lost = replace(GPU, error="GPU is lost", sampled=NOW - 90)
    row = gpu_rows(GpuReport(NOW, (lost,)))[0]
    assert texts(gpus.COLUMNS, row)["name"] == f"✗ {GPU.name}: GPU is lost (1 min old)"
    assert facts_of(gpu_facts.overview(row))["Values are"] == ["1 min old"]


def test_what_a_failed_gpu_does_is_not_part_of_its_history() -> None:
    store = store_of(replace(REPORT, gpus=(replace(GPU, error="lost"),)))
    assert store.gpu_history(GPU.id) == (GpuMoment(NOW),)


def test_no_gpu_is_a_normal_state_with_a_reason() -> None:
    report = GpuReport(NOW, reason="No NVIDIA driver is loaded.", fix="Install one.")
    assert gpus.empty_reason(report) == "No NVIDIA driver is loaded. Install one."
    assert gpus.empty_reason(None)


# Details


def test_an_unknown_value_tells_why() -> None:
    facts = facts_of(gpu_facts.overview(gpu_rows()[0]))
    assert facts["Fan"] == ["– (not supported by this GPU)"]
    assert facts["CUDA"] == ["up to 12.4"]


def test_the_overview_names_the_holders() -> None:
    facts = facts_of(gpu_facts.overview(gpu_rows()[0]))
    assert facts["train (ann)"] == ["1024MiB  90%  since 2 h"]
    assert facts["jupyter (ben)"] == ["2048MiB  0%  since 1 d  idle 25 min"]


def test_why_containers_are_not_known_stands_there() -> None:
    report = replace(REPORT, unjoined="the engine runs on lab")
    facts = facts_of(gpu_facts.overview(gpu_rows(report)[1]))
    assert facts["Containers"] == ["– (the engine runs on lab)"]


# Processes and holders


def test_a_process_shows_what_the_driver_tells() -> None:
    found = dict(rows.gpu_process_rows(store_of(), ("owner",), NOW))
    shown = texts(gpu_processes.PROCESS_COLUMNS, found[f"{SPLIT.id}/4713"])
    assert (shown["pid"], shown["container"], shown["owner"]) == ("4713", "host", "karl")
    assert (shown["memory"], shown["utilization"], shown["command"]) == ("1024MiB", "–", "a")
    train = texts(gpu_processes.PROCESS_COLUMNS, found[f"{GPU.id}/4711"])
    assert (train["container"], train["owner"], train["user"]) == ("train", "ann", "root")
    assert (train["since"], train["idle"]) == ("2 h", "")


def holders(by: Holding) -> dict[str, dict[str, str]]:
    found = rows.gpu_holder_rows(store_of(), ("owner",), by, NOW)
    columns = gpu_holders.COLUMNS[by]
    shown = [texts(columns, row) for _, row in found]
    return {line["owner"]: line for line in shown}


def test_holders_by_container_and_by_owner() -> None:
    found = holders(Holding.CONTAINER)
    assert found["ben"]["container"] == "jupyter"
    assert found["ben"]["idle"] == "idle 25 min"
    assert found["karl"]["container"] == "host"
    assert (found["karl"]["gpus"], found["karl"]["memory"]) == ("1", "1024MiB")
    assert list(holders(Holding.OWNER)) == ["ben", "ann", "karl"]


# Containers


def container_cells(container: Container, report: GpuReport) -> dict[str, Cell]:
    store = store_of(report)
    row = dict(rows.container_rows(store, ("owner",), NOW))[container.id]
    return {column.key: column.cell(row) for column in CONTAINER_COLUMNS}


def test_granted_and_used_stand_apart() -> None:
    cells = container_cells(TRAIN, REPORT)
    assert cells["gpus"].text == "1,9", "the second GPU, and one that is not there"
    assert (cells["gpu_memory"].text, cells["gpu_percent"].text) == ("1024MiB", "90%")
    without = container_cells(JUPYTER, REPORT)
    assert (without["gpus"].text, without["gpu_memory"].text) == ("", "2048MiB")


def test_a_container_that_uses_nothing_is_told_from_one_that_is_not_known() -> None:
    resting = replace(REPORT, gpus=(replace(GPU, processes=()),))
    assert container_cells(TRAIN, resting)["gpu_memory"].text == "0MiB"
    assert container_cells(JUPYTER, resting)["gpu_memory"].text == ""
    remote = replace(resting, unjoined="the engine runs on lab", elsewhere=True)
    assert container_cells(TRAIN, remote)["gpu_memory"].text == "–"
    assert container_cells(TRAIN, remote)["gpus"].text == "1,9"


def test_the_overview_resolves_the_grant_and_says_what_is_used() -> None:
    row = dict(rows.container_rows(store_of(), ("owner",), NOW))[TRAIN.id]
    facts = facts_of(overview(row))
    assert facts["Devices"] == ["1  NVIDIA A100  GPU-2", "9 (not on this machine)"]
    assert facts["Using"] == [f"0  {GPU.name}  1024MiB  90%"]
    unknown = replace(row, gpus=replace(REPORT, unjoined="it is remote", gpus=(SPLIT,)))
    assert facts_of(overview(replace(unknown, gpu_use=None)))["Using"] == ["– (it is remote)"]
    assert "Using" not in facts_of(overview(ContainerRow(TRAIN)))


# Events, header


def test_an_error_of_a_gpu_is_a_line_of_the_feed() -> None:
    (lost,) = feed_events(GpuEvent(NOW, GPU.id, "GPU 0", XID, 79))
    cells = events.event_cells(lost)
    assert [cell.text for cell in cells[1:4]] == ["gpu", "xid 79", "GPU 0"]
    assert cells[2].role is Role.BAD
    assert "fallen off the bus; reboot" in cells[4].text


def test_an_error_that_a_container_caused_is_its_own_line_too() -> None:
    event = GpuEvent(NOW, GPU.id, "GPU 0", XID, 31, 4711, "python3")
    of_gpu, of_container = feed_events(event, TRAIN, Owner("ann", "label owner"))
    assert [cell.text for cell in events.event_cells(of_gpu)[1:4]] == ["gpu", "xid 31", "GPU 0"]
    cells = events.event_cells(of_gpu)
    assert cells[4].text.startswith("process 4711 python3 of train (ann): memory page fault")
    assert cells[2].role is Role.WARNING
    cells = events.event_cells(of_container)
    assert [cell.text for cell in cells[1:4]] == ["container", "gpu xid 31", "train"]
    assert cells[4].text.startswith("GPU 0: memory page fault")
    assert of_container.id == TRAIN.id


def test_the_header_says_how_many_are_busy_or_that_they_are_released() -> None:
    info = EngineInfo("id", "box", "Docker", "26", "1.45", "unix:///x")

    def words(report: GpuReport) -> list[str]:
        return [cell.text for cell in header(info, containers=None, images=None, gpus=report)]

    assert "GPUs 2/2 busy" in words(REPORT)
    assert "GPUs released" in words(GpuReport(NOW, released=True))
