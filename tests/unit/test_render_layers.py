from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.image import HistoryEntry
from dstui.domain.text import clean
from dstui.render.layers import (
    BAR_WIDTH,
    LAYER_COLUMNS,
    EmptySteps,
    bar,
    layer_rows,
    read_instruction,
    with_empty_steps_together,
)


@pytest.mark.parametrize(
    ("created_by", "instruction", "build_args"),
    [
        ("/bin/sh -c #(nop) COPY file:1f2e in /app ", "COPY file:1f2e in /app", ()),
        ('/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]', ()),
        ("/bin/sh -c apt-get update", "RUN apt-get update", ()),
        (
            "|2 A=1 B=two words /bin/sh -c pip install torch",
            "RUN pip install torch",
            ("A=1", "B=two words"),
        ),
        ("|0 /bin/sh -c echo A=1", "RUN echo A=1", ()),
        ("RUN /bin/sh -c echo hi # buildkit", "RUN echo hi", ()),
        (
            "RUN |1 A=1 /bin/bash -o pipefail -c make | tee x # buildkit",
            "RUN make | tee x",
            ("A=1",),
        ),
        ("RUN |1 A=1 /app/setup --fast # buildkit", "RUN /app/setup --fast", ("A=1",)),
        ("RUN /bin/sh -c echo && /bin/sh -c two", "RUN echo && /bin/sh -c two", ()),
        ("COPY . /app # buildkit", "COPY . /app", ()),
        ("ENV PATH=/bin:/usr/bin", "ENV PATH=/bin:/usr/bin", ()),
        ("WORKDIR /app", "WORKDIR /app", ()),
        ("bazel build ...", "bazel build ...", ()),
        ("", "", ()),
        ("RUN /bin/sh -c echo \x1b[2J", "RUN echo", ()),
    ],
)
def test_instructions_read_like_a_dockerfile(created_by, instruction, build_args):
    found = read_instruction(created_by)
    assert str(found) == instruction
    assert found.build_args == build_args


@given(st.text())
def test_no_history_breaks_the_reading(created_by):
    text = str(read_instruction(created_by))
    assert clean(text) == text


def entry(created_by: str, size: int) -> HistoryEntry:
    return HistoryEntry(None, datetime(2024, 1, 1, tzinfo=UTC), created_by, size)


def test_rows_tell_share_and_which_steps_are_empty():
    rows = layer_rows(
        (
            entry('CMD ["bash"]', 0),
            entry("RUN /bin/sh -c touch x # buildkit", 0),
            entry("COPY . . # buildkit", 250),
            entry("/bin/sh -c #(nop) ADD file:1 in / ", 750),
        )
    )
    assert [row.number for row in rows] == [4, 3, 2, 1]
    assert [row.share for row in rows] == [0, 0, 0.25, 0.75]
    assert [row.empty for row in rows] == [True, False, False, False]
    texts = {column.key: column.cell(rows[3]).text for column in LAYER_COLUMNS}
    assert texts["size"] == "750B"
    assert texts["share"] == "75.0%"
    assert texts["instruction"] == "ADD file:1 in /"


def test_an_image_without_bytes_has_no_shares():
    assert [row.share for row in layer_rows((entry("ENV a=b", 0),))] == [0.0]


@given(st.floats(0, 1))
def test_a_bar_fits_its_width_and_shows_the_smallest_share(share):
    drawn = bar(share)
    assert len(drawn) <= BAR_WIDTH
    assert bool(drawn) == (share > 0)


# Layers


def steps(*told: tuple[str, int]) -> tuple[HistoryEntry, ...]:
    """A history, newest first."""
    return tuple(entry(created_by, size) for created_by, size in told)


def test_layers_are_numbered_where_the_numbers_leave_no_doubt():
    history = steps(("CMD x", 0), ("RUN touch x", 0), ("COPY . .", 5), ("ADD rootfs /", 9))
    assert [row.layer for row in layer_rows(history, 3)] == [None, 2, 1, 0]
    assert [row.layer for row in layer_rows(history, 2)] == [None, None, 1, 0]
    assert [row.layer for row in layer_rows(history, 5)] == [None] * 4
    assert [row.layer for row in layer_rows(history)] == [None] * 4


def test_rows_tell_which_images_share_a_layer():
    history = steps(("COPY . .", 5), ("RUN x", 3), ("ADD rootfs /", 9))
    rows = layer_rows(history, 3, [("a:1", "b:1"), ("a:1",), ()])
    shared = next(column for column in LAYER_COLUMNS if column.key == "shared")
    assert [shared.cell(row).text for row in rows] == ["", "a:1", "2 images"]
    unknown = layer_rows(history, 3)
    assert [shared.cell(row).text for row in unknown] == ["–"] * 3


def test_steps_without_content_stand_together():
    history = steps(("CMD x", 0), ("ENV a=1", 0), ("ENV b=1", 0), ("COPY . .", 5), ("ARG x", 0))
    rows = layer_rows(history, 1)
    found = with_empty_steps_together(rows)
    assert isinstance(found[0], EmptySteps)
    assert str(found[0]) == "CMD, ENV ×2"
    assert [getattr(item, "number", None) for item in found[1:]] == [5, 4, 3, 2, 1]
