from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dstui.domain.container import Container, Health, Limits, Mount, Port, State
from dstui.domain.gpu import GpuGrant
from dstui.domain.owner import Owner
from dstui.domain.usage import Usage
from dstui.render.column import Role
from dstui.render.containers import COLUMNS, ContainerRow, environment, overview
from dstui.render.table import matching

NOW = datetime(2024, 5, 2, 12, 0, tzinfo=UTC)
CONTAINER = Container(
    id="ab" * 32,
    name="train",
    image="pytorch/pytorch:2.3",
    image_id="sha256:" + "cd" * 32,
    state=State.RUNNING,
    created=NOW - timedelta(days=2),
    started=NOW - timedelta(hours=3),
    command="python train.py",
)
EXITED = replace(CONTAINER, state=State.EXITED, started=None)
USAGE = Usage(
    time=NOW.timestamp(),
    cpu_percent=123.45,
    memory_bytes=1536 * 2**20,
    memory_limit_bytes=2**31,
    net_rx_rate=1234.0,
    net_tx_rate=0.0,
    pids=12,
)


def cells(container=CONTAINER, usage=None, **more):
    row = ContainerRow(container, usage, now=NOW.timestamp(), **more)
    return {column.key: column.cell(row) for column in COLUMNS}


def facts_of(container, **more):
    row = ContainerRow(container, now=NOW.timestamp(), **more)
    return {
        (group.title, fact.label): [cell.text for cell in fact.cells]
        for group in overview(row)
        for fact in group.facts
    }


def test_a_running_container_shows_what_was_measured():
    shown = cells(usage=USAGE, owner=Owner("ann", "label dstui.owner"))
    texts = {key: cell.text for key, cell in shown.items()}
    assert texts["state"] == "●"
    assert texts["status"] == "up 3 h"
    assert texts["owner"] == "ann"
    assert texts["cpu"] == "123%"
    assert (texts["memory"], texts["limit"]) == ("1.5GiB", "2GiB")
    assert texts["net"] == "1.23kB/0B"
    assert texts["disk"] == "–"
    assert (texts["pids"], texts["age"]) == ("12", "2 d")


def test_what_is_not_known_yet_is_a_dash_and_never_a_zero():
    shown = cells()
    for key in ("cpu", "memory", "limit", "net", "disk", "pids", "gpus", "owner"):
        assert shown[key].text == "–"


def test_a_stopped_container_uses_nothing():
    shown = cells(EXITED)
    assert {shown[key].text for key in ("cpu", "memory", "net", "disk", "pids")} == {""}


@pytest.mark.parametrize(
    ("changes", "state", "status", "role"),
    [
        ({"health": Health.HEALTHY, "state": State.RUNNING}, "●+", "up 3 h", Role.NORMAL),
        ({"health": Health.UNHEALTHY, "state": State.RUNNING}, "●!", "up 3 h", Role.BAD),
        ({"state": State.PAUSED}, "‖", "paused", Role.PAUSED),
        ({"state": State.EXITED, "exit_code": 0}, "○", "exit 0", Role.EXITED),
        ({"state": State.EXITED, "exit_code": 143}, "○", "exit 143 SIGTERM", Role.EXITED),
        ({"state": State.EXITED, "exit_code": 139}, "✗", "exit 139 SIGSEGV", Role.BAD),
        ({"state": State.EXITED, "exit_code": 137}, "✗", "exit 137 SIGKILL", Role.BAD),
        (
            {"state": State.EXITED, "exit_code": 137, "oom_killed": True},
            "✗",
            "exit 137 OOM-killed",
            Role.BAD,
        ),
        ({"state": State.EXITED, "exit_code": None}, "○", "exited", Role.EXITED),
        ({"state": State.CREATED}, "·", "created", Role.MUTED),
        ({"state": State.UNKNOWN}, "?", "–", Role.MUTED),
    ],
)
def test_the_state_is_a_shape_and_a_word(changes, state, status, role):
    shown = cells(replace(CONTAINER, **changes))
    assert shown["state"].text == state
    assert (shown["status"].text, shown["status"].role) == (status, role)


def test_a_running_container_that_was_not_inspected_is_simply_up():
    assert cells(replace(CONTAINER, started=None))["status"].text == "up"


def test_memory_near_its_limit_is_a_warning():
    full = replace(USAGE, memory_bytes=2**31 - 1)
    assert cells(usage=full)["memory"].role is Role.WARNING


@pytest.mark.parametrize(
    ("grant", "text"),
    [
        (GpuGrant("DeviceRequests", all=True), "all"),
        (GpuGrant("DeviceRequests", count=2), "2×"),
        (GpuGrant("env", ids=("0", "1")), "0,1"),
        (GpuGrant("env", ids=("GPU-1a2b3c4d-0000-1111",)), "GPU-1a2b3c4d"),
        (None, ""),
    ],
)
def test_granted_gpus(grant, text):
    assert cells(replace(CONTAINER, inspected=True, gpus=grant))["gpus"].text == text


