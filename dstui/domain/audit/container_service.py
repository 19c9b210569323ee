"""Rules about what a container offers to others: ports, notebooks, and which image it really is."""

import re
from collections.abc import Iterator

from dstui.domain.action import short_id
from dstui.domain.audit.evidence import ContainerEvidence
from dstui.domain.audit.finding import Severity
from dstui.domain.audit.rule import Hit, Rule

_EMPTY_TOKEN = re.compile(
    r"--(?:\w*App|IdentityProvider|PasswordIdentityProvider)\.(?:token|password)"
    r"(?:=|\s+)(?:''|\"\"|u''|)(?=\s|$|['\"])"
)
_EMPTY = ("", "''", '""')
_RSTUDIO_OFF = ("DISABLE_AUTH", "true")
_CODE_SERVER = re.compile(r"\bcode-server\b.*--auth[= ]none\b")
_SHARED_BRIDGES = ("bridge", "default")


def _words(found: ContainerEvidence) -> str:
    """The command line as a shell would read it: an empty argument must stay visible."""
    return " ".join(word if word else "''" for word in found.settings.argv)


def _open_notebook(found: ContainerEvidence) -> Iterator[Hit]:
    words, variables = _words(found), dict(found.container.environment)
    evidence = ""
    if off := _EMPTY_TOKEN.search(words):
        evidence = off[0].strip()
    elif "jupyter" in words and variables.get("JUPYTER_TOKEN", "set") in _EMPTY:
        evidence = "JUPYTER_TOKEN is empty"
    elif code := _CODE_SERVER.search(words):
        evidence = code[0]
    elif variables.get(_RSTUDIO_OFF[0], "").lower() == _RSTUDIO_OFF[1]:
        evidence = "DISABLE_AUTH=true"
    if evidence:
        everywhere = found.container.network_mode == "host" or any(
            binding.everywhere for binding in found.settings.port_bindings
        )
        where = ", reachable on every address of the host" if everywhere else ""
        yield Hit(f"{evidence}{where}", severity=Severity.FATAL if everywhere else Severity.HIGH)


def _every_address(found: ContainerEvidence) -> Iterator[Hit]:
    for binding in found.settings.port_bindings:
        if binding.everywhere:
            port, host_port = binding.container_port, binding.host_port
            publish = f"-p 127.0.0.1:{host_port}:{port.partition('/')[0]}"
            yield Hit(
                f"{host_port or 'a random port'} -> {port} on all addresses",
                port,
                fix=f"publish it to one address, {publish}, and use an SSH tunnel",
            )


def _tag_moved(found: ContainerEvidence) -> Iterator[Hit]:
    container = found.container
    named_by_id = container.image_id.removeprefix("sha256:").startswith(
        container.image.removeprefix("sha256:")
    )
    if not container.image or named_by_id or "@" in container.image:
        return
    if found.tag_names and found.tag_names != container.image_id:
        yield Hit(
            f"{container.image} names {short_id(found.tag_names)} now, it runs "
            f"{short_id(container.image_id)}",
            container.image,
        )


def _image_gone(found: ContainerEvidence) -> Iterator[Hit]:
    if found.image is None and found.container.image_id:
        yield Hit(f"{short_id(found.container.image_id)} ({found.container.image})")


def _default_bridge(found: ContainerEvidence) -> Iterator[Hit]:
    if found.container.network_mode in _SHARED_BRIDGES and found.settings.port_bindings:
        yield Hit("it serves ports on the default bridge")


RULES: tuple[Rule[ContainerEvidence], ...] = (
    Rule(
        "open-notebook",
        Severity.HIGH,
        "a notebook server without a password",
        "whoever reaches the port runs any code, with its files, its GPUs and its mounts",
        "leave the token on (it is in the log), or publish to 127.0.0.1 and use an SSH tunnel",
        _open_notebook,
    ),
    Rule(
        "every-address",
        Severity.LOW,
        "a port on every address",
        "it is open to the whole network, and passes by the host's firewall rules (ufw)",
        "publish it to one address and use an SSH tunnel",
        _every_address,
        ("CIS 5.14",),
    ),
    Rule(
        "tag-moved",
        Severity.LOW,
        "its tag names another image now",
        "a new container of the same command would not be the same",
        "create it anew, or pin the image by digest",
        _tag_moved,
        ("CIS 5.28",),
    ),
    Rule(
        "image-gone",
        Severity.INFO,
        "its image is gone",
        "it cannot be created again as it is",
        "docker commit it if its content matters",
        _image_gone,
    ),
    Rule(
        "default-bridge",
        Severity.INFO,
        "the default bridge",
        "every container on it reaches every other, and none by its name",
        "make a network for those that belong together: docker network create",
        _default_bridge,
        ("CIS 5.30",),
    ),
)
