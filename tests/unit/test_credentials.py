"""Logins come from the docker config or its helpers, and never leave the header."""

import base64
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from dstui.engine.credentials import login_for

SECRET = "s3cr3t-word"
REGISTRY = "registry.lab:5000"


@pytest.fixture
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes the docker config."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

    def write(**content: Any) -> Path:
        path = tmp_path / "config.json"
        path.write_text(json.dumps(content))
        return path

    return write


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes a credential helper named `lab` of a few lines of shell."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    def make(script: str) -> None:
        path = tmp_path / "docker-credential-lab"
        path.write_text(f"#!/bin/sh\nread server\n{script}\n")
        path.chmod(0o700)

    return make


def sent(domain: str) -> dict[str, str]:
    return json.loads(base64.urlsafe_b64decode(login_for(domain).header))


def auth(user: str = "ann", password: str = SECRET) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_a_login_of_the_config(docker_config) -> None:
    docker_config(auths={REGISTRY: auth()}, currentContext="default")
    assert login_for(REGISTRY).found
    assert sent(REGISTRY) == {
        "username": "ann",
        "password": SECRET,
        "serveraddress": REGISTRY,
    }
    assert sent("other.lab") == {}
    assert not login_for("other.lab").found


def test_docker_hub_is_kept_under_its_old_address(docker_config) -> None:
    docker_config(auths={"https://index.docker.io/v1/": auth()})
    assert sent("docker.io")["username"] == "ann"


def test_a_token_of_the_config(docker_config) -> None:
    docker_config(auths={REGISTRY: {"identitytoken": SECRET}})
    assert sent(REGISTRY) == {"identitytoken": SECRET, "serveraddress": REGISTRY}


def test_without_a_config_there_is_no_login(docker_config) -> None:
    assert sent(REGISTRY) == {}
    assert not login_for(REGISTRY).problem


@pytest.mark.parametrize("key", ["credsStore", "credHelpers"])
def test_a_helper_is_asked(docker_config, helper, key: str) -> None:
    docker_config(**{key: "lab" if key == "credsStore" else {REGISTRY: "lab"}})
    helper(f"""echo '{{"ServerURL": "x", "Username": "bob", "Secret": "{SECRET}"}}'""")
    assert sent(REGISTRY)["username"] == "bob"
    helper(f"""echo '{{"Username": "<token>", "Secret": "{SECRET}"}}'""")
    assert sent(REGISTRY) == {"identitytoken": SECRET, "serveraddress": REGISTRY}


def test_a_helper_is_told_the_address_that_docker_login_used(docker_config, helper) -> None:
    docker_config(credsStore="lab")
    helper("""echo "{\\"Username\\": \\"$server\\", \\"Secret\\": \\"x\\"}\"""")
    assert sent("docker.io")["username"] == "https://index.docker.io/v1/"
    assert sent(REGISTRY)["username"] == REGISTRY


def test_the_config_serves_where_the_helper_knows_nothing(docker_config, helper) -> None:
    docker_config(credsStore="lab", auths={REGISTRY: auth()})
    helper("echo credentials not found in native keychain; exit 1")
    assert sent(REGISTRY)["username"] == "ann"
    helper("""echo '{"Username": "", "Secret": ""}'""")
    assert sent(REGISTRY)["username"] == "ann"


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("echo the keyring is locked; exit 1", "failed: the keyring is locked"),
        ("echo >&2 no such token; exit 2", "failed: no such token"),
        ("echo nonsense", "gave no JSON"),
    ],
)
def test_a_helper_that_fails_is_named(
    docker_config, helper, capfd, script: str, problem: str
) -> None:
    docker_config(credsStore="lab")
    helper(script)
    login = login_for(REGISTRY)
    assert login.problem == f"the credential helper docker-credential-lab {problem}"
    assert not login.found
    assert capfd.readouterr() == ("", "")


def test_a_helper_that_is_not_there_is_named(docker_config) -> None:
    docker_config(credHelpers={REGISTRY: "nowhere"})
    assert login_for(REGISTRY).problem.endswith("docker-credential-nowhere is not installed")
    assert not login_for("other.lab").problem


@pytest.mark.parametrize(
    "content",
    [
        '{"auths": ',
        '{"auths": [1]}',
        '{"auths": {"registry.lab:5000": "x"}}',
        '{"auths": {"registry.lab:5000": {"auth": "no base64"}}}',
        '{"auths": {"registry.lab:5000": {"auth": 3}}}',
        '{"credHelpers": ["a"]}',
        "[1]",
        '"x"',
    ],
)
def test_a_config_of_another_shape_is_a_problem_and_no_crash(docker_config, content: str) -> None:
    docker_config().write_text(content)
    login = login_for(REGISTRY)
    assert not login.found
    assert "config.json" in login.problem


def test_the_secret_is_in_no_text(docker_config, helper, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    docker_config(auths={REGISTRY: auth()})
    login = login_for(REGISTRY)
    docker_config(credsStore="lab")
    helper(f"echo '{SECRET}'")
    broken = login_for(REGISTRY)
    texts = repr(login) + str(login) + repr(broken) + caplog.text
    assert SECRET not in texts
    assert auth()["auth"] not in texts
    assert login.header not in texts
