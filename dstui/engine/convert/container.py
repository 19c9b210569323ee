"""Containers, from a list (`GET /containers/json`) and from an inspect."""

import re
from typing import Any

from dstui.domain.container import Container, Health, Limits, Mount, Port, State
from dstui.engine.convert.gpu_grant import gpu_grant
from dstui.engine.convert.read import (
    Json,
    environment,
    flag,
    identifier,
    labels,
    mapping,
    positive,
    rows,
    text,
    texts,
    time,
    whole,
)

_ANONYMOUS = re.compile(r"[0-9a-f]{64}")
_EXIT_CODE = re.compile(r"(?:Exited|Restarting) \((-?\d{1,10})\)")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_HEALTH_IN_STATUS = {
    "(healthy)": Health.HEALTHY,
    "(unhealthy)": Health.UNHEALTHY,
    "(health: starting)": Health.STARTING,
}
_STATES = {state.value: state for state in State} | {
    # podman's own words
    "configured": State.CREATED,
    "initialized": State.CREATED,
    "stopping": State.RUNNING,
    "stopped": State.EXITED,
}
_HEALTHS = {health.value: health for health in Health}
_ENDED = (State.EXITED, State.DEAD, State.RESTARTING)


def listed_container(row: Json) -> Container:
    """A container of the list: what the engine tells of each without an inspect."""
    status = text(row.get("Status"))
    networks = mapping(mapping(row.get("NetworkSettings")).get("Networks"))
    return Container(
        id=identifier(row.get("Id")),
        name=_own_name(row.get("Names")),
        image=text(row.get("Image")),
        image_id=text(row.get("ImageID")),
        state=_STATES.get(text(row.get("State")).lower(), State.UNKNOWN),
        created=time(row.get("Created")),
        command=_listed_command(row.get("Command")),
        health=_listed_health(row, status),
        exit_code=int(found[1]) if (found := _EXIT_CODE.match(status)) else None,
        labels=labels(row.get("Labels")),
        ports=_in_order({port for port in map(_listed_port, rows(row.get("Ports"))) if port}),
        mounts=_mounts(row.get("Mounts")),
        networks=tuple(sorted(map(text, networks))),
        network_mode=text(mapping(row.get("HostConfig")).get("NetworkMode")),
    )


def inspected_container(answer: Any, default_runtime: str = "") -> Container:
    """A container with everything that the engine knows of it.

    Raises `UnreadableError`.
    """
    found = mapping(answer)
    config, host = mapping(found.get("Config")), mapping(found.get("HostConfig"))
    state, network = mapping(found.get("State")), mapping(found.get("NetworkSettings"))
    networks = mapping(network.get("Networks"))
    where = _STATES.get(text(state.get("Status")).lower(), State.UNKNOWN)
    return Container(
        id=identifier(found.get("Id")),
        name=text(found.get("Name")).lstrip("/"),
        image=text(config.get("Image") or found.get("ImageName")),
        image_id=text(found.get("Image")),
        state=where,
        created=time(found.get("Created")),
        command=_inspected_command(found),
        health=_HEALTHS.get(text(mapping(state.get("Health")).get("Status")), Health.NONE),
        exit_code=_exit_code(state, where),
        labels=labels(config.get("Labels")),
        ports=_in_order(_inspected_ports(network.get("Ports"))),
        mounts=_mounts(found.get("Mounts")) + _tmpfs(host.get("Tmpfs")),
        networks=tuple(sorted(map(text, networks))),
        network_mode=text(host.get("NetworkMode")),
        inspected=True,
        started=time(state.get("StartedAt")),
        finished=time(state.get("FinishedAt")),
        oom_killed=flag(state.get("OOMKilled")),
        error=text(state.get("Error")),
        pid=positive(state.get("Pid")),
        user=text(config.get("User")),
        tty=flag(config.get("Tty")),
        auto_remove=flag(host.get("AutoRemove")),
        restart_policy=_restart_policy(mapping(host.get("RestartPolicy"))),
        restarts=whole(found.get("RestartCount")),
        runtime=text(host.get("Runtime")),
        gpus=gpu_grant(config, host, default_runtime),
        limits=_limits(host),
        privileged=flag(host.get("Privileged")),
        security_options=texts(host.get("SecurityOpt")),
        environment=environment(config.get("Env")),
        stop_timeout_s=whole(config.get("StopTimeout")),
        ip_addresses=_addresses(networks),
    )


