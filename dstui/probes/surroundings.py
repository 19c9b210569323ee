# What a container has: its Python, shared memory, limits, GPU variables, frameworks.
import os
import resource
import sys


def has(module):
    try:
        from importlib.util import find_spec

        return find_spec(module) is not None
    except (ImportError, ValueError):
        try:
            import pkgutil

            return pkgutil.find_loader(module) is not None
        except Exception:
            return False


def shared_memory():
    try:
        found = os.statvfs("/dev/shm")
    except OSError:
        return None
    return [found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize]


def limit(kind):
    soft, _ = resource.getrlimit(kind)
    return None if soft == resource.RLIM_INFINITY else soft


def nodes():
    try:
        return sorted(name for name in os.listdir("/dev") if name.startswith("nvidia"))
    except OSError:
        return []


GPU_VARIABLES = ("CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "CUDA_MPS_PIPE_DIRECTORY")

tell(
    python=".".join(map(str, sys.version_info[:3])),
    modules=[name for name in ("torch", "tensorflow", "jax", "cupy") if has(name)],
    shm=shared_memory(),
    memlock=limit(resource.RLIMIT_MEMLOCK),
    nofile=limit(resource.RLIMIT_NOFILE),
    environment={name: os.environ[name] for name in GPU_VARIABLES if name in os.environ},
    nodes=nodes(),
)
