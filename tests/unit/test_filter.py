import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.filter import FilterError, parse
from dstui.domain.quantity import parse_quantity

FIELDS = ("name", "image", "owner", "cpu", "memory", "status")
ROW = {
    "name": "Train-7",
    "image": "pytorch/pytorch:2.3",
    "owner": "ann",
    "cpu": "120.5%",
    "memory": "1.5GiB",
    "status": "exit 137 OOM-killed",
}


def matches(text: str) -> bool:
    return parse(text, FIELDS).matches(ROW.__getitem__, ("name", "image", "owner", "status"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "train",
        "TRAIN pytorch",
        "pytorch:2.3",
        "/train-[0-9]$/",
        "/exit 1(37|43)/",
        "/oom",
        "owner:ann",
        "Owner:ANN",
        "owner:",
        "owner:=ann",
        "!bob",
        "!owner:bob",
        "!/^zzz/",
        "!",
        '"exit 137"',
        'status:"137 oom"',
        "status:/oom.killed/",
        "cpu:>100",
        "cpu:>=120.5%",
        "cpu:<200",
        "cpu:>",
        "memory:>1GiB",
        "memory:<=1.5GiB",
        "memory:>1g memory:<2g",
    ],
)
def test_what_is_kept(text):
    assert matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "train bob",
        "120.5",
        "!train",
        "owner:an owner:bob",
        "owner:=an",
        "/^rain/",
        "cpu:>200",
        "memory:<1GiB",
        "name:>5",
        "!owner:ann",
        '"137 exit"',
        "python:3.11",
    ],
)
def test_what_is_left_out(text):
    assert not matches(text)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("/tra(in/", 1, "regex: missing )"),
        ("train name:/[/", 12, "regex: missing ]"),
        ("/((((a{1000}){1000}){1000}))/", 1, "regex: invalid repetition size"),
        ("/(((a?){10}){10}){10}b/", 1, "regex: it would take too long"),
        (f"/{'(' * 900}/", 1, "regex"),
        (f"/{'a' * 1001}/", 1, "regex: it has more than 1000 characters"),
        ("/a\udc80/", 1, "regex: it is not valid Unicode"),
        ("nmae:x", 0, "do you mean name?"),
        ("!ownr:x", 1, "do you mean owner?"),
        ("cpu:>much", 5, "'much' is not a number"),
    ],
)
def test_an_error_says_what_and_where(text, position, words):
    with pytest.raises(FilterError) as caught:
        parse(text, FIELDS)
    assert words in caught.value.message
    assert caught.value.position == position


@given(st.text())
def test_any_text_is_a_filter_or_a_filter_error(text):
    try:
        parse(text, FIELDS).matches(ROW.__getitem__, FIELDS)
    except FilterError as error:
        assert 0 <= error.position <= len(text)


@given(st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), min_size=1))
def test_quoted_text_is_found_literally(text):
    row = {"name": f"<{text}>"}
    assert parse(f'"{text}"', ("name",)).matches(row.__getitem__, ("name",))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("1kB", 1000),
        ("1KiB", 1024),
        ("2g", 2 * 2**30),
        ("80%", 80),
        ("3 h", 10800),
        ("5 min", 300),
        ("70W / 300W", 70),
        ("8080->80", 8080),
        ("–", None),
        ("", None),
    ],
)
def test_quantities(text, value):
    assert parse_quantity(text) == value
