"""Stats streams from an engine that sends half of things, ends them, and breaks them."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from dstui.domain.usage import Usage
from dstui.engine import streams
from dstui.engine.streams import StatsStreams
from tests.unit.scripted_engine import ScriptedEngine, chunked
from tests.waiting import wait_until


def sample(second: int, cpu_ns: int) -> bytes:
    text = {
        "read": f"2026-11-22T13:43:{second:02}Z",
        "cpu_stats": {"cpu_usage": {"total_usage": cpu_ns}},
    }
    return json.dumps(text).encode() + b"\n"


HALF = sample(10, 0)
GOOD = chunked(HALF[:20], HALF[20:], b'{"read": 5}\n[]\nnonsense\n', sample(12, 10**9), end=False)


class Kept(dict[str, Usage]):
    def take(self, came: Mapping[str, Usage]) -> None:
        self.update(came)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_RETRY_S", 0.02)


def test_only_what_is_followed_is_open(tmp_path: Path) -> None:
    answers = {f"/containers/{name}/stats": [GOOD] for name in "abc"}
    with ScriptedEngine(tmp_path / "s", answers, hold=True) as engine:
        kept = Kept()
        followed = StatsStreams(engine, kept.take)  # type: ignore[arg-type]
        followed.follow(["a", "b"])
        wait_until(lambda: kept.keys() == {"a", "b"})
        assert kept["a"].cpu_percent == 50.0
        kept.clear()
        followed.follow(["c"])
        wait_until(lambda: kept.keys() == {"c"} and followed._open.keys() == {"c"})
        followed.stop()
        wait_until(lambda: not followed._open)


def test_a_broken_stream_is_opened_again(tmp_path: Path) -> None:
    answers = {"/containers/a/stats": [GOOD, b"zz\r\n"], "/containers/b/stats": [GOOD]}
    with ScriptedEngine(tmp_path / "s", answers) as engine:
        kept = Kept()
        followed = StatsStreams(engine, kept.take)  # type: ignore[arg-type]
        followed.follow(["a", "b", "unknown"])
        wait_until(lambda: all(sum(f"/{n}/" in r for r in engine.requests) >= 3 for n in "ab"))
        wait_until(lambda: kept.keys() == {"a", "b"})
        followed.stop()
