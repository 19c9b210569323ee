"""Files of an image as the lines of a tree: what each one weighs, and what a layer did to it."""

import stat
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import NamedTuple

from dstui.domain.layers.directories import ROOT
from dstui.domain.layers.entries import DIRECTORY, OPAQUE, SYMLINK, WHITEOUT
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.losses import Removal
from dstui.domain.layers.stacking import Change
from dstui.domain.layers.tree import Node, Tree
from dstui.domain.text import clean
from dstui.render.column import Cell, Role
from dstui.render.layer_facts import counted
from dstui.render.layers import bar
from dstui.render.units import decimal_bytes

BAR_WIDTH = 8
_LETTERS = {Change.ADDED: ("A", Role.GOOD), Change.MODIFIED: ("M", Role.WARNING)}
_KINDS = {ord("1"): "hard link", ord("2"): "symlink", ord("5"): "directory", ord("6"): "FIFO"}


class TreeRow(NamedTuple):
    """A file or directory on screen, so many levels deep."""

    node: Node
    depth: int


class Note(NamedTuple):
    """What is said beside a name: a letter for what a layer did, and a few words."""

    letter: str = ""
    role: Role = Role.NORMAL
    words: str = ""


Notes = Callable[[Node], Note]


def rows_below(
    tree: Tree, directory: int = ROOT, depth: int = 0, opened: Collection[int] = ()
) -> list[TreeRow]:
    """What a directory holds, the largest first, with all below that is `opened`."""
    rows: list[TreeRow] = []
    ahead = [TreeRow(node, depth) for node in reversed(tree.children(directory))]
    while ahead:
        row = ahead.pop()
        rows.append(row)
        number = row.node.directory
        if number is not None and number in opened:
            inside = reversed(tree.children(number))
            ahead.extend(TreeRow(node, row.depth + 1) for node in inside)
    return rows


# Cells


def size_cell(node: Node) -> Cell:
    """Its bytes, with all below it."""
    return Cell(decimal_bytes(node.bytes) if node.bytes else "", Role.NUMBER)


def share_bar(node: Node, whole: int) -> str:
    """Its part of all bytes; nothing for what is too small to be drawn."""
    share = node.bytes / whole if whole else 0.0
    return bar(share, BAR_WIDTH) if share >= 1 / (16 * BAR_WIDTH) else ""


def name_cell(tree: Tree, node: Node) -> Cell:
    """Its name, harmless, a directory's with a slash, a symlink's with where it leads."""
    name = clean(node.name)
    if node.name == OPAQUE:
        return Cell("all that was in here", Role.MUTED)
    if node.name.startswith(WHITEOUT):
        return Cell(clean(node.name.removeprefix(WHITEOUT)), Role.MUTED)
    if node.is_directory:
        return Cell(f"{name}/", Role.STRONG)
    if node.entry is not None and tree.entries.types[node.entry] == SYMLINK:
        return Cell(f"{name} → {clean(tree.entries.links.get(node.entry, ''))}", Role.MUTED)
    return Cell(name)


def path_of(tree: Tree, node: Node) -> str:
    """Its path in the image, with a leading slash, harmless."""
    if node.directory is not None:
        return clean(f"/{tree.entries.directories.paths[node.directory]}")
    return "/" if node.entry is None else clean(f"/{tree.entries.path(node.entry)}")


# Notes


def merged_notes(indexed: IndexedImage) -> Notes:
    """In the merged tree: how many files a directory has, which layer a file is from."""

    def note(node: Node) -> Note:
        if node.is_directory or node.entry is None:
            return Note(words=counted(node.files, "file"))
        return Note(words=f"layer {indexed.stack.layer_of(node.entry) + 1}")

    return note


def layer_notes(indexed: IndexedImage, layer: int) -> Notes:
    """In the tree of one layer: what it adds (A), modifies (M) and removes (R)."""
    stack, entries = indexed.stack, indexed.index.entries
    removals = {r.path: r for r in stack.removals if r.layer == layer}

    def note(node: Node) -> Note:
        entry = node.entry
        if entry is None:
            return Note(words=counted(node.files, "change"))
        if stack.changes[entry] == Change.MARK:
            return Note("R", Role.BAD, _taken_away(removals.get(_marked(indexed, entry))))
        letter, role = _LETTERS.get(Change(stack.changes[entry]), ("", Role.NORMAL))
        if entries.types[entry] == DIRECTORY:
            return Note(letter, role, counted(node.files, "change") if node.files else "")
        ended = stack.ended_by[entry]
        return Note(letter, role, f"hidden by layer {ended + 1}" if ended >= 0 else "")

    return note


def _marked(indexed: IndexedImage, mark: int) -> str:
    """The path that a mark takes away."""
    entries = indexed.index.entries
    if entries.names[mark] == OPAQUE:
        return entries.directories.paths[entries.parents[mark]]
    name = entries.names[mark].removeprefix(WHITEOUT)
    return entries.directories.join(entries.parents[mark], name)


def _taken_away(removal: Removal | None) -> str:
    if removal is None:
        return ""
    return f"{decimal_bytes(removal.bytes)} in {counted(removal.files, 'file')} hidden"


# All that is known of one


def about_node(indexed: IndexedImage, tree: Tree, node: Node) -> tuple[Cell, ...]:
    """Path, then type, mode, owner, time and layers."""
    path = Cell(path_of(tree, node), Role.STRONG)
    entry = node.entry
    if entry is None:
        return path, Cell(f"{decimal_bytes(node.bytes)} in {counted(node.files, 'file')}")
    entries = indexed.index.entries
    kind = _KINDS.get(entries.types[entry], "file")
    told = [
        f"{kind} {stat.filemode(_type_bits(entries.types[entry]) | entries.modes[entry])}",
        f"{entries.uids[entry]}:{entries.gids[entry]}",
        datetime.fromtimestamp(_sane(entries.mtimes[entry]), UTC).strftime("%Y-%m-%d %H:%M:%SZ"),
        f"layer {indexed.stack.layer_of(entry) + 1}",
    ]
    if node.is_directory:
        told.insert(0, f"{decimal_bytes(node.bytes)} in {counted(node.files, 'file')}")
    else:
        told.insert(0, counted(entries.sizes[indexed.stack.inodes.content(entry)], "byte"))
    ended = indexed.stack.ended_by[entry]
    if ended >= 0:
        told.append(f"hidden by layer {ended + 1}")
    return path, Cell("  ".join(told), Role.MUTED)


def _type_bits(kind: int) -> int:
    return {
        ord("2"): stat.S_IFLNK,
        ord("3"): stat.S_IFCHR,
        ord("4"): stat.S_IFBLK,
        ord("5"): stat.S_IFDIR,
        ord("6"): stat.S_IFIFO,
    }.get(kind, stat.S_IFREG)


def _sane(moment: int) -> int:
    """A time of the years that a date can be of."""
    return max(0, min(moment, 253_402_300_799))
