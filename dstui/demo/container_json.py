"""A container in the shapes of the API's list and inspect answers."""

import json
import shlex
from typing import Any

from dstui.demo.model import Container, Mount, Port, digest, iso
from dstui.demo.phrases import status_phrase
from dstui.demo.world import World

ROOT = "/var/lib/docker-demo"
"""Not a directory of the host, so nothing measures the host's disk in its stead."""

_STATUS_MARK = "@status@"
_STATE_MARK = "@state@"

_HOST_CONFIG_DEFAULTS: dict[str, Any] = {
    "Binds": None,
    "ContainerIDFile": "",
    "LogConfig": {"Type": "json-file", "Config": {}},
    "NetworkMode": "bridge",
    "PortBindings": {},
    "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    "AutoRemove": False,
    "VolumeDriver": "",
    "VolumesFrom": None,
    "ConsoleSize": [0, 0],
    "CapAdd": None,
    "CapDrop": None,
    "CgroupnsMode": "private",
    "Dns": [],
    "DnsOptions": [],
    "DnsSearch": [],
    "ExtraHosts": None,
    "GroupAdd": None,
    "IpcMode": "private",
    "Cgroup": "",
    "Links": None,
    "OomScoreAdj": 0,
    "PidMode": "",
    "Privileged": False,
    "PublishAllPorts": False,
    "ReadonlyRootfs": False,
    "SecurityOpt": None,
    "UTSMode": "",
    "UsernsMode": "",
    "ShmSize": 67_108_864,
    "Runtime": "runc",
    "Isolation": "",
    "CpuShares": 0,
    "Memory": 0,
    "NanoCpus": 0,
    "CgroupParent": "",
    "BlkioWeight": 0,
    "BlkioWeightDevice": [],
    "BlkioDeviceReadBps": [],
    "BlkioDeviceWriteBps": [],
    "BlkioDeviceReadIOps": [],
    "BlkioDeviceWriteIOps": [],
    "CpuPeriod": 0,
    "CpuQuota": 0,
    "CpuRealtimePeriod": 0,
    "CpuRealtimeRuntime": 0,
    "CpusetCpus": "",
    "CpusetMems": "",
    "Devices": [],
    "DeviceCgroupRules": None,
    "DeviceRequests": None,
    "MemoryReservation": 0,
    "MemorySwap": 0,
    "MemorySwappiness": None,
    "OomKillDisable": None,
    "PidsLimit": None,
    "Ulimits": [],
    "CpuCount": 0,
    "CpuPercent": 0,
    "IOMaximumIOps": 0,
    "IOMaximumBandwidth": 0,
    "MaskedPaths": ["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/sys/firmware"],
    "ReadonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
}


