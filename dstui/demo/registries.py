"""The simulated registries: what can be pulled from them, and who may push where."""

from collections.abc import Iterable

from dstui.demo.model import Image, Layer, digest

_HUB = "docker.io"
_OURS = ("ghcr.io/lab/", "registry.lab.example:5000/")
_LOOPBACK = ("localhost", "127.0.0.1")
_BASE_STEPS = 2
"""How many of the oldest steps all images of one repository share."""
_NEW_SIZES_MB = (31.4, 218.6, 4.1)


def host_of(repository: str) -> str:
    """The host of a repository's registry."""
    first, slash, _ = repository.partition("/")
    named = slash and ("." in first or ":" in first or first == "localhost")
    return first if named else _HUB


def full_name(reference: str) -> str:
    """With the host, and on the hub with the place of the official images."""
    host = host_of(reference)
    short = reference.removeprefix(f"{host}/")
    official = host == _HUB and "/" not in short
    return f"{host}/library/{short}" if official else f"{host}/{short}"


def unreachable(repository: str, images: Iterable[Image]) -> str:
    """Why its registry does not answer, in an engine's words; or nothing."""
    host = host_of(repository)
    known = {host_of(name) for image in images for name in (*image.tags, *image.digests)}
    if host == _HUB or host in known or host.partition(":")[0] in _LOOPBACK:
        return ""
    address = host.partition(":")[0]
    return f'Get "https://{host}/v2/": dial tcp: lookup {address} on 127.0.0.53:53: no such host'


def push_refusal(repository: str, images: Iterable[Image]) -> str:
    """Why nothing may be pushed there, in an engine's words; or nothing."""
    if problem := unreachable(repository, images):
        return problem
    host = host_of(repository)
    if repository.startswith(_OURS) or host.partition(":")[0] in _LOOPBACK:
        return ""
    if host == _HUB:
        return "denied: requested access to the resource is denied"
    return "unauthorized: authentication required"


def another_tag(name: str, images: Iterable[Image], now: float) -> Image | None:
    """The image of this name in its registry: there is one of every tag of a known repository."""
    repository = name.rpartition(":")[0]
    sibling = next((i for i in images if any(_of(repository, tag) for tag in i.tags)), None)
    if sibling is None:
        return None
    base = tuple(layer for layer in sibling.layers if layer.diff_id)[:_BASE_STEPS]
    return Image(
        id="sha256:" + digest("pulled", name),
        tags=[name],
        digests=[f"{repository}@sha256:{digest('manifest', name)}"],
        layers=(*base, *(_new_layer(name, number) for number in range(len(_NEW_SIZES_MB)))),
        created=now - 3 * 86_400,
        entrypoint=sibling.entrypoint,
        cmd=sibling.cmd,
        env=list(sibling.env),
        user=sibling.user,
        workdir=sibling.workdir,
        ports=list(sibling.ports),
        labels=dict(sibling.labels) if sibling.labels else None,
        shells=sibling.shells,
    )


def _of(repository: str, tag: str) -> bool:
    return tag.rpartition(":")[0] == repository


def _new_layer(name: str, number: int) -> Layer:
    diff_id = "sha256:" + digest("layer", name, number)
    created_by = f"RUN /bin/sh -c ./build.sh step-{number + 1} # buildkit"
    size = round(_NEW_SIZES_MB[number] * 1e6)
    return Layer(created_by, size, "buildkit.dockerfile.v0", diff_id, 3.0)
