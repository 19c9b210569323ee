"""The steps on the host, by their ids."""

import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from dstui.domain.selftest.step import StepResult, failed, passed, skipped, warned
from dstui.domain.xid import explain_xid
from dstui.gpu.kernel_log import LoggedXid
from dstui.gpu.processes import ProcessTable
from dstui.gpu.selftest import driver_rules as rules
from dstui.gpu.selftest.child import DriverHangsError
from dstui.gpu.selftest.compute import Computing
from dstui.gpu.selftest.driver import LAST_RESORT, ask_driver
from dstui.gpu.selftest.facts import DriverFacts
from dstui.gpu.selftest.machine import Machine

MEMORY_WANTED = 1024 * 1024 * 1024
"""Room for a context (500 MiB on an H100) and something to compute with."""

_DRIVER_LIMIT_S = 40.0

Check = Callable[[threading.Event], StepResult]


class HostChecks:
    """Looks at this machine; the driver is asked once, for all steps."""

    def __init__(
        self,
        gpu_uuid: str = "",
        root: Path = Path("/"),
        ask: Callable[[float, threading.Event], DriverFacts] = ask_driver,
        name_of_container: Callable[[str], str] = lambda identifier: "",
        may_use_memory: bool = True,
    ) -> None:
        """`gpu_uuid` is the one GPU that matters, if one does: it may be computed on though others
        use it, if `may_use_memory`.
        """
        self._machine = Machine(root)
        self._processes = ProcessTable(root / "proc")
        self._ask = ask
        self._gpu = gpu_uuid
        self._name_of_container = name_of_container
        self.facts = DriverFacts()
        """What the driver told, once `host.driver` has been run."""
        self.computing = Computing(lambda: self.facts, self._ask_again, gpu_uuid, may_use_memory)

    def checks(self) -> Mapping[str, Check]:
        """A check for each step of the host."""
        return {
            "host.hardware": self._hardware,
            "host.module": self._module,
            "host.nodes": self._nodes,
            "host.driver": self._driver,
            "host.versions": self._versions,
            "host.count": self._count,
            "host.persistence": self._persistence,
            "host.memory-health": self._by(rules.memory_health),
            "host.xid": self._xid,
            "host.link": self._by(rules.link),
            "host.throttling": self._by(rules.throttling),
            "host.mode": self._by(rules.mode),
            "host.fabric": self._fabric,
            "host.memory": self._memory,
            "host.compute": self.computing.compute,
            "host.speed": self.computing.speed,
        }

    @cached_property
    def _cards(self) -> tuple[str, ...]:
        return self._machine.cards()

    def _by(self, rule: Callable[[DriverFacts], StepResult]) -> Check:
        return lambda stop: rule(self.facts)

    def _hardware(self, stop: threading.Event) -> StepResult:
        if self._machine.wsl:
            return passed("/dev/dxg: the GPU of Windows")
        cards = self._cards or self._machine.driver_gpus()
        if not cards:
            return skipped("no NVIDIA GPU here")
        others = [f"{address} ({name})" for address, name in self._machine.bound_to_other_drivers()]
        if len(others) == len(cards) and not self._machine.module_version():
            return failed(
                f"another kernel driver has {', '.join(others)}",
                "the card is not with NVIDIA's driver: nouveau was loaded first, or vfio-pci "
                "keeps it for a virtual machine",
                "blacklist nouveau and reboot, or give the card back from vfio-pci",
            )
        count = len(cards)
        return passed(f"{count} card{'s' if count > 1 else ''}: {', '.join(cards)}")

    def _module(self, stop: threading.Event) -> StepResult:
        if self._machine.wsl:
            return skipped("Windows has the driver")
        version = self._machine.module_version()
        if version:
            return passed(f"nvidia {version}")
        if self._machine.module_loaded("nouveau"):
            return failed(
                "the module nvidia is not loaded, nouveau is",
                "the free driver nouveau has taken the card",
                "install NVIDIA's driver, blacklist nouveau, rebuild the initramfs and reboot",
            )
        return failed("Driver Not Loaded: the module nvidia is not loaded")

    def _nodes(self, stop: threading.Event) -> StepResult:
        nodes = {node.path: node for node in self._machine.nodes()}
        if self._machine.wsl:
            wanted = ["/dev/dxg"]
        else:
            wanted = ["/dev/nvidiactl", "/dev/nvidia-uvm"]
            wanted += [f"/dev/nvidia{number}" for number in range(len(self._cards))]
        missing = [path for path in wanted if path not in nodes]
        if missing:
            return failed(
                f"missing: {', '.join(missing)}",
                "the nodes were not made: nothing has used the driver since it was loaded, or "
                "nvidia-uvm was never loaded",
                "sudo nvidia-modprobe -u -c=0; sudo systemctl enable --now nvidia-persistenced",
            )
        closed = [f"{path} {nodes[path].mode}" for path in wanted if not nodes[path].usable]
        if closed:
            return failed(
                f"this user may not use {', '.join(closed)}",
                "mode or group of the device nodes keep this user out",
                "join their group, or set NVreg_DeviceFileMode=0666 for the module nvidia",
            )
        return passed(", ".join(wanted))

    def _ask_again(self, stop: threading.Event) -> DriverFacts:
        return self._ask(_DRIVER_LIMIT_S, stop)

    def _driver(self, stop: threading.Event) -> StepResult:
        try:
            self.facts = self._ask_again(stop)
        except DriverHangsError:
            return failed(
                f"the driver has not answered for {_DRIVER_LIMIT_S:.0f} s",
                "a GPU or the driver hangs: nvidia-smi would hang as well",
                f"{LAST_RESORT}; a reboot is the usual cure",
            )
        return rules.opened(self.facts)

    def _versions(self, stop: threading.Event) -> StepResult:
        module, library = self._machine.module_version(), self.facts.driver
        if not module or not library:
            if self.facts.code == rules.MISMATCH:
                return failed("RM has detected an NVML/RM version mismatch")
            return skipped("one of the two is not known")
        if module != library:
            return failed(
                f"Driver/library version mismatch: library {library}, module {module}",
                "the driver was updated while the old kernel module is still loaded",
                "reboot, or end all GPU programs and reload the nvidia modules",
            )
        return passed(f"both {module}")

    def _count(self, stop: threading.Event) -> StepResult:
        return rules.counted(self.facts, self._cards, self._machine.driver_gpus())

    def _persistence(self, stop: threading.Event) -> StepResult:
        return rules.persistence(self.facts, self._machine.persistence_daemon())

    def _xid(self, stop: threading.Event) -> StepResult:
        try:
            found = self._machine.xids()
        except PermissionError:
            return skipped("reading the kernel log needs root here")
        except OSError:
            return skipped("the kernel log cannot be read")
        if not found:
            return passed("none since boot, as far as the log goes back")
        evidence = "; ".join(map(self._told, found))
        meanings = [explain_xid(xid.code) for xid in found]
        serious = [meaning for meaning in meanings if not meaning.program]
        if not serious:
            return passed(f"only of programs: {evidence}")
        actions = dict.fromkeys(x.action for x in serious)
        return warned(evidence, "the driver has reported errors of a GPU", "; ".join(actions))

    def _told(self, xid: LoggedXid) -> str:
        meaning = explain_xid(xid.code).meaning
        by = f" by process {xid.pid} {xid.process}{self._where(xid)}" if xid.pid else ""
        return f"Xid {xid.code} on {xid.address}{by}: {meaning}"

    def _where(self, xid: LoggedXid) -> str:
        """The container of a process that still runs, unless its pid is another's by now."""
        process = self._processes.look_up({xid.pid}).get(xid.pid)
        if process is None or process.name != xid.process:
            return ""
        names = (self._name_of_container(known) for known in process.container_ids)
        name = next(filter(None, names), "")
        return f" in {name}" if name else ""

    def _fabric(self, stop: threading.Event) -> StepResult:
        machine = self._machine
        return rules.fabric(self.facts, machine.has_nvswitch(), machine.fabric_manager_runs())

    def _memory(self, stop: threading.Event) -> StepResult:
        pids = {pid for device in self.facts.devices for pid, _ in device.processes}
        known = self._processes.look_up(pids)

        def holder(pid: int) -> str:
            process = known.get(pid)
            if process is None:
                return f"process {pid}"
            names = (self._name_of_container(known) for known in process.container_ids)
            return next(filter(None, names), f"{process.user or 'somebody'}'s process {pid}")

        return rules.free_memory(self.facts, self._gpu, MEMORY_WANTED, holder)
