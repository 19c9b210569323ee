"""The kinds of registry: what each one's names are made of, and its own rules for them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dstui.domain.mended import mended_component, mended_path
from dstui.domain.reference import HUB

Values = Mapping[str, str]

_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
_LOOPBACK = r"(?P<host>(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?)"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. `rule` is the pattern that a value must match as a whole."""

    key: str
    label: str
    example: str
    rule: str
    says: str
    """The rule in words."""
    default: str = ""
    optional: bool = False
    mend: Callable[[str], str] = mended_component
    """Makes a value that may have been meant of one that breaks the rule."""
    usual: str = ""
    """The pattern of nearly all values, where the rule must also let old and internal ones pass."""
    usually: str = ""
    """The same in words."""

    def accepts(self, value: str) -> bool:
        """Whether the registry takes it."""
        return re.fullmatch(self.rule, value) is not None


@dataclass(frozen=True, slots=True)
class Registry:
    """One kind. Its references are `domain` / the fields of `path` that are filled in."""

    key: str
    title: str
    fields: tuple[Field, ...]
    path: tuple[str, ...]
    domain: Callable[[Values], str]
    domains: str = ""
    """The pattern of its own domains, with a group for each field that is a part of them; empty
    for a kind that people host themselves."""
    levels: tuple[int, int | None] = (1, None)
    """How many parts a path has, at least and at most."""
    note: str = ""
    """What surprises people: how to log in, what must exist beforehand."""

    def field(self, key: str) -> Field | None:
        """The field of this key."""
        return next((field for field in self.fields if field.key == key), None)

    @property
    def shape(self) -> str:
        """How its paths look: `<namespace>/<image>`, the optional in brackets."""
        text = ""
        for key in self.path:
            field = self.field(key)
            label = f"<{field.label.lower()}>" if field else key
            if field and field.optional:
                text += f"[/{label}]" if text else f"[{label}/]"
            else:
                text += label if not text or text.endswith("/]") else f"/{label}"
        return text

    def fits(self, path: str) -> bool:
        """Whether a path has as many parts as the kind wants."""
        least, most = self.levels
        parts = path.count("/") + 1
        return parts >= least and (most is None or parts <= most)

    def owns(self, domain: str) -> Values | None:
        """The fields' values in one of this kind's own domains; `None` for any other domain."""
        found = re.fullmatch(self.domains, domain) if self.domains else None
        return None if found is None else found.groupdict()

    def location(self, values: Values) -> tuple[str, str]:
        """Domain and path of these values, each of which its field accepts."""
        parts = (values.get(key, "") for key in self.path)
        path = "/".join(part.replace(":", "/") for part in parts if part)
        return self.domain(values), path


def _part(key: str, label: str, example: str, optional: bool = False) -> Field:
    says = "small letters and digits, between them `.`, `_`, `__` or dashes"
    return Field(key, label, example, _PART, says, optional=optional)


def _parts(key: str, label: str, example: str) -> Field:
    says = "small letters and digits, between them `.`, `_`, `__` or dashes; `/` between parts"
    return Field(key, label, example, rf"{_PART}(?:/{_PART})*", says, mend=mended_path)


def _host(example: str, default: str = "") -> Field:
    says = "a host name or address, perhaps with a port"
    return Field("host", "Host", example, _ADDRESS, says, default, mend=str.strip)


def _always(domain: str) -> Callable[[Values], str]:
    return lambda values: domain


def _named_host(values: Values) -> str:
    return values["host"]


_IMAGE = _parts("image", "Image", "train")
_ONE_IMAGE = _part("image", "Image", "train")

HUB_KIND = Registry(
    "hub",
    "Docker Hub",
    (_part("namespace", "Namespace", "mylab", optional=True), _ONE_IMAGE),
    ("namespace", "image"),
    _always(HUB),
    domains=r"docker\.io",
    levels=(2, 2),
    note="The namespace is your Docker ID or organisation: `docker login` names it.",
)

GHCR = Registry(
    "ghcr",
    "GitHub (GHCR)",
    (
        Field(
            "owner",
            "Owner",
            "octo-lab",
            r"[a-z0-9](?:-?[a-z0-9]){0,38}",
            "a GitHub user or organisation in small letters",
            mend=lambda text: mended_component(text.replace("_", "-")),
        ),
        _IMAGE,
    ),
    ("owner", "image"),
    _always("ghcr.io"),
    domains=r"ghcr\.io",
    levels=(2, None),
    note="Log in with your user name and a token that may write packages.",
)

