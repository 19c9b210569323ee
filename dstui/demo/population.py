"""Fills the simulated machine: who runs what. The same seed gives the same machine."""

from random import Random

from dstui.demo.curve import Curve
from dstui.demo.images import build_images
from dstui.demo.model import Clock, Container, Image, Load, Mount, Network, Port, Volume, digest
from dstui.demo.workload import MIX, PLATFORM, SHELL, SWEEP, Workload

OWNERS = ("mara", "jonas", "yuki", "priya", "tomas", "lena")
FIRST_PID = 4_194_305
"""Above Linux's highest process id: none of these can ever be a real process of the host."""
GPU_MEMORY_GIB = 79.6
_GIB = 1 << 30
_MB = 1_000_000
_HOUR = 3600.0
_DAY = 24 * _HOUR
_YOUNGEST_S, _OLDEST_S = 300.0, 9 * _DAY
_PROJECT = "mlplatform"
_SECRET_DIGITS = 24

Fate = tuple[str, int, bool]
_RUNNING: Fate = ("running", 0, False)
_FATES: dict[int, Fate] = {
    3: ("exited", 0, False),
    7: ("exited", 1, False),
    11: ("paused", 0, False),
    12: ("exited", 143, False),
    14: ("created", 0, False),
    15: ("exited", 137, True),
    17: ("restarting", 1, False),
    19: ("exited", 0, False),
}
"""What becomes of each of so many in turn; the others run."""
_FATE_TURN = 23


