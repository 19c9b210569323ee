"""A simulated GPU that is split into MIG instances, and what runs on it outside any container."""

from typing import Any

from dstui.demo.model import digest

_NAME = "NVIDIA A100-SXM4-40GB"
_MEMORY = 40_960 << 20
_INSTANCES = (("3g.20gb", 1, 19_968 << 20), ("1g.5gb", 7, 4_864 << 20), ("1g.5gb", 8, 4_864 << 20))
_HELD = 3_217 << 20
_RESERVED = 13 << 20
_HOST_PID = (1 << 22) + 1
_RUNNING_S = 15_120.0
_UNKNOWN = {
    "utilization_percent": "not supported by this GPU",
    "memory_utilization_percent": "not supported by this GPU",
    "fan_percent": "not supported by this GPU",
}


def split_gpu(seed: int, index: int, born: float, now: float) -> dict[str, Any]:
    """The GPU as JSON: a program of the host computes on its largest instance."""
    process = {
        "pid": _HOST_PID,
        "memory_bytes": _HELD,
        "user": "karl",
        "command": "/home/karl/venv/bin/python evaluate.py --split test",
        "started": born - _RUNNING_S,
    }
    instances = [
        {
            "id": f"nvidia:{gpu_uuid(seed, number, 'MIG')}",
            "index": number,
            "name": profile,
            "instance": [gpu_instance, 0],
            "memory_used_bytes": _RESERVED + (0 if number else _HELD),
            "memory_total_bytes": memory,
            "processes": [] if number else [process],
            "unknown": {"utilization_percent": "not measured for MIG instances"},
        }
        for number, (profile, gpu_instance, memory) in enumerate(_INSTANCES)
    ]
    return {
        "id": f"nvidia:{gpu_uuid(seed, index)}",
        "index": index,
        "minor": index,
        "name": _NAME,
        "pci_bus_id": "00000000:CB:00.0",
        "memory_used_bytes": _HELD + 3 * _RESERVED,
        "memory_total_bytes": _MEMORY,
        "temperature_c": 41.0,
        "power_w": 96.0,
        "power_limit_w": 400.0,
        "sm_clock_mhz": 1410,
        "memory_clock_mhz": 1215,
        "ecc_errors": 0,
        "mig": True,
        "persistence": True,
        "compute_mode": "Default",
        "performance_state": "P0",
        "pcie_rx_rate": 1_200_000,
        "pcie_tx_rate": 310_000,
        "sampled": now,
        "processes": [process],
        "instances": instances,
        "unknown": _UNKNOWN,
    }


def gpu_uuid(seed: int, index: int, kind: str = "GPU") -> str:
    text = digest(kind.lower(), seed, index)
    return f"{kind}-{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"
