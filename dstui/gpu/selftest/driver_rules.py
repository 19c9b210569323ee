"""What the driver's facts mean: pure rules, a result each."""

from collections.abc import Callable, Iterable, Sequence

from dstui.domain.quantity import scaled
from dstui.domain.selftest.step import StepResult, failed, passed, skipped, warned
from dstui.gpu.selftest.facts import DeviceFacts, DriverFacts

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_SW_THERMAL, _HW_SLOWDOWN, _HW_THERMAL, _POWER_BRAKE = 0x20, 0x8, 0x40, 0x80
_SLOWDOWNS = (
    (_HW_THERMAL, "too hot (hardware slowdown)"),
    (_SW_THERMAL, "too hot (software slowdown)"),
    (_POWER_BRAKE, "external power brake"),
    (_HW_SLOWDOWN, "hardware slowdown"),
)
_COMPUTE_MODES = ("Default", "Exclusive_Thread", "Prohibited", "Exclusive_Process")
_PROHIBITED, _FABRIC_DONE = 2, 3
_RECOVERY = {
    1: "reset the GPU",
    2: "reboot the machine",
    3: "drain peer-to-peer traffic",
    4: "drain and reset the GPU",
    5: "recover the IMEX domain",
    6: "reset the GPU's bus",
    7: "reboot the machine",
}
MISMATCH = 18
_NO_LIBRARY, _UNKNOWN = 12, 999
_NOT_OPENED = {
    4: "Failed to initialize NVML: Insufficient Permissions",
    9: "Driver Not Loaded",
    _NO_LIBRARY: "libnvidia-ml.so.1: NVML Shared Library Not Found",
    17: "The operating system has blocked the request",
    MISMATCH: "Failed to initialize NVML: Driver/library version mismatch",
}
"""NVML's codes at the start, in words that the table of messages knows."""


def opened(facts: DriverFacts) -> StepResult:
    """Whether the library speaks to the driver."""
    if not facts.error:
        cuda = f", CUDA up to {facts.cuda}" if facts.cuda else ""
        return passed(f"driver {facts.driver or 'of unknown version'}{cuda}")
    words = _NOT_OPENED.get(facts.code or 0, facts.error)
    if facts.code == _NO_LIBRARY:
        return failed(
            words,
            "there is an NVIDIA card, and the driver's library is not installed",
            "install the NVIDIA driver on this machine",
        )
    if facts.code == _UNKNOWN:
        return failed(
            "NVML answers 999 (Unknown Error)",
            "the driver cannot talk to a GPU: a failed card, or a broken install",
            "nvidia-smi -L; reset or leave out the bad GPU; reboot",
        )
    return failed(words)


def counted(facts: DriverFacts, cards: Sequence[str], taken: Sequence[str]) -> StepResult:
    """Whether every card on the bus is a GPU that answers. `taken` are those of the module."""
    lost = [device for device in facts.devices if device.error]
    if lost:
        words = "; ".join(f"GPU {device.index}: {device.error}" for device in lost)
        return failed(words)
    if not facts.devices:
        return failed("No devices were found")
    missing = len(cards) - len(facts.devices)
    if missing > 0:
        known = {address.lower() for address in taken}
        names = [card for card in cards if card.lower() not in known] or list(cards)
        return failed(
            f"{len(cards)} cards on the PCI bus, {len(facts.devices)} with the driver",
            f"a card is on the bus and the driver does not have it: {', '.join(names)}",
            "look for its address in the kernel log (NVRM lines); reboot, and see its power cables",
        )
    return passed("; ".join(_line(device) for device in facts.devices))


def persistence(facts: DriverFacts, daemon: bool) -> StepResult:
    """Without it each first use loads the driver anew: seconds a card."""
    off = [device.title for device in facts.devices if device.persistence is False]
    if off and not daemon:
        return warned(
            f"off on {_names(off)}",
            "the driver is unloaded when nobody uses the GPU: each start takes seconds, and "
            "containers of machines with many GPUs may time out",
            "sudo systemctl enable --now nvidia-persistenced",
        )
    return passed("nvidia-persistenced runs" if daemon else "on")


def memory_health(facts: DriverFacts) -> StepResult:
    """Uncorrectable errors, rows that could not be remapped, what a reset is awaited for."""
    broken = _found(
        facts.devices,
        lambda d: "row remapping failed" if d.remap_failed else "",
        lambda d: (
            f"{d.ecc_volatile} uncorrectable ECC errors since the driver was loaded"
            if d.ecc_volatile
            else ""
        ),
        lambda d: (
            f"the driver asks to {_RECOVERY.get(d.recovery_action, 'recover it')}"
            if d.recovery_action
            else ""
        ),
    )
    if broken:
        return failed(
            "; ".join(broken),
            "the card's memory or the card itself is faulty",
            "drain it, reset it with `sudo nvidia-smi -r -i N` and look again; "
            "if it comes back have the card replaced",
        )
    waiting = _found(
        facts.devices,
        lambda d: "rows wait to be remapped" if d.remap_pending else "",
        lambda d: "pages wait to be retired" if d.retirement_pending else "",
        lambda d: f"{d.ecc_aggregate} uncorrectable ECC errors ever" if d.ecc_aggregate else "",
    )
    if waiting:
        return warned(
            "; ".join(waiting),
            "memory errors were found before",
            "reset the GPU at the next opportunity, and watch it",
        )
    if all(d.ecc_volatile is None and d.remap_failed is None for d in facts.devices):
        return skipped("these cards do not tell")
    return passed("no errors")