GCP = Registry(
    "gcp",
    "Google Artifact Registry",
    (
        Field(
            "location",
            "Location",
            "europe-west4",
            r"[a-z]+(?:-[a-z]+\d+)?",
            "a region such as europe-west4, or us, europe, asia",
            "us",
        ),
        Field(
            "project",
            "Project",
            "my-project",
            r"(?:[a-z0-9.-]+:)?[a-z](?:[a-z0-9-]*[a-z0-9])?",
            "small letters, digits and dashes, a letter first",
            usual=r".{6,30}|.*:.*",
            usually="a project id has 6 to 30 characters",
        ),
        Field(
            "repo",
            "Repository",
            "images",
            r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
            "up to 63 small letters, digits and dashes, a letter first",
        ),
        _IMAGE,
    ),
    ("project", "repo", "image"),
    lambda values: f"{values['location']}-docker.pkg.dev",
    domains=r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev",
    levels=(3, None),
    note="The repository must exist. `gcloud auth configure-docker` sets up the login.",
)

ECR = Registry(
    "ecr",
    "Amazon ECR",
    (
        Field("account", "Account", "123456789012", r"\d{12}", "an account number of 12 digits"),
        Field(
            "region",
            "Region",
            "eu-west-1",
            r"[a-z]{2,}(?:-[a-z]+)+-\d",
            "a region such as eu-west-1",
        ),
        _IMAGE,
    ),
    ("image",),
    lambda values: (
        f"{values['account']}.dkr.ecr.{values['region']}.amazonaws.com"
        + (".cn" if values["region"].startswith("cn-") else "")
    ),
    domains=r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?",
    note="The repository normally must exist, and its tags may be immutable. A login lasts 12 h.",
)

ECR_PUBLIC = Registry(
    "ecr-public",
    "Amazon ECR Public",
    (_part("alias", "Alias", "mylab"), _IMAGE),
    ("alias", "image"),
    _always("public.ecr.aws"),
    domains=r"public\.ecr\.aws",
    levels=(2, None),
    note="Log in with `aws ecr-public get-login-password`, region us-east-1.",
)

ACR = Registry(
    "acr",
    "Azure (ACR)",
    (
        Field(
            "registry_name",
            "Registry name",
            "mylab",
            r"[a-z0-9]{5,50}",
            "5 to 50 small letters and digits",
            mend=lambda text: "".join(c for c in text.lower() if c.isalnum()),
        ),
        _IMAGE,
    ),
    ("image",),
    lambda values: f"{values['registry_name']}.azurecr.io",
    domains=r"(?P<registry_name>[a-z0-9]{5,50})\.azurecr\.io",
    note="Log in with `az acr login`.",
)

NGC = Registry(
    "ngc",
    "NVIDIA NGC",
    (
        _part("org", "Organisation", "mylab"),
        _part("team", "Team", "vision", optional=True),
        _ONE_IMAGE,
    ),
    ("org", "team", "image"),
    _always("nvcr.io"),
    domains=r"nvcr\.io",
    levels=(2, 3),
    note="The login's user is literally $oauthtoken; its password is an API key of NGC.",
)

QUAY = Registry(
    "quay",
    "Quay",
    (_part("namespace", "Namespace", "mylab"), _ONE_IMAGE),
    ("namespace", "image"),
    _always("quay.io"),
    domains=r"quay\.io",
    levels=(2, 2),
    note="The label quay.expires-after makes Quay remove a tag after a time.",
)

GITLAB = Registry(
    "gitlab",
    "GitLab",
    (
        _host("registry.gitlab.com", "registry.gitlab.com"),
        _parts("group", "Group", "mylab/vision"),
        _part("project", "Project", "models"),
        Field(
            "image",
            "Image",
            "train",
            rf"{_PART}(?:/{_PART})?",
            "at most two parts beyond the project",
            optional=True,
            mend=mended_path,
        ),
    ),
    ("group", "project", "image"),
    _named_host,
    domains=r"(?P<host>registry\.gitlab\.com)",
    levels=(2, None),
    note="The project must exist. Log in with a token that may write to the registry.",
)

HARBOR = Registry(
    "harbor",
    "Harbor",
    (_host("harbor.example.org"), _part("project", "Project", "mylab"), _IMAGE),
    ("project", "image"),
    _named_host,
    levels=(2, None),
    note="The project must exist, and may make tags immutable.",
)

LOCAL = Registry(
    "local",
    "Local registry",
    (_host("localhost:5000", "localhost:5000"), _IMAGE),
    ("image",),
    _named_host,
    domains=_LOOPBACK,
    note="Loopback needs no TLS; another host without it must stand in insecure-registries.",
)

REGISTRIES = (HUB_KIND, GHCR, GCP, ECR, ECR_PUBLIC, ACR, NGC, QUAY, GITLAB, HARBOR, LOCAL)


def registry(key: str) -> Registry | None:
    """The kind of this key, such as `gcp`."""
    return next((kind for kind in REGISTRIES if kind.key == key), None)


def registry_of(domain: str) -> Registry | None:
    """The kind that a domain belongs to; `None` for a host of people's own."""
    return next((kind for kind in REGISTRIES if kind.owns(domain) is not None), None)
