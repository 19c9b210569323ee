"""The action log: one whole line an action, and no action is stopped by it."""

import json
import stat
from pathlib import Path
from threading import Thread

from dstui.actionlog import ActionLog
from dstui.domain.action import Action, Outcome, Verb
from dstui.domain.engine import EngineInfo
from dstui.domain.kind import Kind

ENGINE = EngineInfo(
    id="E1", name="box", product="Docker", version="27.0", api_version="1.46", host="unix:///x"
)
STOP = Action(Verb.STOP, Kind.CONTAINER, "ab" * 32, "train", grace_s=30)


def test_a_line_tells_who_did_what_to_which_object_with_what_outcome(tmp_path: Path) -> None:
    path = tmp_path / "state" / "actions.jsonl"
    ActionLog(path).write(ENGINE, Outcome(STOP, ok=False, message="no such\ncontainer"))
    entry = json.loads(path.read_text())
    assert entry["action"] == "stop"
    assert entry["id"] == "ab" * 32
    assert entry["engine"]["id"] == "E1"
    assert entry["command"] == "docker stop --time 30 train"
    assert (entry["outcome"], entry["message"]) == ("failed", "no such\ncontainer")
    assert entry["user"]
    assert entry["time"].endswith("+00:00")


def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "actions.jsonl"
    ActionLog(path).write(ENGINE, Outcome(STOP, ok=True))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_lines_of_several_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "actions.jsonl"

    def write() -> None:
        log = ActionLog(path)
        for _ in range(50):
            log.write(ENGINE, Outcome(STOP, ok=True, message="m" * 500))

    writers = [Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = path.read_text().splitlines()
    assert len(lines) == 200
    assert all(json.loads(line)["outcome"] == "done" for line in lines)


def test_a_log_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    log = ActionLog(tmp_path / "file" / "actions.jsonl")
    log.write(ENGINE, Outcome(STOP, ok=True))
    assert log.error is not None
    assert "actions.jsonl" in log.error
