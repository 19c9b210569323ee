"""The simulated machine: its objects and how to find them. The same seed gives the same machine."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from dstui.demo.errors import ApiError
from dstui.demo.journal import Journal
from dstui.demo.mess import BuildRecord, build_cache, forget_some
from dstui.demo.model import Clock, Container, Image, Network, Volume
from dstui.demo.population import Population, image_by_name

_MANY = 100
_SHORTEST_PREFIX = 1
_KEPT_XIDS = 99

ObjectT = TypeVar("ObjectT", Container, Network)


class World:
    """What the engine knows. `lock` guards every object; hold it to read several together."""

    def __init__(
        self,
        containers: int = 30,
        seed: int = 1,
        clock: Clock = time.time,
        gpus: int | None = None,
    ) -> None:
        self.clock = clock
        self.seed = seed
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        """Notified whenever a container's state changes."""
        self.journal = Journal(clock)
        self.gpu_count = (4 if containers <= _MANY else 8) if gpus is None else gpus
        self.lost_gpus: set[int] = set()
        self.xids: list[tuple[float, int, int, Container | None]] = []
        """What the GPUs' driver told: when, of which GPU, and the number of the error."""
        self.population = Population(containers, seed, clock, self.gpu_count)
        self.born = self.population.now
        forget_some(self.population.containers, self.born, seed)
        self.build_cache: dict[str, BuildRecord] = build_cache(self.born, seed)
        self.images: list[Image] = list(self.population.images.values())
        self.containers: dict[str, Container] = {
            container.id: container for container in self.population.containers
        }
        self.volumes: dict[str, Volume] = self.population.volumes
        self.networks: list[Network] = self.population.networks
        self.stale: dict[str, tuple[float, str]] = {}
        """What a list still shows, by container id: until when (monotonic), and which state."""
        self.stale_s = 0.0
        self.stop_s = 0.0
        """How long a container takes to heed SIGTERM."""

    # Finding

    def container(self, name: str) -> Container:
        """By id, name or unique prefix of the id."""
        if found := self.containers.get(name):
            return found
        for container in self.containers.values():
            if container.name == name.removeprefix("/"):
                return container
        found = self._by_prefix(list(self.containers.values()), name)
        if found is None:
            raise ApiError(404, f"No such container: {name}")
        return found

    def image(self, name: str) -> Image:
        """By reference, digest, id or prefix of the id."""
        found = image_by_name(self.images, name)
        if found is None:
            known = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
            raise ApiError(404, f"No such image: {known}")
        return found

    def volume(self, name: str) -> Volume:
        if name not in self.volumes:
            raise ApiError(404, f"get {name}: no such volume")
        return self.volumes[name]

    def network(self, name: str) -> Network:
        for network in self.networks:
            if name in (network.id, network.name):
                return network
        found = self._by_prefix(self.networks, name)
        if found is None:
            raise ApiError(404, f"network {name} not found")
        return found

    def _by_prefix(self, objects: list[ObjectT], prefix: str) -> ObjectT | None:
        if len(prefix) < _SHORTEST_PREFIX:
            return None
        matches = [found for found in objects if found.id.startswith(prefix)]
        if len(matches) > 1:
            raise ApiError(400, f"multiple IDs found with provided prefix: {prefix}")
        return matches[0] if matches else None

    # Asking

    def users_of_image(self, image: Image) -> list[Container]:
        return [found for found in self.containers.values() if found.image is image]

    def users_of_volume(self, name: str) -> list[Container]:
        return [
            container
            for container in self.containers.values()
            if any(mount.type == "volume" and mount.source == name for mount in container.mounts)
        ]

    def members_of_network(self, network: Network) -> list[Container]:
        """The containers that are connected now, which needs them to have processes."""
        return [
            container
            for container in self.containers.values()
            if container.alive and container.network == network.name
        ]

    def shown_state(self, container: Container) -> str:
        """The state as a list tells it, which for a moment may be that before a `die`."""
        until, state = self.stale.get(container.id, (0.0, ""))
        return state if time.monotonic() < until else container.state

    # Announcing

    def tell(self, container: Container, action: str, **attributes: str) -> None:
        """Record a container's event, with its labels as the engine does."""
        self.journal.record(
            "container",
            action,
            container.id,
            {
                **container.labels,
                **attributes,
                "image": container.image_name,
                "name": container.name,
            },
        )

    def tell_network(self, container: Container, action: str) -> None:
        """Record that a container was connected to its network, or disconnected."""
        for network in self.networks:
            if network.name == container.network:
                self.journal.record(
                    "network",
                    action,
                    network.id,
                    {"container": container.id, "name": network.name, "type": network.driver},
                )

    def tell_xid(self, gpu: int, number: int, job: Container | None = None) -> None:
        """Record an error that the GPUs' driver tells of, and the job that caused it."""
        with self.lock:
            self.xids = [*self.xids[-_KEPT_XIDS:], (self.clock(), gpu, number, job)]

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait for a change of some container's state that makes the condition true."""
        with self.changed:
            return self.changed.wait_for(condition, timeout_s)
