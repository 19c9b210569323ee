"""The Layers tab and the comparison, over the demo engine with indexes that are made here."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from dstui.domain.engine import EngineError
from dstui.domain.layers.index import Source
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.reading import IndexCancelledError, IndexCost, UnreadableImageError
from dstui.session import Session
from dstui.ui.layers.files_view import FilesView
from dstui.ui.sections.tab_layers import LayersTab
from tests.layer_stacks import Entry, Layer
from tests.ui.house import House, house
from tests.unit.test_layers_stacking import index_of

SITE = "opt/conda/lib/python3.11/site-packages"
LAYERS: list[Layer] = [
    [
        Entry("usr/lib/libc.so.6", content=b"c" * 2000),
        Entry(f"{SITE}/torch-2.5.1.dist-info/METADATA", content=b"x"),
        Entry(f"{SITE}/torch/lib/libtorch.so", content=b"t" * 9000),
        Entry("root/.cache/pip/wheel", content=b"w" * 3000),
    ],
    [Entry("app/train\x1b[31m.py", content=b"p" * 700), Entry("usr/lib/libc.so.6", content=b"2")],
    [Entry("root/.cache/.wh.pip")],
]
QUICK = IndexCost(cached=False, source=Source.TAR_SPLIT, seconds=0.3)
DEAR = IndexCost(
    cached=False,
    source=Source.ARCHIVE,
    seconds=150,
    temp_bytes=8_000_000_000,
    runs_on_after_cancel=True,
    socket_command="docker create --name dstui-index …",
)


def indexed(layers: list[Layer], source: Source = Source.TAR_SPLIT) -> IndexedImage:
    made_by = ("ADD rootfs /", "COPY . /app", "RUN rm -rf /root/.cache")
    index = replace(
        index_of(layers),
        source=source,
        instructions=made_by[: len(layers)],
        diff_ids=tuple(f"sha256:{hash(tuple(layer))}" for layer in layers),
    )
    return IndexedImage(index)


class Indexing:
    """Stands in for the engine's part: what reading costs, and what comes of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cost = QUICK
        self.allowed = False
        self.asked_for: list[Source | None] = []
        self.hold: threading.Event | None = None
        self.broken: set[Source] = set()
        self.layers: Callable[[str], list[Layer]] = lambda image_id: LAYERS
        monkeypatch.setattr(
            Session, "image_index", lambda session, *a, **more: self.image_index(*a, **more)
        )
        monkeypatch.setattr(Session, "index_cost", lambda session, image_id: self.cost)
        monkeypatch.setattr(Session, "may_read_records", lambda session: self.allowed)
        monkeypatch.setattr(Session, "allow_reading_records", lambda session: self.allow())

    def allow(self) -> str:
        self.allowed = True
        return ""

    def image_index(self, image_id, progress, cancel, *, only=None):
        self.asked_for.append(only)
        progress(0.25, "reading layer 1 of 3")
        while self.hold is not None and not self.hold.wait(0.01):
            if cancel.is_set():
                raise IndexCancelledError
        if only in self.broken:
            raise UnreadableImageError("the records are damaged")
        return indexed(self.layers(image_id), only or Source.TAR_SPLIT)


@pytest.fixture
def indexing(monkeypatch) -> Indexing:
    return Indexing(monkeypatch)


async def at_layers(it: House) -> LayersTab:
    """The cursor on an image, the keys in its Layers tab."""
    await it.press("2")
    await it.until(lambda: it.names(), "the images")
    it.section.open_detail("Layers")
    await it.sees("INSTRUCTION")
    tab = it.section.detail.tab
    assert isinstance(tab, LayersTab)
    await it.until(lambda: it.section.detail.has_focus_within, "the keys in the tab")
    return tab


