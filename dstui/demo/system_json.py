"""The engine, its volumes, networks and disk use in the shapes of the API."""

import json
from typing import Any

from dstui.demo.container_json import ROOT, ListCache, endpoint
from dstui.demo.image_json import ApiVersion, all_layers_size, measured_summary
from dstui.demo.model import Container, Network, Volume, digest, iso
from dstui.demo.usage_json import HOST_CPUS, HOST_MEMORY
from dstui.demo.world import World

API_VERSION = "1.47"
OLDEST_API_VERSION = "1.24"
ENGINE_VERSION = "27.3.1"
KERNEL = "6.8.0-85-generic"
HOST_NAME = "gpu-lab-1"


def version() -> dict[str, Any]:
    """The answer of `GET /version`."""
    built = "2024-09-20T11:41:11.000000000+00:00"
    return {
        "Platform": {"Name": "Docker Engine - Community (simulated by dstui)"},
        "Components": [
            {
                "Name": "Engine",
                "Version": ENGINE_VERSION,
                "Details": {
                    "ApiVersion": API_VERSION,
                    "Arch": "amd64",
                    "BuildTime": built,
                    "Experimental": "false",
                    "GitCommit": "41ca978",
                    "GoVersion": "go1.22.7",
                    "KernelVersion": KERNEL,
                    "MinAPIVersion": OLDEST_API_VERSION,
                    "Os": "linux",
                },
            },
            {"Name": "containerd", "Version": "1.7.22", "Details": {"GitCommit": "7f7fdf5"}},
            {"Name": "runc", "Version": "1.1.14", "Details": {"GitCommit": "v1.1.14-0-g2c9f560"}},
            {"Name": "docker-init", "Version": "0.19.0", "Details": {"GitCommit": "de40ad0"}},
        ],
        "Version": ENGINE_VERSION,
        "ApiVersion": API_VERSION,
        "MinAPIVersion": OLDEST_API_VERSION,
        "GitCommit": "41ca978",
        "GoVersion": "go1.22.7",
        "Os": "linux",
        "Arch": "amd64",
        "KernelVersion": KERNEL,
        "BuildTime": built,
    }


def info(world: World) -> dict[str, Any]:
    """The answer of `GET /info`."""
    states = [container.state for container in world.containers.values()]
    paused, restarting = states.count("paused"), states.count("restarting")
    running = states.count("running") + restarting
    return {
        "ID": digest("engine", world.seed)[:32],
        "Containers": len(states),
        "ContainersRunning": running,
        "ContainersPaused": paused,
        "ContainersStopped": len(states) - running - paused,
        "Images": len(world.images),
        "Driver": "overlay2",
        "DriverStatus": [["Backing Filesystem", "xfs"], ["Supports d_type", "true"]],
        "Plugins": {
            "Volume": ["local"],
            "Network": ["bridge", "host", "ipvlan", "macvlan", "null", "overlay"],
            "Authorization": None,
            "Log": ["journald", "json-file", "local", "syslog"],
        },
        "MemoryLimit": True,
        "SwapLimit": True,
        "CpuCfsPeriod": True,
        "CpuCfsQuota": True,
        "CPUShares": True,
        "CPUSet": True,
        "PidsLimit": True,
        "IPv4Forwarding": True,
        "BridgeNfIptables": True,
        "BridgeNfIp6tables": True,
        "Debug": False,
        "NFd": 412,
        "OomKillDisable": False,
        "NGoroutines": 530,
        "SystemTime": iso(world.clock()),
        "LoggingDriver": "json-file",
        "CgroupDriver": "systemd",
        "CgroupVersion": "2",
        "NEventsListener": 1,
        "KernelVersion": KERNEL,
        "OperatingSystem": "Ubuntu 24.04.3 LTS",
        "OSVersion": "24.04",
        "OSType": "linux",
        "Architecture": "x86_64",
        "IndexServerAddress": "https://index.docker.io/v1/",
        "RegistryConfig": {"InsecureRegistryCIDRs": ["127.0.0.0/8"], "IndexConfigs": {}},
        "NCPU": HOST_CPUS,
        "MemTotal": HOST_MEMORY,
        "GenericResources": None,
        "DockerRootDir": ROOT,
        "HttpProxy": "",
        "HttpsProxy": "",
        "NoProxy": "",
        "Name": HOST_NAME,
        "Labels": ["dstui.demo=true"],
        "ExperimentalBuild": False,
        "ServerVersion": ENGINE_VERSION,
        "Runtimes": {
            "io.containerd.runc.v2": {"path": "runc"},
            "nvidia": {"path": "nvidia-container-runtime"},
            "runc": {"path": "runc"},
        },
        "DefaultRuntime": "runc",
        "Swarm": {"NodeID": "", "LocalNodeState": "inactive", "RemoteManagers": None},
        "LiveRestoreEnabled": True,
        "Isolation": "",
        "InitBinary": "docker-init",
        "ContainerdCommit": {"ID": "7f7fdf5", "Expected": "7f7fdf5"},
        "RuncCommit": {"ID": "v1.1.14-0-g2c9f560", "Expected": "v1.1.14-0-g2c9f560"},
        "InitCommit": {"ID": "de40ad0", "Expected": "de40ad0"},
        "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
        "CDISpecDirs": ["/etc/cdi", "/var/run/cdi"],
        "Warnings": None,
    }


