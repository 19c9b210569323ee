"""Waste as rows: what belongs together is one line, and no fix is dangerous."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given

from dstui.domain.layers.indexed import IndexedImage
from dstui.render.waste import NOT_NEEDED, WASTE_COLUMNS, WASTED, about_waste, waste_rows
from tests.layer_stacks import Entry, Layer, images
from tests.unit.test_layers_views import file, indexed


def with_instructions(image: IndexedImage, *made_by: str) -> IndexedImage:
    return IndexedImage(replace(image.index, instructions=made_by))


@given(images)
def test_the_rows_add_up_to_the_waste(layers: Sequence[Layer]):
    image = indexed(*layers)
    rows = waste_rows(image)
    assert sum(row.bytes for row in rows if row.group == WASTED) == image.wasted_bytes
    assert len({row.id for row in rows}) == len(rows)
    for row in rows:
        if row.parts:
            assert sum(part.bytes for part in row.parts) == row.bytes
            assert all(part.path.startswith(row.path) for part in row.parts)


def test_a_chown_of_many_files_is_one_row_with_parts():
    files = [f"opt/app/lib/m{n}" for n in range(20)]
    image = with_instructions(
        indexed([file(path, 9) for path in files], [file(path, 9, uid=7) for path in files]),
        "RUN pip install",
        "RUN chown -R 7 /opt/app",
    )
    (row,) = (row for row in waste_rows(image) if row.group == WASTED)
    assert (row.cause, row.path, row.bytes, row.files) == ("metadata-copy", "/opt/app/lib", 180, 20)
    assert (row.layer, row.wasted_by, len(row.parts)) == (1, 2, 20)
    assert row.instruction == "RUN chown -R 7 /opt/app"
    told = [cell.text for cell in about_waste(row)]
    assert told[0] == f"Fix  {row.fix}"
    assert told[1] == "Layer 2  RUN chown -R 7 /opt/app"


def test_the_fix_of_many_deletions_never_names_what_is_around_them():
    paths = [f"usr/share/{n}/x" for n in range(300)]
    image = indexed(
        [file(path, 9) for path in paths],
        [Entry(f"usr/share/{n}/.wh.x") for n in range(300)],
    )
    (row,) = (row for row in waste_rows(image) if row.group == WASTED)
    assert row.path == "/usr/share"
    assert "rm -rf" not in row.fix
    assert "rm -rf /usr/share/0/x" in next(p.fix for p in row.parts if p.path == "/usr/share/0/x")


def test_a_large_deletion_has_a_row_of_its_own():
    image = indexed(
        [file("cache/a", 500), file("tmp/b", 400), file("kept", 100)],
        [Entry("cache/.wh.a"), Entry("tmp/.wh.b")],
    )
    rows = [row for row in waste_rows(image) if row.group == WASTED]
    assert [(row.path, row.bytes, row.parts) for row in rows] == [
        ("/cache/a", 500, ()),
        ("/tmp/b", 400, ()),
    ]


def test_what_is_visible_is_no_part_of_the_sum():
    image = indexed([file("root/.cache/pip/x", 80), file("var/lib/apt/lists/y", 40)])
    rows = waste_rows(image)
    assert {row.group for row in rows} == {NOT_NEEDED}
    assert [row.path for row in rows] == ["/root/.cache/pip", "/var/lib/apt/lists"]
    layer = next(column for column in WASTE_COLUMNS if column.key == "layer")
    assert layer.cell(rows[0]).text == "1"


def test_paths_are_harmless():
    image = indexed([file("a\x1b[2J", 9)], [file("a\x1b[2J", 8)])
    (row,) = waste_rows(image)
    assert "\x1b" not in row.path + row.fix
