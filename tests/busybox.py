"""An image made from the static busybox of this machine: no registry is ever needed."""

import io
import subprocess
import tarfile
from pathlib import Path

DOCKERFILE = """\
FROM scratch
COPY rootfs/ /
ENV PATH=/bin
CMD ["/bin/sh"]
"""
PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
GROUP = "root:x:0:\nnogroup:x:65534:\n"


def build_context(busybox: str) -> io.BytesIO:
    """The tar of a build context: busybox with a link for each of its applets."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        _add_file(tar, "Dockerfile", DOCKERFILE.encode())
        for directory in ("bin", "etc", "root", "tmp", "proc", "sys", "dev"):
            _add_directory(tar, f"rootfs/{directory}")
        _add_file(tar, "rootfs/etc/passwd", PASSWD.encode())
        _add_file(tar, "rootfs/etc/group", GROUP.encode())
        _add_file(tar, "rootfs/bin/busybox", Path(busybox).read_bytes(), mode=0o755)
        for applet in _applets(busybox):
            _add_link(tar, f"rootfs/bin/{applet}", "busybox")
    packed.seek(0)
    return packed


def is_static(busybox: str) -> bool:
    """Whether the program needs no library, so that it runs in an empty image."""
    headers = Path(busybox).read_bytes()[:4096]
    return b"ld-linux" not in headers and b"ld-musl" not in headers


def _applets(busybox: str) -> list[str]:
    listed = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split() if name != "busybox"]


def _add_file(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def _add_directory(tar: tarfile.TarFile, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type = tarfile.DIRTYPE
    entry.mode = 0o1777 if name.endswith("/tmp") else 0o755
    tar.addfile(entry)


def _add_link(tar: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    tar.addfile(entry)