class Population:
    """Makes `count` containers with what they need: images, volumes, networks."""

    def __init__(self, count: int, seed: int, clock: Clock, gpus: int) -> None:
        self.now = clock()
        self.images = build_images(self.now)
        self.containers: list[Container] = []
        self.volumes: dict[str, Volume] = {}
        self.networks = [
            self._network(name, driver, number)
            for name, driver, number in (
                ("bridge", "bridge", 17),
                ("host", "host", 0),
                ("none", "null", 0),
                (f"{_PROJECT}_default", "bridge", 18),
                ("research", "bridge", 19),
            )
        ]
        self._random = Random(seed)
        self._seed = seed
        self._free_gpu_memory = [GPU_MEMORY_GIB] * gpus
        self._names: dict[str, int] = {}
        self._next_pid = FIRST_PID
        self._fill(count)
        self._add_unused_volumes()

    def _network(self, name: str, driver: str, number: int) -> Network:
        labels = {"com.docker.compose.project": _PROJECT} if name.startswith(_PROJECT) else {}
        return Network(digest("network", name), name, driver, self.now - 60 * _DAY, number, labels)

    def _fill(self, count: int) -> None:
        platform = PLATFORM[: max(0, count // 3)]
        for workload in platform:
            self._add(workload, _RUNNING, project=_PROJECT)
        for number in range(count - len(platform)):
            workload = MIX[number % len(MIX)]
            fate = _FATES.get(number % _FATE_TURN, _RUNNING)
            if fate[0] == "exited" and not workload.batch:
                fate = _RUNNING
            if fate[0] != "exited" and not self._has_room(workload):
                workload = SWEEP
            self._add(workload, fate)

    def add_job(self, workload: Workload) -> Container:
        """One more container, just created."""
        return self._add(workload, ("created", 0, False))

    def next_pid(self) -> int:
        """The process id of a new container; those after it are for its other processes."""
        self._next_pid += 64
        return self._next_pid

    def _add(self, workload: Workload, fate: Fate, project: str = "") -> Container:
        number = len(self.containers)
        random = Random(f"{self._seed} {number} {workload.key}")
        owner = "" if project else OWNERS[random.randrange(len(OWNERS))]
        task = workload.names[random.randrange(len(workload.names))]
        name = self._free_name(f"{project}-{task}-1" if project else f"{owner}-{task}")
        words = {
            "name": task,
            "owner": owner,
            "number": str(number),
            "secret": digest("secret", self._seed, name)[:_SECRET_DIGITS],
        }
        image = self.images[workload.image]
        args = [word.format_map(words) for word in workload.args] or list(image.cmd or [])
        command = [*(image.entrypoint or []), *args]
        container = Container(
            id=digest("container", self._seed, number, workload.key),
            name=name,
            image=image,
            image_name=image.tags[-1] if image.tags else image.id,
            path=command[0],
            args=command[1:],
            entrypoint=image.entrypoint,
            created=self.now - _age(random),
            env=[*(text.format_map(words) for text in workload.env), *image.env],
            labels=self._labels(workload, owner, project, random),
            user=image.user,
            workdir=image.workdir,
            tty=workload.tty,
            open_stdin=workload.tty,
            mounts=self._mounts(workload, words, project),
            ports=self._ports(workload, number, bool(project)),
            network=f"{_PROJECT}_default" if project else workload.network,
            gpus=self._gpus(workload, fate),
            processes=workload.processes,
            logs=workload.logs,
            log_every_s=workload.log_every_s * random.uniform(0.8, 1.3),
            batch=workload.batch,
            has_health=workload.health,
            seed=random.getrandbits(32),
            pid=self.next_pid(),
            writable=round(random.lognormvariate(16, 2.2)),
        )
        container.load = self._load(workload, random)
        container.host_config = _host_config(workload, container)
        self._give_fate(container, fate, random)
        self.containers.append(container)
        return container

    def _free_name(self, wanted: str) -> str:
        taken = self._names[wanted] = self._names.get(wanted, 0) + 1
        return wanted if taken == 1 else f"{wanted}-{taken}"

    def _labels(
        self, workload: Workload, owner: str, project: str, random: Random
    ) -> dict[str, str]:
        if project:
            return {
                "com.docker.compose.project": project,
                "com.docker.compose.service": workload.names[0],
                "com.docker.compose.container-number": "1",
                "com.docker.compose.project.working_dir": "/srv/mlplatform",
                "com.docker.compose.version": "2.40.0",
            }
        tells_by_home = bool(workload.home) and random.random() < 0.4
        labels = {} if tells_by_home else {"dstui.owner": owner}
        if workload.key == "sweep":
            labels["sweep"] = "lr-warmup"
        return labels

    def _mounts(self, workload: Workload, words: dict[str, str], project: str) -> list[Mount]:
        mounts = []
        if workload.home:
            mounts.append(Mount("bind", f"/home/{words['owner']}/work", "/home/work"))
        if workload.data:
            mounts.append(Mount("bind", "/srv/datasets", workload.data, read_only=True))
        if workload.volume:
            name = f"{project}_{words['name']}" if project else f"{words['name']}-cache"
            mounts.append(Mount("volume", self._volume(name, project), workload.volume))
        if workload.scratch:
            anonymous = digest("volume", self._seed, len(self.containers))
            mounts.append(Mount("volume", self._volume(anonymous), workload.scratch))
        return mounts

    def _volume(self, name: str, project: str = "") -> str:
        if name not in self.volumes:
            random = Random(f"{self._seed} {name}")
            anonymous = len(name) == 64
            labels = {"com.docker.volume.anonymous": ""} if anonymous else None
            if project:
                labels = {"com.docker.compose.project": project}
            self.volumes[name] = Volume(
                name,
                self.now - random.uniform(_HOUR, 80 * _DAY),
                round(random.lognormvariate(21, 2)),
                labels,
                anonymous,
            )
        return name

    def _add_unused_volumes(self) -> None:
        for name in ("hf-cache-old", "pgdata-backup-2024", digest("volume", self._seed, "left")):
            self._volume(name)

    def _ports(self, workload: Workload, number: int, fixed: bool) -> list[Port]:
        image_ports = self.images[workload.image].ports
        exposed = [Port(int(port.split("/")[0])) for port in image_ports]
        if not workload.port:
            return exposed
        host_port = workload.port if fixed else 20_000 + number
        others = [port for port in exposed if port.container_port != workload.port]
        return [Port(workload.port, host_port), *others]

    def _gpus(self, workload: Workload, fate: Fate) -> tuple[int, ...]:
        if workload.key == SHELL.key:
            return tuple(range(len(self._free_gpu_memory)))
        chosen = self._freest_gpus(workload.gpus)
        if fate[0] != "exited":
            for index in chosen:
                self._free_gpu_memory[index] -= workload.gpu_memory
        return chosen

    def _has_room(self, workload: Workload) -> bool:
        chosen = self._freest_gpus(workload.gpus)
        return len(chosen) == workload.gpus and all(
            self._free_gpu_memory[index] >= workload.gpu_memory for index in chosen
        )

    def _freest_gpus(self, count: int) -> tuple[int, ...]:
        free = self._free_gpu_memory
        return tuple(sorted(sorted(range(len(free)), key=lambda index: -free[index])[:count]))

    def _load(self, workload: Workload, random: Random) -> Load:
        def curve(mean: float, swing: float = workload.swing) -> Curve:
            return Curve(
                mean * random.uniform(0.7, 1.3),
                swing,
                random.uniform(40, 240),
                random.uniform(0, 6.28),
            )

        steady = Curve(workload.gpu_memory * _GIB, 0.004, random.uniform(60, 200))
        return Load(
            cpu_ns=curve(workload.cpus * 1e9),
            memory=curve(workload.memory * _GIB, min(workload.swing, 0.12)),
            net_rx=curve(workload.net * _MB),
            net_tx=curve(workload.net * _MB / 3),
            block_read=curve(workload.disk * _MB),
            block_write=curve(workload.disk * _MB / 5),
            gpu_percent=Curve(workload.gpu_percent, 0.06, random.uniform(20, 60)),
            gpu_memory=steady,
        )

    def _give_fate(self, container: Container, fate: Fate, random: Random) -> None:
        state, exit_code, oom_killed = fate
        container.state = state
        if state == "created":
            return
        container.started = container.created + random.uniform(0.2, 0.9)
        if state == "running" and container.has_health:
            container.health = "unhealthy" if random.random() < 0.08 else "healthy"
        if state == "paused":
            container.paused_at = self.now - random.uniform(60, 2 * _HOUR)
            container.started = min(container.started, container.paused_at - _HOUR)
            container.created = min(container.created, container.started - 0.4)
        if state in ("exited", "restarting"):
            container.exit_code, container.oom_killed = exit_code, oom_killed
            container.finished = random.uniform(container.started, self.now - 5)
        if state == "restarting":
            container.restarts = random.randint(3, 40)
            container.finished = self.now - 8
            container.host_config["RestartPolicy"] = {"Name": "always", "MaximumRetryCount": 0}


def _age(random: Random) -> float:
    """From minutes to days, each order of magnitude as often."""
    return float(_YOUNGEST_S * (_OLDEST_S / _YOUNGEST_S) ** random.random())


def _host_config(workload: Workload, container: Container) -> dict[str, object]:
    config: dict[str, object] = {
        "RestartPolicy": {"Name": workload.restart, "MaximumRetryCount": 0},
        "ShmSize": round(workload.shm * _GIB),
        "IpcMode": workload.ipc,
    }
    if workload.memory_limit:
        config["Memory"] = round(workload.memory_limit * _GIB)
        config["MemorySwap"] = round(workload.memory_limit * _GIB)
    if workload.cpu_limit:
        config["NanoCpus"] = round(workload.cpu_limit * 1e9)
    if workload.key == SHELL.key:
        config["DeviceRequests"] = [_device_request(-1, None)]
    elif container.gpus:
        config["DeviceRequests"] = [_device_request(0, [str(index) for index in container.gpus])]
    return config


def _device_request(count: int, ids: list[str] | None) -> dict[str, object]:
    return {
        "Driver": "",
        "Count": count,
        "DeviceIDs": ids,
        "Capabilities": [["gpu"]],
        "Options": {},
    }


def image_by_name(images: list[Image], name: str) -> Image | None:
    """The image of this id (or a prefix of it), tag or digest, as the engine resolves it."""
    tag = full_tag(name)
    for image in images:
        if tag in image.tags or name in image.digests or name == image.id:
            return image
    prefix = name.removeprefix("sha256:")
    if len(prefix) >= 4:
        for image in images:
            if image.id.removeprefix("sha256:").startswith(prefix):
                return image
    return None


def full_tag(name: str) -> str:
    """A reference as the engine keeps it: without Docker Hub's host, with a tag."""
    if name.startswith("docker.io/"):
        name = name.removeprefix("docker.io/").removeprefix("library/")
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
