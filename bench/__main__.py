"""`python -m bench --host unix:///…`: prints a table; see bench/README.md."""

import argparse
import os

from bench.fleet import fleet
from bench.measure import Figures, idle_engine, measure, measure_start
from bench.programs import dstui, dstui_demo, floor, peers

COLUMNS = (
    ("first name ms", "first_name", "{:.0f}"),
    ("all figures ms", "all_figures", "{:.0f}"),
    ("CPU %", "cpu", "{:.2f}"),
    ("engine+shims %", "engine_cpu", "{:.1f}"),
    ("PSS MiB", "pss", "{:.0f}"),
    ("B/s", "bytes_per_s", "{:.0f}"),
    ("create", "create", "{:.0f}"),
    ("start", "start", "{:.0f}"),
    ("rename", "rename", "{:.0f}"),
    ("kill", "kill", "{:.0f}"),
    ("key ms", "key", "{:.1f}"),
)


def main() -> None:
    """Measure dstui and the peers on fleets of growing size."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    default_host = os.environ.get("DSTUI_TEST_HOST", "")
    parser.add_argument("--host", default=default_host, help="an engine that may be filled")
    parser.add_argument("--sizes", default="20,100,300", help="containers on the real engine")
    parser.add_argument("--demo", type=int, default=1000, help="containers on the demo engine")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--window", type=float, default=8.0, help="seconds of idle load")
    parser.add_argument("--no-peers", action="store_true")
    arguments = parser.parse_args()
    print("| program | N | " + " | ".join(title for title, _, _ in COLUMNS) + " |")
    print("|---|--:|" + "--:|" * len(COLUMNS))
    _print(measure_start(floor(), arguments.rounds))
    for size in [int(text) for text in arguments.sizes.split(",") if text]:
        if not arguments.host:
            raise SystemExit("bench: name an engine with --host (its containers stay untouched)")
        with fleet(arguments.host, size) as engine:
            nobody = Figures("(nobody)", size, engine_cpu=idle_engine(arguments.window))
            _print(nobody)
            programs = [dstui(arguments.host)]
            programs += [] if arguments.no_peers else peers(arguments.host)
            for program in programs:
                _print(measure(program, size, engine, arguments.rounds, arguments.window))
    if arguments.demo:
        program = dstui_demo(arguments.demo)
        _print(measure(program, arguments.demo, None, arguments.rounds, arguments.window))


def _print(figures: Figures) -> None:
    cells = []
    for _, field, form in COLUMNS:
        value = getattr(figures, field)
        cells.append("–" if value is None else form.format(value))
    print(f"| {figures.program} | {figures.size} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