def volume_entry(volume: Volume) -> dict[str, Any]:
    """The answer of `GET /volumes/NAME`."""
    return {
        "CreatedAt": iso(volume.created)[:19] + "Z",
        "Driver": "local",
        "Labels": volume.labels,
        "Mountpoint": f"{ROOT}/volumes/{volume.name}/_data",
        "Name": volume.name,
        "Options": None,
        "Scope": "local",
    }


def network_entry(network: Network, members: list[Container]) -> dict[str, Any]:
    """The answer of `GET /networks/ID`; a list passes no members, as the engine does."""
    config = []
    if network.number:
        subnet = f"172.{network.number}.0.0/16"
        config = [{"Subnet": subnet, "Gateway": f"172.{network.number}.0.1"}]
    connected = {}
    for member in members:
        ends = endpoint(member, network.id, network.number)
        connected[member.id] = {
            "Name": member.name,
            "EndpointID": ends["EndpointID"],
            "MacAddress": ends["MacAddress"],
            "IPv4Address": f"{ends['IPAddress']}/16" if ends["IPAddress"] else "",
            "IPv6Address": "",
        }
    return {
        "Name": network.name,
        "Id": network.id,
        "Created": iso(network.created),
        "Scope": "local",
        "Driver": network.driver,
        "EnableIPv6": False,
        "IPAM": {"Driver": "default", "Options": None, "Config": config},
        "Internal": False,
        "Attachable": False,
        "Ingress": False,
        "ConfigFrom": {"Network": ""},
        "ConfigOnly": False,
        "Containers": connected,
        "Options": {},
        "Labels": network.labels,
    }


def disk_use(world: World, cache: ListCache, api: ApiVersion) -> dict[str, Any]:
    """The answer of `GET /system/df`."""
    containers = []
    for container in world.containers.values():
        entry = json.loads(cache.entry(container))
        entry["SizeRootFs"] = container.image.size + container.writable
        entry["SizeRw"] = container.writable
        containers.append(entry)
    return {
        "LayersSize": all_layers_size(world),
        "Images": [measured_summary(world, image, api) for image in world.images],
        "Containers": containers,
        "Volumes": [
            {
                **volume_entry(volume),
                "UsageData": {
                    "RefCount": len(world.users_of_volume(volume.name)),
                    "Size": volume.size,
                },
            }
            for volume in world.volumes.values()
        ],
        "BuildCache": [record.as_json() for record in world.build_cache.values()],
        "BuilderSize": sum(record.size for record in world.build_cache.values()),
    }
