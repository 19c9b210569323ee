"""What the kernel shows of NVIDIA's hardware and driver: device nodes, `/proc`, `/sys`, its log."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from dstui.domain.text import clean
from dstui.gpu.kernel_log import KernelLog, LoggedXid

_NVIDIA = "0x10de"
_DISPLAY = "0x03"
_VERSION = re.compile(r"\b(\d{3,}\.\d+(?:\.\d+)?)\b")


@dataclass(frozen=True, slots=True)
class Node:
    """A device node, and whether this user may read and write it."""

    path: str
    mode: str
    usable: bool


class Machine:
    """Reads below `root`, which is another directory in tests."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    @property
    def wsl(self) -> bool:
        """Whether GPUs come through WSL's own device."""
        return (self._root / "dev/dxg").exists()

    def cards(self) -> tuple[str, ...]:
        """The PCI addresses of NVIDIA's display and compute cards."""
        return tuple(
            device.name
            for device in _entries(self._root / "sys/bus/pci/devices")
            if self._word(device / "vendor") == _NVIDIA
            and self._word(device / "class").startswith(_DISPLAY)
        )

    def bound_to_other_drivers(self) -> tuple[tuple[str, str], ...]:
        """Cards that another driver has (`vfio-pci` gives them to a VM): address and driver."""
        found = []
        for address in self.cards():
            link = self._root / "sys/bus/pci/devices" / address / "driver"
            driver = link.readlink().name if link.is_symlink() else ""
            if driver not in ("", "nvidia"):
                found.append((address, driver))
        return tuple(found)

    def driver_gpus(self) -> tuple[str, ...]:
        """The PCI addresses that the kernel module has taken."""
        return tuple(gpu.name for gpu in _entries(self._root / "proc/driver/nvidia/gpus"))

    def module_version(self) -> str:
        """Of the loaded kernel module; empty when none is loaded."""
        plain = self._word(self._root / "sys/module/nvidia/version")
        if plain:
            return plain
        found = _VERSION.search(_text(self._root / "proc/driver/nvidia/version"))
        return found[1] if found else ""

    def module_loaded(self, name: str) -> bool:
        """Whether the kernel has a module."""
        return (self._root / "sys/module" / name).is_dir()

    def nodes(self) -> tuple[Node, ...]:
        """`/dev/nvidia*`, and WSL's `/dev/dxg`."""
        paths = [*(self._root / "dev").glob("nvidia*"), self._root / "dev/dxg"]
        return tuple(self._node(path) for path in sorted(paths) if _is_node(path))

    def _node(self, path: Path) -> Node:
        mode = stat.filemode(path.stat().st_mode)
        return Node(f"/dev/{path.name}", mode, os.access(path, os.R_OK | os.W_OK))

    def has_nvswitch(self) -> bool:
        """Whether there are NVSwitch devices."""
        return any((self._root / "dev").glob("nvidia-nvswitch[0-9]*"))

    def fabric_manager_runs(self) -> bool:
        """Whether `nv-fabricmanager` is among the processes."""
        return any(
            self._word(process / "comm").startswith("nv-fabricmanag")
            for process in _entries(self._root / "proc")
            if process.name.isdigit()
        )

    def persistence_daemon(self) -> bool:
        """Whether nvidia-persistenced listens."""
        return (self._root / "run/nvidia-persistenced/socket").exists()

    def xids(self) -> tuple[LoggedXid, ...]:
        """Each different Xid in the kernel's log; raises `OSError` without rights."""
        with KernelLog(self._root / "dev/kmsg") as log:
            return tuple(dict.fromkeys(log.xids()))

    def _word(self, path: Path) -> str:
        return clean(_text(path).strip())


def _entries(directory: Path) -> tuple[Path, ...]:
    try:
        return tuple(sorted(directory.iterdir()))
    except OSError:
        return ()


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _is_node(path: Path) -> bool:
    """Not a directory such as `/dev/nvidia-caps`; a plain file stands for a node in tests."""
    return path.exists() and not path.is_dir()
