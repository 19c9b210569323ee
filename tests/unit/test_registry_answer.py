"""What registries, in the words of an engine, tell of a digest."""

import pytest

from dstui.domain.reference import parse
from dstui.domain.registry_answer import RegistryAnswer, refused, together

DIGEST = "@sha256:" + "ab" * 32
DENIED = "errors: denied: requested access to the resource is denied"


@pytest.mark.parametrize(
    ("name", "words", "has"),
    [
        ("ghcr.io/lab/app", "manifest unknown: manifest unknown", False),
        ("ghcr.io/lab/app", "repository name not known to registry", False),
        ("ghcr.io/lab/app", DENIED, None),
        ("ghcr.io/lab/app", "unauthorized: authentication required", None),
        ("ann/app", DENIED, None),
        ("app", DENIED, False),  # all official images are public: there is none of this name
        ("app", "toomanyrequests: You have reached your pull rate limit", None),
        ("app", "dial tcp: lookup registry-1.docker.io: no such host", None),
        ("app", "words that nobody knows", None),
    ],
)
def test_only_a_clear_no_is_a_no(name, words, has):
    answer = refused(parse(name + DIGEST), words)
    assert answer.has is has
    assert answer.why
    assert answer.reference == name + DIGEST


def test_a_registry_that_cannot_be_reached_is_told_from_one_that_refuses():
    reference = parse("ghcr.io/lab/app" + DIGEST)
    assert not refused(reference, "dial tcp: connect: connection refused").reachable
    assert refused(reference, DENIED).reachable


def test_one_digest_that_is_there_is_enough_and_one_unknown_is_no_no():
    yes, no, unknown = RegistryAnswer(True), RegistryAnswer(False), RegistryAnswer(None)
    assert together([no, unknown, yes]).has is True
    assert together([no, unknown]).has is None
    assert together([no, no]).has is False
    assert together([]).has is False
