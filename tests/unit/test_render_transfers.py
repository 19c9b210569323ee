"""The progress of a transfer as text."""

from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.transfer import LayerProgress, TransferProgress
from dstui.render.transfers import bar, progress_lines

PROGRESS = TransferProgress(
    (
        LayerProgress("4545f02ea840", "Pushing", 1_500_000, 6_000_000),
        LayerProgress("aaaabbbbcccc", "Layer already exists", done=True),
        LayerProgress("ddddeeeeffff", "Waiting"),
    ),
    0.25,
    "The push refers to repository [lab/app]",
)


def test_a_line_a_layer_and_one_of_the_whole() -> None:
    assert progress_lines(PROGRESS, 100, 10) == [
        "4545f02ea840  Pushing               [=======>                      ]  1.5MB/6MB",
        "aaaabbbbcccc  Layer already exists",
        "ddddeeeeffff  Waiting",
        "25%  1 of 3 layers  The push refers to repository [lab/app]",
    ]


def test_nothing_known_yet() -> None:
    assert progress_lines(TransferProgress(), 80, 10) == ["–"]


@given(st.integers(1, 120), st.integers(1, 10))
def test_fits_the_terminal(width: int, height: int) -> None:
    lines = progress_lines(PROGRESS, width, height)
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)


def test_what_is_done_gives_way_where_there_is_no_room() -> None:
    first, second, _ = progress_lines(PROGRESS, 80, 3)
    assert first.startswith("4545f02ea840")
    assert second.startswith("ddddeeeeffff")


@given(st.floats(0, 1))
def test_the_bar_keeps_its_length(fraction: float) -> None:
    assert len(bar(fraction)) == 32
