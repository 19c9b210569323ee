"""Counters from recorded cgroup trees: v1 and v2, several drivers."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.container import Container, State
from dstui.engine.cgroup_files import field_of, legacy_block_io, unified_block_io
from dstui.engine.cgroups import CgroupReader, network_bytes, owns_network
from dstui.engine.direct import DirectSampler

TREES = Path(__file__).parents[1] / "data" / "cgroups"
V2_SYSTEMD = "d0" * 32
V2_PODMAN = "9a" * 32
V1_CGROUPFS = next((TREES / "v1-cgroupfs/sys/pids/docker").iterdir()).name


def container(identifier: str, network_mode: str = "default", pid: int | None = None) -> Container:
    return Container(
        id=identifier,
        name="c",
        image="i",
        image_id="sha256:1",
        state=State.RUNNING,
        created=datetime(2026, 1, 1, tzinfo=UTC),
        network_mode=network_mode,
        pid=pid,
    )


def reader(tree: Path) -> CgroupReader:
    return CgroupReader(proc=str(tree / "proc"), root=str(tree / "sys"))


def read(tree: str, only: Container) -> Mapping[str, object]:
    found = reader(TREES / tree)
    found.find({only.id: only})
    counters = found.read(only.id, {only.id: only})
    assert counters is not None
    fields = counters.__slots__
    return {name: getattr(counters, name) for name in fields if name != "time"}


def test_a_systemd_slice_of_v2() -> None:
    assert read("v2-systemd", container(V2_SYSTEMD)) == {
        "cpu_ns": 12_345_678_000,
        "memory_bytes": 171_966_464 - 41_943_040,
        "memory_limit_bytes": 512 * 1024**2,
        "net_rx_bytes": 1_500_500,
        "net_tx_bytes": 25_050,
        "block_read_bytes": 4_097_000,
        "block_write_bytes": 10_192,
        "pids": 17,
    }


def test_rootless_podman_of_v2_without_io_controller_and_limit() -> None:
    counters = read("v2-rootless-podman", container(V2_PODMAN))
    assert counters["memory_limit_bytes"] == 65_536_000 * 1024
    assert counters["block_read_bytes"] is None
    assert counters["pids"] == 17


def test_cgroupfs_of_v1() -> None:
    counters = read("v1-cgroupfs", container(V1_CGROUPFS))
    assert counters["memory_limit_bytes"] == 256 * 1024**2
    assert 60 * 1024**2 < counters["memory_bytes"] < 70 * 1024**2  # type: ignore[operator]
    assert counters["net_rx_bytes"] == 426
    assert counters["block_read_bytes"] is None
    assert counters["pids"] == 1


def test_the_pid_of_an_inspected_container_is_used() -> None:
    found = reader(TREES / "v2-systemd")
    found.find({V2_SYSTEMD: container(V2_SYSTEMD, pid=4321)})
    assert found.found(V2_SYSTEMD)


def test_a_wrong_pid_or_an_unknown_container_is_not_found() -> None:
    found = reader(TREES / "v2-systemd")
    found.find({"ab" * 32: container("ab" * 32, pid=77)})
    assert not found.found("ab" * 32)


def test_a_cgroup_that_is_gone_is_found_again(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(TREES / "v2-systemd", tree)
    only = {V2_SYSTEMD: container(V2_SYSTEMD)}
    found = reader(tree)
    found.find(only)
    scope = tree / "sys/system.slice" / f"docker-{V2_SYSTEMD}.scope"
    scope.rename(tree / "away")
    assert found.read(V2_SYSTEMD, only) is None
    assert not found.found(V2_SYSTEMD)
    (tree / "away").rename(scope)
    found.find(only)
    assert found.read(V2_SYSTEMD, only) is not None


def test_a_counter_that_went_back_is_another_life(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(TREES / "v2-systemd", tree)
    only = {V2_SYSTEMD: container(V2_SYSTEMD)}
    found = reader(tree)
    found.find(only)
    assert found.read(V2_SYSTEMD, only) is not None
    stat = tree / "sys/system.slice" / f"docker-{V2_SYSTEMD}.scope/cpu.stat"
    stat.write_text("usage_usec 5\n")
    assert found.read(V2_SYSTEMD, only) is None


@pytest.mark.parametrize(
    ("mode", "owned"),
    [
        ("default", True),
        ("none", True),
        ("team", True),
        ("host", False),
        ("container:b", False),
        ("container:c", True),
        ("container:gone", False),
        ("container:a", False),
    ],
)
def test_whose_network_it_is(mode: str, owned: bool) -> None:
    others = {"a": container("a", mode), "b": container("b", "host"), "c": container("c")}
    assert owns_network(others["a"], others) is owned


def test_bridges_and_tunnels_inside_do_not_count() -> None:
    head = "Inter-|\n face |\n"
    row = " {}: {} 0 0 0 0 0 0 0 {} 0 0 0 0 0 0 0\n"
    lo, eth, tun = (row.format(*given) for given in (("lo", 9, 9), ("eth0", 1, 2), ("tun0", 5, 6)))
    assert network_bytes(head + lo + eth + tun) == (1, 2)
    assert network_bytes(head + lo + tun) == (5, 6)
    assert network_bytes(head + lo) == (None, None)


def test_block_io_sums_devices() -> None:
    text = b"8:0 Read 1\n8:0 Write 2\n8:0 Sync 3\n8:0 Total 3\n9:0 Read 10\nTotal 13\n"
    assert legacy_block_io(text) == (11, 2)
    assert legacy_block_io(b"Total 0\n") is None
    assert unified_block_io(b"8:0 rbytes=1 wbytes=2 rios=3\n8:16 rbytes=5 wbytes=0\n8:32\n") == (
        6,
        2,
    )
    assert unified_block_io(b"") == (0, 0)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), st.integers(0, 2**63)))
def test_fields_of_a_stat_file(fields: dict[str, int]) -> None:
    text = "".join(f"{name} {value}\n" for name, value in fields.items()).encode()
    for name, value in fields.items():
        assert field_of(text, name.encode()) == value
    assert field_of(text, b"Nothing") is None


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        for module in ("direct", "cgroups"):
            monkeypatch.setattr(f"dstui.engine.{module}.clock", lambda: self.now)


def test_a_new_container_is_read_twice_in_quick_succession(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    sampler = DirectSampler(every_s=1.0, reader=reader(TREES / "v2-systemd"))
    only = {V2_SYSTEMD: container(V2_SYSTEMD)}
    first = sampler.sample(only)
    assert first[V2_SYSTEMD].cpu_percent is None
    assert first[V2_SYSTEMD].memory_bytes is not None
    assert sampler.pause() == pytest.approx(0.15)
    clock.now += 0.16
    assert sampler.sample(only)[V2_SYSTEMD].cpu_percent == 0.0
    assert sampler.pause() == pytest.approx(0.84)
    clock.now += 0.5
    assert sampler.sample(only) == {}
    clock.now += 0.4
    assert sampler.sample(only).keys() == only.keys()


def test_a_container_that_ends_before_its_second_reading_is_forgotten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = Clock(monkeypatch)
    tree = shutil.copytree(TREES / "v2-systemd", tmp_path / "tree")
    sampler = DirectSampler(every_s=1.0, reader=reader(tree))
    only = {V2_SYSTEMD: container(V2_SYSTEMD)}
    assert sampler.sample(only)
    shutil.rmtree(tree)
    clock.now += 0.2
    assert sampler.sample(only) == {}
    assert sampler.pause() == pytest.approx(0.8)


def test_a_container_of_another_machine_is_looked_for_ever_more_rarely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    found = reader(TREES / "v2-systemd")
    looked_at: list[float] = []
    monkeypatch.setattr(found, "find", lambda wanted: looked_at.append(clock.now))
    sampler = DirectSampler(every_s=1.0, reader=found)
    strange = {"ab" * 32: container("ab" * 32)}
    for _ in range(200):
        assert sampler.sample(strange) == {}
        assert sampler.not_here(strange) == strange.keys()
        clock.now += 0.25
    gaps = [later - earlier for earlier, later in pairwise(looked_at)]
    assert gaps == [1.0, 2.0, 4.0, 8.0, 16.0]
