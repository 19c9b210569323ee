"""dstui and the peers that are measured beside it, when they are on PATH."""

import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROW = re.compile(r"dsbench-\d{3}")
FIGURE = re.compile(r"\d+\.\d+\s?%|\b\d+\.\d\b")
_OWN_ROW = re.compile(r"^\s*\S\s+dsbench-\d{3}\s")
"""A row of the table, as the details below it name the container too."""
_DEMO_ROW = re.compile(r"^\s*[^\w\s]\s{2,}\w\S+\s+\S+[:/]")
_DEMO_FIGURE = re.compile(r"\d+\.\d%|exit|created|dead")
_OWN = str(Path(sys.executable).with_name("dstui"))


@dataclass(frozen=True)
class Program:
    """How to start a program, and how to read its screen."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    row: re.Pattern[str] = ROW
    figure: re.Pattern[str] = FIGURE
    running: re.Pattern[str] = re.compile(r"running|\bUp\b|▶|●", re.IGNORECASE)
    ended: re.Pattern[str] = re.compile(r"exited|Exited|137|■|○|◉", re.IGNORECASE)
    down: bytes = b"\x1b[B"


def dstui(host: str) -> Program:
    """The dstui of this environment."""
    return Program("dstui", (_OWN, "--host", host), row=_OWN_ROW)


def dstui_demo(containers: int) -> Program:
    """dstui over its demo engine."""
    command = (_OWN, f"--demo={containers}")
    return Program("dstui --demo", command, row=_DEMO_ROW, figure=_DEMO_FIGURE)


def floor() -> Program:
    """A Textual app with one line: no app of its kind can be on screen sooner."""
    return Program("(empty Textual app)", (sys.executable, "-m", "bench.floor"))


def peers(host: str) -> list[Program]:
    """The peers found on PATH."""
    environment = {"DOCKER_HOST": host}
    known = [
        Program("lazydocker", ("lazydocker",), environment),
        Program("ctop", ("ctop",), environment),
        Program("docker stats", ("docker", "stats"), environment),
    ]
    return [program for program in known if shutil.which(program.command[0])]
