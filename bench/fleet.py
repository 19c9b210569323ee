"""N idle containers on the engine that is measured, named `dsbench-000` and on."""

import contextlib
import io
import shutil
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
from docker.errors import APIError, ImageNotFound

IMAGE = "dstui-bench/busybox:1"
LABEL = "dstui.bench"


def client(host: str) -> docker.DockerClient:
    """A client of the engine at `host`."""
    return docker.DockerClient(base_url=host, timeout=120, max_pool_size=32)


def ensure_image(engine: docker.DockerClient) -> None:
    """Import a static busybox as the fleet's image."""
    with contextlib.suppress(ImageNotFound):
        engine.images.get(IMAGE)
        return
    binary = shutil.which("busybox")
    if binary is None:
        raise SystemExit("bench: busybox-static is needed to build the containers' image")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        info = tarfile.TarInfo("bin/busybox")
        data = Path(binary).read_bytes()
        info.size, info.mode = len(data), 0o755
        tar.addfile(info, io.BytesIO(data))
        for name in ("sh", "sleep"):
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    repository, tag = IMAGE.split(":")
    engine.api.import_image_from_data(archive.getvalue(), repository=repository, tag=tag)


def create(engine: docker.DockerClient, name: str) -> str:
    """Create an idle container and say its id."""
    return engine.api.create_container(
        IMAGE,
        ["/bin/sleep", "1000000"],
        name=name,
        labels={LABEL: "1"},
        host_config=engine.api.create_host_config(network_mode="none"),
    )["Id"]


@contextlib.contextmanager
def fleet(host: str, size: int) -> Iterator[docker.DockerClient]:
    """`size` running containers, removed at the end."""
    engine = client(host)
    ensure_image(engine)
    remove_all(engine)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(lambda n: engine.api.start(create(engine, f"dsbench-{n:03}")), range(size))
            )
        yield engine
    finally:
        remove_all(engine)
        engine.close()


def remove_all(engine: docker.DockerClient) -> None:
    """Remove what a bench made, also an interrupted one."""

    def remove(found: dict[str, str]) -> None:
        with contextlib.suppress(APIError):
            engine.api.remove_container(found["Id"], force=True)

    made = engine.api.containers(all=True, filters={"label": LABEL})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(remove, made))
