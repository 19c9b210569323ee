"""The engine's JSON becomes domain objects, whatever it looks like."""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dstui.domain.container import Health, Limits, Mount, Port, State
from dstui.domain.engine import Endpoint, ProcessTable
from dstui.engine.convert import engine, read, storage
from dstui.engine.convert.container import inspected_container, listed_container
from dstui.engine.convert.image import history_entry, inspected_image, listed_image
from dstui.engine.convert.read import UnreadableError, each
from dstui.engine.notices import notice

ID = "ab" * 32
ROW = {
    "Id": ID,
    "Names": ["/web/alias", "/db"],
    "Image": "postgres:16",
    "ImageID": "sha256:" + "c" * 64,
    "Command": "docker-entrypoint.sh postgres",
    "Created": 1_700_000_000,
    "State": "running",
    "Status": "Up 2 hours (unhealthy)",
    "Labels": {"com.docker.compose.project": "shop"},
    "Ports": [
        {"IP": "0.0.0.0", "PrivatePort": 5432, "PublicPort": 15432, "Type": "tcp"},
        {"PrivatePort": 80, "Type": "tcp"},
    ],
    "HostConfig": {"NetworkMode": "shop_default"},
    "NetworkSettings": {"Networks": {"shop_default": {}}},
    "Mounts": [{"Type": "volume", "Name": "data", "Destination": "/data", "RW": True}],
}


def test_a_row_of_the_list() -> None:
    found = listed_container(ROW)
    assert (found.id, found.name, found.image) == (ID, "db", "postgres:16")
    assert (found.state, found.health) == (State.RUNNING, Health.UNHEALTHY)
    assert found.created == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert found.ports == (Port(80), Port(5432, "tcp", "0.0.0.0", 15432))
    assert found.mounts == (Mount("volume", "", "/data", volume="data"),)
    assert (found.networks, found.network_mode) == (("shop_default",), "shop_default")
    assert found.project == "shop"
    assert not found.inspected
    assert found.user is None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("Exited (137) 3 hours ago", 137),
        ("Exited (0) Less than a second ago", 0),
        ("Restarting (1) 5 seconds ago", 1),
        ("Up 3 hours", None),
        ("Created", None),
    ],
)
def test_the_exit_code_is_read_from_the_status(status: str, code: int | None) -> None:
    assert listed_container({**ROW, "Status": status}).exit_code == code


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ("Up 1 second (health: starting)", Health.STARTING),
        ("Up 1 hour (healthy)", Health.HEALTHY),
        ("Up 1 hour", Health.NONE),
        ("Up 1 hour (Paused)", Health.NONE),
    ],
)
def test_the_health_is_read_from_the_status(status: str, health: Health) -> None:
    assert listed_container({**ROW, "Status": status}).health is health


def test_podmans_row() -> None:
    found = listed_container(
        {
            "Id": ID,
            "Names": ["/p1"],
            "Command": ["sleep", "5"],
            "State": "configured",
            "NetworkSettings": {"Networks": None},
            "Mounts": [],
            "Labels": None,
            "Created": 1_700_000_000,
        }
    )
    assert (found.state, found.command, found.networks) == (State.CREATED, "sleep 5", ())


def test_an_inspected_container() -> None:
    found = inspected_container(
        {
            "Id": ID,
            "Name": "/train",
            "Created": "2026-11-22T13:49:24.589884946Z",
            "Path": "sh",
            "Args": ["-c", "exit 3"],
            "Image": "sha256:" + "c" * 64,
            "State": {
                "Status": "exited",
                "ExitCode": 137,
                "OOMKilled": True,
                "StartedAt": "2026-11-22T13:49:25.1Z",
                "FinishedAt": "0001-01-01T00:00:00Z",
                "Pid": 0,
            },
            "Config": {
                "User": "1000:1000",
                "Tty": True,
                "Image": "torch:2",
                "Env": ["A=1", "EMPTY=", "B=x=y"],
                "StopTimeout": 30,
            },
            "HostConfig": {
                "Memory": 8_000_000_000,
                "NanoCpus": 1_500_000_000,
                "PidsLimit": -1,
                "ShmSize": 67_108_864,
                "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
                "Runtime": "runc",
                "Tmpfs": {"/scratch": "ro,size=1g"},
                "SecurityOpt": ["seccomp=unconfined"],
            },
            "NetworkSettings": {
                "Ports": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}], "53/udp": None},
                "Networks": {"b": {"IPAddress": "172.17.0.2"}, "a": {"IPAddress": ""}},
            },
        }
    )
    assert found.name == "train"
    assert found.command == "sh -c 'exit 3'"
    assert (found.exit_code, found.oom_killed, found.pid, found.finished) == (137, True, None, None)
    assert found.started == datetime(2026, 11, 22, 13, 49, 25, 100_000, UTC)
    assert found.user == "1000:1000"
    assert found.environment == (("A", "1"), ("EMPTY", ""), ("B", "x=y"))
    assert found.limits == Limits(8_000_000_000, 1.5, None, 67_108_864)
    assert found.restart_policy == "on-failure:3"
    assert found.mounts == (Mount("tmpfs", "", "/scratch", read_only=True),)
    assert found.ports == (Port(53, "udp"), Port(80, "tcp", None, 8080))
    assert (found.networks, found.ip_addresses) == (("a", "b"), (("b", "172.17.0.2"),))
    assert found.stop_timeout_s == 30
    assert found.gpus is None
    assert found.inspected


