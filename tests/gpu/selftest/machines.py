"""A machine as the kernel shows it, in a directory."""

from pathlib import Path

DRIVER = "570.86.15"
CARD = "0000:3b:00.0"


def make_machine(root: Path, cards: int = 1, driver: str = DRIVER) -> Path:
    """One with so many GPUs; without a `driver` its module is not loaded."""
    for number in range(cards):
        address = f"0000:{0x3B + number:02x}:00.0"
        write(root / "sys/bus/pci/devices" / address / "vendor", "0x10de\n")
        write(root / "sys/bus/pci/devices" / address / "class", "0x030200\n")
        if driver:
            (root / "proc/driver/nvidia/gpus" / address).mkdir(parents=True)
            write(root / f"dev/nvidia{number}", "")
    write(root / "sys/bus/pci/devices/0000:00:1f.0/vendor", "0x8086\n")
    write(root / "sys/bus/pci/devices/0000:00:1f.0/class", "0x030000\n")
    write(root / "dev/kmsg", "")
    if driver and cards:
        write(root / "sys/module/nvidia/version", f"{driver}\n")
        for name in ("nvidiactl", "nvidia-uvm"):
            write(root / "dev" / name, "")
    return root


def write(path: Path, content: str) -> None:
    """A file, with the directories it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
