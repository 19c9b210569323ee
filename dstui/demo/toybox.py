"""The commands of the toy shell. Each answers its exit code and what it prints."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from dstui.demo.gpus import DemoGpus
from dstui.demo.model import Container
from dstui.demo.system_json import KERNEL
from dstui.demo.usage_json import processes
from dstui.demo.world import World

Answer = tuple[int, str]
_DIRECTORIES: dict[str, tuple[str, ...]] = {
    "/": ("app", "bin", "data", "etc", "home", "proc", "root", "tmp", "usr", "var", "workspace"),
    "/app": ("README.md", "configs", "requirements.txt", "train.py"),
    "/workspace": ("README.md", "examples", "train.ipynb"),
    "/data": ("imagenet", "laion-400m", "wikitext"),
    "/etc": ("hostname", "hosts", "os-release", "passwd", "resolv.conf"),
    "/tmp": (),
    "/home": ("work",),
    "/home/work": ("checkpoints", "notes.md", "runs", "train.ipynb"),
    "/home/jovyan": ("train.ipynb", "work"),
    "/root": (),
}
_FILES = {
    "/etc/os-release": 'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\n',
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
    "/app/requirements.txt": "torch>=2.9\ntimm>=1.0\nwandb\nwebdataset\n",
    "/app/README.md": "# vision-train\n",
    "/workspace/README.md": "Welcome to the demo: nothing here is real.\n",
    "/home/work/notes.md": "lr 3e-4 diverges after epoch 12; try warmup\n",
}


@dataclass(slots=True)
class Surroundings:
    """Where the commands run."""

    world: World
    container: Container
    user: str
    directory: str
    size: Callable[[], tuple[str, str]]
    """Rows and columns of the terminal."""

    def variables(self) -> dict[str, str]:
        pairs = (text.partition("=") for text in self.container.env)
        return {
            "HOSTNAME": self.container.id[:12],
            "HOME": "/root" if self.user == "root" else "/home/work",
            "PWD": self.directory,
            "TERM": "xterm",
            "USER": self.user,
        } | {name: value for name, _, value in pairs}

    def path(self, name: str) -> str:
        """A path made absolute."""
        parts: list[str] = []
        whole = name if name.startswith("/") else f"{self.directory}/{name}"
        for part in whole.split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part not in ("", "."):
                parts.append(part)
        return "/" + "/".join(parts)


Command = Callable[[Surroundings, list[str]], Answer]


def _echo(around: Surroundings, words: list[str]) -> Answer:
    if words[:1] == ["-n"]:
        return 0, " ".join(words[1:])
    return 0, " ".join(words) + "\n"


def _ls(around: Surroundings, words: list[str]) -> Answer:
    names = [word for word in words if not word.startswith("-")]
    path = around.path(names[0]) if names else around.directory
    if path in _FILES:
        return 0, f"{path}\n"
    found = _listing(around, path)
    if found is None:
        return 2, f"ls: {path}: No such file or directory\n"
    if any(word.startswith("-") and "l" in word for word in words):
        row = "drwxr-xr-x 2 root root 4096 Nov  3 10:12 {}\n"
        return 0, "".join(row.format(name) for name in found)
    return 0, "".join(f"{name}\n" for name in found) if not around.container.tty else (
        "  ".join(found) + "\n"
    )


def _listing(around: Surroundings, path: str) -> tuple[str, ...] | None:
    if path in ("/bin", "/usr/bin"):
        return tuple(sorted({*COMMANDS, *around.container.image.shells}))
    if path in _DIRECTORIES:
        return _DIRECTORIES[path]
    if path == around.container.workdir or any(
        mount.destination == path for mount in around.container.mounts
    ):
        return ("data", "notes.md")
    return None


def _cat(around: Surroundings, words: list[str]) -> Answer:
    printed = []
    for word in words:
        path = around.path(word)
        if path == "/etc/hostname":
            printed.append(f"{around.container.id[:12]}\n")
        elif path in _FILES:
            printed.append(_FILES[path])
        else:
            return 1, "".join(printed) + f"cat: {word}: No such file or directory\n"
    return 0, "".join(printed)


def _cd(around: Surroundings, words: list[str]) -> Answer:
    path = around.path(words[0]) if words else around.variables()["HOME"]
    if _listing(around, path) is None:
        return 1, f"cd: {path}: No such file or directory\n"
    around.directory = path
    return 0, ""


def _ps(around: Surroundings, words: list[str]) -> Answer:
    table = processes(around.container, "-o user,pid,time,cmd", around.world.clock())
    rows = [("USER", "PID", "TIME", "COMMAND")]
    for number, (user, _, time_used, command) in enumerate(table["Processes"], start=1):
        rows.append((user, str(number), time_used, command))
    return 0, "".join(f"{a:<10}{b:>6} {c:>9} {d}\n" for a, b, c, d in rows)


def _env(around: Surroundings, words: list[str]) -> Answer:
    return 0, "".join(f"{name}={value}\n" for name, value in around.variables().items())


def _nvidia_smi(around: Surroundings, words: list[str]) -> Answer:
    reading = DemoGpus(around.world).reading()
    gpus = [gpu for gpu in reading["gpus"] if gpu["index"] in around.container.gpus]
    if not gpus:
        return 9, "NVIDIA-SMI has failed because no GPU was granted to this container.\n"
    if "-L" in words:
        return 0, "".join(
            f"GPU {number}: {gpu['name']} (UUID: {gpu['id'].removeprefix('nvidia:')})\n"
            for number, gpu in enumerate(gpus)
        )
    head = f"NVIDIA-SMI {reading['driver_version']}   CUDA Version: {reading['cuda_version']}\n"
    rows = []
    for number, gpu in enumerate(gpus):
        if "error" in gpu:
            rows.append(f"{number}  {gpu['name']}  ERR! {gpu['error']}\n")
            continue
        used, total = gpu["memory_used_bytes"] >> 20, gpu["memory_total_bytes"] >> 20
        rows.append(
            f"{number}  {gpu['name']}  {gpu['temperature_c']:.0f}C  {gpu['power_w']:.0f}W / "
            f"{gpu['power_limit_w']:.0f}W  {used}MiB / {total}MiB  "
            f"{gpu['utilization_percent']:.0f}%\n"
        )
    return 0, head + "".join(rows)


def _test(around: Surroundings, words: list[str]) -> Answer:
    words = [word for word in words if word != "]"]
    if len(words) != 2 or not words[0].startswith("-"):
        return (0 if words else 1), ""
    path = around.path(words[1])
    directory, _, name = path.rpartition("/")
    there = (
        path in _FILES
        or _listing(around, path) is not None
        or name in (_listing(around, directory or "/") or ())
    )
    return (0 if there else 1), ""


def _command(around: Surroundings, words: list[str]) -> Answer:
    if words[:1] == ["-v"] and len(words) == 2:
        known = words[1] in COMMANDS or words[1] in around.container.image.shells
        return (0, f"/bin/{words[1]}\n") if known else (127, "")
    return 2, "command: -v NAME\n"


def _sleep(around: Surroundings, words: list[str]) -> Answer:
    try:
        time.sleep(min(float(words[0]), 3600.0))
    except (IndexError, ValueError):
        return 1, "sleep: missing or bad operand\n"
    return 0, ""


def _stty(around: Surroundings, words: list[str]) -> Answer:
    return 0, " ".join(around.size()) + "\n" if words == ["size"] else ""


def _id(around: Surroundings, words: list[str]) -> Answer:
    if around.user in ("root", "0"):
        return 0, "uid=0(root) gid=0(root) groups=0(root)\n"
    number = around.user.split(":")[0]
    return 0, f"uid={number if number.isdigit() else 1000}({number}) gid=100(users)\n"


COMMANDS: dict[str, Command] = {
    ":": lambda around, words: (0, ""),
    "[": _test,
    "cat": _cat,
    "cd": _cd,
    "clear": lambda around, words: (0, "\x1b[H\x1b[2J"),
    "command": _command,
    "date": lambda around, words: (0, time.ctime(around.world.clock()) + "\n"),
    "echo": _echo,
    "env": _env,
    "false": lambda around, words: (1, ""),
    "hostname": lambda around, words: (0, around.container.id[:12] + "\n"),
    "id": _id,
    "ls": _ls,
    "nvidia-smi": _nvidia_smi,
    "printenv": _env,
    "ps": _ps,
    "pwd": lambda around, words: (0, around.directory + "\n"),
    "sleep": _sleep,
    "stty": _stty,
    "test": _test,
    "true": lambda around, words: (0, ""),
    "uname": lambda around, words: (
        0,
        f"Linux {around.container.id[:12]} {KERNEL} x86_64 GNU/Linux\n" if words else "Linux\n",
    ),
    "which": lambda around, words: _command(around, ["-v", *words]),
    "whoami": lambda around, words: (0, around.user + "\n"),
}
