"""Connecting: to real engines, and the reasons why it fails."""

import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dstui.domain.engine import (
    ConnectionFailure,
    Endpoint,
    EngineError,
    EngineUnreachableError,
    FailureKind,
)
from dstui.engine.connect import connect
from tests import needs
from tests.scripted_engine import HANG_UP, INFO, ScriptedEngine, scripted_engine
from tests.waiting import wait_until


def at(host: str, **more: object) -> Endpoint:
    return Endpoint(host, "the test", **more)  # type: ignore[arg-type]


def failure(*endpoints: Endpoint) -> ConnectionFailure:
    """Why connecting failed, in its last attempt."""
    with pytest.raises(EngineUnreachableError) as caught:
        connect(endpoints)
    assert len(caught.value.failures) == len(endpoints)
    found = caught.value.failures[-1]
    assert found.reason
    assert found.fix
    return found


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ScriptedEngine]:
    with scripted_engine(tmp_path / "engine.sock") as engine:
        yield engine


# Success


def test_a_docker_engine_tells_what_it_is(engine_host: str) -> None:
    engine = connect([at(engine_host)])
    info = engine.info
    assert info.product == "Docker"
    assert tuple(map(int, info.api_version.split("."))) >= (1, 41)
    assert info.id
    assert info.version
    assert info.cpus > 0
    assert info.memory_bytes > 0
    assert "runc" in info.runtimes
    assert info.data_root.startswith("/")
    assert info.host == engine_host
    engine.close()


def test_podman_answers_too(podman_host: str) -> None:
    engine = connect([at(podman_host)])
    assert engine.info.product == "Podman"
    assert int(engine.info.version.split(".")[0]) >= 4
    assert engine.containers() == ()
    assert [network.name for network in engine.networks()]
    assert engine.disk_use().time > 0
    engine.close()


def test_the_next_engine_is_tried(engine_host: str, tmp_path: Path) -> None:
    engine = connect([at(f"unix://{tmp_path}/none.sock"), at(engine_host)])
    assert engine.endpoint.host == engine_host
    engine.close()


def test_the_sdk_speaks_to_the_same_engine(engine_host: str) -> None:
    engine = connect([at(engine_host)])
    assert engine.api.info()["ID"] == engine.info.id
    assert engine.api.api_version == engine.api_version
    engine.close()


def test_a_newer_engine_is_asked_in_a_version_that_is_known(tmp_path: Path) -> None:
    with scripted_engine(tmp_path / "new.sock", {"Api-Version": "1.99"}) as scripted:
        engine = connect([at(scripted.host)])
        assert engine.api_version == "1.51"
        engine.close()


def test_an_engine_whose_ping_names_no_version_is_asked_for_it(tmp_path: Path) -> None:
    with scripted_engine(tmp_path / "e.sock", {}) as scripted:
        scripted.routes["GET /version"] = (200, {"ApiVersion": "1.44"})
        engine = connect([at(scripted.host)])
        assert engine.api_version == "1.44"
        engine.close()


def test_a_kept_connection_that_died_is_replaced(scripted: ScriptedEngine) -> None:
    engine = connect([at(scripted.host)])
    answers = iter([HANG_UP, (200, [])])
    scripted.routes["GET /networks"] = lambda _query: next(answers)
    assert engine.networks() == ()
    engine.close()


# Failure


def test_no_socket(tmp_path: Path) -> None:
    found = failure(at(f"unix://{tmp_path}/none.sock"))
    assert found.kind is FailureKind.NO_SOCKET
    assert "systemctl" in found.fix


def test_every_attempt_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    first, second = f"unix://{tmp_path}/none.sock", f"unix://{tmp_path}/file"
    with pytest.raises(EngineUnreachableError) as caught:
        connect([at(first), at(second)])
    kinds = {found.endpoint.host: found.kind for found in caught.value.failures}
    assert kinds == {first: FailureKind.NO_SOCKET, second: FailureKind.BAD_ADDRESS}
    assert first in str(caught.value)


def test_nothing_listens_on_the_socket(tmp_path: Path) -> None:
    path = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert failure(at(f"unix://{path}")).kind is FailureKind.REFUSED


def test_nothing_listens_on_the_port() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert failure(at(f"tcp://127.0.0.1:{port}")).kind is FailureKind.REFUSED


@pytest.mark.parametrize(
    "host",
    ["ftp://x", "tcp://", "tcp://host:99999", "ssh://", "unix:///" + "x" * 200, "fd://", "tcp://["],
)
def test_bad_addresses(host: str) -> None:
    assert failure(at(host)).kind is FailureKind.BAD_ADDRESS


