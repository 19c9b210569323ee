"""The engine as dstui sees it: plain questions, domain objects for answers."""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from dstui.domain.changes import Listable
from dstui.domain.container import Container
from dstui.domain.engine import DiskUse, Endpoint, EngineError, EngineInfo, ProcessTable
from dstui.domain.image import HistoryEntry, Image
from dstui.domain.kind import Kind
from dstui.domain.network import Network
from dstui.domain.volume import Volume
from dstui.engine.bounded import LARGEST_OBJECT
from dstui.engine.convert import container as containers
from dstui.engine.convert import engine as engines
from dstui.engine.convert import image as images
from dstui.engine.convert import storage
from dstui.engine.convert.read import Rows, UnreadableError, each, mapping, read_rows
from dstui.engine.greeting import greet
from dstui.engine.image_list import read_list, with_listed_size
from dstui.engine.rest import LineStream, Rest

if TYPE_CHECKING:
    from docker.api.client import APIClient

T = TypeVar("T")

_SLOW_TIMEOUT_S = 900.0
"""For answers that make the engine walk a file system."""

_RESOURCES = {
    Kind.CONTAINER: "/containers/{}/json",
    Kind.IMAGE: "/images/{}/json",
    Kind.VOLUME: "/volumes/{}",
    Kind.NETWORK: "/networks/{}",
}