class ListCache:
    """The list entries as JSON text, made anew only for the containers that changed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._entries: dict[str, tuple[int, str]] = {}

    def entry(self, container: Container) -> str:
        """One entry; only its state and status are filled in at each call."""
        revision, text = self._entries.get(container.id, (-1, ""))
        if revision != container.revision:
            text = json.dumps(summary(self._world, container, _STATE_MARK, _STATUS_MARK))
            self._entries[container.id] = container.revision, text
        state = self._world.shown_state(container)
        status = status_phrase(container, self._world.clock())
        return text.replace(f'"{_STATE_MARK}"', json.dumps(state), 1).replace(
            f'"{_STATUS_MARK}"', json.dumps(status), 1
        )


def summary(world: World, container: Container, state: str, status: str) -> dict[str, Any]:
    """An entry of `GET /containers/json`."""
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": container.image_name,
        "ImageID": container.image.id,
        "Command": shlex.join([container.path, *container.args]),
        "Created": int(container.created),
        "Ports": [entry for port in container.ports for entry in _listed_ports(port, container)],
        "Labels": container.labels,
        "State": state,
        "Status": status,
        "HostConfig": {"NetworkMode": container.network},
        "NetworkSettings": {"Networks": _networks(world, container)},
        "Mounts": [_mount(mount) for mount in container.mounts],
    }


def inspection(world: World, container: Container) -> dict[str, Any]:
    """The answer of `GET /containers/ID/json`."""
    home = f"{ROOT}/containers/{container.id}"
    return {
        "Id": container.id,
        "Created": iso(container.created),
        "Path": container.path,
        "Args": container.args,
        "State": _state(world, container),
        "Image": container.image.id,
        "ResolvConfPath": f"{home}/resolv.conf",
        "HostnamePath": f"{home}/hostname",
        "HostsPath": f"{home}/hosts",
        "LogPath": f"{home}/{container.id}-json.log",
        "Name": f"/{container.name}",
        "RestartCount": container.restarts,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "docker-default",
        "ExecIDs": None,
        "HostConfig": _host_config(container),
        "GraphDriver": _graph_driver(container.id),
        "Mounts": [_mount(mount) for mount in container.mounts],
        "Config": _config(container),
        "NetworkSettings": _network_settings(world, container),
    }


def _state(world: World, container: Container) -> dict[str, Any]:
    alive = container.alive
    state: dict[str, Any] = {
        "Status": container.state,
        "Running": alive,
        "Paused": container.state == "paused",
        "Restarting": container.state == "restarting",
        "OOMKilled": container.oom_killed,
        "Dead": False,
        "Pid": container.pid if alive and container.state != "restarting" else 0,
        "ExitCode": container.exit_code,
        "Error": container.error,
        "StartedAt": iso(container.started),
        "FinishedAt": iso(container.finished),
    }
    if container.has_health and container.state != "created":
        sick = container.health == "unhealthy"
        now = world.clock()
        state["Health"] = {
            "Status": container.health or "unhealthy",
            "FailingStreak": 7 if sick else 0,
            "Log": [
                {
                    "Start": iso(now - 12.2),
                    "End": iso(now - 12.1),
                    "ExitCode": 1 if sick else 0,
                    "Output": "curl: (7) Failed to connect to localhost" if sick else "ok",
                }
            ],
        }
    return state


def _host_config(container: Container) -> dict[str, Any]:
    binds = [
        f"{mount.source}:{mount.destination}:{'ro' if mount.read_only else 'rw'}"
        for mount in container.mounts
    ]
    bindings = {
        f"{port.container_port}/{port.protocol}": [
            {"HostIp": port.host_ip, "HostPort": str(port.host_port)}
        ]
        for port in container.ports
        if port.host_port
    }
    return {
        **_HOST_CONFIG_DEFAULTS,
        "Binds": binds or None,
        "NetworkMode": container.network,
        "PortBindings": bindings,
        **container.host_config,
    }


def _config(container: Container) -> dict[str, Any]:
    configured: dict[str, Any] = {
        "Hostname": container.id[:12],
        "Domainname": "",
        "User": container.user,
        "AttachStdin": False,
        "AttachStdout": not container.open_stdin,
        "AttachStderr": not container.open_stdin,
        "ExposedPorts": {f"{port.container_port}/{port.protocol}": {} for port in container.ports},
        "Tty": container.tty,
        "OpenStdin": container.open_stdin,
        "StdinOnce": False,
        "Env": container.env,
        "Cmd": container.args if container.entrypoint else [container.path, *container.args],
        "Image": container.image_name,
        "Volumes": {mount.destination: {} for mount in container.mounts} or None,
        "WorkingDir": container.workdir,
        "Entrypoint": container.entrypoint,
        "OnBuild": None,
        "Labels": container.labels,
    }
    if container.has_health:
        configured["Healthcheck"] = {
            "Test": ["CMD-SHELL", "curl -fsS localhost/health || exit 1"],
            "Interval": 30_000_000_000,
            "Timeout": 5_000_000_000,
            "Retries": 3,
        }
    return configured


def _listed_ports(port: Port, container: Container) -> list[dict[str, Any]]:
    entry: dict[str, Any] = {"PrivatePort": port.container_port, "Type": port.protocol}
    if port.host_port is None or not container.alive:
        return [entry]
    return [
        {"IP": address, "PrivatePort": port.container_port, "PublicPort": port.host_port,
         "Type": port.protocol}
        for address in (port.host_ip, *(["::"] if port.host_ip == "0.0.0.0" else []))
    ]  # fmt: skip


def _mount(mount: Mount) -> dict[str, Any]:
    if mount.type == "volume":
        return {
            "Type": "volume",
            "Name": mount.source,
            "Source": f"{ROOT}/volumes/{mount.source}/_data",
            "Destination": mount.destination,
            "Driver": "local",
            "Mode": "z",
            "RW": not mount.read_only,
            "Propagation": "",
        }
    return {
        "Type": mount.type,
        "Source": mount.source,
        "Destination": mount.destination,
        "Mode": "ro" if mount.read_only else "",
        "RW": not mount.read_only,
        "Propagation": "rprivate",
    }


def _networks(world: World, container: Container) -> dict[str, Any]:
    known = next((found for found in world.networks if found.name == container.network), None)
    if known is None:
        return {}
    return {known.name: endpoint(container, known.id, known.number)}


def endpoint(container: Container, network_id: str, number: int) -> dict[str, Any]:
    """How a container is connected to a network; without addresses when it does not run."""
    connected = container.alive and number > 0
    member = (container.pid // 64) % 60_000 + 2
    high, low = divmod(member, 256)
    return {
        "IPAMConfig": None,
        "Links": None,
        "Aliases": None,
        "MacAddress": f"02:42:ac:{number:02x}:{high:02x}:{low:02x}" if connected else "",
        "DriverOpts": None,
        "NetworkID": network_id,
        "EndpointID": digest("endpoint", container.id) if container.alive else "",
        "Gateway": f"172.{number}.0.1" if connected else "",
        "IPAddress": f"172.{number}.{high}.{low}" if connected else "",
        "IPPrefixLen": 16 if connected else 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "DNSNames": None,
    }


def _network_settings(world: World, container: Container) -> dict[str, Any]:
    networks = _networks(world, container)
    sandbox = digest("sandbox", container.id) if container.alive else ""
    default = networks.get("bridge", {})
    ports = {
        f"{port.container_port}/{port.protocol}": [
            {"HostIp": entry["IP"], "HostPort": str(entry["PublicPort"])}
            for entry in _listed_ports(port, container)
            if "PublicPort" in entry
        ]
        or None
        for port in container.ports
    }
    return {
        "Bridge": "",
        "SandboxID": sandbox,
        "SandboxKey": f"/var/run/docker/netns/{sandbox[:12]}" if sandbox else "",
        "Ports": ports if container.alive else {},
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        "EndpointID": default.get("EndpointID", ""),
        "Gateway": default.get("Gateway", ""),
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "IPAddress": default.get("IPAddress", ""),
        "IPPrefixLen": default.get("IPPrefixLen", 0),
        "IPv6Gateway": "",
        "MacAddress": default.get("MacAddress", ""),
        "Networks": networks,
    }


def _graph_driver(identifier: str) -> dict[str, Any]:
    home = f"{ROOT}/overlay2/{digest('layer', identifier)}"
    return {
        "Data": {
            "ID": identifier,
            "LowerDir": f"{home}-init/diff",
            "MergedDir": f"{home}/merged",
            "UpperDir": f"{home}/diff",
            "WorkDir": f"{home}/work",
        },
        "Name": "overlay2",
    }
