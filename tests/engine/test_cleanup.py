"""Cleanup on a real engine, with a mess made up: the plan, what it frees, and what it spares."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docker
import pytest

from dstui.background import Background, Cancellation
from dstui.domain.action import Outcome
from dstui.domain.cleanup.plan import Plan
from dstui.domain.cleanup.planner import Choice, Planner, weigh_again
from dstui.domain.cleanup.report import Fate
from dstui.domain.kind import Kind
from dstui.domain.staleness.thresholds import Thresholds
from dstui.domain.staleness.verdict import Key
from dstui.engine.cleaning import Cleaner
from dstui.engine.cleanup_facts import engine_now, gather
from dstui.engine.second_look import SecondLook
from tests.conftest import ContainerFactory
from tests.image_builder import build
from tests.waiting import PATIENCE_S, wait_until

MB = 1_000_000
WITHIN = 0.02


@dataclass
class Mess:
    """What was made, by the role it plays."""

    images: dict[str, str] = field(default_factory=dict)
    containers: dict[str, str] = field(default_factory=dict)
    volumes: dict[str, str] = field(default_factory=dict)
    networks: dict[str, str] = field(default_factory=dict)

    def everything(self) -> frozenset[Key]:
        """All of it."""
        return frozenset(
            [(Kind.IMAGE, found) for found in self.images.values()]
            + [(Kind.CONTAINER, found) for found in self.containers.values()]
            + [(Kind.VOLUME, found) for found in self.volumes.values()]
            + [(Kind.NETWORK, found) for found in self.networks.values()]
        )


@pytest.fixture
def prefix() -> str:
    return f"dstui-cleanup-{os.urandom(4).hex()}"


@pytest.fixture
def mess(
    docker_api: docker.APIClient,
    container_factory: ContainerFactory,
    busybox_image: str,
    prefix: str,
) -> Iterator[Mess]:
    """Images that share layers, some of them used; containers that ended; volumes and a network."""
    made = Mess()
    context = {"data": b""}

    def image(role: str, base: str, megabytes: int, tag: str | None = None) -> str:
        context["data"] = os.urandom(megabytes * MB)
        name = tag or f"{prefix}/{role}:1"
        lines = f"FROM {base}\nCOPY data /{role}\nLABEL made={prefix}-{role}\n"
        made.images[role] = build(docker_api, name, lines, context)
        return name

    base = image("base", busybox_image, 12)
    left = image("left", base, 6)
    image("right", base, 5)
    used = image("used", left, 4)
    image("leaf", left, 3)
    image("lone", "scratch", 7)
    docker_api.tag(made.images["lone"], f"{prefix}/lone", "second")
    image("dangling", base, 2, f"{prefix}/moves:1")
    image("current", base, 2, f"{prefix}/moves:1")

    def container(role: str, *command: str, **options) -> None:
        made.containers[role] = container_factory(*command, name=f"{prefix}-{role}", **options)

    volume = docker_api.create_volume(f"{prefix}-named")["Name"]
    made.volumes["named"] = volume
    made.networks["net"] = docker_api.create_network(f"{prefix}-net")["Id"]
    write = "dd if=/dev/urandom of={} bs=1000000 count={} 2>/dev/null"
    both = f"{write.format('/scratch', 3)}; {write.format('/data/file', 4)}; exit 3"
    container(
        "wrote",
        "sh",
        "-c",
        both,
        image=used,
        host_config={"binds": [f"{volume}:/data"], "network_mode": f"{prefix}-net"},
    )
    container("fresh", image=f"{prefix}/right:1", start=False)
    container("busy", image=f"{prefix}/moves:1")
    wait_until(lambda: _state(docker_api, made.containers["wrote"]) == "exited")
    yield made
    for name in made.containers.values():
        _quietly(docker_api.remove_container, name, force=True)
    for name in reversed(made.images.values()):
        _quietly(docker_api.remove_image, name, force=True)
    for name in made.volumes.values():
        _quietly(docker_api.remove_volume, name)
    for name in made.networks.values():
        _quietly(docker_api.remove_network, name)


def _quietly(remove: Callable[..., object], name: str, **options) -> None:
    try:
        remove(name, **options)
    except docker.errors.APIError:
        return


def _state(api: docker.APIClient, name: str) -> str:
    return api.inspect_container(name)["State"]["Status"]


def plan_of(engine, mess: Mess, **wishes) -> tuple[Plan, Planner]:
    """All of the mess that is stale at the age of zero, whoever's it is."""
    planner = Planner(gather(engine, Background()), Thresholds())
    kinds = frozenset({Kind.CONTAINER, Kind.IMAGE, Kind.VOLUME, Kind.NETWORK})
    wishes = {
        "kinds": kinds,
        "owner": "all",
        "older_than_s": 0,
        "only": mess.everything(),
        **wishes,
    }
    return planner.plan(Choice(**wishes)), planner


