"""Secrets in an image's config and history: anyone who can pull the image can read these."""

import re
from collections.abc import Iterator

from dstui.domain.audit.evidence import ImageEvidence
from dstui.domain.audit.finding import Severity
from dstui.domain.audit.rule import Hit, Rule
from dstui.domain.audit.secret_words import Secret, in_command, in_setting

_WHY = "whoever can pull the image, or run `docker inspect` or `docker history`, reads it"
_REFERENCES = ("CIS 4.10", "CIS-DI-0010", "DL3064")
_SETTING = re.compile(r"([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|\S*)")


def _environment(found: ImageEvidence) -> Iterator[Hit]:
    for name, value in found.image.environment:
        if secret := in_setting(name, value):
            yield _hit(f"ENV {name}", secret, name)


def _labels(found: ImageEvidence) -> Iterator[Hit]:
    for name, value in found.image.labels.items():
        if secret := in_setting(name.replace(".", "_").replace("-", "_"), value):
            yield _hit(f"LABEL {name}", secret, name)


def _build_args(found: ImageEvidence) -> Iterator[Hit]:
    seen = set()
    for number, step in found.steps():
        for argument in step.build_args:
            name, _, value = argument.partition("=")
            secret = in_setting(name, value)
            if secret and argument not in seen:
                seen.add(argument)
                yield _hit(f"step {number}, build argument {name}", secret, name)


def _commands(found: ImageEvidence) -> Iterator[Hit]:
    seen = set()
    for number, step in found.steps():
        if step.keyword in ("ENV", "LABEL"):
            continue
        for secret in in_command(step.arguments):
            if (secret.what, secret.masked) not in seen:
                seen.add((secret.what, secret.masked))
                yield _hit(
                    f"step {number}, {step.keyword or 'a command'}", secret, f"step {number}"
                )


def _overridden(found: ImageEvidence) -> Iterator[Hit]:
    """Variables that a later step changed: gone from the config, still in the history."""
    current = dict(found.image.environment)
    for number, step in found.steps():
        if step.keyword not in ("ENV", "ARG"):
            continue
        for setting in _SETTING.finditer(step.arguments):
            name, value = setting[1], setting[2].strip("\"'")
            secret = in_setting(name, value)
            if secret and current.get(name) != value:
                yield _hit(f"step {number}, {step.keyword} {name}", secret, name)


def _hit(where: str, secret: Secret, subject: str) -> Hit:
    return Hit(f"{where}: {secret.what}, {secret.masked}", subject, secret.severity)


RULES: tuple[Rule[ImageEvidence], ...] = (
    Rule(
        "secret-in-env",
        Severity.HIGH,
        "a secret in the environment",
        _WHY,
        "take it out of ENV, give it at run time (--env-file, a mounted file), and revoke it",
        _environment,
        _REFERENCES,
    ),
    Rule(
        "secret-in-label",
        Severity.HIGH,
        "a secret in a label",
        _WHY,
        "take it out of LABEL, and revoke it",
        _labels,
        _REFERENCES,
    ),
    Rule(
        "secret-in-build-arg",
        Severity.HIGH,
        "a secret in a build argument",
        "build arguments stay in the image's history, and " + _WHY,
        "use `RUN --mount=type=secret`, and revoke it",
        _build_args,
        _REFERENCES,
    ),
    Rule(
        "secret-in-history",
        Severity.HIGH,
        "a secret in a command of the history",
        _WHY,
        "use `RUN --mount=type=secret`, and revoke it",
        _commands,
        _REFERENCES,
    ),
    Rule(
        "secret-in-old-env",
        Severity.HIGH,
        "a secret in a setting that a later step changed",
        "the config does not have it any more, the history still has",
        "use `RUN --mount=type=secret` or build in two stages, and revoke it",
        _overridden,
        _REFERENCES,
    ),
)