async def test_what_is_quick_is_read_at_once_and_its_source_is_named(lab, indexing):
    async with house(lab) as it:
        await at_layers(it)
        await it.sees("efficiency")
        assert "14.7kB in 3 layers" in it.text
        assert "- 9.7kB visible" in it.text and "= 5kB waste" in it.text
        assert "tar-split" in it.text
        assert indexing.asked_for == [Source.TAR_SPLIT]


async def test_every_view_shows_its_part(lab, indexing):
    seen = {
        "Files": "2 files",
        "Directories": "/opt/conda/",
        "Types": "Shared libraries",
        "Packages": "torch",
        "Biggest": "libtorch.so",
        "Waste": "/root/.cache/pip",
        "Treemap": "libtorch.so",
    }
    async with house(lab) as it:
        tab = await at_layers(it)
        await it.sees("efficiency")
        for title, words in seen.items():
            await it.press("right_curly_bracket")
            await it.sees(words)
            assert tab.has_focus_within, title
            assert "\x1b[31m" not in it.text
        await it.press("right_curly_bracket")
        await it.sees("INSTRUCTION")
        await it.press("left_curly_bracket")
        await it.sees("of all that is visible")


async def test_waste_tells_its_fix_and_its_sum(lab, indexing):
    async with house(lab) as it:
        tab = await at_layers(it)
        await it.sees("efficiency")
        tab._views.open_view("Waste")
        await it.sees("14.7kB in layers - 9.7kB visible = 5kB")
        await it.press("j")
        await it.sees("&& rm -rf /root/.cache/pip")
        await it.sees("Layer 3  RUN rm -rf /root/.cache")


async def test_files_unfold_filter_and_step_through_layers(lab, indexing):
    async with house(lab) as it:
        tab = await at_layers(it)
        await it.sees("efficiency")
        await it.press("right_curly_bracket")
        await it.sees("opt/")
        await it.press("enter")
        await it.sees("conda/")
        await it.press("slash", *"libc")
        await it.sees("libc.so.6")
        await it.until(lambda: "conda/" not in it.text)
        await it.press("enter", "escape")
        await it.sees("opt/")
        await it.press("greater_than_sign", "greater_than_sign")
        await it.sees("Layer 2 of 3")
        await it.sees("A 1   M 1   R 0")
        await it.press("escape")
        await it.until(lambda: "Layer 2 of 3" not in it.text)
        assert isinstance(tab._views.active, FilesView)
        assert tab._views.files.chosen_layer is None


async def test_enter_on_a_big_file_leads_to_it_in_the_tree(lab, indexing):
    async with house(lab) as it:
        tab = await at_layers(it)
        await it.sees("efficiency")
        tab._views.open_view("Biggest")
        await it.sees("libtorch.so")
        await it.until(lambda: tab._views.active.has_focus, "the keys in the view")
        await it.press("enter")
        await it.until(lambda: isinstance(tab._views.active, FilesView))
        await it.sees(f"/{SITE}/torch/lib/libtorch.so")


async def test_what_costs_something_is_told_and_asked_first(lab, indexing):
    indexing.cost = DEAR
    async with house(lab) as it:
        await at_layers(it)
        await it.sees("I reads every file of every layer")
        assert indexing.asked_for == []
        await it.press("I")
        await it.sees("docker create --name dstui-index")
        await it.sees("about 2 min, 8GB of disk")
        await it.press("j")
        await it.sees("Docker before 27")
        await it.sees("docker save")
        await it.press("escape")
        await it.until(lambda: len(it.app.screen_stack) == 1)
        assert indexing.asked_for == []
        await it.press("I")
        await it.sees("docker create")
        await it.press("enter")
        await it.sees("efficiency")
        assert "tar-split-socket" in it.text
        assert indexing.asked_for == [Source.TAR_SPLIT_SOCKET]
        assert indexing.allowed


async def test_what_was_allowed_once_is_not_asked_again(lab, indexing):
    indexing.cost, indexing.allowed = DEAR, True
    async with house(lab) as it:
        await at_layers(it)
        await it.press("I")
        await it.sees("efficiency")
        assert indexing.asked_for == [Source.TAR_SPLIT_SOCKET]


