"""Small images for tests: a Dockerfile and the files of its context."""

import io
import tarfile
from collections.abc import Mapping

import docker

Files = Mapping[str, str | bytes | tarfile.TarInfo]
"""Contents by path, or entries without content: directories, links."""


def build(
    api: docker.APIClient,
    reference: str,
    dockerfile: str,
    files: Files | None = None,
    **options,
) -> str:
    """Build an image with the classic builder, and return its id."""
    context = io.BytesIO(packed({"Dockerfile": dockerfile, **(files or {})}))
    for line in api.build(
        fileobj=context, custom_context=True, tag=reference, rm=True, decode=True, **options
    ):
        assert "error" not in line, line["error"]
    return api.inspect_image(reference)["Id"]


def packed(files: Files) -> bytes:
    """An archive of these files."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                tar.addfile(content)
                continue
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


def link(path: str, target: str) -> tarfile.TarInfo:
    """A symbolic link of the context."""
    entry = tarfile.TarInfo(path)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    return entry


def with_mode(path: str, mode: int, directory: bool = False) -> tarfile.TarInfo:
    """An empty file or a directory of the context, with these bits."""
    entry = tarfile.TarInfo(path)
    entry.mode = mode
    entry.type = tarfile.DIRTYPE if directory else tarfile.REGTYPE
    return entry