class Engine:
    """One connected engine. Every method blocks, may be called from any thread and raises
    `EngineError`.
    """

    def __init__(self, rest: Rest, info: EngineInfo) -> None:
        self.rest = rest
        self.info = info
        self._sdk: APIClient | None = None
        self._sdk_lock = threading.Lock()

    @property
    def endpoint(self) -> Endpoint:
        """Where it was reached."""
        return self.rest.endpoint

    @property
    def api_version(self) -> str:
        """The negotiated version of the API, such as `1.41`."""
        return self.rest.api_version

    @property
    def api(self) -> "APIClient":
        """The SDK's low-level client, made (and the SDK imported) at the first use."""
        with self._sdk_lock:
            if self._sdk is None:
                from dstui.engine.sdk import open_sdk

                self._sdk = open_sdk(self.endpoint, self.api_version)
            return self._sdk

    def close(self) -> None:
        """Close the kept connections."""
        self.rest.close()
        with self._sdk_lock:
            if self._sdk is not None:
                self._sdk.close()

    def dial(self) -> socket.socket:
        """A new socket to it, for a conversation of one's own. Raises `OSError`."""
        return self.rest.dial()

    def ping(self) -> None:
        """Whether it still answers: raises if it does not do so soon."""
        self.rest.ask("GET", "/_ping", timeout_s=self.rest.timeout_s)

    def greet_again(self) -> EngineInfo:
        """Negotiate anew: after a loss of the connection it may be another version."""
        self.info = greet(self.rest)
        return self.info

    def events(self) -> LineStream:
        """The event stream: a JSON object a line, from now on."""
        return self.rest.lines("/events")

    # Lists

    def listed(self, kind: Kind) -> Rows[Listable]:
        """All objects of a kind, not inspected; of images none that is merely a layer of another.

        With it why a row could not be read, for each that could not.
        """
        match kind:
            case Kind.CONTAINER:
                answer = self.rest.get("/containers/json", {"all": 1})
                return _rows(answer, containers.listed_container)
            case Kind.IMAGE:
                return _rows(read_list(self.rest, self.info), images.listed_image)
            case Kind.VOLUME:
                answer = self.rest.get("/volumes")
                if not isinstance(answer, dict):
                    raise EngineError("the engine's answer is no list of volumes")
                return _rows(answer.get("Volumes"), storage.volume)
            case Kind.NETWORK:
                return _rows(self.rest.get("/networks"), storage.network)
        raise EngineError(f"the engine lists no {kind.value}")

    def containers(self) -> tuple[Container, ...]:
        """All containers that can be read, in any state; not inspected."""
        return tuple(f for f in self.listed(Kind.CONTAINER).found if isinstance(f, Container))

    def images(self) -> tuple[Image, ...]:
        """All images that can be read but those that are merely a layer of another."""
        return tuple(f for f in self.listed(Kind.IMAGE).found if isinstance(f, Image))

    def volumes(self) -> tuple[Volume, ...]:
        """All volumes that can be read."""
        return tuple(f for f in self.listed(Kind.VOLUME).found if isinstance(f, Volume))

    def networks(self) -> tuple[Network, ...]:
        """All networks that can be read."""
        return tuple(f for f in self.listed(Kind.NETWORK).found if isinstance(f, Network))

    # Single objects

    def container(self, identifier: str) -> Container:
        """A container, inspected; found by id or name."""
        answer = self.inspect(Kind.CONTAINER, identifier)
        default = self.info.default_runtime
        return _readable(lambda: containers.inspected_container(answer, default))

    def image(self, identifier: str) -> Image:
        """An image, inspected; found by id or reference."""
        return self.image_of(self.inspect(Kind.IMAGE, identifier))

    def image_of(self, answer: Mapping[str, Any]) -> Image:
        """The image that an inspect describes, with the size that the list tells."""
        found = _readable(lambda: images.inspected_image(answer))
        return with_listed_size(self.rest, self.info, found)

    def volume(self, name: str) -> Volume:
        """A volume."""
        answer = self.inspect(Kind.VOLUME, name)
        return _readable(lambda: storage.volume(answer))

    def network(self, identifier: str) -> Network:
        """A network; found by id or name."""
        answer = self.inspect(Kind.NETWORK, identifier)
        return _readable(lambda: storage.network(answer))

    def inspect(self, kind: Kind, identifier: str) -> dict[str, Any]:
        """The engine's own description of an object, as it came."""
        if kind not in _RESOURCES:
            raise EngineError(f"the engine knows no {kind.value}")
        return dict(
            mapping(self.rest.get(resource(_RESOURCES[kind], identifier), largest=LARGEST_OBJECT))
        )

    def history(self, image_id: str) -> tuple[HistoryEntry, ...]:
        """The image's history, newest first."""
        answer = self.rest.get(resource("/images/{}/history", image_id))
        return each(answer, images.history_entry)

    def top(self, container_id: str) -> ProcessTable:
        """The processes of a running container."""
        return engines.process_table(self.rest.get(resource("/containers/{}/top", container_id)))

    # Sizes

    def writable_bytes(self, container_id: str) -> int | None:
        """The size of the writable layer, which the engine finds by walking its files."""
        path = resource(_RESOURCES[Kind.CONTAINER], container_id)
        answer = mapping(self.rest.get(path, {"size": 1}, timeout_s=_SLOW_TIMEOUT_S))
        size = answer.get("SizeRw")
        return size if isinstance(size, int) and size >= 0 else None

    def disk_use(self) -> DiskUse:
        """`system/df`: takes seconds, and minutes where much is stored."""
        answer = self.rest.get("/system/df", timeout_s=_SLOW_TIMEOUT_S)
        return storage.disk_use(answer, time.time())


def resource(path: str, identifier: str) -> str:
    """The path of one object. Raises `EngineError` for an empty id, which would name them all."""
    if not identifier:
        raise EngineError("an object without an id")
    return path.format(quote(identifier, safe="/:@"))


def _rows(answer: Any, convert: Callable[[Mapping[str, Any]], T]) -> Rows[T]:
    """Podman writes `null` for an empty list."""
    if answer is not None and not isinstance(answer, list):
        raise EngineError("the engine's answer is no list")
    return read_rows(answer, convert)


def _readable(convert: Callable[[], T]) -> T:
    try:
        return convert()
    except UnreadableError as error:
        raise EngineError("the engine's answer describes no object") from error
