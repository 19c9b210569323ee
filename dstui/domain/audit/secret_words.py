"""Recognises secrets in text: by the form of a token, or by the name of what it is set to.

The forms are those that the services publish for their own tokens. Text is matched, shown masked,
and kept nowhere.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from dstui.domain.audit.finding import Severity


class Secret(NamedTuple):
    """A secret that was recognised."""

    what: str
    """In words: `a GitHub token`."""
    masked: str
    severity: Severity


_TOKENS: tuple[tuple[str, str], ...] = (
    ("an AWS access key", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"),
    ("a Google API key", r"AIza[\w-]{35}"),
    ("a GitHub token", r"gh[pousr]_[A-Za-z0-9]{36,}"),
    ("a GitHub token", r"github_pat_[A-Za-z0-9_]{82}"),
    ("a GitLab token", r"glpat-[\w-]{20,}"),
    ("a Hugging Face token", r"(?:hf_|api_org_)[A-Za-z]{34}"),
    ("an OpenAI key", r"sk-(?:proj-|svcacct-|admin-)?[\w-]{10,}T3BlbkFJ[\w-]{10,}"),
    ("an Anthropic key", r"sk-ant-(?:api|admin)\d\d-[\w-]{80,}"),
    ("a Databricks token", r"dapi[0-9a-f]{32}(?:-\d)?"),
    ("a PyPI token", r"pypi-AgEIcHlwaS5vcmc[\w-]{50,}"),
    ("an npm token", r"npm_[A-Za-z0-9]{36}"),
    ("a Slack token", r"xox[bpears]-[\w-]{20,}"),
    ("an NGC key", r"nvapi-[\w-]{40,}"),
    ("a private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    ("a signed web token", r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
)
_TOKEN = re.compile(
    rf"(?<![A-Za-z0-9_-])(?:{'|'.join(f'({form})' for _, form in _TOKENS)})(?![A-Za-z0-9])"
)
_IN_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"]*:([^\s/@'\"]{3,})@[\w.\[-]", re.I)
_KEYWORD_IN_TEXT = re.compile(
    r"(?:--(?:password|passwd|token|secret|api-key)[= ]"
    r"|Authorization: *(?:Bearer|Basic|token) "
    r"|\b(?:WANDB_API_KEY|KAGGLE_KEY|HF_TOKEN|AWS_SECRET_ACCESS_KEY|PGPASSWORD|MYSQL_PWD)=)"
    r"['\"]?([^\s'\"]+)",
    re.I,
)

_SETTING_IN_COMMAND = re.compile(
    r"(?<![\w.-])(?:(--?[A-Za-z][\w.-]*)[ =]|([A-Za-z_][\w.-]*)=)"
    r"(\"[^\"]*\"|'[^']*'|(?!-)[^\s'\"]+)"
)
"""A name with its value, as an option (`--name value`, `--name=value`) or a variable."""

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|CREDENTIALS?"
    r"|API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY|AUTH_?KEY|ENCRYPTION_?KEY|KAGGLE_KEY)$"
    r"|(?:^|_)(?:PASSWORD|PASSWD|SECRET|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|TOKEN)_"
    r"(?!FILE|PATH|DIR|NAME|URL|URI|TYPE|LENGTH|LIMIT|TTL|EXPIR|TIMEOUT|MIN|MAX|COUNT)",
    re.I,
)
_NOT_SECRET_NAMES = frozenset({"GPG_KEY", "PWD", "OLDPWD", "SSH_AUTH_SOCK", "AWS_ACCESS_KEY_ID"})
_STAND_IN = re.compile(
    r"|true|false|yes|no|on|off|none|null|unset|\d{1,4}|/\S*|\.{1,2}/\S*"
    r"|\$\{?\w+\}?.*|\$\(.*|<.*>|\{\{.*|%\(?\w+.*|\*+|x{3,}|\.\.\."
    r"|(?:your|my|the|some|an?)[-_ ].*|(?:changeme|change[-_]me|placeholder|example|dummy|test"
    r"|redacted|secret|password|token|fixme)\d{0,3}",
    re.I,
)
"""What stands where a secret would, and is none."""

_SHOWN = 4


def mask(secret: str) -> str:
    """Enough to recognise it by, too little to use it."""
    shown = secret[:_SHOWN] if len(secret) >= 4 * _SHOWN else ""
    return f"{shown}… ({len(secret)} characters)"


def tokens(text: str) -> Iterator[Secret]:
    """The tokens whose form tells what they are, and passwords in URLs."""
    for found in _TOKEN.finditer(text):
        assert found.lastindex is not None
        what = _TOKENS[found.lastindex - 1][0]
        shown = found[0] if what == "a private key" else mask(found[0])
        yield Secret(what, shown, Severity.FATAL)
    for found in _IN_URL.finditer(text):
        if not stands_in(found[1]) and not _TOKEN.search(found[1]):
            yield Secret("a password in a URL", mask(found[1]), Severity.HIGH)


def in_setting(name: str, value: str) -> Secret | None:
    """The secret that `name=value` sets: by the value's own form, else by the name."""
    for token in tokens(value):
        return token
    if is_secret_name(name) and not stands_in(value):
        return Secret("a value by its name", mask(value), Severity.HIGH)
    return None


def in_command(text: str) -> Iterator[Secret]:
    """The secrets in a command line: tokens, and what follows `--password` and its like."""
    yield from tokens(text)
    for found in _KEYWORD_IN_TEXT.finditer(text):
        if not stands_in(found[1]) and not _TOKEN.search(found[1]):
            yield Secret("a credential in a command", mask(found[1]), Severity.HIGH)


def masked_command(text: str) -> str:
    """A command line with each secret in it masked: by its form, or by the name it is set to."""
    spans = [found.span() for found in _TOKEN.finditer(text)]
    for form in (_IN_URL, _KEYWORD_IN_TEXT):
        spans += [found.span(1) for found in form.finditer(text) if not stands_in(found[1])]
    for found in _SETTING_IN_COMMAND.finditer(text):
        name = re.sub(r"[.-]", "_", (found[1] or found[2]).lstrip("-"))
        if is_secret_name(name) and not stands_in(found[3]):
            spans.append(found.span(3))
    return "".join(_masked_pieces(text, sorted(spans)))


def _masked_pieces(text: str, spans: list[tuple[int, int]]) -> Iterator[str]:
    at = 0
    for start, end in spans:
        if start >= at:
            yield text[at:start]
            yield mask(text[start:end].strip("'\""))
            at = end
        elif end > at:  # the rest of one that two forms recognise
            at = end
    yield text[at:]


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name usually holds a secret."""
    return name.upper() not in _NOT_SECRET_NAMES and bool(_SECRET_NAME.search(name))


def stands_in(value: str) -> bool:
    """Whether the value is a placeholder, a switch, a number or a path."""
    return bool(_STAND_IN.fullmatch(value.strip().strip("'\"")))
