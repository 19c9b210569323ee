"""The cache of indexes: what lies there is an index, or nothing."""

import json
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dstui.domain.layers.directories import Directories
from dstui.domain.layers.entries import Entries
from dstui.domain.layers.index import ImageIndex, Source, assemble
from dstui.domain.layers.recording import LayerRecorder, Recording
from dstui.engine.index import cache as module
from dstui.engine.index.cache import IndexCache

ID = "sha256:" + "a" * 64


def small_index() -> ImageIndex:
    recording = Recording()
    layer = LayerRecorder(recording)
    for name in (b"etc/passwd", b"etc/hosts", b"usr/bin/sh"):
        layer.add(name, ord("0"), 7, (0o644, 0, 0), 1_700_000_000, b"", 0)
    return assemble(ID, Source.ARCHIVE, "", [("sha256:b", layer.entries)], ["RUN x"], Counter())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("indexes")


def put(folder: Path, packed: bytes) -> None:
    IndexCache(folder)._file(ID).write_bytes(packed)


def packed(head: Any, rest: bytes = b"") -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return module._FORMAT + zlib.compress(len(text).to_bytes(8, "big") + text + rest)


def test_what_was_written_is_read(folder: Path) -> None:
    index = small_index()
    IndexCache(folder).write(index)
    found = IndexCache(folder).read(ID)
    assert found is not None
    assert (found.image_id, found.starts, found.entries.names) == (ID, (0, 3), index.entries.names)


def test_what_unpacks_without_end_is_no_index(folder: Path) -> None:
    put(folder, packed({"image_id": ID}, bytes(module._LARGEST)))
    assert IndexCache(folder).read(ID) is None


def test_what_is_too_large_to_be_read_is_not_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    IndexCache(folder)._file(ID).unlink(missing_ok=True)
    monkeypatch.setattr(module, "_LARGEST", 100)
    IndexCache(folder).write(small_index())
    assert not IndexCache(folder).has(ID)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
KEYS = ("image_id", "source", "checksum", "diff_ids", "instructions", "starts", "skipped")
heads = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(KEYS, json_values),
        "image_id": st.just(ID) | json_values,
        "source": st.just("archive") | json_values,
        "links": st.lists(st.lists(json_values, min_size=2, max_size=2)) | json_values,
        "capabilities": st.lists(st.integers()) | json_values,
        "blobs": st.lists(st.integers(-9, 99), min_size=10, max_size=10) | json_values,
        "diff_ids": st.lists(st.text(max_size=3), max_size=3),
        "starts": st.lists(st.integers(-1, 3), max_size=4),
    },
)
DEEP = b"[" * 100_000 + b"]" * 100_000


@settings(max_examples=200, deadline=None)
@given(heads | json_values | st.just(DEEP), st.binary(max_size=200))
@example(DEEP, b"")
@example({"blobs": [0] * 10, "links": [[float("inf"), "a"]]}, b"")
def test_any_content_is_an_index_or_none(folder: Path, head: Any, rest: bytes) -> None:
    put(folder, packed(head, rest))
    found = IndexCache(folder).read(ID)
    assert found is None or found.image_id == ID


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=20), st.integers(0, 2000), st.integers(0, 2000))
def test_damage_is_no_index_or_leaves_it_readable(
    folder: Path, noise: bytes, at: int, cut: int
) -> None:
    good = module._packed(small_index())
    assert good is not None
    at %= len(good)
    put(folder, (good[:at] + noise + good[at + len(noise) :])[: max(1, cut % (len(good) + 1))])
    found = IndexCache(folder).read(ID)
    assert found is None or found.image_id == ID


def test_nothing_is_an_index_too(folder: Path) -> None:
    empty = ImageIndex(ID, Source.ARCHIVE, "", (), (), Entries(Directories()), (0,))
    IndexCache(folder).write(empty)
    assert IndexCache(folder).read(ID) is not None
