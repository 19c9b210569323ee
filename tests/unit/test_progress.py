"""The engine's progress messages of pulls, pushes and loads."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.text import clean
from dstui.domain.transfer import LayerProgress
from dstui.engine.progress import Tracker

DIGEST = "sha256:" + "0123456789abcdef" * 4


def message(status: str, layer: str = "", current: int = 0, total: int = 0) -> dict[str, Any]:
    detail = {"current": current, "total": total} if total else {}
    return {"status": status, "progressDetail": detail, **({"id": layer} if layer else {})}


PULL = [
    {"status": "Pulling from team/app", "id": "latest"},
    message("Pulling fs layer", "aaa"),
    message("Pulling fs layer", "bbb"),
    message("Already exists", "ccc"),
    message("Downloading", "aaa", 50, 100),
    message("Downloading", "bbb", 100, 300),
    message("Download complete", "aaa"),
    message("Extracting", "aaa", 50, 100),
    message("Pull complete", "aaa"),
    message("Verifying Checksum", "bbb"),
    message("Extracting", "bbb", 300, 300),
    message("Pull complete", "bbb"),
    {"status": f"Digest: {DIGEST}"},
    {"status": "Status: Downloaded newer image for app:latest"},
]


def stream(messages: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\r\n" for one in messages)


def test_a_pull_layer_by_layer() -> None:
    tracker, fractions = Tracker(), []
    for one in PULL:
        tracker.take(one)
        fractions.append(tracker.progress.fraction)
    tracker.end()
    known = [fraction for fraction in fractions if fraction is not None]
    assert known == sorted(known)
    # 50 of 100 and 100 of 300 bytes are fetched, and unpacking is half of a layer's way
    assert fractions[5] == (100 * 0.25 + 300 * 0.5 / 3) / 400
    assert tracker.progress.fraction == 1.0
    assert [layer.id for layer in tracker.progress.layers] == ["aaa", "bbb", "ccc"]
    assert all(layer.done for layer in tracker.progress.layers)
    assert tracker.digest == DIGEST
    assert tracker.progress.message == "Status: Downloaded newer image for app:latest"


def test_a_layer_tells_the_bytes_of_its_step() -> None:
    tracker = Tracker()
    tracker.take(message("Downloading", "aaa", 50, 100))
    assert tracker.progress.layers == (LayerProgress("aaa", "Downloading", 50, 100),)
    assert tracker.progress.layers[0].fraction == 0.5
    tracker.take(message("Download complete", "aaa"))
    assert tracker.progress.layers[0].fraction is None


def test_an_engine_that_counts_seconds_tells_no_bytes() -> None:
    tracker = Tracker()
    tracker.take(
        {"status": "Extracting", "id": "a", "progressDetail": {"current": 7, "units": "s"}}
    )
    assert tracker.progress.layers == (LayerProgress("a", "Extracting"),)


def test_the_digest_of_a_push_and_what_a_file_brought() -> None:
    tracker = Tracker()
    tracker.take({"progressDetail": {}, "aux": {"Tag": "1", "Digest": DIGEST, "Size": 528}})
    tracker.take({"stream": "Loaded image: team/app:1\n"})
    tracker.take({"stream": f"Loaded image ID: {DIGEST}\n"})
    old = f"The image team/app:1 already exists, renaming the old one with ID {DIGEST} to empty"
    tracker.take({"stream": old})
    assert tracker.digest == DIGEST
    assert tracker.loaded == ["team/app:1", DIGEST]
    assert tracker.notes == [old]


def test_at_the_end_all_layers_are_done() -> None:
    tracker = Tracker()
    tracker.take(message("Loading layer", "aaa", 90, 100))
    tracker.end()
    assert tracker.progress.layers[0].done
    assert tracker.progress.fraction == 1.0


def test_an_error_is_kept_and_nothing_is_called_complete() -> None:
    tracker = Tracker()
    tracker.take(message("Pushing", "aaa", 50, 100))
    tracker.take({"errorDetail": {"message": "denied\x1b[31m"}, "error": "denied"})
    tracker.end()
    assert tracker.error == "denied"
    assert tracker.progress.fraction == 0.5


@given(st.lists(st.integers(1, 200), max_size=8))
def test_however_the_bytes_are_cut(cuts: list[int]) -> None:
    whole, data, cut = Tracker(), stream(PULL), Tracker()
    whole.feed(data)
    for size in cuts:
        cut.feed(data[:size])
        data = data[size:]
    cut.feed(data)
    assert cut.progress == whole.progress


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["status", "id", "progressDetail", "current", "total", "aux", "error",
                         "errorDetail", "message", "Digest", "stream"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(JSON, max_size=12), st.binary(max_size=40))
def test_nonsense_is_harmless(messages: list[Any], noise: bytes) -> None:
    tracker = Tracker()
    for one in messages:
        tracker.take(one)
    tracker.feed(noise + b"\n")
    tracker.end()
    progress = tracker.progress
    assert progress.fraction is None or 0 <= progress.fraction <= 1
    assert progress.message == clean(progress.message)
    assert all(
        text == clean(text) for layer in progress.layers for text in (layer.id, layer.status)
    )


def test_a_flood_of_layers_and_an_endless_line_stay_bounded() -> None:
    tracker = Tracker()
    for number in range(5000):
        tracker.take(message("Waiting", f"layer{number}"))
    assert len(tracker.progress.layers) == 1000
    for _ in range(40):
        tracker.feed(b"x" * 100_000)
    tracker.feed(b"\n" + stream([message("Pushed", "layer1")]))
    assert tracker.progress.layers[1].done
