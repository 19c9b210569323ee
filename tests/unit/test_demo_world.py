"""The simulated machine is the same for the same seed, believable, and consistent."""

import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from dstui.demo.container_json import inspection, summary
from dstui.demo.curve import Curve
from dstui.demo.gpus import DemoGpus
from dstui.demo.image_json import all_layers_size, history, measured_summary
from dstui.demo.loglines import line_count, lines
from dstui.demo.phrases import duration
from dstui.demo.usage_json import stats
from dstui.demo.world import World
from tests.demo_fixtures import EPOCH, Clock


def _everything(world: World) -> str:
    now = world.clock()
    return json.dumps(
        [
            [
                inspection(world, container),
                summary(world, container, container.state, ""),
                stats(world, container, now, now - 1),
                [repr(line) for line in lines(container, 0, min(20, line_count(container, now)))],
            ]
            for container in world.containers.values()
        ]
        + [history(world, image) for image in world.images]
        + [DemoGpus(world).reading()]
    )


def test_the_same_seed_gives_the_same_world():
    assert _everything(World(60, 7, Clock())) == _everything(World(60, 7, Clock()))


def test_another_seed_gives_another_world():
    assert _everything(World(60, 7, Clock())) != _everything(World(60, 8, Clock()))


def test_names_ids_and_host_ports_are_unique():
    world = World(1000, 1, Clock())
    found = world.containers.values()
    assert len({container.name for container in found}) == len(found) == 1000
    ports = [port.host_port for item in found for port in item.ports if port.host_port]
    assert len(set(ports)) == len(ports)
    assert max(ports) < 65_536


def test_a_world_shows_every_state_and_ending():
    found = World(100, 1, Clock()).containers.values()
    states = Counter(container.state for container in found)
    assert set(states) == {"running", "exited", "paused", "created", "restarting"}
    endings = {container.exit_code for container in found if container.state == "exited"}
    assert endings >= {0, 1, 137, 143}
    assert any(container.oom_killed for container in found)
    assert any(container.labels.get("com.docker.compose.project") for container in found)


def test_no_container_has_a_process_id_that_the_host_could_have():
    assert min(container.pid for container in World(10).containers.values()) > 1 << 22


def test_gpu_jobs_fit_into_the_memory_of_their_gpus():
    for count in (12, 100, 1000):
        for gpu in DemoGpus(World(count, 3, Clock())).reading()["gpus"]:
            assert gpu["memory_used_bytes"] < gpu["memory_total_bytes"]


def test_gpu_report_names_containers_and_tells_of_a_lost_gpu():
    world = World(30, 1, Clock())
    world.lost_gpus = {1}
    report = DemoGpus(world).report()
    assert [gpu.error is not None for gpu in report.gpus] == [False, True, False, False, False]
    process = report.gpus[0].processes[0]
    assert 0 in world.containers[process.container_id].gpus
    assert process.memory_bytes and process.command


def test_images_share_the_layers_of_their_parents():
    world = World(3, 1, Clock())
    by_tag = {image.tags[0]: image for image in world.images if image.tags}
    base = by_tag["nvcr.io/nvidia/pytorch:25.10-py3"]
    child = by_tag["ghcr.io/lab/vision-train:2.3"]
    assert child.diff_ids[: len(base.diff_ids)] == base.diff_ids
    shared = measured_summary(world, child, (1, 47))["SharedSize"]
    assert base.size <= shared < child.size
    assert all_layers_size(world) < sum(image.size for image in world.images)
    assert len({image.id for image in world.images}) == len(world.images)
    assert sum(not image.tags for image in world.images) == 2


def test_histories_have_the_shapes_of_both_builders():
    world = World(3, 1, Clock())
    steps = [step for image in world.images for step in history(world, image)]
    texts = [step["CreatedBy"] for step in steps]
    assert any(text.endswith("# buildkit") for text in texts)
    assert any(text.startswith("/bin/sh -c #(nop)  ENV") for text in texts)
    assert any(text.startswith("/bin/sh -c #(nop) COPY file:") for text in texts)
    assert {"<missing>"} < {step["Id"] for step in steps}


@given(
    start=st.floats(0, 1e9),
    span=st.floats(0.5, 1e5),
    swing=st.floats(0, 0.95),
    phase=st.floats(0, 6.3),
)
def test_a_counter_never_runs_backwards(start, span, swing, phase):
    curve = Curve(1e6, swing, 60, phase)
    assert curve.total(start, start + span) >= 0
    assert curve.at(start) >= 0


def test_a_counter_adds_up_to_the_rate():
    curve = Curve(100, 0.5, 60, 1)
    assert abs(curve.total(1000, 1000.001) / 0.001 - curve.at(1000)) < 0.1


def test_logs_are_written_as_time_passes_and_stand_still_in_a_pause():
    clock = Clock()
    world = World(60, 1, clock)
    running = next(c for c in world.containers.values() if c.state == "running")
    paused = next(c for c in world.containers.values() if c.state == "paused")
    before = line_count(running, EPOCH), line_count(paused, EPOCH)
    assert line_count(running, EPOCH + 10 * running.log_every_s) == before[0] + 10
    assert line_count(paused, EPOCH + 10 * paused.log_every_s) == before[1]


def test_durations_are_worded_as_docker_does():
    expected = {
        0: "Less than a second",
        1: "1 second",
        59: "59 seconds",
        61: "About a minute",
        600: "10 minutes",
        3600: "About an hour",
        3 * 3600: "3 hours",
        4 * 86_400: "4 days",
        21 * 86_400: "3 weeks",
        90 * 86_400: "3 months",
        800 * 86_400: "2 years",
    }
    assert {seconds: duration(seconds) for seconds in expected} == expected


def test_a_split_gpu_stands_beside_the_others_with_a_program_of_the_host():
    report = DemoGpus(World(30, 1, Clock())).report()
    split = report.gpus[-1]
    assert [instance.name for instance in split.instances] == ["3g.20gb", "1g.5gb", "1g.5gb"]
    (process,) = split.processes
    assert (process.user, process.container_ids) == ("karl", ())
    assert process.utilization_percent is None


def test_a_notebook_holds_its_gpu_without_using_it():
    clock = Clock()
    report = DemoGpus(World(30, 1, clock)).report()
    idle = [p for gpu in report.gpus for p in gpu.processes if p.idle_since]
    assert idle
    assert all(p.utilization_percent == 0 and p.memory_bytes for p in idle)
    assert all(clock() - p.idle_since > 600 for p in idle)


def test_what_the_driver_tells_is_handed_on():
    world = World(30, 1, Clock())
    world.tell_xid(2, 31)
    ((time, identity, name, kind, number),) = DemoGpus(world).reading()["events"]
    assert (time, name, kind, number) == (EPOCH, "GPU 2", "xid", 31)
    assert identity.startswith("nvidia:GPU-")


def test_an_error_is_told_with_the_process_that_caused_it():
    world = World(30, 1, Clock())
    job = next(job for job in world.containers.values() if job.gpus and job.alive)
    world.tell_xid(job.gpus[0], 31, job)
    (*_, pid, process, containers) = DemoGpus(world).reading()["events"][0]
    processes = {p.pid: p for gpu in DemoGpus(world).report().gpus for p in gpu.processes}
    assert containers == [job.id]
    assert processes[pid].container_id == job.id
    assert processes[pid].command.startswith(process)
