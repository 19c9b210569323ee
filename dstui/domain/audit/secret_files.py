"""Files that hold secrets, in any layer: what a later layer deletes can still be read below it.

A name alone accuses nobody where the content can tell: visible candidates are read, and judged by
what is in them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dstui.domain.audit.evidence import FileFact, FileList, ImageEvidence
from dstui.domain.audit.finding import Severity
from dstui.domain.audit.rule import Hit, Rule
from dstui.domain.audit.secret_words import Secret, in_setting, mask, stands_in, tokens

LARGEST_READ = 64 * 1024
MOST_READ = 200
"""How many candidates are read, and how much of each."""

_PROGRAMS_OWN = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|pkgs|share/doc|share/python-wheels)/"
    r"|(?:^|/)(?:tests?|testing|testdata|test_data|fixtures|examples?|samples?)/"
    r"|^etc/ssl/certs/|^usr/(?:share|lib|include|src)/|^usr/local/(?:share|lib|include|src)/"
    r"|(?:^|/)ssl/cacert\.pem$|(?:^|/)lib/python\d[\d.]*/"
)
"""Where programs keep their own files, tests and public certificates: not a person's secrets."""

LIKELY_PATHS: tuple[str, ...] = (
    *(
        f"root/{name}"
        for name in (
            ".ssh/id_rsa",
            ".ssh/id_ed25519",
            ".netrc",
            ".git-credentials",
            ".aws/credentials",
            ".kaggle/kaggle.json",
            ".cache/huggingface/token",
            ".docker/config.json",
            ".config/gcloud/application_default_credentials.json",
            ".pypirc",
            ".condarc",
            ".config/pip/pip.conf",
        )
    ),
    *(f"{directory}.env" for directory in ("", "app/", "src/", "workspace/", "code/")),
    "etc/pip.conf",
)
"""Where to look when there is no index."""

Judge = Callable[[str], Secret | None]
"""Looks at a content: the secret in it, or `None` when it has none."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Files of this name may hold a secret; `judge` tells from the content whether they do."""

    name: str
    """A regular expression for the file's name, or for its directory and name; lower case."""
    what: str
    severity: Severity
    judge: Judge


def _any_token(content: str) -> Secret | None:
    return next(tokens(content), None)


def _any_setting(content: str) -> Secret | None:
    """A line `NAME=value`, `name: value` or `name = value` whose value is a secret."""
    for line in content.splitlines():
        if found := _LINE.match(line):
            secret = in_setting(
                found[1].replace("-", "_").replace(".", "_"), found[2].strip(" \t\"',")
            )
            if secret:
                return secret
    return _any_token(content)


def _after(pattern: str) -> Judge:
    """What the pattern's first group holds."""
    form = re.compile(pattern, re.I | re.M)

    def judge(content: str) -> Secret | None:
        for found in form.finditer(content):
            if not stands_in(found[1]):
                return Secret("a credential", mask(found[1]), Severity.FATAL)
        return _any_token(content)

    return judge


def _whole(content: str) -> Secret | None:
    value = content.strip()
    if not value or stands_in(value):
        return None
    return _any_token(value) or Secret("a credential", mask(value), Severity.FATAL)


_LINE = re.compile(r"\s*(?:export\s+|set\s+)?[\"']?([A-Za-z_][\w.-]*)[\"']?\s*[=:]\s*(.+)$")


def _private_key(content: str) -> Secret | None:
    return next((found for found in tokens(content) if found.what == "a private key"), None)


def _unreadable(content: str) -> Secret | None:
    """Binary key stores: that they are there is all that can be said."""
    return Secret("a key store", f"{len(content)} bytes", Severity.HIGH) if content else None


def _candidate(
    name: str, what: str, judge: Judge, severity: Severity = Severity.HIGH
) -> _Candidate:
    return _Candidate(name, what, severity, judge)


