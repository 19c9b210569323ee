"""Image references: what one names, and what is wrong with a text that is none."""

import re
from dataclasses import dataclass

from dstui.domain.reference_advice import LONGEST_REFERENCE, advice

HUB = "docker.io"
LATEST = "latest"

_OFFICIAL = "library/"
_PRINTABLE = re.compile(rf"[!-~]{{1,{LONGEST_REFERENCE}}}")
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A name in a registry. `tag` and `digest` are empty where the text had none.

    `str` of it is the normalised form, which parses back to the same.
    """

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """Without tag and digest, normalised: `docker.io/library/python`."""
        return f"{self.domain}/{self.path}"

    @property
    def familiar_name(self) -> str:
        """Without tag and digest, as `docker images` shows it: `python`."""
        if self.domain != HUB:
            return self.name
        short = self.path.removeprefix(_OFFICIAL)
        return self.path if "/" in short else short

    @property
    def familiar(self) -> str:
        """As `docker` shows it: `python:3.12`."""
        return self.familiar_name + self._suffix

    @property
    def complete(self) -> "Reference":
        """With the tag `latest` where there is neither tag nor digest, as `docker` takes it."""
        if self.tag or self.digest:
            return self
        return Reference(self.domain, self.path, LATEST)

    def tagged(self, tag: str) -> "Reference":
        """The same name with this tag. Raises `ReferenceProblem`."""
        return parse(f"{self.name}:{tag}")

    def pinned(self, digest: str) -> "Reference":
        """The same name by this digest, the only form that always means the same bytes."""
        return Reference(self.domain, self.path, "", digest)

    @property
    def _suffix(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return tag + (f"@{self.digest}" if self.digest else "")

    def __str__(self) -> str:
        return self.name + self._suffix


class ReferenceProblem(Exception):  # noqa: N818 - a preview shows it as it shows a reference
    """What is wrong with a text: `position` is where in it, `suggestion` a valid text or empty."""

    def __init__(self, message: str, position: int = 0, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.suggestion = suggestion


def parse(text: str) -> Reference:
    """The reference that a text names, read as `docker` reads it. Raises `ReferenceProblem`."""
    reference = _parsed(text)
    if reference is None:
        found = advice(text)
        suggestion = found.suggestion if _parsed(found.suggestion) else ""
        raise ReferenceProblem(found.message, found.position, suggestion)
    return reference


def check(text: str) -> Reference | ReferenceProblem:
    """As `parse`, for those who show what is wrong rather than stop."""
    try:
        return parse(text)
    except ReferenceProblem as problem:
        return problem


def is_image_id(text: str) -> bool:
    """Whether it is a whole image id, which the engine tries before it reads a name."""
    return _ID.fullmatch(text) is not None


def _parsed(text: str) -> Reference | None:
    # the library's `$` lets a line break pass, and no limit holds it from megabytes
    if not _PRINTABLE.fullmatch(text):
        return None
    from docker_image import digest, reference  # 50 ms that a start does without

    try:
        found = reference.Reference.parse_normalized_named(text)
    except (reference.InvalidReference, digest.InvalidDigest):
        return None
    return Reference(found.domain(), found.path(), found["tag"] or "", found["digest"] or "")