def execute(engine, plan: Plan, planner: Planner, step=lambda progress: None, **options):
    """Carry it out; the report and the outcomes that were logged."""
    logged: list[Outcome] = []
    cancellation = options.pop("cancellation", Cancellation())
    look = SecondLook(engine, options.pop("keep", ()), ("owner",), engine_now(engine))
    cleaner = Cleaner(engine, plan, look, logged.append)
    report = cleaner.run(step, cancellation, lambda: None)
    return weigh_again(report, planner), logged


def stored(engine) -> int:
    """What the engine's data takes of the disk."""
    root = Path(engine.info.data_root)
    total = 0
    for part in ("overlay2", "containers", "volumes", "image"):
        for directory, _, names in os.walk(root / part):
            if directory.endswith("/merged"):
                continue
            for name in names:
                try:
                    total += Path(directory, name).lstat().st_blocks * 512
                except OSError:
                    continue
    return total


def ids(plan_or_results) -> set[str]:
    return {row.id for row in plan_or_results}


def test_the_plan_frees_what_it_says(engine, mess, docker_api):
    if engine.info.storage_driver != "overlay2" or not os.access(engine.info.data_root, os.R_OK):
        pytest.skip("the engine's disk cannot be seen from here")
    plan, planner = plan_of(engine, mess)
    going = ids(plan.chosen)
    assert mess.containers["wrote"] in going
    assert mess.containers["fresh"] in going
    assert mess.containers["busy"] not in going
    assert going >= {mess.images[role] for role in ("used", "left", "leaf", "right", "dangling")}
    assert mess.images["current"] not in going
    assert not plan.estimate
    before = stored(engine)
    report, logged = execute(engine, plan, planner)
    freed = before - stored(engine)
    assert report.complete, [(r.row.label, r.reason) for r in report.results]
    # all but `base` and `current`, on which a running container stands
    expected = (6 + 5 + 4 + 3 + 7 + 2 + 3 + 4) * MB
    assert report.freed_bytes == plan.total_bytes
    assert abs(report.freed_bytes - expected) < WITHIN * expected
    assert abs(freed - report.freed_bytes) < WITHIN * report.freed_bytes
    assert {outcome.action.id for outcome in logged} == going
    assert docker_api.inspect_image(mess.images["current"])
    assert docker_api.inspect_image(mess.images["base"])


def test_a_layer_counts_only_when_all_that_use_it_go(engine, mess):
    plan, planner = plan_of(engine, mess)
    left = plan.row((Kind.IMAGE, mess.images["left"]))
    leaf = plan.row((Kind.IMAGE, mess.images["leaf"]))
    assert abs(left.bytes - 6 * MB) < 0.1 * MB
    assert left.alone_bytes == 0
    without_leaf = planner.tick(plan, [leaf.key], on=False)
    assert plan.total_bytes - without_leaf.total_bytes == leaf.bytes + left.bytes


def test_an_image_of_a_container_that_stays_stays(engine, mess):
    plan, planner = plan_of(engine, mess)
    used = (Kind.IMAGE, mess.images["used"])
    kept = planner.tick(plan, [(Kind.CONTAINER, mess.containers["wrote"])], on=False)
    assert plan.row(used).chosen
    assert not kept.row(used).chosen
    assert "wrote uses it and stays" in kept.row(used).blocked


def test_what_changed_since_the_plan_is_left_alone(engine, mess, docker_api, prefix):
    plan, planner = plan_of(engine, mess)
    docker_api.start(mess.containers["fresh"])
    docker_api.tag(mess.images["leaf"], f"{prefix}/wanted", "1")
    user = docker_api.create_container(f"{prefix}/lone:1", ["x"], labels={"dstui.test": "cleanup"})[
        "Id"
    ]
    try:
        report, logged = execute(engine, plan, planner)
    finally:
        docker_api.remove_container(user)
    fates = {result.row.id: result for result in report.results}
    assert fates[mess.containers["fresh"]].fate is Fate.SKIPPED
    assert fates[mess.containers["fresh"]].reason == "it is running now, and was created"
    assert fates[mess.images["right"]].reason == "what uses it was not removed"
    assert "wanted" in fates[mess.images["leaf"]].reason
    assert "uses it now" in fates[mess.images["lone"]].reason
    assert fates[mess.containers["wrote"]].fate is Fate.REMOVED
    assert _state(docker_api, mess.containers["fresh"]) == "running"
    assert docker_api.inspect_image(mess.images["leaf"])
    assert {o.action.id for o in logged if o.skipped} == {
        result.row.id for result in report.of(Fate.SKIPPED)
    }


