# Two ranks add ones over NCCL, each on its own GPU: the sum is the number of ranks.
import os
import subprocess
import sys
import time

RANKS = 2
RANK = """
import os, signal
signal.alarm(int(os.environ["LIMIT"]))
import torch, torch.distributed as dist
rank = int(os.environ["RANK"])
torch.cuda.set_device(rank)
dist.init_process_group("nccl")
ones = torch.ones(1024, device="cuda")
dist.all_reduce(ones)
torch.cuda.synchronize()
assert float(ones.min()) == float(ones.max()) == dist.get_world_size(), "a wrong sum"
dist.destroy_process_group()
"""
SMALL = {
    "NCCL_DEBUG": "WARN",
    "NCCL_BUFFSIZE": "1048576",
    "NCCL_MAX_NCHANNELS": "1",
    "NCCL_SOCKET_IFNAME": "lo",
    "GLOO_SOCKET_IFNAME": "lo",
    "CUDA_MODULE_LOADING": "LAZY",
    "MASTER_ADDR": "127.0.0.1",
    "WORLD_SIZE": str(RANKS),
}


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(rank, port):
    environment = dict(os.environ, RANK=str(rank), MASTER_PORT=str(port), **SMALL)
    environment["LIMIT"] = sys.argv[1]
    return subprocess.Popen(
        [sys.executable, "-c", RANK],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def main():
    import torch

    count = torch.cuda.device_count()
    peers = [
        [a, b]
        for a in range(count)
        for b in range(count)
        if a != b and torch.cuda.can_device_access_peer(a, b)
    ]
    port = free_port()
    began = time.time()
    ranks = [start(rank, port) for rank in range(RANKS)]
    try:
        said = [rank.communicate(timeout=int(sys.argv[1]) - 5)[0] for rank in ranks]
    finally:
        for rank in ranks:
            if rank.poll() is None:
                rank.kill()
    errors = [
        text.decode("utf-8", "replace").strip()[-2000:]
        for rank, text in zip(ranks, said)
        if rank.returncode
    ]
    if errors:
        tell(error=errors[0], peers=peers, devices=count)
    else:
        tell(ranks=RANKS, seconds=time.time() - began, peers=peers, devices=count)


try:
    main()
except Exception as error:
    tell(error="%s: %s" % (type(error).__name__, error))
