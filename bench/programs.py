"""dstui and the peers that are measured beside it, when they are on PATH."""

import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

FIGURE = re.compile(r"\d+\.\d+\s?%|\b\d+\.\d\b")


@dataclass(frozen=True)
class Program:
    """How to start a program, and how to read its screen."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    figure: re.Pattern[str] = FIGURE
    running: re.Pattern[str] = re.compile(r"running|\bUp\b|▶|●", re.IGNORECASE)
    ended: re.Pattern[str] = re.compile(r"exited|Exited|137|■|○|◉", re.IGNORECASE)
    down: bytes = b"\x1b[B"


def dstui(host: str) -> Program:
    """The dstui of this environment."""
    return Program("dstui", (str(Path(sys.executable).with_name("dstui")), "--host", host))


def dstui_demo(containers: int) -> Program:
    """dstui over its demo engine."""
    return Program(
        "dstui --demo", (str(Path(sys.executable).with_name("dstui")), f"--demo={containers}")
    )


def peers(host: str) -> list[Program]:
    """The peers found on PATH."""
    environment = {"DOCKER_HOST": host}
    known = [
        Program("lazydocker", ("lazydocker",), environment),
        Program("ctop", ("ctop",), environment),
        Program("docker stats", ("docker", "stats"), environment),
    ]
    return [program for program in known if shutil.which(program.command[0])]