def test_an_unknown_host_name() -> None:
    found = failure(at("tcp://no-such-host.invalid:2375"))
    assert found.kind is FailureKind.BAD_ADDRESS


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_permission_names_the_sockets_group() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        Path(folder).chmod(0o755)
        path = Path(folder) / "docker.sock"
        listening.bind(str(path))
        listening.listen()
        os.chown(path, 0, 12)  # group man, on every Debian
        path.chmod(0o660)
        words = connect_as_nobody(path)
        os.chown(path, 0, 0)
        alone = connect_as_nobody(path)
    assert words["kind"] == FailureKind.PERMISSION
    assert "belongs to group man" in words["reason"]
    assert "sudo usermod -aG man nobody" in words["fix"]
    assert "newgrp man" in words["fix"]
    assert "belongs to root alone" in alone["reason"]


def connect_as_nobody(path: Path) -> dict[str, str]:
    """The failure, met by a process of user nobody."""
    script = (
        "import json, os, sys\n"
        "from dstui.domain.engine import Endpoint, EngineUnreachableError\n"
        "from dstui.engine.connect import connect\n"
        "import dstui.engine.failures\n"
        "os.environ['LOGNAME'] = 'nobody'\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        "    connect([Endpoint('unix://' + sys.argv[1], 'the test')])\n"
        "except EngineUnreachableError as error:\n"
        "    [f] = error.failures\n"
        "    print(json.dumps({'kind': f.kind, 'reason': f.reason, 'fix': f.fix}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_an_engine_that_hangs(scripted: ScriptedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dstui.engine.dial.CONNECT_TIMEOUT_S", 0.1)
    scripted.routes["GET /_ping"] = scripted.hang
    assert failure(at(scripted.host)).kind is FailureKind.TIMEOUT


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Api-Version": "1.40"}, "1.40"),
        ({"Api-Version": "1.41", "Libpod-API-Version": "4.2.0"}, "podman 4.2.0"),
        ({"Api-Version": "1.40", "Libpod-API-Version": "3.0.1"}, "podman 3.0.1"),
    ],
)
def test_too_old(tmp_path: Path, headers: dict[str, str], words: str) -> None:
    with scripted_engine(tmp_path / "old.sock", headers) as scripted:
        found = failure(at(scripted.host))
    assert found.kind is FailureKind.TOO_OLD
    assert words in found.reason


def test_podman_4_3_is_new_enough(tmp_path: Path) -> None:
    headers = {"Api-Version": "1.41", "Libpod-API-Version": "4.3.0"}
    with scripted_engine(tmp_path / "podman.sock", headers) as scripted:
        engine = connect([at(scripted.host)])
        assert engine.info.product == "Podman"
        engine.close()


def test_what_answers_is_no_engine(tmp_path: Path) -> None:
    with scripted_engine(tmp_path / "web.sock", {}) as scripted:
        scripted.routes["GET /version"] = (200, b"<html>welcome</html>")
        assert failure(at(scripted.host)).kind is FailureKind.OTHER
        del scripted.routes["GET /_ping"]
        assert failure(at(scripted.host)).reason == "what answers there is no engine"


def test_the_engines_own_refusal_is_told(scripted: ScriptedEngine) -> None:
    scripted.routes["GET /info"] = (500, {"message": "the store is\nbroken"})
    found = failure(at(scripted.host))
    assert found.kind is FailureKind.OTHER
    assert "the store is broken" in found.reason


# TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A self-signed certificate for localhost, which serves as its own authority."""
    openssl = needs.program("openssl")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return {"ca": str(cert), "cert": str(cert), "key": str(key)}


