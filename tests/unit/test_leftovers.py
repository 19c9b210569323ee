"""What a killed dstui left on the engine is known by its maker, or by its age."""

import json
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest

from dstui.domain.engine import EngineError
from dstui.engine import debug, leftovers, throwaway
from dstui.engine.leftovers import sweep
from dstui.engine.maker import MAKER_LABEL, has_ended, this_process
from dstui.engine.selftest import sandbox

ENDED = subprocess.run(
    [sys.executable, "-c", "from dstui.engine.maker import this_process as me; print(me())"],
    capture_output=True,
    text=True,
    check=True,
).stdout.strip()
PLACE, _, PROCESS = this_process().rpartition(":")
NUMBER, _, STARTED = PROCESS.partition("/")
BOOT, _, SPACE = PLACE.partition("/")


def test_the_labels_are_those_of_their_makers() -> None:
    assert leftovers.LABELS == (throwaway.LABEL, debug.DEBUG_LABEL, sandbox.LABEL)


@pytest.mark.parametrize(
    ("maker", "ended"),
    [
        (this_process(), False),
        (ENDED, True),
        (f"{PLACE}:{NUMBER}/1", True),  # its number went to this process
        (f"another-boot/{SPACE}:{PROCESS}", None),
        (f"{BOOT}/pid:[1]:{PROCESS}", None),
        (f"{PLACE}:../{STARTED}", None),
        (f"{PLACE}:1²/{STARTED}", None),
        ("nonsense", None),
        ("", None),
    ],
    ids=[
        "runs",
        "ended",
        "another-by-its-number",
        "another-boot",
        "another-namespace",
        "a-path",
        "no-number",
        "nonsense",
        "nothing",
    ],
)
def test_whether_the_maker_has_ended(maker: str, ended: bool | None) -> None:
    assert has_ended(maker) is ended


class Rest:
    """Lists rows, whatever is asked for, and keeps what it is to remove."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows
        self.removed: list[str] = []

    def get(self, path: str, query: dict[str, Any]) -> Any:
        assert json.loads(query["filters"])["label"][0] in leftovers.LABELS
        return self.rows

    def ask(self, method: str, path: str, *more: Any, **_: Any) -> None:
        assert method == "DELETE"
        self.removed.append(path.rpartition("/")[2])


def row(name: str, label: str, maker: str, age_s: float = 5, state: str = "created") -> Any:
    made = {"Id": name, "Created": int(time.time() - age_s), "State": state}
    return {**made, "Labels": {label: "x", MAKER_LABEL: maker} if label else {MAKER_LABEL: maker}}


def test_only_what_is_surely_left_behind_is_removed() -> None:
    label, old = leftovers.LABELS[0], 3600
    rest = Rest(
        [
            row("dead", label, ENDED),
            row("dead-shell", leftovers.LABELS[1], ENDED, state="running"),
            row("in-use", label, this_process(), age_s=10 * old),
            row("somebody's", "", ENDED, age_s=old),
            row("elsewhere-new", label, "boot/space:1/2"),
            row("elsewhere-old", label, "boot/space:1/2", age_s=old),
            row("unlabelled-old", label, "", age_s=old),
            row("elsewhere-shell", label, "boot/space:1/2", age_s=old, state="running"),
            {"Id": "odd", "Labels": {label: "x"}, "Created": "yesterday"},
            7,
        ]
    )
    sweep(SimpleNamespace(rest=rest))  # type: ignore[arg-type]
    assert set(rest.removed) == {"dead", "dead-shell", "elsewhere-old", "unlabelled-old"}


def test_an_engine_that_refuses_is_left_alone() -> None:
    class Refusing(Rest):
        def ask(self, method: str, path: str, *more: Any, **_: Any) -> None:
            super().ask(method, path)
            raise EngineError("no", 409)

    rest = Refusing([row("a", leftovers.LABELS[0], ENDED), row("b", leftovers.LABELS[0], ENDED)])
    sweep(SimpleNamespace(rest=rest))  # type: ignore[arg-type]
    assert rest.removed == ["a", "b"]
