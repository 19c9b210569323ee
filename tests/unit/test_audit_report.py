"""Findings in order, allowed, masked, and as SARIF."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.audit.allow import allowed
from dstui.domain.audit.finding import AuditReport, Finding, Severity, worst_first
from dstui.domain.audit.rules import RULES, audit_image
from dstui.domain.audit.secret_words import in_command, in_setting, mask, tokens
from dstui.render.findings import (
    COLUMNS,
    audit_content,
    details,
    report_lines,
    summary,
)
from dstui.render.sarif import sarif_document
from tests.evidence import image

TOKENS = {
    "an AWS access key": "AKIA" + "Z3" * 8,
    "a Google API key": "AIza" + "a-B_9" * 7,
    "a GitHub token": "github_pat_" + "aB" * 41,
    "a GitLab token": "glpat-" + "aB3-" * 5,
    "a Hugging Face token": "hf_" + "aB" * 17,
    "an OpenAI key": "sk-proj-" + "aB3" * 8 + "T3BlbkFJ" + "aB3" * 8,
    "an Anthropic key": "sk-ant-api03-" + "aB3" * 31 + "AA",
    "a Databricks token": "dapi" + "0a" * 16,
    "a PyPI token": "pypi-AgEIcHlwaS5vcmc" + "aB" * 30,
    "an npm token": "npm_" + "aB" * 18,
    "a Slack token": "xoxb-" + "123456789012-abcdefABCDEF",
    "an NGC key": "nvapi-" + "aB3_" * 12,
    "a signed web token": "eyJ" + "aB3" * 5 + ".eyJ" + "aB3" * 5 + "." + "aB3" * 5,
}


def finding(rule="image-root", severity=Severity.LOW, target="lab/train:1", subject="") -> Finding:
    return Finding(rule, severity, target, "evidence", "why", "fix", ("CIS 4.1",), subject)


@pytest.mark.parametrize("what", TOKENS)
def test_a_token_is_known_by_its_form_and_never_shown(what):
    token = TOKENS[what]
    (secret,) = tokens(f"x='{token}' y")
    assert secret.what == what
    assert token[5:] not in secret.masked
    found = in_setting("ANYTHING", token)
    assert found is not None and found.severity is Severity.FATAL


@pytest.mark.parametrize("text", ["hf_" + "x" * 10, "npm_config_cache", "AKIAlower", "sk-learn"])
def test_what_only_begins_like_a_token_is_none(text):
    assert list(tokens(text)) == []


@given(st.text(string.ascii_letters + string.digits, min_size=1, max_size=60))
def test_a_masked_secret_is_not_the_secret(secret):
    assert secret not in mask(secret).partition(" ")[0]


@given(st.text())
def test_no_text_breaks_the_search_for_secrets(text):
    list(in_command(text))
    in_setting(text, text)


def test_no_finding_shows_a_secret():
    token = TOKENS["a Hugging Face token"]
    evidence = image(
        "app/.env",
        history=[f"RUN |1 T={token} /bin/sh -c curl -H 'Authorization: Bearer {token}'"],
        contents={"app/.env": f"HF_TOKEN={token}"},
        environment=(("HF_TOKEN", token),),
        labels={"token": token},
    )
    report = audit_image(evidence, "x")
    kinds = {found.rule for found in report.findings if found.severity is Severity.FATAL}
    assert kinds == {
        "secret-in-env",
        "secret-in-label",
        "secret-in-build-arg",
        "secret-in-history",
        "secret-file",
    }
    everything = json.dumps([audit_content([report]), sarif_document([report])])
    everything += "".join(report_lines(report))
    assert token[8:] not in everything


def test_escapes_in_a_file_name_never_reach_the_terminal():
    report = audit_image(image("app/\x1b[2J/Dockerfile\x1b]0;x\x07/.env"), "x")
    assert report.findings
    assert "\x1b" not in "".join(report_lines(report))


def test_the_worst_comes_first_and_nothing_twice():
    low, fatal = finding(), finding("secret-file", Severity.FATAL)
    assert worst_first([low, fatal, low]) == (fatal, low)


def test_a_report_answers_how_bad_it_is():
    report = AuditReport("x", (finding(severity=Severity.HIGH), finding(severity=Severity.INFO)))
    assert len(report.at_least(Severity.MEDIUM)) == 1
    assert len(report.at_least(Severity.INFO)) == 2
    assert report.at_least(Severity.FATAL) == ()
    assert summary(report) == "1 high, 1 info"
    assert summary(AuditReport("x", allowed=2)) == "nothing found (2 allowed)"


@pytest.mark.parametrize(
    ("entry", "accepted"),
    [
        ("image-root", True),
        ("image-*", True),
        ("image-root:lab/train:1", True),
        ("image-root:lab/*", True),
        ("image-root:/app/*", True),
        ("image-root:other/*", False),
        ("image-latest", False),
        ("secret-file:/app/x", False),
    ],
)
def test_the_allow_list_takes_a_rule_or_a_rule_and_a_pattern(entry, accepted):
    report = allowed(AuditReport("lab/train:1", (finding(subject="/app/x"),)), [entry])
    assert (report.findings == (), report.allowed) == (accepted, int(accepted))


def test_sarif_names_every_rule_that_it_uses():
    report = audit_image(image("root/.aws/credentials", user=""), "lab/train:1.2")
    document = sarif_document([report])
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(report.findings) > 1
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.startswith("dstui/lab/train%3A1.2")
    fingerprints = [result["partialFingerprints"]["dstui/v1"] for result in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints)


def test_findings_of_a_scanner_are_a_run_of_its_own():
    other = Finding("CVE-1", Severity.HIGH, "x", "e", "w", "f", source="trivy")
    runs = sarif_document([AuditReport("x", (other,))])["runs"]
    assert [run["tool"]["driver"]["name"] for run in runs] == ["dstui", "trivy"]
    assert [len(run["results"]) for run in runs] == [0, 1]


def test_the_json_has_the_fields_that_scripts_count_on():
    report = AuditReport("x", (finding(),), ("files: no index",), 3)
    content = audit_content([report])
    assert content["findings"] == [
        {
            "rule": "image-root",
            "severity": "low",
            "target": "lab/train:1",
            "object": None,
            "evidence": "evidence",
            "why": "why",
            "fix": "fix",
            "references": ["CIS 4.1"],
            "source": "dstui",
        }
    ]
    assert content["targets"] == [{"target": "x", "not_checked": ["files: no index"], "allowed": 3}]


def test_every_column_draws_and_sorts_a_finding():
    for column in COLUMNS:
        assert isinstance(column.cell(finding()).text, str)
        column.sort(finding())
    assert dict(details(finding()))["Ids"] == "CIS 4.1"


def test_ids_of_rules_are_words_that_a_config_can_hold():
    for name, rule in RULES.items():
        assert name == rule.id and set(name) <= set(string.ascii_lowercase + "-")
        assert rule.title and not rule.title.endswith(".")
