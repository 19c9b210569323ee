"""Scanners on the PATH: run, told of, ended, and their findings read."""

import json
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from dstui.domain.audit.finding import Severity
from dstui.domain.engine import Endpoint, EngineError
from dstui.engine.scanner_output import of_grype, of_trivy
from dstui.engine.scanners import ScanCancelledError, available, command, scan
from tests.waiting import wait_until

TRIVY = {
    "Results": [
        {
            "Target": "lab/train:1 (debian 12)",
            "Vulnerabilities": [
                {
                    "VulnerabilityID": "CVE-2024-1",
                    "PkgName": "openssl",
                    "InstalledVersion": "3.0.11",
                    "FixedVersion": "3.0.13",
                    "Severity": "CRITICAL",
                    "Title": "it is bad \x1b[2J",
                },
                {"VulnerabilityID": "CVE-2024-2", "PkgName": "zlib", "Severity": "UNKNOWN"},
            ],
        },
        {
            "Target": "/app/key.pem",
            "Secrets": [
                {"RuleID": "private-key", "Severity": "HIGH", "Title": "Key", "StartLine": 1}
            ],
        },
        {
            "Target": "Dockerfile",
            "Misconfigurations": [
                {"ID": "DS002", "Severity": "MEDIUM", "Message": "root", "Resolution": "add USER"}
            ],
        },
    ]
}
GRYPE = {
    "matches": [
        {
            "vulnerability": {
                "id": "CVE-2024-3",
                "severity": "Negligible",
                "fix": {"versions": ["1.3.1"], "state": "fixed"},
            },
            "artifact": {"name": "zlib", "version": "1.2"},
        }
    ]
}
ENGINE = SimpleNamespace(endpoint=Endpoint("unix:///run/test.sock", "test"))


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a script on the PATH under the name of a scanner, and nothing else that it may find."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def write(name: str, script: str) -> None:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return write


def test_the_findings_of_trivy():
    found = {finding.rule: finding for finding in of_trivy(TRIVY, "lab/train:1")}
    assert found["CVE-2024-1"].severity is Severity.FATAL
    assert found["CVE-2024-1"].evidence == "openssl 3.0.11, fixed in 3.0.13"
    assert "\x1b" not in found["CVE-2024-1"].why
    assert found["CVE-2024-2"].severity is Severity.INFO
    assert found["secret-private-key"].subject == "/app/key.pem"
    assert found["DS002"].fix == "add USER"
    assert {finding.source for finding in found.values()} == {"trivy"}


def test_the_findings_of_grype():
    (found,) = of_grype(GRYPE, "lab/train:1")
    assert (found.rule, found.severity, found.fix) == (
        "CVE-2024-3",
        Severity.INFO,
        "upgrade to 1.3.1",
    )


@pytest.mark.parametrize("nonsense", [None, [], "x", {"Results": 3, "matches": {}}])
def test_nonsense_has_no_findings(nonsense):
    assert list(of_trivy(nonsense, "x")) == list(of_grype(nonsense, "x")) == []


def test_a_scanner_is_run_on_the_same_engine_and_tells_of_its_work(install, tmp_path):
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps(TRIVY))
    install("trivy", f'echo "$DOCKER_HOST $*" >&2; echo half way >&2; cat {answer}')
    said: list[str] = []
    report = scan(ENGINE, "trivy", "lab/train:1", said.append)
    assert report.findings[0].rule == "CVE-2024-1"
    assert len(report.findings) == 4
    assert said[0].startswith("unix:///run/test.sock image --format json")
    assert said[0].endswith("lab/train:1")
    assert said[1] == "half way"


def test_what_a_scanner_says_last_is_why_it_failed(install):
    install("grype", "echo 'no space left on device' >&2; exit 1")
    with pytest.raises(EngineError, match="grype failed: no space left on device"):
        scan(ENGINE, "grype", "x")


def test_output_that_is_no_json_is_one_message(install):
    install("trivy", "echo hello")
    with pytest.raises(EngineError, match="wrote no JSON"):
        scan(ENGINE, "trivy", "x")


def test_a_cancelled_scan_leaves_no_process(install, tmp_path):
    pids = tmp_path / "pids"
    install("trivy", f"sleep 600 & echo $$ $! > {pids}; wait")
    cancel = threading.Event()

    def when_it_runs() -> None:
        wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
        cancel.set()

    threading.Thread(target=when_it_runs).start()
    with pytest.raises(ScanCancelledError):
        scan(ENGINE, "trivy", "x", cancel=cancel)
    for pid in pids.read_text().split():
        wait_until(lambda pid=pid: not _runs(pid), what=f"the end of {pid}")


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_only_what_is_installed_is_offered(install, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert available() == ()
    install("grype", "true")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert available() == ("grype",)
    assert command("grype", "x:1")[-1] == "docker:x:1"
    with pytest.raises(EngineError, match="not on the PATH"):
        scan(ENGINE, "trivy", "x")
    assert os.environ["PATH"] == str(tmp_path)