def test_a_running_container_has_no_exit_code() -> None:
    found = inspected_container({"Id": ID, "State": {"Status": "running", "ExitCode": 0}})
    assert found.exit_code is None


def test_a_failed_start_keeps_its_code_and_words() -> None:
    state = {"Status": "created", "ExitCode": 128, "Error": "no device\nhere"}
    found = inspected_container({"Id": ID, "State": state})
    assert (found.exit_code, found.error) == (128, "no device here")


def test_quota_and_period_are_cpus_too() -> None:
    found = inspected_container({"Id": ID, "HostConfig": {"CpuQuota": 50_000}})
    assert found.limits == Limits(cpus=0.5)


def test_list_and_inspect_word_the_same_command() -> None:
    listed = listed_container({**ROW, "Command": "sh -c 'sleep 5'"})
    inspected = inspected_container({"Id": ID, "Path": "sh", "Args": ["-c", "sleep 5"]})
    assert listed.command == inspected.command


def test_images() -> None:
    found = listed_image(
        {
            "Id": "sha256:1",
            "RepoTags": ["<none>:<none>"],
            "RepoDigests": ["<none>@<none>"],
            "Created": 1_700_000_000,
            "Size": 12,
            "SharedSize": -1,
        }
    )
    assert found.dangling
    assert (found.digests, found.shared_bytes, found.size_bytes) == ((), None, 12)


def test_an_inspected_image() -> None:
    found = inspected_image(
        {
            "Id": "a" * 64,  # podman leaves the algorithm out
            "RepoTags": ["x:1", "y:2"],
            "Architecture": "arm64",
            "Variant": "v8",
            "Os": "linux",
            "Size": 5,
            "Config": {"Entrypoint": "run", "Cmd": ["a", "b"], "ExposedPorts": {"80/tcp": {}}},
            "RootFS": {"Layers": ["sha256:l1", "sha256:l2"]},
        }
    )
    assert found.id == "sha256:" + "a" * 64
    assert found.references == ("x:1", "y:2")
    assert (found.architecture, found.entrypoint, found.command) == (
        "arm64/v8",
        ("run",),
        ("a", "b"),
    )
    assert (found.exposed_ports, found.layers) == (("80/tcp",), ("sha256:l1", "sha256:l2"))


