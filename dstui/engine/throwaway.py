"""A container that is made to look into an image, and is never started."""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from dstui.background import Background
from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.engine.client import Engine, resource
from dstui.engine.convert.read import mapping
from dstui.engine.maker import MAKER_LABEL, this_process

LABEL = "dstui.throwaway"
"""On each such container; what it is for."""

_NO_COMMAND = "never-started"
_TIMEOUT_S = 120.0
_MADE_LATE_S = 0.25
_LOOKS = 4
"""How often it is looked for a container whose making was interrupted: the engine may still be
at it."""


@contextlib.contextmanager
def throwaway(
    engine: Engine, image_id: str, purpose: str, mounts: Sequence[Mapping[str, object]] = ()
) -> Iterator[str]:
    """The name of the container, which is removed when the block ends, however it ends.

    Where dstui is killed, the next one that opens the engine removes it: see `leftovers`.
    """
    name = f"dstui-{purpose}-{secrets.token_hex(6)}"
    body = {
        "Image": image_id,
        "Entrypoint": [_NO_COMMAND],
        "Cmd": [],
        "Labels": {LABEL: purpose, MAKER_LABEL: this_process()},
        "HostConfig": {
            "NetworkMode": "none",
            "Tmpfs": dict.fromkeys(_volumes(engine, image_id), ""),
            "Mounts": list(mounts),
        },
    }
    answered = False
    try:
        try:
            engine.rest.ask("POST", "/containers/create", {"name": name}, body, _TIMEOUT_S)
            answered = True
        except EngineError as error:
            answered = error.status is not None
            raise
        yield name
    finally:  # by name: the engine may have made it and its answer got lost
        _in_spite_of_signals(lambda: _remove(engine, name, looks=1 if answered else _LOOKS))


def _volumes(engine: Engine, image_id: str) -> Iterable[str]:
    """The volumes that the image brings. The engine would fill them with copies of its files;
    with a tmpfs in their place, which is mounted at the start only, there is nothing to fill.
    """
    config = mapping(engine.inspect(Kind.IMAGE, image_id).get("Config"))
    return mapping(config.get("Volumes"))


def _remove(engine: Engine, container: str, looks: int) -> None:
    path = resource("/containers/{}", container)
    for look in range(looks):
        if look:
            time.sleep(_MADE_LATE_S)
        try:
            engine.rest.ask("DELETE", path, {"v": 1, "force": 1}, timeout_s=_TIMEOUT_S)
        except EngineError as error:
            if not error.gone:
                raise
        else:
            return


def _in_spite_of_signals(deed: Callable[[], None]) -> None:
    """A signal that would end the deed amid it waits for its end; a second one does not."""
    future = Background(1).submit(deed)
    try:
        future.result()
    except (KeyboardInterrupt, SystemExit):
        future.result()
        raise
