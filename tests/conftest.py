"""What every test gets: a home of its own, a real engine when one is named, and no leftovers."""

import io
import os
import tarfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import docker
import pytest

from tests import needs
from tests.busybox import build_context, is_static
from tests.waiting import PATIENCE_S

TEST_LABEL = "dstui.test"
RUN_ID = uuid.uuid4().hex[:12]

ContainerFactory = Callable[..., str]


def pytest_configure() -> None:
    """Give each process of a run side by side an engine of its own."""
    engines = os.environ.get("DSTUI_TEST_ENGINES", "").split()
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if engines and number:
        host, _, pid = engines[int(number)].partition("=")
        os.environ.update(DSTUI_TEST_HOST=host, DSTUI_TEST_ENGINE_PID=pid)


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the tests away from the person's config, state, docker contexts and engine."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(home))
        patch.setenv("DOCKER_CONFIG", str(home / "docker"))
        for name in ("CONFIG", "STATE", "CACHE", "DATA"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        for name in [name for name in os.environ if name.startswith("DSTUI_")]:
            if not name.startswith("DSTUI_TEST_"):
                patch.delenv(name)
        yield home


@pytest.fixture(scope="session")
def engine_host() -> str:
    """The address of a real engine for the tests, named by `DSTUI_TEST_HOST`."""
    host = os.environ.get("DSTUI_TEST_HOST")
    if not host:
        needs.unavailable("no engine for the tests: `make test` starts one, as root")
    return host


@pytest.fixture(scope="session")
def docker_api(engine_host: str) -> Iterator[docker.APIClient]:
    """A bare connection to the test engine, to set a scene without the code under test."""
    api = docker.APIClient(base_url=engine_host, version="auto", timeout=PATIENCE_S)
    yield api
    left = _containers_left_behind(api)
    api.close()
    assert not left, f"the tests left containers behind: {', '.join(left)}"


@pytest.fixture(scope="session")
def busybox_image(docker_api: docker.APIClient) -> Iterator[str]:
    """The reference of an image with a static busybox and a link for each applet in `/bin`."""
    busybox = needs.program("busybox")
    if not is_static(busybox):
        needs.unavailable(f"{busybox} is not static: install busybox-static")
    reference = f"dstui-test/busybox:{RUN_ID}"
    for line in docker_api.build(
        fileobj=build_context(busybox), custom_context=True, tag=reference, rm=True, decode=True
    ):
        assert "error" not in line, line["error"]
    yield reference
    docker_api.remove_image(reference, force=True)


@pytest.fixture(scope="session")
def shellless_image(docker_api: docker.APIClient, busybox_image: str) -> Iterator[str]:
    """An image with one program, which is no shell."""
    reference = f"dstui-test/shellless:{RUN_ID}"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        dockerfile = (
            f"FROM {busybox_image} AS whole\nFROM scratch\n"
            'COPY --from=whole /bin/busybox /sleep\nENTRYPOINT ["/sleep"]\nCMD ["1000"]\n'
        ).encode()
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(dockerfile)
        tar.addfile(entry, io.BytesIO(dockerfile))
    packed.seek(0)
    lines = docker_api.build(
        fileobj=packed, custom_context=True, tag=reference, rm=True, decode=True
    )
    assert not [line for line in lines if "error" in line]
    yield reference
    docker_api.remove_image(reference, force=True)


@pytest.fixture
def container_factory(
    docker_api: docker.APIClient, busybox_image: str
) -> Iterator[ContainerFactory]:
    """Runs containers and returns their ids; they are removed whatever happens.

    `container_factory("sleep", "1000", name="x", labels={...}, start=True, **options)`: options
    are those of the SDK's `create_container`, `host_config` those of `create_host_config`.
    """
    created: list[str] = []

    def run(
        *command: str,
        image: str = busybox_image,
        start: bool = True,
        labels: dict[str, str] | None = None,
        host_config: dict[str, Any] | None = None,
        **options: Any,
    ) -> str:
        answer = docker_api.create_container(
            image,
            list(command) or ["sleep", "1000"],
            labels={TEST_LABEL: RUN_ID, **(labels or {})},
            host_config=docker_api.create_host_config(**{"init": True, **(host_config or {})}),
            **options,
        )
        created.append(answer["Id"])
        if start:
            docker_api.start(answer["Id"])
        return answer["Id"]

    yield run
    remove_containers(docker_api, created)


def remove_containers(api: docker.APIClient, ids: Sequence[str]) -> None:
    """Remove containers and their anonymous volumes; those that are gone already are fine."""
    for identifier in ids:
        try:
            api.remove_container(identifier, force=True, v=True)
        except docker.errors.NotFound:
            continue


def _containers_left_behind(api: docker.APIClient) -> list[str]:
    """Containers of this run; on an engine of our own, all of them."""
    own = os.environ.get("DSTUI_TEST_ENGINE_PID") is not None
    wanted = {} if own else {"label": f"{TEST_LABEL}={RUN_ID}"}
    return [found["Names"][0].lstrip("/") for found in api.containers(all=True, filters=wanted)]
