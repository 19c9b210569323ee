"""Why a registry or an engine refused to move an image: the name, the login or the network."""

import re
from dataclasses import dataclass

from dstui.domain.transfer import RefusedBy


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which of them it was, the cause in plain words, and what to do."""

    by: RefusedBy = RefusedBy.OTHER
    cause: str = ""
    fix: str = ""


Known = tuple[RefusedBy, str, str, str]
"""Who refused, the pattern of its words, the cause and the fix."""

_DISK: Known = (
    RefusedBy.DISK,
    r"no space left on device",
    "the disk is full",
    "remove what is not needed any more: unused images come first",
)
_NOT_HERE: Known = (
    RefusedBy.NAME,
    r"image does not exist locally|no such image|tag does not exist",
    "there is no image of this name here",
    "check the spelling, or tag an image so first",
)

# The first that matches wins: what names a cause for sure comes before what only hints at one.
_BY_REGISTRY: tuple[Known, ...] = (
    _DISK,
    _NOT_HERE,
    (
        RefusedBy.NETWORK,
        r"no such host|server misbehaving|name resolution",
        "the host {domain} is not known: the name may be misspelt, or DNS fails",
        "check the host in the name, and the engine's DNS",
    ),
    (
        RefusedBy.NETWORK,
        r"server gave HTTP response to HTTPS client",
        "{domain} speaks plain HTTP, which the engine takes only from loopback",
        'give the registry TLS, or add "{domain}" to insecure-registries in daemon.json',
    ),
    (
        RefusedBy.NETWORK,
        r"x509|certificate|tls: ",
        "the engine does not trust the certificate of {domain}",
        "put its CA into /etc/docker/certs.d/{domain}/ca.crt on the engine's host",
    ),
    (
        RefusedBy.NETWORK,
        r"connection refused",
        "nothing listens at {domain}",
        "check host and port, and that the registry runs",
    ),
    (
        RefusedBy.NETWORK,
        r"i/o timeout|Client\.Timeout|deadline exceeded|handshake timeout|request canceled",
        "{domain} does not answer",
        "check the network of the engine's host: proxy, firewall, VPN",
    ),
    (
        RefusedBy.NETWORK,
        r"no route to host|network is unreachable|connection reset|proxyconnect|unexpected EOF"
        r"|: EOF",
        "the engine cannot reach {domain}, or lost it",
        "check the network of the engine's host: proxy, firewall, VPN",
    ),
    (
        RefusedBy.LOGIN,
        r"toomanyrequests|too many requests|rate limit",
        "{domain} allows no more pulls for now",
        "log in for a higher limit (docker login {domain}), or wait",
    ),
    (
        RefusedBy.LOGIN,
        r"token has expired|token is expired|expired token",
        "the login at {domain} has expired",
        "log in anew: docker login {domain}",
    ),
    (
        RefusedBy.NAME,
        r"tag.{0,300}(?:immutable|cannot be overwritten)|immutable",
        "the registry has this tag already, and lets no tag be changed",
        "give it a new tag",
    ),
    (
        RefusedBy.NAME,
        r"manifest unknown|manifest for .* not found|manifest .*not found",
        "{domain} has no image of this name and tag",
        "check the tag, and the platforms that it was built for",
    ),
    (
        RefusedBy.NAME,
        r"no matching manifest",
        "{domain} has the image, but not for the kind of CPU of this host",
        "choose a tag that was built for it",
    ),
    (
        RefusedBy.NAME,
        r"name unknown|name_unknown|repository name not known|"
        r"repository .{0,300} (?:not found|does not exist in the registry)|project .* not found",
        "{domain} has no such repository",
        "create it there first, or check the spelling",
    ),
    (
        RefusedBy.NAME,
        r"invalid reference|name invalid|name_invalid|invalid repository name",
        "{domain} does not take this name",
        "`dstui name --check` tells what is wrong with it",
    ),
    (
        RefusedBy.LOGIN,
        r"pull access denied|repository does not exist or may require",
        "{domain} has no such image, or shows it only to those who may see it: {login}",
        "check the spelling; if it is private: docker login {domain}",
    ),
    (
        RefusedBy.LOGIN,
        r"no basic auth credentials|unauthorized|authentication required|incorrect username"
        r"|authorization failed|401",
        "{domain} wants a login: {login}",
        "docker login {domain}",
    ),
    (
        RefusedBy.LOGIN,
        r"denied|forbidden|403|insufficient_scope",
        "{domain} does not allow it for this name: {login}",
        "use a name that is yours, or log in as one who may: docker login {domain}",
    ),
)

_BY_FILE: tuple[Known, ...] = (
    _DISK,
    _NOT_HERE,
    (
        RefusedBy.FILE,
        r"^cannot use|is a directory|does not exist|is not a file",
        "{path} cannot be used",
        "check the path and its permissions",
    ),
    (
        RefusedBy.FILE,
        r"exists already",
        "a file is not replaced unless that is asked for",
        "choose another name, or ask for it to be replaced",
    ),
    (
        RefusedBy.FILE,
        r"invalid tar header|unexpected EOF|no such file or directory$|has no image in it"
        r"|manifest\.json|repositories|became shorter|payload does not match|unrecognized image",
        "{path} is no image archive, or not a whole one",
        "`docker save` and `dstui save` write such archives: fetch or make it again",
    ),
)

_WITH_LOGIN = "the login of the docker config was not enough"
_WITHOUT_LOGIN = "the docker config has no login for it"


def refusal(message: str, domain: str, logged_in: bool, login_problem: str = "") -> Refusal:
    """What a refusal of a pull or push in these words means; `domain` is the registry's."""
    login = login_problem or (_WITH_LOGIN if logged_in else _WITHOUT_LOGIN)
    return _first(_BY_REGISTRY, message, {"domain": domain, "login": login})


def file_refusal(message: str, path: str) -> Refusal:
    """What a refusal of a save or load in these words means."""
    return _first(_BY_FILE, message, {"path": path})


def _first(known: tuple[Known, ...], message: str, words: dict[str, str]) -> Refusal:
    for by, pattern, cause, fix in known:
        if re.search(pattern, message, re.IGNORECASE):
            return Refusal(by, cause.format(**words), fix.format(**words))
    return Refusal()