_CANDIDATES: tuple[_Candidate, ...] = (
    _candidate(r"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?", "an SSH key", _private_key, Severity.FATAL),
    _candidate(
        r"\.env(?:\.(?!example|sample|template|dist)\w+)?", "an environment file", _any_setting
    ),
    _candidate(r"[._]netrc", "logins of hosts", _after(r"\bpassword\s+(\S+)"), Severity.FATAL),
    _candidate(r"\.git-credentials", "git logins", _any_token, Severity.FATAL),
    _candidate(
        r"\.aws/credentials", "AWS keys", _after(r"secret_access_key\s*=\s*(\S+)"), Severity.FATAL
    ),
    _candidate(
        r"application_default_credentials\.json|[\w.-]*service[-_]?account[\w.-]*\.json",
        "Google credentials",
        _after(r'"(?:refresh_token|private_key)"\s*:\s*"([^"]+)"'),
    ),
    _candidate(
        r"\.azure/\S*token\S*", "Azure tokens", _after(r'"(?:secret|\w*token)"\s*:\s*"([^"]+)"')
    ),
    _candidate(
        r"\.?kaggle/kaggle\.json", "a Kaggle key", _after(r'"key"\s*:\s*"([^"]+)"'), Severity.FATAL
    ),
    _candidate(r"\.?huggingface/token", "a Hugging Face token", _whole, Severity.FATAL),
    _candidate(
        r"\.docker/config\.json|\.dockercfg",
        "registry logins",
        _after(r'"(?:auth|identitytoken|password)"\s*:\s*"([^"]+)"'),
    ),
    _candidate(
        r"\.kube/config",
        "cluster logins",
        _after(r"(?:client-key-data|token|password):\s*['\"]?(\S+)"),
    ),
    _candidate(r"\.pypirc", "package index logins", _after(r"^\s*password\s*[=:]\s*(\S+)")),
    _candidate(
        r"pip\.conf|uv\.toml|\.condarc|condarc", "package index logins", _any_token, Severity.LOW
    ),
    _candidate(
        r"\.npmrc|\.yarnrc(?:\.yml)?",
        "package index logins",
        _after(r"auth\w*\s*[=:]\s*(\S+)"),
        Severity.LOW,
    ),
    _candidate(r"\.pgpass", "database logins", _after(r"^[^#\n]*:([^:\n]+)$")),
    _candidate(r"\.my\.cnf|\.mylogin\.cnf", "database logins", _after(r"^\s*password\s*=\s*(\S+)")),
    _candidate(
        r"\.databrickscfg", "a Databricks login", _after(r"^\s*(?:token|password)\s*=\s*(\S+)")
    ),
    _candidate(r"\.snowsql/config", "a database login", _after(r"^\s*password\s*=\s*(\S+)")),
    _candidate(r"\.?wandb/settings", "a W&B key", _after(r"api_key\s*=\s*(\S+)"), Severity.LOW),
    _candidate(
        r"\.comet\.config|\.mlflow/credentials", "an experiment tracker's key", _any_setting
    ),
    _candidate(
        r"\.(?:bash|zsh|python|psql|mysql)_history", "typed commands", _any_setting, Severity.LOW
    ),
    _candidate(
        r"(?:credentials|secrets?)\.(?:json|ya?ml|toml|txt|ini)", "credentials", _any_setting
    ),
    _candidate(r"[^/]*\.(?:pem|key)", "a key", _private_key, Severity.MEDIUM),
    _candidate(r"[^/]*\.(?:p12|pfx|jks|kdbx|ovpn)", "a key store", _unreadable),
)

_ANY = re.compile("|".join(f"({found.name})" for found in _CANDIDATES))


def worth_reading(files: FileList) -> list[str]:
    """The visible files whose content decides whether they hold a secret."""
    paths = (
        file.path
        for file in files.visible()
        if _may_hold_secret(file) and 0 < file.size <= LARGEST_READ
    )
    return [path for path, _ in zip(paths, range(MOST_READ), strict=False)]


def _may_hold_secret(file: FileFact) -> bool:
    return file.kind == "file" and candidate_for(file.path) is not None


def candidate_for(path: str) -> _Candidate | None:
    """Which kind of secret a file of this path may hold."""
    directory, _, name = path.lower().rpartition("/")
    found = _ANY.fullmatch(name) or _ANY.fullmatch(f"{directory.rpartition('/')[2]}/{name}")
    if found is None or _PROGRAMS_OWN.search(path):
        return None
    assert found.lastindex is not None
    return _CANDIDATES[found.lastindex - 1]


def _files(found: ImageEvidence) -> Iterator[Hit]:
    candidates = [
        (file, candidate)
        for file in found.files.files
        if file.kind == "file" and file.size and (candidate := candidate_for(file.path))
    ]
    visible = {file.path: file.content for file, _ in candidates if file.visible}
    for file, candidate in candidates:
        if not file.visible and file.content and visible.get(file.path) == file.content:
            continue  # a later layer has the same file, with another owner or mode
        content = found.contents.get(file.path) if file.visible else None
        if content is not None:
            if hit := _read(file, candidate, content):
                yield hit
        elif file.visible or candidate.severity is not Severity.LOW:
            yield _unread(file, candidate, file.path in visible)


def _read(file: FileFact, candidate: _Candidate, content: bytes) -> Hit | None:
    secret = candidate.judge(content.decode("utf-8", "replace"))
    if secret is None:
        return None
    words = f"/{file.path}: {candidate.what}: {secret.what}, {secret.masked}"
    return Hit(words, f"/{file.path}", secret.severity)


def _unread(file: FileFact, candidate: _Candidate, replaced: bool) -> Hit:
    where = f"/{file.path} in layer {file.layer + 1}"
    if file.visible:
        words = f"{where}: by its name {candidate.what}; its content was not read"
        return Hit(words, f"/{file.path}", candidate.severity)
    how = "replaced by a later layer" if replaced else "deleted by a later layer"
    return Hit(
        f"{where}, {how} and still readable there: by its name {candidate.what}",
        f"/{file.path}",
        candidate.severity,
        "build it anew without the file (`RUN --mount=type=secret`, .dockerignore, two stages): "
        "deleting it in a later step leaves it in the image; and revoke what it held",
    )


RULES: tuple[Rule[ImageEvidence], ...] = (
    Rule(
        "secret-file",
        Severity.HIGH,
        "a file that holds a secret",
        "whoever has the image can read every file of every layer",
        "leave it out of the image (.dockerignore, `RUN --mount=type=secret`), mount it at run "
        "time, and revoke what it held",
        _files,
        ("CIS-DI-0010",),
    ),
)
