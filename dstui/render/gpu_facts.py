"""What the detail pane says of a GPU."""

from dstui.domain.gpu import Gpu
from dstui.render.column import UNKNOWN, Role
from dstui.render.facts import Fact, FactGroup, fact
from dstui.render.gpu_holders import Holder, idle_seconds
from dstui.render.gpu_processes import idle_cell
from dstui.render.gpus import GpuRow, invisible_text
from dstui.render.units import duration, mebibytes, number, rate, whole_percent


def overview(row: GpuRow) -> tuple[FactGroup, ...]:
    """All that the driver tells of a GPU; a value it does not tell says why."""
    gpu, report = row.gpu, row.report
    error = [fact("Error", gpu.error, Role.BAD)] if gpu.error else []
    if gpu.error and gpu.sampled is not None:
        error.append(fact("Values are", f"{duration(row.now - gpu.sampled)} old", Role.WARNING))

    def told(label: str, text: str, field: str) -> Fact:
        why = gpu.unknown.get(field)
        return fact(label, f"{UNKNOWN} ({why})" if text == UNKNOWN and why else text)

    return (
        FactGroup(
            "GPU",
            (
                *error,
                fact("Name", gpu.name, Role.STRONG),
                fact("Id", gpu.id),
                *_where(gpu),
                fact("Driver", report.driver_version),
                fact("CUDA", f"up to {report.cuda_version}" if report.cuda_version else None),
            ),
        ),
        FactGroup("Held by", _holders(row)),
        FactGroup(
            "Use",
            (
                told("Utilisation", whole_percent(gpu.utilization_percent), "utilization_percent"),
                told(
                    "Memory bus",
                    whole_percent(gpu.memory_utilization_percent),
                    "memory_utilization_percent",
                ),
                told("Memory used", mebibytes(gpu.memory_used_bytes), "memory_used_bytes"),
                told("Memory total", mebibytes(gpu.memory_total_bytes), "memory_total_bytes"),
                told("Temperature", number(gpu.temperature_c, " °C"), "temperature_c"),
                told("Power", number(gpu.power_w, " W"), "power_w"),
                told("Power limit", number(gpu.power_limit_w, " W"), "power_limit_w"),
                told("SM clock", number(gpu.sm_clock_mhz, " MHz"), "sm_clock_mhz"),
                told("Memory clock", number(gpu.memory_clock_mhz, " MHz"), "memory_clock_mhz"),
                told("Fan", whole_percent(gpu.fan_percent), "fan_percent"),
                told("ECC errors", number(gpu.ecc_errors), "ecc_errors"),
                told("PCIe received", rate(gpu.pcie_rx_rate), "pcie_rx_rate"),
                told("PCIe sent", rate(gpu.pcie_tx_rate), "pcie_tx_rate"),
            ),
        ),
        FactGroup(
            "Mode",
            (
                told("MIG", _switch(gpu.mig), "mig"),
                *([told("Instances", UNKNOWN, "instances")] if "instances" in gpu.unknown else []),
                told("Persistence", _switch(gpu.persistence), "persistence"),
                told("Compute mode", gpu.compute_mode or UNKNOWN, "compute_mode"),
                told("Performance state", gpu.performance_state or UNKNOWN, "performance_state"),
            ),
        ),
    )


def _switch(value: bool | None) -> str:
    return UNKNOWN if value is None else "on" if value else "off"


def _where(gpu: Gpu) -> tuple[Fact, ...]:
    if gpu.instance is not None:
        return (fact("Instance", f"GPU instance {gpu.instance[0]}, compute {gpu.instance[1]}"),)
    node = None if gpu.minor is None else f"/dev/nvidia{gpu.minor}"
    return (fact("PCI bus", gpu.pci_bus_id), fact("Device node", node))


def _holders(row: GpuRow) -> tuple[Fact, ...]:
    why = row.gpu.unknown.get("processes")
    notes = []
    if row.report.unjoined:
        notes.append(fact("Containers", f"{UNKNOWN} ({row.report.unjoined})", Role.WARNING))
    if why and not row.gpu.processes:
        notes.append(fact("Processes", f"{UNKNOWN} ({why})"))
    if hidden := invisible_text(row.gpu):
        notes.append(fact("Memory", hidden, Role.WARNING))
        notes += [fact("May be", cause) for cause in INVISIBLE_CAUSES]
    if not row.holders:
        return tuple(notes) or (fact("", "nobody", Role.MUTED),)
    return (*notes, *(_holder(holder, row) for holder in row.holders))


INVISIBLE_CAUSES = (
    "a process of another container or of the host, where dstui sees only its own processes",
    "a process that has ended, and whose memory the driver has not freed",
    "clients of MPS, whose memory its server holds",
    "another user's process, which the driver shows to root alone",
)


def _holder(holder: Holder, row: GpuRow) -> Fact:
    since = None if holder.since is None else f"since {duration(row.now - holder.since)}"
    idle = idle_cell(idle_seconds(holder, row.now), row.idle_after_s).text
    parts = (mebibytes(holder.memory_bytes), whole_percent(holder.percent), since, idle)
    label = holder.name if holder.owner is None else f"{holder.name} ({holder.owner})"
    return fact(
        label, "  ".join(part for part in parts if part), Role.WARNING if idle else Role.NORMAL
    )
