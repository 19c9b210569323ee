"""Names and tags made from any text: what may have been meant by one that cannot stand."""

import re
import unicodedata

LONGEST_TAG = 128

SEPARATORS = "._-"
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.-]")

_RUN_OF_SEPARATORS = re.compile(r"[._-]+")


def mended_tag(text: str) -> str:
    """A tag close to any text, such as a branch or a PEP 440 version; empty if nothing is usable.

    What cannot stand in a tag becomes `-`: `2.5.1+cu124` -> `2.5.1-cu124`.
    """
    return NOT_IN_A_NAME.sub("-", _without_accents(text.strip())).lstrip(".-")[:LONGEST_TAG]


def mended_path(text: str) -> str:
    """A repository path close to any text; empty if nothing is usable."""
    parts = (mended_component(part) for part in text.strip().split("/"))
    return "/".join(part for part in parts if part)


def mended_component(text: str) -> str:
    """One part of a repository path close to any text; empty if nothing is usable."""
    simple = NOT_IN_A_NAME.sub("-", _without_accents(text)).lower().strip(SEPARATORS)
    return _RUN_OF_SEPARATORS.sub(_one_separator, simple)


def _one_separator(run: re.Match[str]) -> str:
    dashes = set(run[0]) == {"-"}
    return run[0] if dashes or run[0] in (".", "_", "__") else "-"


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))
