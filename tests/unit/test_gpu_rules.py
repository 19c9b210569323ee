"""The rules about GPUs: joins, grants, free ones, idle holders, events."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.engine import EngineEvent, EngineInfo
from dstui.domain.gpu import Gpu, GpuGrant, GpuProcess, GpuReport
from dstui.domain.gpu_event import ECC_UNCORRECTED, XID, GpuEvent, feed_events
from dstui.domain.gpu_free import (
    device_argument,
    free_gpus,
    shared_gpus,
    shell_argument,
    why_not_free,
)
from dstui.domain.gpu_grants import granted
from dstui.domain.gpu_idle import WATCHED_WITHIN_S, IdleWatch, idle_for
from dstui.domain.gpu_join import Here, join, key_of, obstacle, place_of, unmapped, with_obstacle
from dstui.domain.gpu_use import NOTHING, GpuUse, gpu_uses, tells_of_all

GIB = 2**30
A, B = "a" * 64, "b" * 64


def gpu(index: int, *processes: GpuProcess, **more: object) -> Gpu:
    uuid = f"GPU-{index}0000000-aaaa"
    made = Gpu(f"nvidia:{uuid}", index, "H100", minor=7 - index, processes=processes)
    fields = {"memory_used_bytes": 0, "memory_total_bytes": 80 * GIB, "utilization_percent": 0.0}
    return replace(made, **{**fields, **more})


def report(*gpus: Gpu, time: float = 1000.0) -> GpuReport:
    return GpuReport(time, gpus)


# Process -> container


def test_the_outermost_id_that_the_engine_knows_is_the_container() -> None:
    inner = GpuProcess(1, container_id=A, container_ids=(A, B), started=5.0)
    joined = join(report(gpu(0, inner)), {B}, {})
    assert joined.gpus[0].processes[0].container_id == B
    both = join(report(gpu(0, inner)), {A, B}, {})
    assert both.gpus[0].processes[0].container_id == A


def test_what_the_engine_does_not_know_is_no_container_of_it() -> None:
    stranger = GpuProcess(1, container_id=A, container_ids=(A,), started=5.0)
    found = join(report(gpu(0, stranger)), {B}, {})
    assert found.gpus[0].processes[0].container_id is None
    assert unmapped(found) == {(1, 5.0)}
    assert place_of(found.gpus[0].processes[0], found) == f"another engine's {A[:12]}"


def test_the_engines_own_list_of_processes_is_the_fallback() -> None:
    hidden = GpuProcess(9)
    found = join(report(gpu(0, hidden)), {A}, {key_of(hidden): A})
    assert found.gpus[0].processes[0].container_id == A


def test_processes_of_instances_are_joined_too() -> None:
    process = GpuProcess(1, container_ids=(A,))
    split = gpu(0, process, instances=(gpu(1, process),))
    (found,) = join(report(split), {A}, {}).gpus
    assert found.instances[0].processes[0].container_id == A


def test_a_process_without_a_container_is_the_hosts_or_not_known() -> None:
    here = report()
    assert place_of(GpuProcess(1, started=5.0), here) == "host"
    assert place_of(GpuProcess(1), here) == "ended or hidden"
    assert place_of(GpuProcess(1), replace(here, unjoined="remote")) == ""


HERE = Here("box", "6.1")
ENGINE = EngineInfo("id", "box", "Docker", "26", "1.45", "unix:///x", kernel="6.1")


@pytest.mark.parametrize(
    ("here", "engine", "local", "words"),
    [
        (HERE, ENGINE, True, None),
        (HERE, replace(ENGINE, name="other"), True, None),
        (HERE, ENGINE, False, None),
        (HERE, None, True, "no engine"),
        (HERE, replace(ENGINE, operating_system="Docker Desktop"), True, "virtual machine"),
        (HERE._replace(wsl=True), ENGINE, True, "WSL2"),
        (HERE, replace(ENGINE, name="lab", kernel="5.4"), False, "the engine runs on lab"),
        (HERE, replace(ENGINE, name="lab"), False, "the engine runs on lab"),
        (HERE, replace(ENGINE, kernel="5.4"), True, "kernel 5.4"),
        (HERE._replace(initial_pids=False), ENGINE, True, "--pid=host"),
        (HERE._replace(initial_pids=None), ENGINE, True, None),
    ],
)
def test_what_stands_in_the_way_of_a_join(
    here: Here, engine: EngineInfo | None, local: bool, words: str | None
) -> None:
    found = obstacle(here, engine, local)
    assert (found is None) == (words is None)
    if found and words:
        assert words in found.reason


# What a container uses


def test_sums_over_gpus_are_unknown_as_soon_as_a_part_is() -> None:
    first = GpuProcess(1, 5, utilization_percent=40.0, container_id=A)
    second = GpuProcess(2, 6, container_id=A)
    uses = gpu_uses(report(gpu(0, first), gpu(1, first, second)))
    assert uses == {A: GpuUse(16, None, ("nvidia:GPU-00000000-aaaa", "nvidia:GPU-10000000-aaaa"))}


def test_nothing_is_only_said_where_everything_is_told() -> None:
    assert tells_of_all(report(gpu(0)))
    assert not tells_of_all(None)
    assert not tells_of_all(report())
    assert not tells_of_all(report(gpu(0), gpu(1, unknown={"processes": "no permission"})))
    assert not tells_of_all(report(gpu(0), gpu(1, error="lost")))
    assert not tells_of_all(replace(report(gpu(0)), unjoined="remote"))
    assert NOTHING == (0, 0.0, ())


# Grants

INSTANCE = replace(gpu(0), id="nvidia:MIG-1234", index=0, instance=(3, 0))
EIGHT = report(*(gpu(index) for index in range(7)), gpu(7, mig=True, instances=(INSTANCE,)))


def names(grant: GpuGrant, of: GpuReport = EIGHT) -> tuple[list[str], tuple[str, ...]]:
    found = granted(grant, of)
    assert found is not None
    return [one.uuid[:8] for one in found.devices], found.unknown


@pytest.mark.parametrize(
    ("ids", "expected", "unknown"),
    [
        (("0",), ["GPU-0000"], ()),
        (("1", "0", "1"), ["GPU-1000", "GPU-0000"], ()),
        (("GPU-2",), ["GPU-2000"], ()),
        (("gpu-20000000-AAAA",), ["GPU-2000"], ()),
        (("GPU-",), [], ("GPU-",)),
        (("MIG-12",), ["MIG-1234"], ()),
        (("7:0",), ["MIG-1234"], ()),
        (("7:4",), [], ("7:4",)),
        (("MIG-GPU-70000000-aaaa/3/0",), ["MIG-1234"], ()),
        (("nvidia.com/gpu=1",), ["GPU-1000"], ()),
        (("nvidia.com/gpu=7:0",), ["MIG-1234"], ()),
        (("nvidia.com/gpu=GPU-3",), ["GPU-3000"], ()),
        (("/dev/nvidia7",), ["GPU-0000"], ()),
        (("/dev/dri/renderD128", "12", ""), [], ("/dev/dri/renderD128", "12", "")),
    ],
)
def test_ids_name_devices(ids: tuple[str, ...], expected: list[str], unknown: tuple[str]) -> None:
    assert names(GpuGrant("x", ids=ids)) == (expected, unknown)


def test_all_and_counts_name_devices() -> None:
    assert len(names(GpuGrant("x", all=True))[0]) == 8
    assert names(GpuGrant("x", count=2))[0] == ["GPU-0000", "GPU-1000"]
    assert names(GpuGrant("x"))[0] == []


def test_grants_of_another_machines_engine_name_nothing_here() -> None:
    assert granted(GpuGrant("x", all=True), replace(EIGHT, elsewhere=True)) is None
    assert granted(GpuGrant("x", all=True), None) is None


@given(st.text())
def test_no_id_is_too_strange(identifier: str) -> None:
    found = granted(GpuGrant("x", ids=(identifier,)), EIGHT)
    assert found is not None
    assert bool(found.devices) != bool(found.unknown)


# Free GPUs

PROCESS = GpuProcess(1, GIB)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (gpu(0), ""),
        (gpu(0, PROCESS), "1 process"),
        (gpu(0, PROCESS, replace(PROCESS, pid=2)), "2 processes"),
        (gpu(0, error="lost"), "lost"),
        (gpu(0, unknown={"processes": "no permission"}), "no permission"),
        (gpu(0, memory_used_bytes=None), "not known"),
        (gpu(0, memory_used_bytes=GIB), "not shown"),
        (gpu(0, utilization_percent=3.0), "computes"),
        (gpu(0, compute_mode="Prohibited"), "closed"),
    ],
)
def test_a_gpu_is_free_when_nobody_uses_it_for_sure(held: Gpu, words: str) -> None:
    assert words in why_not_free(held)
    assert bool(free_gpus(report(held))) == (words == "")


def test_free_gpus_have_the_memory_that_is_asked_for() -> None:
    small = gpu(1, memory_total_bytes=8 * GIB)
    assert [one.index for one in free_gpus(report(gpu(0), small), 20 * GIB)] == [0]


def test_of_a_split_gpu_the_instances_are_free() -> None:
    assert free_gpus(report(gpu(0, mig=True, instances=(INSTANCE,)))) == (INSTANCE,)


def test_the_argument_keeps_its_quotes_for_engine_and_shell() -> None:
    assert device_argument([gpu(0), gpu(1)]) == '"device=GPU-00000000-aaaa,GPU-10000000-aaaa"'
    assert shell_argument([gpu(0)]) == "--gpus '\"device=GPU-00000000-aaaa\"'"


# Idle holders


def resting(time: float, percent: float | None = 0.0, memory: int | None = GIB) -> GpuReport:
    holder = GpuProcess(1, memory, utilization_percent=percent, started=5.0)
    return report(gpu(0, holder), time=time)


def idle(watch: IdleWatch, at: GpuReport) -> float | None:
    return idle_for(watch.mark(at).gpus[0].processes[0], at.time)


def test_who_does_not_compute_is_idle_since_then() -> None:
    watch = IdleWatch()
    assert idle(watch, resting(1000)) == 0
    assert idle(watch, resting(1010)) == 10
    assert idle(watch, resting(1020, percent=3.0)) is None
    assert idle(watch, resting(1030)) == 0


def test_unknown_activity_and_gaps_are_not_idleness() -> None:
    watch = IdleWatch()
    assert idle(watch, resting(1000, percent=None)) is None
    assert idle(watch, resting(1001)) == 0
    assert idle(watch, resting(1002 + WATCHED_WITHIN_S)) == 0
    assert idle(watch, resting(1003 + WATCHED_WITHIN_S, memory=None)) is None


def test_one_that_computes_on_another_gpu_is_not_idle() -> None:
    holder = GpuProcess(1, GIB, utilization_percent=0.0, started=5.0)
    busy = replace(holder, utilization_percent=90.0)
    watch = IdleWatch()
    marked = watch.mark(report(gpu(0, holder), gpu(1, busy)))
    assert marked.gpus[0].processes[0].idle_since is None


# Events


def told(kind: str, code: int = 0) -> EngineEvent:
    (line,) = feed_events(GpuEvent(0.0, "nvidia:GPU-1", "GPU 0", kind, code))
    return line


def test_an_xid_tells_its_meaning_and_what_to_do() -> None:
    lost = told(XID, 79)
    assert (lost.kind, lost.action, lost.attributes["fault"]) == ("gpu", "xid 79", "host")
    assert "bus" in lost.attributes["meaning"]
    assert told(XID, 31).attributes["fault"] == "program"
    assert "not in dstui's table" in told(XID, 9999).attributes["meaning"]
    assert "wrong" in told(ECC_UNCORRECTED).attributes["todo"]


# Shared ones, hidden memory, another machine's


def test_shared_gpus_have_so_much_memory_although_others_use_them() -> None:
    used = gpu(0, PROCESS, memory_used_bytes=18 * GIB)
    full = gpu(1, PROCESS, memory_used_bytes=70 * GIB)
    alone = gpu(3, PROCESS, memory_used_bytes=GIB, compute_mode="Exclusive_Process")
    lost = gpu(4, PROCESS, memory_used_bytes=GIB, error="lost")
    less = gpu(5, PROCESS, memory_used_bytes=40 * GIB)
    seen = report(gpu(2), less, used, full, alone, lost)
    assert [one.index for one in shared_gpus(seen, 20 * GIB)] == [0, 5]
    assert [one.index for one in free_gpus(seen, 20 * GIB)] == [2]


def test_gpus_of_this_machine_are_not_offered_to_an_engine_elsewhere() -> None:
    seen = replace(report(gpu(0), gpu(1, PROCESS)), elsewhere=True)
    assert (free_gpus(seen), shared_gpus(seen, 1)) == ((), ())


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (gpu(0, memory_used_bytes=10 * GIB), 10 * GIB),
        (gpu(0, PROCESS, memory_used_bytes=11 * GIB), 10 * GIB),
        (gpu(0, PROCESS, memory_used_bytes=GIB + 600 * 2**20), 0),  # a driver's reserve
        (gpu(0, memory_used_bytes=600 * 2**20), 0),
        (gpu(0, GpuProcess(1), memory_used_bytes=10 * GIB), None),  # its memory is hidden
        (gpu(0, memory_used_bytes=10 * GIB, unknown={"processes": "no permission"}), None),
        (gpu(0, memory_used_bytes=10 * GIB, error="lost"), None),
        (gpu(0, memory_used_bytes=None), None),
    ],
)
def test_memory_that_no_visible_process_holds_is_told_apart(
    seen: Gpu, expected: int | None
) -> None:
    assert seen.invisible_bytes == expected
    assert seen.busy == (bool(expected) or bool(seen.processes))


def test_no_driver_here_is_not_said_of_an_engine_elsewhere() -> None:
    none = GpuReport(1.0, reason="No NVIDIA driver here", fix="Install the NVIDIA driver")
    here = Here("laptop", "6.1")
    remote = replace(ENGINE, name="gpu-server", host="ssh://gpu-server", kernel="6.8")
    marked = with_obstacle(none, obstacle(here, remote, local=False))
    assert "not read from here" in str(marked.reason)
    assert "Install" not in f"{marked.reason} {marked.fix}"
    assert "gpu-server" in str(marked.fix)
    silent = with_obstacle(none, obstacle(here, None, local=False))
    assert "not read from here" in str(silent.reason)
    assert with_obstacle(none, obstacle(here, None, local=True)).reason == none.reason