def test_a_volume_of_the_same_name_made_anew_is_not_the_one_that_was_planned(
    engine, mess, docker_api
):
    plan, planner = plan_of(engine, mess)
    name = mess.volumes["named"]

    def swap(progress) -> None:
        if progress.result and progress.row.id == mess.containers["wrote"]:
            docker_api.remove_volume(name)
            wait_until(lambda: _created_later(docker_api, name, plan))

    report, _ = execute(engine, plan, planner, step=swap)
    result = next(found for found in report.results if found.row.id == name)
    assert result.fate is Fate.SKIPPED
    assert result.reason == "it was made anew since"
    assert docker_api.inspect_volume(name)


def _created_later(api: docker.APIClient, name: str, plan: Plan) -> bool:
    """The engine tells the creation of a volume in whole seconds."""
    from datetime import datetime

    made = api.create_volume(name)
    seen = plan.row((Kind.VOLUME, name)).seen.created
    if datetime.fromisoformat(made["CreatedAt"]) > seen:
        return True
    api.remove_volume(name)
    return False


def test_it_can_be_cancelled_between_two_objects(engine, mess):
    plan, planner = plan_of(engine, mess)
    cancellation = Cancellation()

    def once(progress) -> None:
        if progress.result:
            cancellation.cancel()

    report, logged = execute(engine, plan, planner, step=once, cancellation=cancellation)
    assert [result.fate for result in report.results][:2] == [Fate.REMOVED, Fate.NOT_DONE]
    assert report.cancelled
    assert len(logged) == 1


def test_the_command_line_plans_saves_and_executes(engine_host, mess, tmp_path, docker_api):
    def dstui(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dstui", "--host", engine_host, *args]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)

    answer = dstui("clean", "--dry-run", "--older-than", "0s", "--owner", "all", "--json")
    assert answer.returncode == 0, answer.stderr
    plan = json.loads(answer.stdout)
    own = {found[1] for found in mess.everything()}
    plan["plan"] = [row for row in plan["plan"] if row["id"] in own]
    assert mess.images["lone"] in {row["id"] for row in plan["plan"]}
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    asked = dstui("clean", "--plan", str(file))
    assert (asked.returncode, "--yes" in asked.stderr) == (2, True)
    docker_api.start(mess.containers["fresh"])
    done = dstui("clean", "--plan", str(file), "--yes", "--json")
    assert done.returncode == 4, done.stderr
    results = {row["id"]: row for row in json.loads(done.stdout)["results"]}
    assert results[mess.containers["fresh"]]["outcome"] == "skipped"
    assert results[mess.images["lone"]]["outcome"] == "removed"
    again = dstui("clean", "--plan", str(file), "--yes")
    assert again.returncode == 4
    assert "it was gone already" in again.stdout
    plan["engine"]["id"] = "another"
    file.write_text(json.dumps(plan))
    assert dstui("clean", "--plan", str(file), "--yes").returncode == 5


def test_podman_keeps_what_an_image_was_built_on(podman_host, prefix):
    from dstui.domain.engine import Endpoint
    from dstui.engine.connect import connect

    api = docker.APIClient(base_url=podman_host, version="auto", timeout=PATIENCE_S)
    engine = connect((Endpoint(podman_host, "a test"),))
    name = f"localhost/{prefix}-base:1"
    context = {"data": os.urandom(MB)}
    base = build(api, name, "FROM scratch\nCOPY data /a\n", context)
    app = build(api, f"localhost/{prefix}-app:1", f"FROM {name}\nCOPY data /b\n", context)
    try:
        planner = Planner(gather(engine, Background()), Thresholds())
        only = frozenset({(Kind.IMAGE, app)})
        plan = planner.plan(Choice(owner="all", older_than_s=0, only=only))
        assert plan.estimate
        report, _ = execute(engine, plan, planner)
        assert report.complete
        assert api.inspect_image(base)
        assert plan.is_for(connect((Endpoint(podman_host, "a test"),)).info)
    finally:
        for identifier in (app, base):
            _quietly(api.remove_image, identifier, force=True)
        engine.close()
        api.close()
