"""All steps of the self-test, in their order."""

import shlex

from dstui.domain.kind import Kind
from dstui.domain.selftest.step import FRESH, GIVEN, Layer, Step, Target

_QUERY = "nvidia-smi --query-gpu={} --format=csv"

HOST: tuple[Step, ...] = (
    Step("host.hardware", Layer.HOST, "NVIDIA hardware", "lspci -d 10de:"),
    Step(
        "host.module",
        Layer.HOST,
        "Kernel module",
        "cat /proc/driver/nvidia/version; lsmod | grep -E 'nvidia|nouveau'",
        ("host.hardware",),
    ),
    Step(
        "host.nodes",
        Layer.HOST,
        "Device nodes",
        "ls -l /dev/nvidia*",
        ("host.hardware", "host.module"),
    ),
    Step(
        "host.driver",
        Layer.HOST,
        "Driver answers",
        "nvidia-smi",
        ("host.hardware", "host.module"),
        limit_s=45.0,
    ),
    Step(
        "host.versions",
        Layer.HOST,
        "Library and module versions",
        "cat /sys/module/nvidia/version; " + _QUERY.format("driver_version"),
        ("host.hardware", "host.module"),
    ),
    Step("host.count", Layer.HOST, "Every GPU answers", "nvidia-smi -L", ("host.driver",)),
    Step(
        "host.persistence",
        Layer.HOST,
        "Persistence",
        _QUERY.format("persistence_mode"),
        ("host.driver",),
    ),
    Step(
        "host.memory-health",
        Layer.HOST,
        "ECC and remapped rows",
        "nvidia-smi -q -d ECC,PAGE_RETIREMENT,ROW_REMAPPER",
        ("host.driver",),
    ),
    Step(
        "host.xid",
        Layer.HOST,
        "Xid in the kernel log",
        "sudo dmesg | grep -iE 'nvrm|xid'",
        ("host.hardware",),
    ),
    Step(
        "host.link",
        Layer.HOST,
        "PCIe link width",
        _QUERY.format("pcie.link.width.current,pcie.link.width.max"),
        ("host.driver",),
    ),
    Step(
        "host.throttling",
        Layer.HOST,
        "Throttling",
        "nvidia-smi -q -d PERFORMANCE",
        ("host.driver",),
    ),
    Step(
        "host.mode",
        Layer.HOST,
        "Compute mode and MIG",
        _QUERY.format("compute_mode,mig.mode.current"),
        ("host.driver",),
    ),
    Step(
        "host.fabric",
        Layer.HOST,
        "NVSwitch fabric",
        "nvidia-smi -q | grep -A 3 Fabric; systemctl status nvidia-fabricmanager",
        ("host.driver",),
    ),
    Step(
        "host.memory",
        Layer.HOST,
        "Free GPU memory",
        "nvidia-smi",
        ("host.driver",),
    ),
    Step(
        "host.compute",
        Layer.HOST,
        "Computes, every result right",
        "dcgmi diag -r 2",
        ("host.driver", "host.nodes"),
        limit_s=65.0,
    ),
    Step(
        "host.speed",
        Layer.HOST,
        "As fast as its hardware",
        "nvbandwidth; nvidia-smi -q -d PERFORMANCE,CLOCK",
        ("host.driver", "host.compute"),
    ),
)

ENGINE: tuple[Step, ...] = (
    Step("engine.reachable", Layer.ENGINE, "Engine answers", "docker version"),
    Step("engine.kind", Layer.ENGINE, "Where it runs", "docker info", ("engine.reachable",)),
    Step(
        "engine.storage",
        Layer.ENGINE,
        "Storage driver",
        "docker info --format '{{.Driver}} {{.DriverStatus}}'",
        ("engine.reachable",),
    ),
    Step("engine.disk", Layer.ENGINE, "Disk room", "docker system df", ("engine.reachable",)),
    Step(
        "engine.cgroup",
        Layer.ENGINE,
        "Control groups",
        "docker info --format '{{.CgroupVersion}} {{.CgroupDriver}}'",
        ("engine.reachable",),
    ),
    Step(
        "engine.logs",
        Layer.ENGINE,
        "Log rotation",
        "docker inspect --format '{{json .HostConfig.LogConfig}}' CONTAINER",
        ("engine.reachable",),
    ),
    Step(
        "engine.shm",
        Layer.ENGINE,
        "Shared memory default",
        "docker inspect --format '{{.HostConfig.ShmSize}}' CONTAINER",
        ("engine.reachable",),
    ),
    Step("engine.contexts", Layer.ENGINE, "Contexts", "docker context ls", ("engine.reachable",)),
    Step(
        "engine.runtimes",
        Layer.ENGINE,
        "NVIDIA runtime",
        "docker info --format '{{json .Runtimes}} {{.DefaultRuntime}}'",
        ("engine.reachable", "host.hardware"),
    ),
    Step(
        "engine.cdi",
        Layer.ENGINE,
        "CDI devices",
        "docker info --format '{{json .CDISpecDirs}}'; nvidia-ctk cdi list",
        ("engine.reachable", "host.hardware"),
    ),
    Step(
        "engine.toolkit",
        Layer.ENGINE,
        "Container toolkit",
        "nvidia-ctk --version; cat /etc/nvidia-container-runtime/config.toml",
        ("engine.reachable", "host.hardware"),
    ),
    Step(
        "engine.reload",
        Layer.ENGINE,
        "GPU loss at daemon-reload",
        "docker info --format '{{.CgroupDriver}} {{json .DiscoveredDevices}}'",
        ("engine.reachable", "host.hardware"),
    ),
)