def link(facts: DriverFacts) -> StepResult:
    """The width only: the generation drops while a card is idle."""
    narrow = _found(
        facts.devices,
        lambda d: (
            f"x{d.link_width} of x{d.link_width_max}"
            if d.link_width and d.link_width_max and d.link_width < d.link_width_max
            else ""
        ),
    )
    if narrow:
        return warned(
            "; ".join(narrow),
            "the card sits in a narrower slot, or its contacts or riser are bad",
            "compare with the mainboard's manual; reseat the card",
        )
    widths = sorted({d.link_width for d in facts.devices if d.link_width})
    if not widths:
        return skipped("these cards do not tell")
    return passed(", ".join(f"x{width}" for width in widths))


def throttling(facts: DriverFacts) -> StepResult:
    """Slowdowns that mean trouble; a power cap is how cards work."""
    slow = _found(
        facts.devices,
        *(
            (lambda d, bit=bit, words=words: words if (d.throttle_reasons or 0) & bit else "")
            for bit, words in _SLOWDOWNS
        ),
    )
    if slow:
        return warned(
            "; ".join(slow),
            "the card is slowed down at this moment",
            "see fans, air flow and power supply: nvidia-smi -q -d TEMPERATURE,POWER",
        )
    if all(device.throttle_reasons is None for device in facts.devices):
        return skipped("these cards do not tell")
    return passed("none")


def mode(facts: DriverFacts) -> StepResult:
    """Settings by which a healthy card refuses a program."""
    closed = [device.title for device in facts.devices if device.compute_mode == _PROHIBITED]
    if closed:
        return failed(
            f"compute mode Prohibited on {_names(closed)}",
            "the card is set to run no compute program",
            "sudo nvidia-smi -c 0",
        )
    special = _found(
        facts.devices,
        lambda d: (
            f"compute mode {_COMPUTE_MODES[d.compute_mode]}"
            if d.compute_mode and d.compute_mode < len(_COMPUTE_MODES)
            else ""
        ),
        lambda d: "MIG is on" if d.mig else "",
    )
    if special:
        return warned(
            "; ".join(special),
            "with an exclusive mode one program at a time gets the card; with MIG only its "
            "instances can be used",
            "sudo nvidia-smi -c 0; grant a MIG instance by its UUID (nvidia-smi -L)",
        )
    return passed("Default, no MIG")


def fabric(facts: DriverFacts, nvswitch: bool, manager: bool) -> StepResult:
    """On machines with NVSwitch CUDA starts only once the cards are registered (802)."""
    states = [device.fabric_state for device in facts.devices if device.fabric_state]
    if not states and not nvswitch:
        return skipped("no NVSwitch here")
    undone = _found(
        facts.devices,
        lambda d: (
            f"fabric state {d.fabric_state}, status {d.fabric_status}"
            if d.fabric_state and (d.fabric_state != _FABRIC_DONE or d.fabric_status)
            else ""
        ),
    )
    if undone or (nvswitch and not states and not manager):
        return failed(
            "; ".join(undone) or "there are NVSwitches, and no nvidia-fabricmanager runs",
            "nvidia-fabricmanager is missing, stopped or of another version than the driver: CUDA "
            "answers 802 (system not yet initialized)",
            "install the nvidia-fabricmanager of the driver's exact version and start it: "
            "sudo systemctl enable --now nvidia-fabricmanager",
        )
    return passed("registered" if states else "nvidia-fabricmanager runs")


def free_memory(
    facts: DriverFacts, wanted: str, least: int, holder: Callable[[int], str]
) -> StepResult:
    """Whether there is room for a program; `wanted` is the UUID of the one GPU that matters."""
    devices = [d for d in facts.devices if not wanted or d.uuid == wanted]
    told = [_room(device, holder) for device in devices if device.memory_total]
    full = [
        device.title
        for device in devices
        if device.memory_total and device.memory_total - (device.memory_used or 0) < least
    ]
    if not told:
        return skipped("these cards do not tell")
    if full:
        return warned(
            "; ".join(told),
            f"no room for a program on {_names(full)}",
            "end what holds it, or use another GPU",
        )
    return passed("; ".join(told))


def _room(device: DeviceFacts, holder: Callable[[int], str]) -> str:
    free = (device.memory_total or 0) - (device.memory_used or 0)
    names = dict.fromkeys(holder(pid) for pid, _ in device.processes)
    held = f", held by {', '.join(names)}" if names else ""
    return f"GPU {device.index}: {scaled(free, 1024, _UNITS, digits=3)} free{held}"


def _line(device: DeviceFacts) -> str:
    return f"{device.title} {device.uuid}".strip()


def _found(devices: Iterable[DeviceFacts], *looks: Callable[[DeviceFacts], str]) -> list[str]:
    """What the looks find, each with the card's name."""
    return [
        f"{device.title}: {words}"
        for device in devices
        for look in looks
        if (words := look(device))
    ]


def _names(titles: Sequence[str]) -> str:
    return ", ".join(titles)
