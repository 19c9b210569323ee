"""What engines and registries say when they refuse, in their own words."""

import pytest

from dstui.domain.refusals import file_refusal, refusal
from dstui.domain.transfer import RefusedBy

NAME, LOGIN, NETWORK = RefusedBy.NAME, RefusedBy.LOGIN, RefusedBy.NETWORK


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (LOGIN, "no basic auth credentials"),
        (LOGIN, "unauthorized: authentication required"),
        (LOGIN, "denied: requested access to the resource is denied"),
        (LOGIN, "denied: Your authorization token has expired. Reauthenticate and try again."),
        (LOGIN, "pull access denied for lab/app, repository does not exist or may require "
                "'docker login': denied: requested access to the resource is denied"),
        (LOGIN, "toomanyrequests: You have reached your pull rate limit."),
        (LOGIN, "unknown: failed to resolve reference: unexpected status: 403 Forbidden"),
        (NAME, "An image does not exist locally with the tag: lab/app"),
        (NAME, "tag does not exist: lab/app:1"),
        (NAME, "name unknown: The repository with name 'app' does not exist in the registry"),
        (NAME, "name unknown: Repository \"images\" not found"),
        (NAME, "manifest for lab/app:9 not found: manifest unknown: manifest unknown"),
        (NAME, "no matching manifest for linux/arm64/v8 in the manifest list entries"),
        (NAME, "tag invalid: The image tag '1' already exists in the 'app' repository and cannot "
               "be overwritten because the tag is immutable."),
        (NAME, "invalid reference format"),
        (NETWORK, 'Get "https://nohost.invalid/v2/": dial tcp: lookup nohost.invalid on '
                  "10.0.0.1:53: no such host"),
        (NETWORK, 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection '
                  "refused"),
        (NETWORK, 'Get "https://r.lab/v2/": http: server gave HTTP response to HTTPS client'),
        (NETWORK, 'Get "https://r.lab/v2/": x509: certificate signed by unknown authority'),
        (NETWORK, 'Get "https://r.lab/v2/": net/http: request canceled while waiting for '
                  "connection (Client.Timeout exceeded while awaiting headers)"),
        (NETWORK, 'Get "https://r.lab/v2/": context deadline exceeded'),
        (NETWORK, 'Get "https://r.lab/v2/": EOF'),
        (RefusedBy.DISK, "write /data/x: no space left on device"),
        (RefusedBy.OTHER, "something new"),
    ],
)  # fmt: skip
def test_tells_name_login_and_network_apart(by: RefusedBy, words: str) -> None:
    found = refusal(words, "r.lab", logged_in=True)
    assert found.by is by
    assert bool(found.cause) == bool(found.fix) == (by is not RefusedBy.OTHER)


def test_says_whether_there_was_a_login() -> None:
    words = "unauthorized: authentication required"
    assert "has no login for it" in refusal(words, "r.lab", logged_in=False).cause
    assert "was not enough" in refusal(words, "r.lab", logged_in=True).cause
    assert refusal(words, "r.lab", False, "the helper failed").cause.endswith("the helper failed")
    assert refusal(words, "r.lab", False).fix == "docker login r.lab"


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (RefusedBy.FILE, "Error processing tar file: archive/tar: invalid tar header"),
        (RefusedBy.FILE, "Error processing tar file(exit status 1): unexpected EOF"),
        (RefusedBy.FILE, "open /var/lib/docker/tmp/docker-import-1/repositories: no such file or "
                         "directory"),
        (RefusedBy.FILE, "cannot use /x/y.tar: Permission denied"),
        (RefusedBy.DISK, "cannot use /x/y.tar: No space left on device"),
        (RefusedBy.NAME, "No such image: nothing:1"),
    ],
)  # fmt: skip
def test_of_files(by: RefusedBy, words: str) -> None:
    found = file_refusal(words, "/x/{y}.tar")
    assert found.by is by
    assert found.cause
    assert found.fix