_BUSY_LIMIT_S = 90.0


def steps_for(target: Target) -> tuple[Step, ...]:
    """The steps of a self-test, in the order in which they are run."""
    if target.kind is Kind.CONTAINER:
        inside = _inside(target, Layer.CONTAINER)
        return (_given(target), *HOST, *ENGINE, _grant(target), *inside, _fresh(target))
    if target.kind is Kind.IMAGE:
        return (*HOST, *ENGINE, _grant(target), *_inside(target, Layer.IMAGE))
    return (*HOST, *ENGINE, _grant(target), _compute_in_container(target))


def _given(target: Target) -> Step:
    name = shlex.quote(target.name)
    return Step(
        GIVEN,
        Layer.CONTAINER,
        "It was given a GPU",
        "docker inspect --format "
        f"'{{{{json .HostConfig.DeviceRequests}}}} {{{{.HostConfig.Runtime}}}}' {name}",
    )


def _grant(target: Target) -> Step:
    what = "IMAGE" if target.kind is not Kind.IMAGE else shlex.quote(target.name)
    gpus = "all"
    if target.kind is Kind.GPU:
        gpus = shlex.quote(f'"device={target.id.partition(":")[2]}"')
    return Step(
        "engine.grant",
        Layer.ENGINE,
        "A container gets the GPU",
        f"docker run --rm --network none --gpus {gpus} {what} nvidia-smi -L",
        ("engine.reachable", "host.hardware", "engine.runtimes"),
        limit_s=60.0,
    )


def _compute_in_container(target: Target) -> Step:
    gpus = "all"
    if target.kind is Kind.GPU:
        gpus = shlex.quote(f'"device={target.id.partition(":")[2]}"')
    return Step(
        "engine.compute",
        Layer.ENGINE,
        "The same in a container",
        f"docker run --rm --network none --gpus {gpus} IMAGE dcgmi diag -r 2",
        ("host.driver", "engine.grant"),
        limit_s=90.0,
    )


def _fresh(target: Target) -> Step:
    return Step(
        FRESH,
        Layer.CONTAINER,
        "The same in a fresh container",
        "docker run --rm --network none --gpus … IMAGE nvidia-smi -L",
        ("host.hardware", "engine.grant"),
        limit_s=60.0,
    )


def _inside(target: Target, layer: Layer) -> tuple[Step, ...]:
    """What is looked at inside. The frameworks are always the image's content."""
    run = "docker run --rm --gpus all" if layer is Layer.IMAGE else "docker exec"
    start = f"{run} {shlex.quote(target.name)}"

    def python(code: str) -> str:
        return f"{start} python3 -c {shlex.quote(code)}"

    gpu = ("host.hardware", "inside.start")
    cuda = (*gpu, "cuda.init")
    return (
        Step("inside.start", layer, "Can be looked into", f"{start} nvidia-smi -L", limit_s=60.0),
        Step(
            "cuda.compatibility",
            layer,
            "CUDA against the driver",
            f"{start} env | grep -E 'CUDA_VERSION|NVIDIA_REQUIRE'",
            ("host.hardware",),
        ),
        Step(
            "cuda.init",
            layer,
            "CUDA starts",
            python("import ctypes; print(ctypes.CDLL('libcuda.so.1').cuInit(0))"),
            gpu,
            limit_s=60.0,
        ),
        Step(
            "cuda.library",
            layer,
            "Which libcuda",
            python(
                "import ctypes; ctypes.CDLL('libcuda.so.1'); print(open('/proc/self/maps').read())"
            ),
            gpu,
        ),
        Step("cuda.devices", layer, "GPUs that CUDA sees", f"{start} nvidia-smi -L", cuda),
        Step(
            "cuda.memory",
            layer,
            "Write to a GPU and read back",
            python("import torch; print(torch.ones(4, device='cuda').sum())"),
            (*cuda, "cuda.devices"),
            limit_s=60.0,
        ),
        Step(
            "cuda.compute",
            layer,
            "Computes, every result right",
            python("import torch; print(torch.ones(9, 9).cuda() @ torch.ones(9, 9).cuda())"),
            (*cuda, "cuda.devices"),
            limit_s=_BUSY_LIMIT_S,
        ),
        Step("container.shm", layer, "/dev/shm", f"{start} df -h /dev/shm", ("inside.start",)),
        Step(
            "container.limits",
            layer,
            "Limits",
            f"{start} sh -c 'ulimit -l; ulimit -n'",
            ("inside.start",),
        ),
        *(
            Step(
                f"framework.{name}",
                Layer.IMAGE,
                title,
                python(code),
                cuda,
                limit_s=_BUSY_LIMIT_S,
            )
            for name, title, code in _FRAMEWORKS
        ),
        Step(
            "nccl",
            Layer.IMAGE,
            "NCCL between GPUs",
            f"{start} torchrun --nproc-per-node gpu all_reduce.py",
            (*cuda, "framework.torch"),
            limit_s=_BUSY_LIMIT_S,
        ),
    )


_FRAMEWORKS = (
    ("torch", "PyTorch", "import torch; print(torch.ones(8, 8).cuda() @ torch.ones(8, 8).cuda())"),
    (
        "tensorflow",
        "TensorFlow",
        "import tensorflow as tf; print(tf.config.list_physical_devices('GPU'))",
    ),
    ("jax", "JAX", "import jax; print(jax.devices())"),
    ("cupy", "CuPy", "import cupy; print(cupy.ones((8, 8)) @ cupy.ones((8, 8)))"),
)
"""The names are those of the modules."""