def test_ports_of_both_address_families_are_one():
    ports = (
        Port(8888, "tcp", "0.0.0.0", 80),
        Port(8888, "tcp", "::", 80),
        Port(53, "udp", "127.0.0.1", 5353),
        Port(9000),
    )
    text = cells(replace(CONTAINER, ports=ports))["ports"].text
    assert text == "80->8888 127.0.0.1:5353->53/udp 9000"


def test_neighbouring_ports_are_a_range():
    ports = (
        *(Port(port, "tcp", address, port) for port in range(8000, 8011) for address in ("", "::")),
        *(Port(port, "udp", "", port + 1) for port in range(8000, 8003)),
        Port(9000, "tcp", "", 19000),
        Port(9001, "tcp", "", 19002),
        *(Port(port) for port in range(50, 53)),
    )
    in_order = sorted(ports, key=lambda port: (port.container_port, port.protocol))
    assert cells(replace(CONTAINER, ports=tuple(in_order)))["ports"].text.split() == [
        "8000-8010->8000-8010",
        "8001-8003->8000-8002/udp",
        "19000->9000",
        "19002->9001",
        "50-52",
    ]


def test_eighty_columns_hold_what_matters_most():
    stay = [c for c in COLUMNS if c.shown and c.priority <= 2]
    assert [c.key for c in stay] == ["state", "name", "image", "status", "cpu", "memory"]
    assert sum(column.min_width + 1 for column in stay) <= 80


def test_filter_fields_go_beyond_the_columns_shown():
    container = replace(
        CONTAINER,
        labels={"team": "vision", "com.docker.compose.project": "shop"},
        mounts=(Mount("bind", "/home/ann/data", "/data"),),
    )
    row = ContainerRow(container, USAGE, now=NOW.timestamp())
    for text in (
        "project:shop",
        "label:team=vision",
        "mount:/home/ann",
        "id:abab",
        "state:running",
        "cpu:>100 memory:>1GiB",
        "age:>1d",
        "command:train.py",
    ):
        assert matching(text, COLUMNS)(row), text
    assert not matching("vision", COLUMNS)(row)


def test_the_overview_explains_an_exit():
    killed = replace(EXITED, exit_code=137, oom_killed=True, finished=NOW)
    facts = facts_of(killed)
    assert facts["State", "Exit"] == [
        "killed by the kernel: it used more memory than its limit (or the host) had"
    ]
    assert facts["State", "Finished"][0].endswith("(now)")


def test_the_overview_tells_not_known_from_none():
    before = facts_of(CONTAINER)
    assert before["GPU", "Granted"] == ["–"]
    assert before["Limits", "Memory"] == ["–"]
    assert before["Security", "Options"] == ["–"]
    after = facts_of(
        replace(CONTAINER, inspected=True, limits=Limits(shm_bytes=2**26), privileged=True)
    )
    assert after["GPU", "Granted"] == ["none"]
    assert after["Limits", "Memory"] == ["no limit"]
    assert after["Limits", "Shared memory"] == ["64MiB"]
    assert after["Security", "Options"] == ["none"]
    assert after["Security", "Privileged"] == ["yes"]


def test_the_overview_tells_whose_it_is_and_why():
    facts = facts_of(CONTAINER, owner=Owner("ann", "mounts /home/ann"))
    assert facts["Container", "Owner"] == ["ann (mounts /home/ann)"]


def test_environment_values_are_masked_whatever_their_name():
    container = replace(
        CONTAINER, inspected=True, environment=(("TOKEN", "s3cret"), ("PATH", "/bin"))
    )
    masked = str(environment(container, revealed=False))
    assert "s3cret" not in masked
    assert "/bin" not in masked
    assert "TOKEN" in masked
    assert "s3cret" in str(environment(container, revealed=True))


def test_an_environment_that_is_not_known_is_not_called_empty():
    assert environment(CONTAINER, revealed=False)[0].facts[0].cells[0].text == "–"


def test_details_hold_no_terminal_escape():
    container = replace(
        CONTAINER,
        inspected=True,
        labels={"a\x1b[31m": "b\x1b]0;owned\x07"},
        environment=(("X\x9b2J", "\x1b[2J"),),
        mounts=(Mount("bind", "/a\x1b[0m", "/b\n"),),
        command="\x1bc\u202e",
    )
    row = ContainerRow(container, now=NOW.timestamp())
    for group in (*overview(row), *environment(container, revealed=True)):
        for fact in group.facts:
            for text in (fact.label, *(cell.text for cell in fact.cells)):
                assert text.isprintable(), repr(text)
