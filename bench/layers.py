"""`python -m bench.layers --host unix:///…`: how long the index of a large image takes.

Builds an image of generated files (or takes one with `--image`), indexes it from each source that
the engine has, and reads the same archive as fast as it comes beside it; `dive` too, if it is
installed. Prints a table.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench import layer_image
from dstui.domain.engine import Endpoint
from dstui.domain.layers.index import ImageIndex, Source
from dstui.domain.layers.indexed import IndexedImage
from dstui.engine.client import Engine
from dstui.engine.connect import connect
from dstui.engine.index.build import _Reading
from dstui.engine.index.cache import IndexCache
from dstui.engine.index.download import Download

SAVE = "docker save > /dev/null"
CACHE = "cache"
COLUMNS = ("index s", "with waste + packages s", "tree ms", "PSS MiB", "entries")


def main() -> None:
    """Build, measure in processes of their own, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.layers")
    parser.add_argument("--host", default=os.environ.get("DSTUI_TEST_HOST", ""))
    parser.add_argument("--image", help="an image of the engine, in place of a generated one")
    parser.add_argument("--entries", type=int, default=90_000)
    parser.add_argument("--gigabytes", type=float, default=5.2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="leave the generated image there")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.host:
        raise SystemExit("bench: name an engine with --host")
    if arguments.only:
        print(json.dumps(_measured(arguments.host, arguments.image, arguments.only)))
        return
    image = arguments.image or layer_image.build(
        arguments.host, arguments.entries, int(arguments.gigabytes * 1e9)
    )
    try:
        _table(arguments.host, image, arguments.rounds)
    finally:
        if not arguments.image and not arguments.keep:
            layer_image.remove(arguments.host)


def _table(host: str, image: str, rounds: int) -> None:
    print("| source | " + " | ".join(COLUMNS) + " |")
    print("|---|" + "--:|" * len(COLUMNS))
    for what in (Source.TAR_SPLIT, Source.TAR_SPLIT_SOCKET, CACHE, Source.ARCHIVE, SAVE):
        best = min(_in_process(host, image, what) for _ in range(rounds))
        cells = ["–" if figure is None else f"{figure:g}" for figure in best]
        print(f"| {what} | " + " | ".join(cells) + " |", flush=True)
    if shutil.which("dive"):
        began = time.perf_counter()
        environment = {**os.environ, "DOCKER_HOST": host, "CI": "true"}
        subprocess.run(["dive", image], env=environment, stdout=subprocess.DEVNULL, check=False)
        print(f"| dive --ci | {time.perf_counter() - began:.1f} |" + " – |" * (len(COLUMNS) - 1))


def _in_process(host: str, image: str, what: str) -> list[float | None]:
    command = [sys.executable, "-m", "bench.layers", "--host", host, "--image", image]
    done = subprocess.run([*command, "--only", what], stdout=subprocess.PIPE, check=True)
    return list(json.loads(done.stdout))


def _measured(host: str, image: str, what: str) -> list[float | None]:
    engine = connect((Endpoint(host, source="--host"),))
    began = time.perf_counter()
    if what == SAVE:
        _read_archive(engine, image)
        return [round(time.perf_counter() - began, 2), None, None, None, None]
    read_index = _reader(engine, image, what)
    began = time.perf_counter()
    index = read_index()
    if index is None:
        return [None] * len(COLUMNS)
    read = time.perf_counter() - began
    indexed = IndexedImage(index)
    opened = time.perf_counter()
    indexed.tree.children()
    opened = time.perf_counter() - opened
    found = (indexed.waste, indexed.packages, indexed.extras)
    everything = time.perf_counter() - began
    assert found
    times = [round(read, 3), round(everything, 3), round(1000 * opened, 1)]
    return [*times, _pss(), len(index.entries)]


def _reader(engine: Engine, image: str, what: str) -> Callable[[], ImageIndex | None]:
    reading = _Reading(engine, engine.image(image), lambda done, words: None, threading.Event())
    if what == CACHE:
        cache = IndexCache()
        index = reading.of_disk() or reading.of_container()
        assert index is not None
        cache.write(index)
        return lambda: cache.read(index.image_id)
    return {
        Source.TAR_SPLIT.value: reading.of_disk,
        Source.TAR_SPLIT_SOCKET.value: reading.of_container,
        Source.ARCHIVE.value: reading.of_archive,
    }[what]


def _read_archive(engine: Engine, image: str) -> None:
    download = Download(engine, f"/images/{image}/get", {}, threading.Event())
    while download.read():
        pass
    download.close()


def _pss() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
