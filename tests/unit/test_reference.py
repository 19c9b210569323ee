"""References: the vectors of the reference implementation, and what people get wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.mended import mended_component, mended_path, mended_tag
from dstui.domain.reference import Reference, ReferenceProblem, check, is_image_id, parse

VECTORS = Path(__file__).parent.parent / "data" / "reference_vectors.tsv"
DIGEST = "sha256:" + "0123456789abcdef" * 4

PART = st.from_regex(r"[a-z0-9]{1,8}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,8}){0,2}", fullmatch=True)
DOMAIN = st.sampled_from(
    ["docker.io", "localhost", "localhost:5000", "a.b", "[::1]:5000", "LAB", "127.0.0.1:1"]
)
TAG = st.from_regex(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,20})?", fullmatch=True)
REFERENCES = st.builds(
    Reference,
    DOMAIN,
    st.lists(PART, min_size=2, max_size=4).map("/".join),
    TAG,
    st.sampled_from(["", DIGEST, "sha512:" + "ab" * 64]),
)
NEARLY = st.text(st.sampled_from("aB1.:/@_-+ <>[]é\n\u200b"), max_size=24)


def vectors() -> list[list[str]]:
    lines = VECTORS.read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines[1:] if line]


@pytest.mark.parametrize("row", vectors(), ids=lambda row: ascii(row[0][:50]))
def test_agrees_with_the_reference_implementation(row: list[str]) -> None:
    text, verdict, _, domain, path, tag, digest, familiar, _ = row
    found = check(text)
    if verdict == "valid":
        assert found == Reference(domain, path, tag, digest)
        assert isinstance(found, Reference)
        assert found.familiar == familiar
    else:
        assert isinstance(found, ReferenceProblem)
        assert found.message
        assert 0 <= found.position <= len(text)


@pytest.mark.parametrize(
    ("text", "message", "position", "suggestion"),
    [
        (
            "train:2.5.1+cu124",
            "`+` cannot stand in a tag: 2.5.1+cu124 -> 2.5.1-cu124",
            11,
            "train:2.5.1-cu124",
        ),
        (
            "ghcr.io/lab/app:feature/new",
            "`/` cannot stand in a tag: feature/new -> feature-new",
            23,
            "ghcr.io/lab/app:feature-new",
        ),
        ("Lab_App", "a name has no capital letters: Lab_App -> lab_app", 0, "lab_app"),
        ("https://ghcr.io/a/b:1", "a reference has no https://", 0, "ghcr.io/a/b:1"),
        (" app", "a space cannot stand in a reference", 0, "app"),
        ("a//b", "a part of the name is empty: one `/` stands between two parts", 2, "a/b"),
        ("app:", "a tag is missing after `:`", 3, "app"),
        ("", "a name is missing, such as python:3.12", 0, ""),
        ("my host.org/app", "a space cannot stand in a reference", 2, "myhost.org/app"),
        ("a.b:x/app", "a port is a number, not x", 4, ""),
        ("app@sha256:12", "a sha256 digest has 64 digits, this one has 2", 13, ""),
        ("app@md5:" + "a" * 64, "md5 is no digest algorithm: sha256, sha384, sha512 are", 4, ""),
        (f"app@{DIGEST[:-1]}x", "`x` is no hexadecimal digit", 74, ""),
        ("::1/app", "an IPv6 address stands in brackets: [::1]:5000", 0, ""),
        ("a__b/c___d", "between letters stand one `.`, one `_`, `__`, or dashes: c___d -> c-d", 6,
         "a__b/c-d"),
    ],
)  # fmt: skip
def test_says_what_is_wrong_and_where(
    text: str, message: str, position: int, suggestion: str
) -> None:
    with pytest.raises(ReferenceProblem) as caught:
        parse(text)
    problem = caught.value
    assert (problem.message, problem.position, problem.suggestion) == (
        message,
        position,
        suggestion,
    )


def test_a_line_break_at_the_end_is_no_part_of_a_reference() -> None:
    for text in ("app\n", "app:1\n", f"app@{DIGEST}\n"):
        assert isinstance(check(text), ReferenceProblem)


def test_a_whole_id_is_told_apart_from_a_name() -> None:
    assert is_image_id("ab" * 32)
    assert is_image_id(DIGEST)
    assert not is_image_id("ab" * 31)
    with pytest.raises(ReferenceProblem, match="image id"):
        parse("ab" * 32)


def test_megabytes_are_refused_at_once() -> None:
    assert isinstance(check("a" * 10_000_000), ReferenceProblem)


@given(REFERENCES)
def test_what_is_written_reads_back_the_same(reference: Reference) -> None:
    assert parse(str(reference)) == reference


@given(st.text() | NEARLY)
def test_any_text_is_a_reference_or_has_a_problem_that_helps(text: str) -> None:
    found = check(text)
    if isinstance(found, Reference):
        assert parse(str(found)) == found
    else:
        assert found.message.isprintable()
        assert 0 <= found.position <= len(text)
        if found.suggestion:
            assert isinstance(check(found.suggestion), Reference)


@given(st.text())
def test_mended_parts_are_valid_or_nothing(text: str) -> None:
    if tag := mended_tag(text):
        assert parse(f"app:{tag}").tag == tag
        assert mended_tag(tag) == tag
    if part := mended_component(text)[:200].rstrip("._-"):
        assert parse(f"a.b/{part}").path == part
    if (path := mended_path(text)) and len(path) < 200:
        assert parse(f"a.b/{path}").path == path


def test_parts_of_a_reference() -> None:
    reference = parse("python:3.12")
    assert str(reference) == "docker.io/library/python:3.12"
    assert reference.familiar_name == "python"
    assert str(reference.pinned(DIGEST)) == f"docker.io/library/python@{DIGEST}"
    assert reference.tagged("3.13").familiar == "python:3.13"
    assert parse("python").complete.familiar == "python:latest"
    assert parse(f"python@{DIGEST}").complete.tag == ""
    assert parse("docker.io/library/a/b").familiar == "library/a/b"
    with pytest.raises(ReferenceProblem):
        reference.tagged("a/b")