async def test_read_only_offers_no_container(lab, indexing):
    indexing.cost, indexing.allowed = DEAR, False
    async with house(lab, read_only=True) as it:
        await at_layers(it)
        await it.press("I")
        await it.sees("From the image's archive")
        assert "docker create" not in it.text


async def test_records_that_fail_lead_to_the_archive_only_after_a_question(lab, indexing):
    indexing.broken = {Source.TAR_SPLIT}
    async with house(lab) as it:
        await at_layers(it)
        await it.sees("Cannot read the files: the records are damaged")
        indexing.cost = replace(QUICK, source=Source.TAR_SPLIT)
        await it.press("I")
        await it.sees("From the image's archive")
        await it.press("enter")
        await it.sees("efficiency")
        assert indexing.asked_for[-1] is Source.ARCHIVE


async def test_a_reading_shows_how_far_it_is_and_escape_cancels_it(lab, indexing):
    indexing.hold = threading.Event()
    async with house(lab) as it:
        tab = await at_layers(it)
        await it.sees("reading layer 1 of 3  25%   Esc cancels")
        await it.press("escape")
        await it.until(lambda: "Esc cancels" not in it.text)
        assert it.section.detail.tab is tab and tab.has_focus_within
        indexing.hold = None
        await it.press("I")
        await it.sees("efficiency")


async def test_another_image_is_another_index(lab, indexing):
    async with house(lab) as it:
        tab = await at_layers(it)
        await it.sees("efficiency")
        indexing.layers = lambda image_id: LAYERS[:1]
        await it.press("escape", "j")
        await it.sees("in 1 layer ")
        assert len(indexing.asked_for) == 2
        await it.press("k")
        await it.sees("in 3 layers")
        assert len(indexing.asked_for) == 2, "a second look is instant"
        assert tab is it.section.detail.tab


async def test_a_history_that_cannot_be_read_is_said(lab, indexing, monkeypatch):
    def fail(session: Session, image_id: str) -> None:
        raise EngineError("the history is gone", 500)

    monkeypatch.setattr(Session, "history", fail)
    async with house(lab) as it:
        await it.press("2")
        await it.until(lambda: it.names())
        it.section.open_detail("Layers")
        await it.sees("Cannot read the history: the history is gone")


# Comparing


async def test_two_marked_images_are_compared(lab, indexing):
    changed: list[Layer] = [
        LAYERS[0],
        [
            Entry(f"{SITE}/.wh.torch-2.5.1.dist-info"),
            Entry(f"{SITE}/torch-2.6.0.dist-info/METADATA", content=b"x"),
        ],
    ]
    async with house(lab) as it:
        await it.press("2")
        await it.until(lambda: len(it.names()) > 2)
        await it.press("equals_sign")
        await it.sees("Mark two images")
        await it.press("g", "space", "space")
        one, _ = sorted(it.section.table.marked)
        indexing.layers = lambda image_id: LAYERS if image_id == one else changed
        await it.press("equals_sign")
        await it.sees("1 layer, 14kB: stored once")
        await it.press("right_square_bracket")
        await it.sees("2.5.1")
        assert "2.6.0" in it.text
        await it.press("right_square_bracket")
        await it.sees("/app/train")
        await it.press("slash", *"libc", "enter")
        await it.until(lambda: "/app/train" not in it.text)
        await it.press("escape", "escape")
        await it.until(lambda: len(it.app.screen_stack) == 1)


async def test_a_comparison_can_be_cancelled(lab, indexing):
    indexing.hold = threading.Event()
    async with house(lab) as it:
        await it.press("2")
        await it.until(lambda: len(it.names()) > 2)
        await it.press("g", "space", "space", "equals_sign")
        await it.sees("Esc cancels")
        await it.press("escape")
        await it.until(lambda: len(it.app.screen_stack) == 1)
