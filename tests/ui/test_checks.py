"""The Checks tab and what is in an image: findings with why and fix, scanners, facts."""

import json
import os
from pathlib import Path

import pytest

from dstui.config import Config
from dstui.demo.faults import Faults
from dstui.demo.world import World
from dstui.ui.sections.tab_checks import ChecksTab
from tests.ui.bare import screen_lines
from tests.ui.house import House, house

LEAKY = "registry.lab.example:5000/llm/finetune:0.9.1"
TRIVY = {
    "Results": [
        {
            "Target": "os",
            "Vulnerabilities": [
                {
                    "VulnerabilityID": "CVE-2024-1",
                    "PkgName": "openssl",
                    "InstalledVersion": "3.0.11",
                    "FixedVersion": "3.0.13",
                    "Severity": "CRITICAL",
                    "Title": "it is bad",
                }
            ],
        }
    ]
}


async def checks_of(it: House, section: str, name: str) -> ChecksTab:
    """The Checks tab of an object, once it has looked."""
    await it.press(section)
    await it.go_to(name)
    await it.press("A")
    tab = await it.until(
        lambda: t if isinstance(t := it.section.detail.tab, ChecksTab) else None, "the tab"
    )
    await it.until(lambda: tab._known.get(tab.object_id) and not tab._doing, "the findings")
    await it.until(lambda: tab.has_focus_within, "the keys")
    return tab


def scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A `trivy` on the PATH that is this script."""
    program = tmp_path / "trivy"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


async def test_an_images_findings_come_with_reason_and_fix(lab):
    async with house(lab) as it:
        await checks_of(it, "2", LEAKY)
        await it.sees("✖ 1 fatal")
        await it.sees("a file that holds a secret")
        await it.sees("/root/.cache/huggingface/token")
        await it.sees("whoever has the image can read every file")
        assert "hf_Demo" not in it.text


async def test_the_worst_comes_first_and_the_cursor_tells_of_each(lab):
    async with house(lab) as it:
        tab = await checks_of(it, "1", "mlplatform-db-1")
        ranks = [row.finding.severity.rank for _, row in tab._rows]
        assert ranks == sorted(ranks)
        assert len(ranks) > 2
        await it.sees("mount it as a file")
        await it.press("j")
        await it.sees(tab._rows[1][1].finding.fix[:30])


async def test_a_finding_is_copied_in_full(lab):
    async with house(lab) as it:
        await checks_of(it, "2", LEAKY)
        await it.press("y")
        await it.until(lambda: it.app.clipboard)
        assert it.app.clipboard.startswith("fatal: a file that holds a secret [secret-file]")
        assert "\nfix: " in it.app.clipboard


async def test_what_the_config_accepts_is_folded_away_and_can_be_shown(lab):
    async with house(lab, config=Config(audit_allow=("secret-file",))) as it:
        tab = await checks_of(it, "2", LEAKY)
        await it.sees("1 accepted")
        assert "a file that holds a secret" not in "\n".join(screen_lines(tab.table))
        await it.press("h")
        await it.until(lambda: "a file that holds a secret" in "\n".join(screen_lines(tab.table)))
        await it.press("h")
        await it.until(
            lambda: "a file that holds a secret" not in "\n".join(screen_lines(tab.table))
        )


async def test_what_was_not_looked_at_is_said(lab):
    async with house(lab) as it:
        await checks_of(it, "2", LEAKY)
        await it.sees("not checked: files: the index of its layers was not read")


async def test_another_object_shows_its_own_findings_at_once(lab):
    async with house(lab) as it:
        tab = await checks_of(it, "2", LEAKY)
        await it.press("escape")
        await it.go_to("redis:8-alpine")
        await it.until(lambda: len(tab._known) == 2, "the second check")
        await it.sees("no User is set")
        assert "huggingface" not in it.text


async def test_a_scanner_runs_when_asked_and_its_findings_join(lab, tmp_path, monkeypatch):
    scanner(tmp_path, monkeypatch, f"echo scanning >&2\ncat <<'E'\n{json.dumps(TRIVY)}\nE")
    async with house(lab) as it:
        tab = await checks_of(it, "2", LEAKY)
        await it.press("S")
        await it.sees("takes minutes")
        await it.press("enter")
        await it.until(lambda: "trivy" in tab._known[tab.object_id], "the scanner's findings")
        await it.sees("CVE-2024-1")
        await it.sees("✖ 2 fatal")


async def test_a_scan_that_fails_says_why(lab, tmp_path, monkeypatch):
    scanner(tmp_path, monkeypatch, "echo no room >&2; exit 3")
    async with house(lab) as it:
        await checks_of(it, "2", LEAKY)
        await it.press("S")
        await it.sees("takes minutes")
        await it.press("enter")
        await it.sees("trivy failed: no room")


async def test_without_a_scanner_that_is_said(lab, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    async with house(lab) as it:
        await checks_of(it, "2", LEAKY)
        await it.press("S")
        await it.sees("Neither trivy nor grype")


async def test_a_check_that_fails_says_so(serve_demo):
    lab = serve_demo(World(30), faults=Faults(path="/history", error_status=500))
    async with house(lab) as it:
        await it.press("2")
        await it.go_to(LEAKY)
        await it.press("A")
        await it.sees("Cannot check it: simulated failure")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_finding_and_details_are_both_on_screen(lab, size):
    async with house(lab, size=size) as it:
        await checks_of(it, "2", LEAKY)
        await it.sees("SEVERITY")
        await it.sees("Evidence")
        await it.press("plus")
        await it.sees("SEVERITY")


async def test_the_overview_tells_what_is_in_an_image_and_from_where(lab):
    async with house(lab) as it:
        await it.press("2")
        await it.go_to(LEAKY)
        await it.sees("linux/amd64")
        await it.sees("2.8.0+cu128")
        await it.sees("/usr/lib/python3.10/site-packages/torch/version.py")
        await it.sees("(a hint)")
        containers = it.app.session.store.containers()
        assert not any(found.name.startswith("dstui-") for found in containers)


async def test_columns_tell_what_is_in_the_images_on_screen(lab):
    config = Config(columns={"images": ("repository", "torch", "os")})
    async with house(lab, config=config) as it:
        await it.press("2")
        await it.until(
            lambda: sum("2.9.0a0" in line for line in screen_lines(it.section.table)) >= 3,
            "the versions",
        )


async def test_in_read_only_mode_only_the_config_tells_of_an_image(lab):
    async with house(lab, read_only=True) as it:
        await it.press("2")
        await it.go_to(LEAKY)
        await it.sees("ENV NVIDIA_VISIBLE_DEVICES (a hint)")
        assert "site-packages" not in it.text
