"""What the detail pane says of a container."""

from typing import TYPE_CHECKING

from dstui.domain.container import Container, Mount
from dstui.domain.explain import explain_exit
from dstui.domain.gpu_grants import granted
from dstui.domain.gpu_use import total
from dstui.domain.text import clean
from dstui.render.column import UNKNOWN, Cell, Role
from dstui.render.container_text import gpu_index, gpus_text, ports_text
from dstui.render.facts import Fact, FactGroup, fact, facts, pairs, yes_no
from dstui.render.status import failed, state_words, status_cell
from dstui.render.units import binary_bytes, mebibytes, moment, number, whole_percent

if TYPE_CHECKING:
    from dstui.domain.gpu import GpuProcess
    from dstui.render.containers import ContainerRow

MASK = "••••••••"
"""Stands for a value of any length."""


def overview(row: "ContainerRow") -> tuple[FactGroup, ...]:
    """All that matters of a container, grouped; what needs an inspect is unknown until one came."""
    container = row.container
    return (
        FactGroup("Container", _identity(row)),
        FactGroup("State", _state(row)),
        FactGroup("GPU", _gpu(row)),
        FactGroup("Limits", _limits(container)),
        FactGroup("Mounts", tuple(_mount(m) for m in container.mounts) or _none),
        FactGroup("Network", _network(container)),
        FactGroup("Security", _security(container)),
        pairs("Labels", container.labels.items()),
    )


_none = (Fact("", (Cell("none", Role.MUTED),)),)


def _identity(row: "ContainerRow") -> tuple[Fact, ...]:
    container, owner = row.container, row.owner
    return (
        fact("Name", container.name, Role.STRONG),
        fact("Id", container.id),
        fact("Image", container.image),
        fact("Image id", container.image_id),
        fact("Command", row.command),
        fact("Owner", f"{owner.name} ({owner.evidence})" if owner else None),
        *([fact("Project", container.project)] if container.project else []),
        *([fact("Service", container.service)] if container.service else []),
    )


def _state(row: "ContainerRow") -> tuple[Fact, ...]:
    container = row.container
    status = status_cell(container, row.now)
    lines = [
        fact("State", state_words(container), status.role),
        fact("Status", status.text, status.role),
    ]
    if not container.alive and container.exit_code is not None:
        role = Role.BAD if failed(container) else Role.NORMAL
        lines.append(fact("Exit", explain_exit(container.exit_code, container.oom_killed), role))
    if container.error:
        lines.append(fact("Error", container.error, Role.BAD))
    lines.append(fact("Created", moment(container.created, row.now)))
    if container.started or not container.inspected:
        lines.append(fact("Started", moment(container.started, row.now)))
    if container.finished:
        lines.append(fact("Finished", moment(container.finished, row.now)))
    lines.append(fact("Restart policy", container.restart_policy))
    lines.append(yes_no("Removed at exit", container.auto_remove))
    lines.append(fact("Main process", number(container.pid) if container.pid else None))
    return tuple(lines)


def _gpu(row: "ContainerRow") -> tuple[Fact, ...]:
    return (*_granted(row), fact("Runtime", row.container.runtime), *_using(row))


def _granted(row: "ContainerRow") -> tuple[Fact, ...]:
    grant = row.container.gpus
    if grant is None:
        return (fact("Granted", "none" if row.container.inspected else None),)
    found = granted(grant, row.gpus)
    devices = found.devices if found else ()
    unknown = found.unknown if found else grant.ids
    lines = [f"{gpu_index(one, row.gpus)}  {one.name}  {one.uuid}" for one in devices]
    here = " (not on this machine)" if found else ""
    return (
        fact("Granted", gpus_text(grant, row.gpus), Role.ACCENT),
        *([facts("Devices", (*lines, *(f"{one}{here}" for one in unknown)))] if grant.ids else []),
        fact("Granted by", grant.source),
    )


def _using(row: "ContainerRow") -> tuple[Fact, ...]:
    """What it holds of each GPU, which need not be what it was granted."""
    container, report = row.container, row.gpus
    if report is None or not report.gpus or not container.alive:
        return ()
    held = [
        _held(gpu.index, gpu.name, own)
        for gpu in report.gpus
        if (own := [p for p in gpu.processes if p.container_id == container.id])
    ]
    if not held and row.gpu_use is None:
        why = report.unjoined or "the driver does not tell of every process"
        return (fact("Using", f"{UNKNOWN} ({why})"),)
    return (facts("Using", held, none="nothing"),)


def _held(index: int, name: str, processes: "list[GpuProcess]") -> str:
    memory = total(p.memory_bytes for p in processes)
    percent = total(p.utilization_percent for p in processes)
    return f"{index}  {name}  {mebibytes(memory)}  {whole_percent(percent)}"


def _limits(container: Container) -> tuple[Fact, ...]:
    limits = container.limits
    if limits is None:
        return tuple(fact(label, None) for label in ("Memory", "CPUs", "PIDs", "Shared memory"))
    return (
        fact("Memory", _or_no_limit(limits.memory_bytes and binary_bytes(limits.memory_bytes))),
        fact("CPUs", _or_no_limit(limits.cpus and f"{limits.cpus:g}")),
        fact("PIDs", _or_no_limit(limits.pids and str(limits.pids))),
        fact("Shared memory", binary_bytes(limits.shm_bytes)),
    )


def _or_no_limit(text: str | float | None) -> str:
    return str(text) if text else "no limit"


def _mount(mount: Mount) -> Fact:
    kind = "anonymous volume" if mount.anonymous else mount.type
    source = mount.volume or mount.source
    access = "read-only" if mount.read_only else "read-write"
    text = " · ".join(part for part in (source, kind, access) if part)
    return Fact(clean(mount.destination), (Cell(clean(text)),))


def _network(container: Container) -> tuple[Fact, ...]:
    addresses = dict(container.ip_addresses)
    networks = dict.fromkeys((*container.networks, *addresses))
    return (
        facts("Ports", ports_text(container.ports).split(" ") if container.ports else ()),
        *([fact("Mode", container.network_mode)] if container.network_mode else []),
        facts("Networks", (f"{name} {addresses.get(name) or UNKNOWN}" for name in networks)),
    )


def _security(container: Container) -> tuple[Fact, ...]:
    return (
        fact("User", "root (none is set)" if container.user == "" else container.user),
        yes_no("Privileged", container.privileged, Role.WARNING),
        facts("Options", container.security_options, "none" if container.inspected else UNKNOWN),
    )


def environment(container: Container, revealed: bool) -> tuple[FactGroup, ...]:
    """The environment by name; values hold secrets, so all of them are masked until asked for."""
    if not container.inspected:
        return (FactGroup("Environment", (fact("", None),)),)
    values = ((k, v if revealed else MASK) for k, v in container.environment)
    return (pairs("Environment", values),)
