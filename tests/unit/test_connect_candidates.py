"""Which engines are tried, and in which order."""

import hashlib
import json
from pathlib import Path

import pytest

from dstui.domain.engine import Endpoint, EngineUnreachableError, FailureKind
from dstui.engine.connect import candidates


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "docker"


@pytest.fixture
def environ(config: Path) -> dict[str, str]:
    return {"DOCKER_CONFIG": str(config), "XDG_RUNTIME_DIR": "/run/user/1234"}


def add_context(
    config: Path, name: str, host: str, certificates: bool = False, skip_verify: bool = False
) -> Path:
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = config / "contexts" / "meta" / key / "meta.json"
    meta.parent.mkdir(parents=True)
    docker = {"Host": host, "SkipTLSVerify": skip_verify}
    meta.write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": docker}}))
    tls = config / "contexts" / "tls" / key / "docker"
    if certificates:
        tls.mkdir(parents=True)
        for file in ("ca.pem", "cert.pem", "key.pem"):
            (tls / file).write_text("")
    return tls


def use_context(config: Path, name: str) -> None:
    config.mkdir(exist_ok=True)
    (config / "config.json").write_text(json.dumps({"currentContext": name}))


def hosts(endpoints: tuple[Endpoint, ...]) -> list[str]:
    return [endpoint.host for endpoint in endpoints]


def test_without_any_setting_the_usual_sockets_are_tried(environ: dict[str, str]) -> None:
    assert hosts(candidates(environ=environ)) == [
        "unix:///var/run/docker.sock",
        "unix:///run/user/1234/docker.sock",
        "unix:///run/podman/podman.sock",
        "unix:///run/user/1234/podman/podman.sock",
    ]


def test_a_setting_leaves_only_its_engine_and_the_nearest_wins(
    config: Path, environ: dict[str, str]
) -> None:
    add_context(config, "option", "ssh://option")
    add_context(config, "variable", "ssh://variable")
    add_context(config, "current", "ssh://current")
    found = []

    use_context(config, "current")
    found += candidates(environ=environ)
    environ["DOCKER_CONTEXT"] = "variable"
    found += candidates(environ=environ)
    environ["DOCKER_HOST"] = "ssh://host-variable"
    found += candidates(environ=environ)
    found += candidates(context="option", environ=environ)
    found += candidates(host="ssh://host-option", context="option", environ=environ)

    assert [(endpoint.host, endpoint.source, endpoint.context) for endpoint in found] == [
        ("ssh://current", "current docker context", "current"),
        ("ssh://variable", "DOCKER_CONTEXT", "variable"),
        ("ssh://host-variable", "DOCKER_HOST", None),
        ("ssh://option", "--context", "option"),
        ("ssh://host-option", "--host", None),
    ]


def test_the_default_context_is_none(config: Path, environ: dict[str, str]) -> None:
    use_context(config, "default")
    assert len(candidates(environ=environ)) == 4
    environ["DOCKER_HOST"] = "unix:///x"
    assert hosts(candidates(context="default", environ=environ)) == ["unix:///x"]


def test_a_context_that_does_not_exist_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(EngineUnreachableError) as caught:
        candidates(context="lab", environ=environ)
    [failure] = caught.value.failures
    assert failure.kind is FailureKind.BAD_ADDRESS
    assert "'lab'" in failure.reason
    assert failure.fix


@pytest.mark.parametrize("content", ["", "{", "[]", '{"currentContext": 7}'])
def test_a_broken_docker_config_is_no_setting(
    content: str, config: Path, environ: dict[str, str]
) -> None:
    config.mkdir()
    (config / "config.json").write_text(content)
    assert len(candidates(environ=environ)) == 4


def test_tls_by_the_usual_variables(environ: dict[str, str]) -> None:
    environ |= {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}
    [endpoint] = candidates("tcp://gpu:2376", environ=environ)
    assert endpoint.tls == {
        "ca": "/certs/ca.pem",
        "cert": "/certs/cert.pem",
        "key": "/certs/key.pem",
    }
    assert endpoint.verify
    assert candidates("unix:///x", environ=environ)[0].tls is None


def test_tls_without_verifying(environ: dict[str, str]) -> None:
    environ |= {"DOCKER_TLS": "1"}
    [endpoint] = candidates("tcp://gpu:2376", environ=environ)
    assert (endpoint.tls, endpoint.verify) == ({}, False)


def test_tls_of_a_context(config: Path, environ: dict[str, str]) -> None:
    folder = add_context(config, "lab", "tcp://gpu:2376", certificates=True)
    [endpoint] = candidates(context="lab", environ=environ)
    assert endpoint.tls == {r: str(folder / f"{r}.pem") for r in ("ca", "cert", "key")}
    assert endpoint.verify


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("gpu:2375", "tcp://gpu:2375"),
        ("/run/x.sock", "unix:///run/x.sock"),
        ("unix:///run/x.sock", "unix:///run/x.sock"),
    ],
)
def test_short_addresses_are_completed(given: str, host: str, environ: dict[str, str]) -> None:
    assert hosts(candidates(given, environ=environ)) == [host]