@contextmanager
def tls_engine(certificates: dict[str, str]) -> Iterator[str]:
    """Answers `/_ping` and `/info` over TLS to a client that shows a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates["cert"], certificates["key"])
    context.load_verify_locations(certificates["ca"])
    context.verify_mode = ssl.CERT_REQUIRED

    def answer(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) as secure:
                while request := secure.recv(65536):
                    body = json.dumps(INFO).encode() if b"/info" in request else b"OK"
                    head = f"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: {len(body)}"
                    secure.sendall(head.encode() + b"\r\n\r\n" + body)
        except OSError:
            connection.close()

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        threading.Thread(target=serve, daemon=True).start()
        yield f"tcp://localhost:{listening.getsockname()[1]}"


def test_tls_with_certificates_of_both_sides(certificates: dict[str, str]) -> None:
    with tls_engine(certificates) as host:
        engine = connect([at(host, tls=certificates)])
        assert engine.info.id == INFO["ID"]
        engine.close()


def test_tls_without_verifying_the_server(certificates: dict[str, str]) -> None:
    own = {role: certificates[role] for role in ("cert", "key")}
    with tls_engine(certificates) as host:
        connect([at(host, tls=own, verify=False)]).close()
        assert failure(at(host, tls=own)).kind is FailureKind.TLS


def test_tls_files_that_cannot_be_read(certificates: dict[str, str]) -> None:
    with tls_engine(certificates) as host:
        found = failure(at(host, tls={"ca": "/no/ca.pem"}))
    assert found.kind is FailureKind.TLS
    assert "/no/ca.pem" in found.reason
    assert "DOCKER_CERT_PATH" in found.fix


def test_plain_http_where_tls_is_wanted(tmp_path: Path) -> None:
    with scripted_engine(tmp_path / "e.sock") as scripted:
        scripted.routes["GET /_ping"] = (400, b"Client sent an HTTP request to an HTTPS server.\n")
        assert failure(at(scripted.host)).kind is FailureKind.TLS


# ssh


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program named ssh, first on the path; a test writes what it does."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "ssh"
    program.touch(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return program


RELAY = """#!{python}
import os, socket, sys, threading
open({arguments!r}, "w").write(" ".join(sys.argv[1:]))
engine = socket.socket(socket.AF_UNIX)
engine.connect({path!r})
def up():
    while data := os.read(0, 65536):
        engine.sendall(data)
    engine.shutdown(socket.SHUT_WR)
threading.Thread(target=up, daemon=True).start()
while data := engine.recv(65536):
    os.write(1, data)
"""


def test_ssh_carries_everything(engine_host: str, ssh: Path, tmp_path: Path) -> None:
    arguments = tmp_path / "arguments"
    path = engine_host.removeprefix("unix://")
    ssh.write_text(RELAY.format(python=sys.executable, arguments=str(arguments), path=path))

    engine = connect([at("ssh://ann@gpu:2222")])
    assert engine.info.id
    assert [network.name for network in engine.networks()]
    assert engine.api.info()["ID"] == engine.info.id
    stream = engine.events()
    stream.close()
    assert list(stream) == []
    engine.close()

    words = arguments.read_text()
    assert "-o BatchMode=yes" in words
    assert words.endswith("-l ann -p 2222 -- gpu docker system dial-stdio")


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ("ann@gpu: Permission denied (publickey,password).", "ssh-copy-id ann@gpu -p 2222"),
        ("Host key verification failed.", "Connect once by hand: ssh ann@gpu -p 2222"),
        ("ssh: Could not resolve hostname gpu: Name or service not known", "~/.ssh/config"),
        ("bash: docker: command not found", "Install the docker command on ann@gpu -p 2222"),
        ("kex_exchange_identification: Connection closed", "ssh ann@gpu -p 2222 docker version"),
    ],
)
def test_ssh_fails_in_its_own_words_and_off_the_terminal(
    ssh: Path, said: str, fix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    ssh.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 255\n")
    found = failure(at("ssh://ann@gpu:2222"))
    assert found.kind is FailureKind.SSH
    assert found.reason == said
    assert fix in found.fix
    assert capfd.readouterr() == ("", "")


def test_no_ssh_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert failure(at("ssh://gpu")).kind is FailureKind.SSH


def test_closing_ends_every_ssh(ssh: Path, tmp_path: Path, engine_host: str) -> None:
    path = engine_host.removeprefix("unix://")
    pid_file = tmp_path / "arguments"
    relay = RELAY.format(python=sys.executable, arguments=str(pid_file), path=path)
    ssh.write_text(relay.replace('" ".join(sys.argv[1:])', "str(os.getpid())"))
    engine = connect([at("ssh://gpu")])
    pid = int(pid_file.read_text())
    engine.close()
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the end of ssh")


# Refusals of a connected engine


def test_a_refusal_has_the_engines_words_and_status(engine_host: str) -> None:
    engine = connect([at(engine_host)])
    with pytest.raises(EngineError) as caught:
        engine.container("no-such-container")
    assert caught.value.gone
    assert caught.value.message == "No such container: no-such-container"
    with pytest.raises(EngineError, match="without an id"):
        engine.container("")
    engine.close()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null"])
def test_malformed_answers_are_errors_or_empty(scripted: ScriptedEngine, body: bytes) -> None:
    engine = connect([at(scripted.host)])
    scripted.routes["GET /containers/json"] = (200, body)
    scripted.routes["GET /containers/x/json"] = (200, body)
    try:
        assert engine.containers() == ()
    except EngineError as error:
        assert "JSON" in error.message
    with pytest.raises(EngineError):
        engine.container("x")
    engine.close()
