"""What the simulated containers write: line N of a log depends on its container alone."""

import math
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from dstui.demo.hostile import hostile_line
from dstui.demo.model import Container, iso

KEPT_LINES = 20_000
"""Older lines were rotated away."""
STDOUT, STDERR = 1, 2
_DIM, _RED, _GREEN, _YELLOW, _CYAN, _BOLD, _OFF = (
    f"\x1b[{code}m" for code in (2, 31, 32, 33, 36, 1, 0)
)


class Line(NamedTuple):
    """A line with its time (epoch) and stream; without its line end."""

    time: float
    stream: int
    text: bytes


Writer = Callable[[Random, int, Container, str], tuple[int, str | bytes]]


def line_count(container: Container, now: float) -> int:
    """How many lines there are at this time."""
    if container.started is None:
        return 0
    end = now if container.finished is None or container.alive else min(now, container.finished)
    if container.paused_at is not None:
        end = min(end, container.paused_at)
    regular = int(max(0.0, end - container.started) / container.log_every_s) + 1
    return regular + (len(_last_words(container)) if container.state == "exited" else 0)


def line_time(container: Container, number: int) -> float:
    """When line `number` is (or was) written."""
    started = container.started or container.created
    time = started + number * container.log_every_s
    if container.state == "exited" and container.finished is not None:
        return min(time, container.finished)
    return time


def lines(container: Container, first: int, count: int) -> Iterator[Line]:
    """The lines from number `first` up to `count`, as far as they are kept."""
    write = _WRITERS.get(container.logs, _plain)
    last_words = _last_words(container) if container.state == "exited" else ()
    for number in range(max(first, count - KEPT_LINES, 0), count):
        time = line_time(container, number)
        if number >= count - len(last_words):
            text = last_words[number - count + len(last_words)]
            yield Line(time, STDERR, text.encode())
            continue
        random = Random((container.seed << 24) + number)
        stream, written = write(random, number, container, iso(time)[:23].replace("T", " "))
        content = written if isinstance(written, bytes) else written.encode("utf-8", "replace")
        yield Line(time, stream, content)


def _last_words(container: Container) -> tuple[str, ...]:
    match container.exit_code:
        case 1 if "python" in container.path or container.logs == "training":
            return (
                "Traceback (most recent call last):",
                '  File "/app/train.py", line 214, in <module>',
                "    loss.backward()",
                '  File "/usr/local/lib/python3.12/dist-packages/torch/_tensor.py", line 647',
                f"{_RED}torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 3.12 GiB. "
                f"GPU 0 has a total capacity of 79.11 GiB of which 1.04 GiB is free.{_OFF}",
            )
        case 143:
            return ("Received SIGTERM, saving a checkpoint and leaving.",)
        case _:
            return ()


def _training(random: Random, number: int, container: Container, time: str) -> tuple[int, str]:
    step = number * 50
    epoch, batch = divmod(number, 40)
    loss = 2.4 * math.exp(-number / 900) + 0.31 + random.gauss(0, 0.02)
    if number == 0:
        return STDERR, f"{_CYAN}wandb{_OFF}: Currently logged in as: lab"
    if batch == 0:
        accuracy = 0.83 - 0.5 * math.exp(-epoch / 9) + random.gauss(0, 0.004)
        return STDOUT, (
            f"{_BOLD}epoch {epoch:3d}{_OFF} {_GREEN}val_acc {accuracy:.4f}{_OFF} "
            f"val_loss {loss + 0.05:.4f}, checkpoint saved to /ckpt/epoch{epoch:03d}.pt"
        )
    if random.random() < 0.01:
        return STDERR, f"{_YELLOW}UserWarning: the dataloader is a bottleneck{_OFF}"
    rate = random.uniform(1180, 1320)
    return STDOUT, (
        f"{_DIM}{time[11:19]}{_OFF} epoch {epoch:3d} step {step:7d} loss {loss:.4f} "
        f"lr {3e-4 * math.exp(-number / 4000):.2e} {rate:.0f} img/s gpu_mem 61.5G"
    )