def test_disk_use_leaves_out_what_is_not_known() -> None:
    found = storage.disk_use(
        {
            "LayersSize": 100,
            "Images": [{"Id": "sha256:1", "SharedSize": 40}, {"Id": "sha256:2", "SharedSize": -1}],
            "Containers": [{"Id": "c1", "SizeRw": 7}, {"Id": "c2"}],
            "Volumes": [
                {"Name": "v1", "UsageData": {"Size": 9}},
                {"Name": "v2", "UsageData": {"Size": -1}},
                {"Name": "v3"},
            ],
            "BuildCache": [{"Size": 5}, {"Size": 6, "Shared": True}],
        },
        measured=1.0,
    )
    assert found.layers_bytes == 100
    assert found.shared_bytes == {"sha256:1": 40}
    assert found.writable_bytes == {"c1": 7, "c2": 0}
    assert found.volume_bytes == {"v1": 9}
    assert found.build_cache_bytes == 5


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-22T13:49:24.589884946Z", datetime(2026, 11, 22, 13, 49, 24, 589_884, UTC)),
        ("2026-11-22T15:49:24+02:00", datetime(2026, 11, 22, 13, 49, 24, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        ("soon", None),
        (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        (-62_135_596_800, None),
        (10**300, None),
        (None, None),
    ],
)
def test_times(value: object, moment: datetime | None) -> None:
    assert read.time(value) == moment


def test_one_broken_object_does_not_spoil_the_list() -> None:
    found = each([ROW, {"Names": ["/no-id"]}, None, 7, {"Id": ""}], listed_container)
    assert [container.name for container in found] == ["db"]
    assert each({"message": "no list"}, listed_container) == ()


# Whatever comes

WORDS = """Id Names Name Image ImageID Command Created State Status Labels Ports IP PrivatePort
    PublicPort Type HostConfig NetworkMode NetworkSettings Networks Mounts Source Destination RW
    Health Config Env User Tty Args Path ExitCode OOMKilled StartedAt Pid RestartPolicy Memory
    NanoCpus CpuQuota DeviceRequests Capabilities DeviceIDs Count Driver Devices PathOnHost Runtime
    Privileged Tmpfs RepoTags RepoDigests Size SharedSize Entrypoint Cmd ExposedPorts RootFS Layers
    IPAM Subnet Options UsageData Images Containers Volumes BuildCache SizeRw LayersSize Actor ID
    Attributes Action time timeNano SecurityOptions Runtimes Titles Processes container name
    NVIDIA_VISIBLE_DEVICES=all"""
FIELDS = WORDS.split()
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([ID, "running", "nvidia", "gpu", "cdi", "nvidia.com/gpu=all", "container"]),
    st.sampled_from(["80/tcp", "2026-11-22T13:49:24Z", "9999-12-31T23:59:59-23:59"]),
    st.sampled_from(["\x1b[31mred\x1b[0m", "a\u202eb", "\n"]),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(FIELDS), st.text(max_size=5)), inner, max_size=8),
    ),
    max_leaves=30,
)
OBJECT = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=25)

CONVERTERS: list[Callable[[Any], Any]] = [
    listed_container,
    inspected_container,
    listed_image,
    inspected_image,
    history_entry,
    storage.volume,
    storage.network,
    lambda answer: storage.disk_use(answer, 0.0),
    lambda answer: engine.info(answer, "Docker", "1.41", Endpoint("unix:///x", "test")),
    engine.process_table,
]


def test_each_row_of_the_processes_has_a_cell_for_each_title() -> None:
    answer = {"Titles": ["PID", "CMD"], "Processes": [["1", "sh"], ["2"], 7, [], ["3", "a", "b"]]}
    assert engine.process_table(answer) == ProcessTable(
        ("PID", "CMD"), (("1", "sh"), ("2", ""), ("3", "a"))
    )


@given(st.fixed_dictionaries({"Titles": JSON, "Processes": JSON | st.lists(JSON)}))
def test_any_answer_is_a_table_of_processes(answer: dict[str, Any]) -> None:
    table = engine.process_table(answer)
    assert all(len(row) == len(table.titles) for row in table.rows)


@settings(max_examples=150)
@given(OBJECT, st.sampled_from(CONVERTERS), st.booleans())
def test_any_json_is_read_or_refused_and_never_lets_a_control_character_through(
    answer: dict[str, Any], convert: Callable[[Any], Any], known: bool
) -> None:
    if known:
        answer = {**answer, "Id": ID, "Name": "name"}
    try:
        found = convert(answer)
    except UnreadableError:
        return
    for text in _texts(found):
        assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in text), repr(text)
    for moment in _leaves(found):
        if isinstance(moment, datetime):
            assert moment.utcoffset() == timedelta(0)


@settings(max_examples=150)
@given(st.one_of(OBJECT, JSON))
def test_any_event_is_read_or_left_out(answer: Any) -> None:
    told = notice(json.dumps(answer).encode())
    if told:
        for text in _texts(told.event):
            assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in text), repr(text)


@given(st.binary(max_size=80))
def test_any_bytes_are_an_event_or_none(line: bytes) -> None:
    notice(line)


def _leaves(value: Any) -> Any:
    if is_dataclass(value):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from _leaves(tuple(value.items()))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _texts(value: Any) -> list[str]:
    return [leaf for leaf in _leaves(value) if isinstance(leaf, str)]
