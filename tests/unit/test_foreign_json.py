"""JSON from elsewhere is read, or refused with one kind of error."""

import ast
import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.foreign_json import ForeignJsonError, read_json
from dstui.domain.nesting import DEEPEST, is_deep

DSTUI = Path(__file__).parents[2] / "dstui"
OUR_OWN = ("demo", "engine/selftest", "gpu/selftest")
"""The simulated engine reads what dstui sends; the probes run in other interpreters."""


def nested(levels: int, inner: str = "1") -> str:
    return "[" * levels + inner + "]" * levels


@pytest.mark.parametrize("levels", [DEEPEST + 1, 900, 100_000])
@pytest.mark.parametrize("inner", ["1", '{"a":[2]}', '"["'])
def test_deeply_nested_json_is_refused(levels: int, inner: str) -> None:
    for text in (nested(levels, inner), nested(levels, inner).encode()):
        with pytest.raises(ForeignJsonError, match="levels deep"):
            read_json(text)


def test_one_that_never_closes_is_refused() -> None:
    with pytest.raises(ForeignJsonError):
        read_json("[" * 100_000)


def test_wide_json_is_not_deep() -> None:
    text = json.dumps([{"a": [{}] * 50}] * 50 + ["[" * 500])
    assert read_json(text) == json.loads(text)
    assert read_json(nested(DEEPEST)) == json.loads(nested(DEEPEST))


@pytest.mark.parametrize("text", ["", "{", "1" * 5000, "\ud800[", b"\xff\xfe", "nul"])
def test_other_nonsense_is_refused_too(text: str | bytes) -> None:
    with pytest.raises(ForeignJsonError):
        read_json(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_what_was_written_is_read(value: object) -> None:
    assert read_json(json.dumps(value)) == value
    assert not is_deep(value)


@given(st.binary() | st.text())
def test_any_text_is_read_or_refused(text: bytes | str) -> None:
    with contextlib.suppress(ForeignJsonError):
        read_json(text)


def test_no_other_reader_takes_json_from_elsewhere() -> None:
    past_it = [
        f"{path.relative_to(DSTUI)}:{node.lineno}"
        for path in DSTUI.rglob("*.py")
        if not str(path.relative_to(DSTUI)).startswith(OUR_OWN) and path.name != "foreign_json.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in {("json", "loads"), ("json", "load")}
    ]
    assert past_it == []
