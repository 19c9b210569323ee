"""What checks need of an inspect answer, beyond what lists and details show."""

from typing import Any

from dstui.domain.audit.evidence import ContainerSettings, ImageSettings, PortBinding
from dstui.domain.image import HistoryEntry
from dstui.domain.text import clean
from dstui.engine.convert.image import history_entry
from dstui.engine.convert.read import Json, labels, mapping, positive, rows, text, texts

_LONGEST_COMMAND = 1_000_000
"""A secret may stand far back in a command that tables cut short."""


def image_settings(answer: Any) -> ImageSettings:
    """The settings of an image's inspect."""
    config = mapping(mapping(answer).get("Config"))
    return ImageSettings(
        healthcheck=_healthcheck(config),
        volumes=tuple(sorted(map(text, mapping(config.get("Volumes"))))),
    )


def _healthcheck(config: Json) -> tuple[str, ...]:
    test = texts(mapping(config.get("Healthcheck")).get("Test"))
    return () if test[:1] == ("NONE",) else test


def whole_history_entry(row: Json) -> HistoryEntry:
    """One step of the history with the whole of its command."""
    entry = history_entry(row)
    command = row.get("CreatedBy")
    if not isinstance(command, str) or len(command) <= len(entry.created_by):
        return entry
    return HistoryEntry(
        entry.id,
        entry.created,
        clean(command, _LONGEST_COMMAND),
        entry.size_bytes,
        entry.comment,
        entry.tags,
    )


def container_settings(answer: Any) -> ContainerSettings:
    """The settings of a container's inspect."""
    found = mapping(answer)
    host = mapping(found.get("HostConfig"))
    log = mapping(host.get("LogConfig"))
    return ContainerSettings(
        cap_add=tuple(name.upper().removeprefix("CAP_") for name in texts(host.get("CapAdd"))),
        devices=tuple(text(mapping(row).get("PathOnHost")) for row in rows(host.get("Devices"))),
        pid_mode=text(host.get("PidMode")),
        ipc_mode=text(host.get("IpcMode")),
        uts_mode=text(host.get("UTSMode")),
        userns_mode=text(host.get("UsernsMode")),
        init=host.get("Init") is True,
        log_driver=text(log.get("Type")),
        log_options=labels(log.get("Config")),
        port_bindings=tuple(_bindings(mapping(host.get("PortBindings")))),
        propagation=_propagation(rows(found.get("Mounts"))),
        argv=(text(found.get("Path")), *texts(found.get("Args"))) if found.get("Path") else (),
        cpu_shares=positive(host.get("CpuShares")),
    )


def _bindings(ports: Json) -> list[PortBinding]:
    return [
        PortBinding(text(port), text(binding.get("HostIp")), text(binding.get("HostPort")))
        for port, bindings in sorted(ports.items())
        for binding in map(mapping, rows(bindings))
    ]


def _propagation(mounts: list[Any]) -> dict[str, str]:
    told = {
        text(mount.get("Destination")): text(mount.get("Propagation"))
        for mount in map(mapping, mounts)
    }
    return {destination: how for destination, how in told.items() if how}
