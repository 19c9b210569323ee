"""`dstui doctor` on a real engine."""

import json
import os
import subprocess
import sys

from dstui.domain.selftest.step import Status
from dstui.engine.selftest.daemon import DaemonChecks
from dstui.engine.throwaway import LABEL
from tests.waiting import PATIENCE_S


def doctor(host, *args):
    return subprocess.run(
        [sys.executable, "-m", "dstui", "--host", host, "doctor", *args],
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        timeout=PATIENCE_S,
    )


def test_the_engine_itself_is_checked_without_a_gpu(engine_host, busybox_image):
    done = doctor(engine_host, "--json")
    answer = json.loads(done.stdout)
    steps = {step["id"]: step for step in answer["steps"]}
    assert steps["engine.reachable"]["status"] in ("pass", "not-run"), done.stdout
    if steps["host.hardware"]["status"] == "skip":  # no GPU in this machine
        assert answer["verdict"] == "no-gpu"
        assert done.returncode == 0
        assert steps["engine.grant"]["status"] == "skip"
        for step in ("engine.kind", "engine.storage", "engine.cgroup", "engine.contexts"):
            assert steps[step]["status"] in ("pass", "warn"), steps[step]


def test_the_defaults_are_told_by_a_container_that_is_never_started(engine, busybox_image):
    checks = DaemonChecks(engine).checks()
    assert checks["engine.shm"](None).evidence.startswith("64MiB")
    assert checks["engine.logs"](None).status in (Status.PASS, Status.WARN)
    left = engine.rest.get("/containers/json", {"all": 1, "filters": f'{{"label": ["{LABEL}"]}}'})
    assert not [row for row in left if row["Labels"][LABEL] == "selftest"]


def test_a_container_without_a_gpu_and_without_python_is_looked_at_as_far_as_it_goes(
    engine_host, container_factory
):
    container = container_factory()
    done = doctor(engine_host, "--container", container, "--json")
    answer = json.loads(done.stdout)
    steps = {step["id"]: step for step in answer["steps"]}
    assert (done.returncode, answer["verdict"]) == (1, "no-gpu")
    assert answer["steps"][0]["id"] == "container.gpu"
    assert "was given no GPU" in answer["steps"][0]["evidence"]
    assert "--gpus" in answer["steps"][0]["fix"]
    assert steps["container.shm"]["status"] in ("skip", "not-run")


def test_an_image_leaves_no_container_behind(engine_host, docker_api, busybox_image):
    done = doctor(engine_host, "--image", busybox_image)
    assert done.returncode in (0, 1), done.stderr
    if "no NVIDIA hardware" in done.stdout:
        assert done.returncode == 1
        assert "No GPU was tested" in done.stdout
        assert "It works" not in done.stdout
    assert docker_api.containers(all=True, filters={"label": "dstui.selftest"}) == []