def _jupyter(random: Random, number: int, container: Container, time: str) -> tuple[int, str]:
    if number == 0:
        return STDERR, f"[I {time} ServerApp] Jupyter Server 2.17.0 is running at: :8888/lab"
    page = random.choice(("contents/train.ipynb", "kernels", "sessions", "status", "terminals"))
    if random.random() < 0.03:
        return STDERR, f"{_YELLOW}[W {time} ServerApp]{_OFF} 404 GET /api/{page} (@10.2.0.17) 3.1ms"
    if random.random() < 0.1:
        return STDERR, f"{_GREEN}[I {time} ServerApp]{_OFF} Saving file at /work/train.ipynb"
    mark = f"{_GREEN}[I {time} ServerApp]{_OFF}"
    took = random.uniform(0.6, 40)
    return STDERR, f"{mark} 200 GET /api/{page} (@10.2.0.17) {took:.2f}ms"


def _postgres(random: Random, number: int, container: Container, time: str) -> tuple[int, str]:
    mark = f"{time} UTC [{random.choice((1, 27, 63, 71))}]"
    if number == 0:
        return STDERR, f"{time} UTC [1] LOG:  database system is ready to accept connections"
    if random.random() < 0.06:
        return (
            STDERR,
            f'{mark} ERROR:  relation "metric" does not exist at character 15',
        )
    if number % 30 == 0:
        return STDERR, f"{time} UTC [27] LOG:  checkpoint starting: time"
    took = random.lognormvariate(2, 1)
    return (
        STDERR,
        f"{mark} LOG:  duration: {took:.3f} ms  statement: SELECT key FROM runs",
    )


def _access(random: Random, number: int, container: Container, time: str) -> tuple[int, str]:
    status = random.choices((200, 204, 304, 404, 500), (80, 8, 6, 5, 1))[0]
    path = random.choice(("/api/2.0/mlflow/runs/log-metric", "/health", "/v1/features", "/"))
    took = random.lognormvariate(2.5, 0.8)
    return (
        STDERR if status >= 500 else STDOUT,
        f'10.2.0.{random.randint(2, 40)} - - [{time}] "GET {path} HTTP/1.1" {status} {took:.0f}ms',
    )


def _serving(random: Random, number: int, container: Container, time: str) -> tuple[int, str]:
    if number == 0:
        return STDOUT, "INFO:     Application startup complete."
    running, waiting = random.randint(0, 24), random.choice((0, 0, 0, 1, 4))
    rate = running * random.uniform(38, 55)
    return STDOUT, (
        f"{_GREEN}INFO{_OFF} {time[5:19]} [loggers.py:123] Engine 000: generation throughput: "
        f"{rate:.1f} tokens/s, Running: {running} reqs, Waiting: {waiting} reqs, "
        f"GPU KV cache usage: {running * 2.7:.1f}%"
    )


def _rstudio(random: Random, number: int, container: Container, time: str) -> tuple[int, str]:
    return STDOUT, f"{time}Z [rserver] INFO Session heartbeat; LOGGED FROM: rstudio::server"


def _redis(random: Random, number: int, container: Container, time: str) -> tuple[int, str]:
    changes = random.randint(1, 400)
    return STDOUT, f"1:M {time} * {changes} changes in 60 seconds. Saving..."


def _grafana(random: Random, number: int, container: Container, time: str) -> tuple[int, str]:
    level = random.choices(("info", "warn", "error"), (92, 6, 2))[0]
    stream = STDERR if level == "error" else STDOUT
    return stream, f't={time[:10]}T{time[11:]}Z level={level} logger=cleanup msg="Completed job"'


def _plain(random: Random, number: int, container: Container, time: str) -> tuple[int, str]:
    if random.random() < 0.02:
        return STDERR, f"{time} WARNING shard {number} has {random.randint(1, 9)} damaged records"
    return STDOUT, f"{time} INFO wrote part-{number:05d}.parquet ({random.randint(80, 130)} MB)"


def _hostile(random: Random, number: int, container: Container, time: str) -> tuple[int, bytes]:
    return random.choice((STDOUT, STDERR)), hostile_line(number)


_WRITERS: dict[str, Writer] = {
    "training": _training,
    "jupyter": _jupyter,
    "postgres": _postgres,
    "access": _access,
    "serving": _serving,
    "rstudio": _rstudio,
    "redis": _redis,
    "grafana": _grafana,
    "plain": _plain,
    "hostile": _hostile,
}
