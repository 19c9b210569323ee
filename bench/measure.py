"""What is measured of one program on one fleet."""

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import docker

from bench.capture import Capture
from bench.cost import cpu_now, pss_mib
from bench.fleet import create
from bench.programs import Program


@dataclass(frozen=True)
class Figures:
    """One row of the table; `None` where the program does not show it. Times in ms."""

    program: str
    size: int
    first_name: float | None = None
    all_figures: float | None = None
    cpu: float | None = None
    engine_cpu: float | None = None
    pss: float | None = None
    bytes_per_s: float | None = None
    create: float | None = None
    start: float | None = None
    rename: float | None = None
    kill: float | None = None
    key: float | None = None


def measure(
    program: Program, size: int, engine: docker.DockerClient | None, rounds: int, window: float
) -> Figures:
    """Everything, from fresh runs of the program."""
    first, figures = [], []
    for _ in range(rounds):
        a, b = _startup(program, size)
        first.append(a)
        figures.append(b)
    with Capture(program.command, program.environment) as capture:
        capture.wait_until(lambda lines: _names_shown(program, lines), 20)
        time.sleep(4)  # the programs' own start-up work is over
        begin, before = time.time(), cpu_now(capture.pid)
        time.sleep(window)
        end, after = time.time(), cpu_now(capture.pid)
        span = end - begin
        return Figures(
            program.name,
            size,
            first_name=_median(first),
            all_figures=_median(figures),
            cpu=100 * (after.program - before.program) / span,
            engine_cpu=100 * (after.engine + after.shims - before.engine - before.shims) / span,
            pss=pss_mib(capture.pid),
            bytes_per_s=capture.written(begin, end) / span,
            key=_key(program, capture),
            **(_latencies(program, capture, engine, rounds) if engine is not None else {}),
        )


def measure_start(program: Program, rounds: int) -> Figures:
    """Only how soon it is on screen."""
    starts = []
    for _ in range(rounds):
        with Capture(program.command, program.environment) as capture:
            shown = capture.wait_until(lambda lines: _names_shown(program, lines), 8)
        starts.append(_ms(shown, capture.started))
    return Figures(program.name, 0, first_name=_median(starts))


def idle_engine(window: float) -> float:
    """What dockerd, containerd and the shims use with nobody looking, in % of a core."""
    before = cpu_now(0)
    time.sleep(window)
    after = cpu_now(0)
    return 100 * (after.engine + after.shims - before.engine - before.shims) / window


def _names_shown(program: Program, lines: list[str]) -> bool:
    return any(program.row.search(line) for line in lines)


def _startup(program: Program, size: int) -> tuple[float | None, float | None]:
    with Capture(program.command, program.environment) as capture:
        capture.wait_until(lambda lines: _figures_shown(program, lines), 8)
    begin = capture.started
    name = capture.first_time(lambda lines: _names_shown(program, lines))
    figures = capture.first_time(lambda lines: _figures_shown(program, lines))
    return _ms(name, begin), _ms(figures, begin)


def _figures_shown(program: Program, lines: list[str]) -> bool:
    rows = [line for line in lines if program.row.search(line)]
    return bool(rows) and all(program.figure.search(row) for row in rows)


def _key(program: Program, capture: Capture) -> float | None:
    times = []
    for _ in range(15):
        capture.wait_for_quiet(0.15, 2)
        sent = capture.send(program.down)
        answered = capture.wait_for_output(sent, 1)
        if answered is not None:
            times.append(1000 * (answered - sent))
    return _median(times)


def _latencies(
    program: Program, capture: Capture, engine: docker.DockerClient, rounds: int
) -> dict[str, float | None]:
    """Engine's event to screen, for a container whose name sorts to the top."""
    found: dict[str, list[float | None]] = {"create": [], "start": [], "rename": [], "kill": []}
    events = engine.api.events(decode=True, filters={"type": "container"})
    try:
        for number in range(rounds):
            name = f"aaa-bench-{number}"

            def row_matches(name: str, pattern: re.Pattern[str]) -> Callable[[list[str]], bool]:
                return lambda lines: any(name in row and pattern.search(row) for row in lines)

            def step(what: str, event: str, seen: Callable[[list[str]], bool]) -> None:
                happened = _event_time(events, event)
                time.sleep(1.5)  # long enough for the slowest program's next tick
                found[what].append(_ms(capture.first_time(seen, since=happened), happened))

            identifier = create(engine, name)
            step("create", "create", row_matches(name, re.compile("")))
            engine.api.start(identifier)
            step("start", "start", row_matches(name, program.running))
            engine.api.rename(identifier, name + "-x")
            step("rename", "rename", row_matches(name + "-x", re.compile("")))
            engine.api.kill(identifier)
            step("kill", "die", row_matches(name + "-x", program.ended))
            engine.api.remove_container(identifier, force=True)
            _event_time(events, "destroy")
    finally:
        events.close()
    return {what: _median(times) for what, times in found.items()}


def _event_time(events: docker.types.daemon.CancellableStream, action: str) -> float:
    for event in events:
        if event.get("Action") == action:
            return event["timeNano"] / 1e9
    raise RuntimeError("the event stream ended")


def _ms(then: float | None, begin: float) -> float | None:
    return None if then is None else 1000 * (then - begin)


def _median(values: list[float | None]) -> float | None:
    """The median, or `None` when most of the values are missing."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if 2 * len(known) > len(values) else None
