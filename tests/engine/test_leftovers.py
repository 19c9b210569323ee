"""What a dstui that is killed amid a look into an image leaves, the next one removes."""

import signal
import subprocess
import sys

import docker

from dstui.config import Config
from dstui.engine.throwaway import LABEL
from dstui.session import Options, Session
from tests.waiting import PATIENCE_S

LOOKING = """
import signal, sys
from dstui.domain.engine import Endpoint
from dstui.engine.connect import connect
from dstui.engine.throwaway import throwaway
engine = connect([Endpoint(sys.argv[1], "the test")])
with throwaway(engine, sys.argv[2], "files") as name:
    print(name, flush=True)
    signal.pause()
"""


def opened(host: str, read_only: bool = False) -> None:
    session = Session(Config(), Options(host=host, read_only=read_only))
    session.open()
    if session._sweeping is not None:
        session._sweeping.result(PATIENCE_S)
    session.close()


def made(docker_api: docker.APIClient) -> set[str]:
    rows = docker_api.containers(all=True, filters={"label": LABEL})
    return {name.lstrip("/") for row in rows for name in row["Names"]}


def test_it_is_swept_at_the_next_start_and_not_before_its_maker_has_ended(
    engine_host: str, docker_api: docker.APIClient, busybox_image: str
) -> None:
    looking = subprocess.Popen(
        [sys.executable, "-c", LOOKING, engine_host, busybox_image],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert looking.stdout is not None
        name = looking.stdout.readline().strip()
        assert name in made(docker_api)
        opened(engine_host)
        assert name in made(docker_api), "it is still in use"
        looking.send_signal(signal.SIGKILL)
        looking.wait(PATIENCE_S)
        opened(engine_host, read_only=True)
        assert name in made(docker_api), "read-only changes nothing"
        opened(engine_host)
        assert name not in made(docker_api)
    finally:
        looking.kill()
        looking.wait()
