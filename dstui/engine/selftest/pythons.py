"""Where the Python of a container may be: the one that its own processes run comes first."""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.domain.selftest.answers import Answer
from dstui.engine.client import Engine
from dstui.engine.convert.read import Json, environment, mapping, texts, whole
from dstui.engine.selftest.daemon import is_here
from dstui.engine.selftest.exec import PYTHONS, MissingProgramError, Python, run

_INTERPRETER = re.compile(r"/(?:[^/\s]+/)*(?:python|pypy)\d*(?:\.\d+)?t?")
_GPU_NODE = re.compile(r"/dev/nvidia\d")
_PREFIXES = ("VIRTUAL_ENV", "CONDA_PREFIX")
_MOST, _MOST_PROCESSES, _MOST_DIRECTORIES = 24, 64, 8
_READ_S = 5.0


class Candidate(NamedTuple):
    """A program that may be the Python, and what says so."""

    path: str
    told_by: str


class FoundPython(NamedTuple):
    """The Python of a container, what it tells of its surroundings, and what named it."""

    python: Python
    tells: Answer
    told_by: str


def find_python(
    engine: Engine,
    container: str,
    config: Json,
    limit_s: float,
    stop: threading.Event,
    first: str = "",
) -> FoundPython | None:
    """The first candidate that answers, `first` before all others."""
    known = [Candidate(first, "as before")] if first else []
    for path, told_by in chain(known, candidates(engine, container, config, stop)):
        python = Python(engine, container, path)
        try:
            told, _ = python.probe("surroundings", limit_s, stop)
        except MissingProgramError:
            continue
        if told:
            return FoundPython(python, told[0], told_by)
    return None


def candidates(
    engine: Engine, container: str, config: Json, stop: threading.Event
) -> Iterator[Candidate]:
    """The likeliest first, each path once. `config` is what the container or image was made with.

    A virtual environment's Python is a link, so the words of a process's command name it and the
    target of its `/proc/PID/exe` does not.
    """
    seen: set[str] = set()
    every = _every(engine, container, config, stop)
    for found in islice((one for one in every if one.path not in seen), _MOST):
        seen.add(found.path)
        yield found


def _every(
    engine: Engine, container: str, config: Json, stop: threading.Event
) -> Iterator[Candidate]:
    yield from _of_processes(engine, container)
    words = (*texts(config.get("Entrypoint")), *texts(config.get("Cmd")))
    yield from _named(words, "its command")
    own = dict(environment(config.get("Env")))
    main = _main_environment(engine, container, stop)
    yield from _of_prefixes(main, "its main process")
    yield from _of_prefixes(own, "its settings")
    known = own.get("PATH", "").split(":")
    further = [d for d in main.get("PATH", "").split(":") if d.startswith("/") and d not in known]
    for directory in further[:_MOST_DIRECTORIES]:
        yield Candidate(f"{directory}/python3", "the PATH of its main process")
    for path in PYTHONS:
        yield Candidate(path, "a usual place" if path.startswith("/") else "the PATH")


def _of_processes(engine: Engine, container: str) -> Iterator[Candidate]:
    """The interpreters that run in it: of the process that holds a GPU, then of the main one."""
    try:
        table = engine.top(container)
    except EngineError:
        return
    pid, command = (
        next((i for i, title in enumerate(table.titles) if title in names), None)
        for names in (("PID",), ("CMD", "COMMAND"))
    )
    if command is None:
        return
    rows = [row for row in table.rows[:_MOST_PROCESSES] if len(row) > command]
    here = pid is not None and is_here(engine)
    held = [row for row in rows if here and _holds_a_gpu(row[pid or 0])]
    for row in held:
        yield from _named(row[command].split(), "the process that holds the GPU")
    for place, row in enumerate(rows):
        who = "its main process" if place == 0 else "a process in it"
        yield from _named(row[command].split(), who)


def _named(words: Iterable[str], told_by: str) -> Iterator[Candidate]:
    found = next((word for word in words if _INTERPRETER.fullmatch(word)), None)
    if found is not None:
        yield Candidate(found, told_by)


def _of_prefixes(variables: Mapping[str, str], whose: str) -> Iterator[Candidate]:
    for name in _PREFIXES:
        if (prefix := variables.get(name, "")).startswith("/"):
            yield Candidate(f"{prefix.rstrip('/')}/bin/python", f"{name} of {whose}")


def _holds_a_gpu(pid: str) -> bool:
    """Whether a process of this machine has a GPU's node open, as far as that may be seen."""
    try:
        files = list(Path("/proc", pid, "fd").iterdir()) if pid.isdecimal() else []
    except OSError:
        return False
    return any(_is_a_gpu(file) for file in files)


def _is_a_gpu(file: Path) -> bool:
    try:
        return _GPU_NODE.match(str(file.readlink())) is not None
    except OSError:  # closed meanwhile
        return False


def _main_environment(engine: Engine, container: str, stop: threading.Event) -> Mapping[str, str]:
    """The variables of its main process, which an entrypoint may have changed; empty if hidden."""
    try:
        pid = _pid_inside(engine, container)
        if pid is None:
            return {}
        told = run(engine, container, ("cat", f"/proc/{pid}/environ"), _READ_S, stop)
    except EngineError:
        return {}
    return {} if told.exit_code else dict(environment(told.output.split("\0")))


def _pid_inside(engine: Engine, container: str) -> int | None:
    """The pid of the main process as seen inside."""
    answer = engine.inspect(Kind.CONTAINER, container)
    mode = mapping(answer.get("HostConfig")).get("PidMode") or ""
    if mode == "host":
        return whole(mapping(answer.get("State")).get("Pid"))
    return None if mode else 1
