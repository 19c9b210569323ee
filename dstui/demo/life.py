"""What happens by itself: jobs that begin and end, and storms of events."""

import contextlib
import threading
from random import Random
from typing import TYPE_CHECKING

from dstui.demo import lifecycle
from dstui.demo.errors import ApiError, NotModifiedError
from dstui.demo.workload import PREPROCESS, SWEEP

if TYPE_CHECKING:
    from dstui.demo.server import DemoServer

_STORM_STEP_S = 0.02
_XID_FROM = 0.92
_XIDS = (31, 13, 43, 31, 94, 63)
_NOISE = ("exec_create: true", "exec_start: true", "exec_die", "health_status: healthy", "top")
_STRANGE = ("quark", "", "container")


class Life:
    """Two threads: the slow trickle of life, and storms while that fault is on."""

    def __init__(self, server: "DemoServer") -> None:
        self._server = server
        self._world = server.world
        self._random = Random(server.world.seed)
        self._woken = threading.Event()

    def start(self) -> None:
        if self._server.pace.life_every_s > 0:
            self._fail_on_gpu()
            threading.Thread(target=self._live, name="demo-life", daemon=True).start()
        threading.Thread(target=self._blow, name="demo-storm", daemon=True).start()

    def wake(self) -> None:
        """Look anew at the faults, and whether the server stops."""
        self._woken.set()

    def _live(self) -> None:
        while not self._server.stopping.wait(
            self._random.expovariate(1 / self._server.pace.life_every_s)
        ):
            with contextlib.suppress(ApiError, NotModifiedError):  # someone was quicker
                self.step()

    def step(self) -> None:
        """One thing happens: a job ends, one that waits starts, or a new one comes."""
        with self._world.lock:
            jobs = [job for job in self._world.containers.values() if job.batch and not job.gpus]
            running = [job for job in jobs if job.state == "running"]
            waiting = [job for job in jobs if job.state == "created"]
            done = [job for job in jobs if job.state == "exited" and job.labels.get("sweep")]
        choice = self._random.random()
        if choice > _XID_FROM:
            self._fail_on_gpu()
        elif running and choice < 0.4:
            lifecycle.end(self._world, self._random.choice(running), int(choice < 0.05))
        elif waiting:
            lifecycle.start(self._world, self._random.choice(waiting))
        elif done and choice < 0.7:
            lifecycle.remove(self._world, self._random.choice(done), force=False, volumes=True)
        else:
            self._add_job()

    def _fail_on_gpu(self) -> None:
        """A program's mistake, as a rule, or the memory's."""
        with self._world.lock:
            jobs = [job for job in self._world.containers.values() if job.gpus and job.alive]
        if jobs:
            job = self._random.choice(jobs)
            self._world.tell_xid(self._random.choice(job.gpus), self._random.choice(_XIDS), job)

    def _add_job(self) -> None:
        with self._world.changed:
            job = self._world.population.add_job(self._random.choice((SWEEP, PREPROCESS)))
            job.created = self._world.clock()
            self._world.containers[job.id] = job
            self._world.changed.notify_all()
            self._world.tell(job, "create")
        lifecycle.start(self._world, job)

    def _blow(self) -> None:
        faults = self._server.faults
        while not self._server.stopping.is_set():
            self._woken.clear()
            if not (faults.storm_per_s or faults.strange_events):
                self._woken.wait()
                continue
            self._server.stopping.wait(_STORM_STEP_S)
            for _ in range(round(faults.storm_per_s * _STORM_STEP_S)):
                self._make_noise()
            if faults.strange_events:
                self._be_strange()

    def _make_noise(self) -> None:
        with self._world.lock:
            containers = list(self._world.containers.values())
        if containers:
            self._world.tell(self._random.choice(containers), self._random.choice(_NOISE))

    def _be_strange(self) -> None:
        journal = self._world.journal
        journal.record(self._random.choice(_STRANGE), "sneeze", "no-such-id", {})
        journal.inject(self._random.choice((b"{}", b"[1]", b'{"Type":', b"null", b"\xff")))
