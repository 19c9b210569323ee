"""A container that is made to look into an image, and is never started."""

import contextlib
import json
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.engine.client import Engine, resource
from dstui.engine.convert.read import mapping, rows, text, whole

LABEL = "dstui.throwaway"
"""On each such container; what it is for."""

_NO_COMMAND = "never-started"
_ABANDONED_AFTER_S = 600
_TIMEOUT_S = 120.0


@contextlib.contextmanager
def throwaway(
    engine: Engine, image_id: str, purpose: str, mounts: Sequence[Mapping[str, object]] = ()
) -> Iterator[str]:
    """The name of the container, which is removed when the block ends, however it ends.

    What an earlier dstui left behind because it was killed is removed too.
    """
    _remove_abandoned(engine)
    name = f"dstui-{purpose}-{secrets.token_hex(6)}"
    body = {
        "Image": image_id,
        "Entrypoint": [_NO_COMMAND],
        "Cmd": [],
        "Labels": {LABEL: purpose},
        "HostConfig": {
            "NetworkMode": "none",
            "Tmpfs": dict.fromkeys(_volumes(engine, image_id), ""),
            "Mounts": list(mounts),
        },
    }
    try:
        engine.rest.ask("POST", "/containers/create", {"name": name}, body, _TIMEOUT_S)
        yield name
    finally:
        _remove(engine, name)  # by name: the engine may have made it and its answer got lost


def _volumes(engine: Engine, image_id: str) -> Iterable[str]:
    """The volumes that the image brings. The engine would fill them with copies of its files;
    with a tmpfs in their place, which is mounted at the start only, there is nothing to fill.
    """
    config = mapping(engine.inspect(Kind.IMAGE, image_id).get("Config"))
    return mapping(config.get("Volumes"))


def _remove(engine: Engine, container: str) -> None:
    try:
        path = resource("/containers/{}", container)
        engine.rest.ask("DELETE", path, {"v": 1, "force": 1}, timeout_s=_TIMEOUT_S)
    except EngineError as error:
        if not error.gone:
            raise


def _remove_abandoned(engine: Engine) -> None:
    filters = json.dumps({"label": [LABEL], "status": ["created"]})
    for row in map(
        mapping, rows(engine.rest.get("/containers/json", {"all": 1, "filters": filters}))
    ):
        created = whole(row.get("Created"))
        if created is not None and time.time() - created > _ABANDONED_AFTER_S:
            _remove(engine, text(row.get("Id")))
