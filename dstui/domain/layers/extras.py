"""Bytes that are visible in the image and still not needed: caches, doubles, model weights."""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from dstui.domain.layers.directories import ROOT
from dstui.domain.layers.stacking import Stack


class Extra(StrEnum):
    """What the bytes are; they are no part of the sum of waste."""

    DUPLICATE = "duplicate"
    """The same content at several paths."""
    CACHE = "cache"
    """What a package manager or a library downloads again when it is gone."""
    MODEL_WEIGHTS = "model-weights"
    """A large model, which every change of the image moves along."""


class ExtraItem(NamedTuple):
    """Bytes that the image could do without, at (or below) a path."""

    cause: Extra
    path: str
    bytes: int
    files: int
    layer: int
    """The layer that wrote most of them."""
    kind: str
    """Whose cache it is, or the other path of a double."""


SMALLEST_MODEL = 10_000_000
SMALLEST_BIN = 100_000_000
_MODEL = re.compile(
    r"\.(safetensors|gguf|ggml|pth?|ckpt|onnx|h5|keras|tflite|pb|engine|plan|nemo|bin)$", re.I
)
_NO_MODEL_ABOVE = "site-packages"
"""Libraries ship large `.bin` and `.pb` files of their own."""

_CACHES = (
    ("pip", re.compile(r"(^|/)\.cache/pip$")),
    ("uv", re.compile(r"(^|/)\.cache/uv$")),
    ("poetry", re.compile(r"(^|/)\.cache/pypoetry$")),
    ("huggingface", re.compile(r"(^|/)\.cache/huggingface$")),
    ("torch", re.compile(r"(^|/)\.cache/torch$")),
    ("npm", re.compile(r"(^|/)(\.npm|\.cache/yarn|\.cache/node-gyp)$")),
    ("apt", re.compile(r"^var/(lib/apt/lists|cache/apt)$")),
    ("dnf", re.compile(r"^var/cache/(dnf|yum|libdnf5)$")),
    ("apk", re.compile(r"^(var/cache/apk|etc/apk/cache)$")),
    ("go", re.compile(r"(^|/)\.cache/go-build$")),
    ("cargo", re.compile(r"(^|/)\.cargo/registry$")),
)
_CONDA_PACKAGES = "pkgs"
_CONDA_METADATA = "conda-meta"


def extras(stack: Stack) -> tuple[ExtraItem, ...]:
    """All of them, the largest first."""
    roots = _cache_roots(stack)
    found = [*_caches(stack, roots), *_models(stack, roots), *_duplicates(stack)]
    return tuple(sorted(found, key=lambda item: (-item.bytes, item.path)))


def _cache_roots(stack: Stack) -> "array[int]":
    """For each directory the one that it is a cache below, itself included; -1 for none."""
    directories = stack.entries.directories
    roots = array("i", (-1,)) * len(directories)
    for number in range(ROOT + 1, len(directories)):
        above = roots[directories.parents[number]]
        if above >= 0:
            roots[number] = above
        elif stack.visible[number] is not None and _cache_kind(stack, number):
            roots[number] = number
    return roots


def _cache_kind(stack: Stack, directory: int) -> str | None:
    directories = stack.entries.directories
    path = directories.paths[directory]
    if path.endswith(_CONDA_PACKAGES) and directories.name(directory) == _CONDA_PACKAGES:
        beside = stack.visible[directories.parents[directory]]
        return "conda" if beside and _CONDA_METADATA in beside else None
    if "cache" not in path and "/." not in f"/{path}" and "apt" not in path:
        return None
    return next((kind for kind, pattern in _CACHES if pattern.search(path)), None)


def _caches(stack: Stack, roots: "array[int]") -> Iterator[ExtraItem]:
    """What goes when a cache goes: not a content that also has a name elsewhere."""
    parents = stack.entries.parents
    shared = dict(stack.inodes.shared())
    held: dict[int, list[int]] = defaultdict(list)
    for entry, content in stack.visible_files():
        root = roots[parents[entry]]
        if root >= 0 and all(roots[parents[name]] == root for name in shared.get(content, ())):
            held[root].append(content)
    for root, contents in held.items():
        kind = _cache_kind(stack, root)
        if kind:
            yield _item(stack, Extra.CACHE, stack.entries.directories.paths[root], contents, kind)


def _models(stack: Stack, roots: "array[int]") -> Iterator[ExtraItem]:
    entries = stack.entries
    for entry, content in stack.visible_files():
        size = entries.sizes[content]
        if size < SMALLEST_MODEL or roots[entries.parents[entry]] >= 0:
            continue
        found = _MODEL.search(entries.names[entry])
        if found is None or (found[1].lower() == "bin" and size < SMALLEST_BIN):
            continue
        path = entries.path(entry)
        if _NO_MODEL_ABOVE not in path:
            yield _item(stack, Extra.MODEL_WEIGHTS, path, [content], found[1].lower())


def _duplicates(stack: Stack) -> Iterator[ExtraItem]:
    """Each content but its first copy, where a checksum tells contents apart."""
    sizes, checksums, path = stack.entries.sizes, stack.entries.contents, stack.entries.path
    first: dict[tuple[int, int], int] = {}
    copies: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for name, content in sorted(stack.visible_files()):
        if not sizes[content] or not checksums[content]:
            continue
        one = first.setdefault((checksums[content], sizes[content]), name)
        if one != name:
            copies[one].append((name, content))
    for one, others in copies.items():
        contents = [content for _, content in others]
        yield _item(stack, Extra.DUPLICATE, path(others[0][0]), contents, path(one))


def _item(stack: Stack, cause: Extra, path: str, contents: list[int], kind: str) -> ExtraItem:
    sizes = stack.entries.sizes
    writers: Counter[int] = Counter()
    for content in contents:
        writers[stack.layer_of(content)] += sizes[content]
    layer = max(writers, key=lambda layer: (writers[layer], -layer))
    return ExtraItem(cause, path, writers.total(), len(contents), layer, kind)