def _own_name(names: Any) -> str:
    """The name without a second slash: with one it is another container's link to it."""
    given = [name.removeprefix("/") for name in texts(names)]
    return next((name for name in given if "/" not in name), given[0] if given else "")


def _listed_command(value: Any) -> str:
    return " ".join(texts(value)) if isinstance(value, list) else text(value)


def _inspected_command(found: Json) -> str:
    """Worded as the list words it."""
    words = (f"'{word}'" if " " in word else word for word in texts(found.get("Args")))
    return " ".join([text(found.get("Path")), *words]).strip()


def _listed_health(row: Json, status: str) -> Health:
    named = mapping(row.get("Health")).get("Status")  # since API 1.52
    if isinstance(named, str):
        return _HEALTHS.get(named, Health.NONE)
    return next(
        (health for word, health in _HEALTH_IN_STATUS.items() if word in status), Health.NONE
    )


def _exit_code(state: Json, where: State) -> int | None:
    code = whole(state.get("ExitCode"))
    failed_to_start = where is State.CREATED and bool(code)
    return code if where in _ENDED or failed_to_start else None


def _restart_policy(policy: Json) -> str:
    name, tries = text(policy.get("Name")), positive(policy.get("MaximumRetryCount"))
    return f"{name}:{tries}" if name and tries else name or "no"


def _limits(host: Json) -> Limits:
    return Limits(
        memory_bytes=positive(host.get("Memory")),
        cpus=_cpus(host),
        pids=positive(host.get("PidsLimit")),
        shm_bytes=positive(host.get("ShmSize")),
    )


def _cpus(host: Json) -> float | None:
    if nano := positive(host.get("NanoCpus")):
        return nano / 1e9
    quota = positive(host.get("CpuQuota"))
    return quota / (positive(host.get("CpuPeriod")) or 100_000) if quota else None


# Ports, mounts, addresses


def _listed_port(value: Any) -> Port | None:
    port = mapping(value)
    number = positive(port.get("PrivatePort"))
    if number is None:
        return None
    host_port = positive(port.get("PublicPort"))
    host_ip = text(port.get("IP")) if host_port else None
    return Port(number, text(port.get("Type")) or "tcp", host_ip or None, host_port)


def _inspected_ports(ports: Any) -> set[Port]:
    found = set()
    for name, bindings in mapping(ports).items():
        number, _, protocol = text(name).partition("/")
        if not _PORT.fullmatch(number):
            continue
        for binding in map(mapping, rows(bindings) or [{}]):
            host_port = text(binding.get("HostPort"))
            published = int(host_port) if _PORT.fullmatch(host_port) else None
            host_ip = text(binding.get("HostIp")) if published else None
            found.add(Port(int(number), protocol or "tcp", host_ip or None, published))
    return found


def _in_order(ports: set[Port]) -> tuple[Port, ...]:
    return tuple(
        sorted(
            ports, key=lambda p: (p.container_port, p.protocol, p.host_port or 0, p.host_ip or "")
        )
    )


def _mounts(mounts: Any) -> tuple[Mount, ...]:
    return tuple(_mount(mount) for mount in rows(mounts) if isinstance(mount, dict))


def _mount(mount: Json) -> Mount:
    volume = text(mount.get("Name")) or None
    return Mount(
        type=text(mount.get("Type")) or ("volume" if volume else "bind"),
        source=text(mount.get("Source")),
        destination=text(mount.get("Destination")),
        read_only=mount.get("RW") is False,
        volume=volume,
        anonymous=volume is not None and bool(_ANONYMOUS.fullmatch(volume)),
    )


def _tmpfs(tmpfs: Any) -> tuple[Mount, ...]:
    return tuple(
        Mount("tmpfs", "", text(path), read_only="ro" in text(options).split(","))
        for path, options in sorted(mapping(tmpfs).items())
    )


def _addresses(networks: Json) -> tuple[tuple[str, str], ...]:
    return tuple(
        (text(name), address)
        for name, network in sorted(networks.items())
        for key in ("IPAddress", "GlobalIPv6Address")
        if (address := text(mapping(network).get(key)))
    )
