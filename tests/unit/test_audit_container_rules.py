"""Each rule about containers: what breaks it, and what looks alike and does not."""

import pytest

from dstui.domain.audit.evidence import PortBinding
from dstui.domain.audit.finding import Severity
from dstui.domain.audit.rules import CONTAINER_RULES, audit_container
from dstui.domain.container import Mount, State
from tests.evidence import IMAGE_ID, container, image, limits

GITHUB = "ghp_" + "a1B2" * 9
TORCH = "usr/local/lib/python3.12/site-packages/torch/version.py"
SHM = limits(shm_bytes=2**26)
EVERYWHERE = (PortBinding("8888/tcp", "", "8888"),)
LOOPBACK = (PortBinding("8888/tcp", "127.0.0.1", "8888"),)


def bind(source: str, destination: str = "/x", read_only: bool = False) -> tuple[Mount, ...]:
    return (Mount("bind", source, destination, read_only),)


def run(*argv: str, **settings):
    return container({"argv": argv, **settings})


FIRES = {
    "privileged": [container(privileged=True)],
    "engine-socket": [
        container(mounts=bind("/var/run/docker.sock")),
        container(mounts=bind("/run/user/1000/podman/podman.sock", read_only=True)),
        container(mounts=bind("/run/containerd/containerd.sock")),
    ],
    "system-directory": [
        container(mounts=bind("/")),
        container(mounts=bind("/etc/")),
        container(mounts=bind("/usr", read_only=True)),
    ],
    "shared-propagation": [container({"propagation": {"/x": "rshared"}})],
    "host-pid": [container({"pid_mode": "host"})],
    "host-network": [container(network_mode="host")],
    "host-ipc": [container({"ipc_mode": "host"})],
    "host-uts": [container({"uts_mode": "host"})],
    "host-userns": [container({"userns_mode": "host"})],
    "added-capability": [container({"cap_add": ("SYS_ADMIN",)})],
    "unconfined": [
        container(security_options=("seccomp=unconfined",)),
        container(security_options=("apparmor:unconfined", "no-new-privileges")),
        container(security_options=("label=disable",)),
    ],
    "host-device": [container({"devices": ("/dev/sda", "/dev/mem")})],
    "new-privileges": [container(security_options=())],
    "root-writes-host": [container(user="", mounts=bind("/home/ann/data"))],
    "secret-in-container-env": [container(environment=(("GH", GITHUB),))],
    "small-shm": [
        container(limits=SHM, files=[TORCH]),
        container(limits=SHM, environment=(("NVIDIA_PYTORCH_VERSION", "24.05"),)),
        container(limits=SHM, image="pytorch/pytorch:2.5.1"),
        container({"argv": ("torchrun", "train.py")}, limits=SHM),
    ],
    "no-memory-limit": [container(limits=limits(memory_bytes=None))],
    "no-cpu-limit": [container(limits=limits(cpus=None))],
    "no-pids-limit": [container(limits=limits(pids=None))],
    "unlimited-logs": [container({"log_driver": "json-file"})],
    "no-init": [
        run("jupyter-lab", "--ip=0.0.0.0"),
        run("/bin/sh", "-c", "exec start-notebook.sh"),
    ],
    "restart-loop": [container(state=State.RESTARTING, exit_code=1, restart_policy="always")],
    "open-notebook": [
        run("jupyter", "lab", "--NotebookApp.token="),
        run("jupyter", "lab", "--ServerApp.token", "", port_bindings=EVERYWHERE),
        run("/bin/sh", "-c", "jupyter lab --IdentityProvider.token='' --ip=0.0.0.0"),
        run("code-server", "--auth", "none"),
        container({"argv": ("/init",)}, environment=(("DISABLE_AUTH", "true"),)),
        container({"argv": ("jupyter", "lab")}, environment=(("JUPYTER_TOKEN", ""),)),
    ],
    "every-address": [
        container({"port_bindings": EVERYWHERE}),
        container({"port_bindings": (PortBinding("80/tcp", "::", "80"),)}),
    ],
    "tag-moved": [container(tag_names="sha256:" + "f" * 64)],
    "image-gone": [container(made_from=None)],
    "default-bridge": [container({"port_bindings": LOOPBACK}, network_mode="bridge")],
}

QUIET = {
    "privileged": [container(privileged=None)],
    "engine-socket": [
        container(mounts=bind("/home/ann/docker.sock.d")),
        container(mounts=(Mount("volume", "/var/lib/docker/volumes/x/_data", "/run"),)),
    ],
    "system-directory": [
        container(mounts=bind("/etc/localtime", read_only=True)),
        container(mounts=bind("/dev/shm")),
        container(mounts=bind("/data/usr")),
        container(mounts=(Mount("tmpfs", "", "/run"),)),
    ],
    "shared-propagation": [container({"propagation": {"/x": "rprivate"}})],
    "host-pid": [container({"pid_mode": "container:abc"})],
    "host-network": [container(network_mode="lab")],
    "host-ipc": [container({"ipc_mode": "shareable"})],
    "host-uts": [container()],
    "host-userns": [container()],
    "added-capability": [container()],
    "unconfined": [container(security_options=("seccomp=/etc/profile.json",))],
    "host-device": [container({"devices": ("/dev/nvidia0", "/dev/infiniband/uverbs0")})],
    "new-privileges": [container(security_options=("no-new-privileges:true",))],
    "root-writes-host": [
        container(user="1000:1000", mounts=bind("/home/ann")),
        container(user="", mounts=bind("/data", read_only=True)),
        container(user="", mounts=(Mount("volume", "/v", "/x"),)),
        container(user=None, mounts=bind("/data")),
    ],
    "secret-in-container-env": [
        container(environment=(("PATH", "/bin"), ("TOKENIZERS_PARALLELISM", "false"))),
        container(
            environment=(("GH", GITHUB),), made_from=image(environment=(("GH", GITHUB),)).image
        ),
    ],
    "small-shm": [
        container(limits=SHM),
        container(files=[TORCH]),
        container({"ipc_mode": "host"}, limits=SHM, files=[TORCH]),
        container({"ipc_mode": "container:x"}, limits=SHM, files=[TORCH]),
        container(limits=SHM, files=[TORCH], mounts=(Mount("tmpfs", "", "/dev/shm"),)),
        container(limits=SHM, image="lab/torchlight-ui:1"),
        container(limits=None, files=[TORCH]),
    ],
    "no-memory-limit": [container(), container(limits=None)],
    "no-cpu-limit": [
        container(),
        container({"cpu_shares": 512}, limits=limits(cpus=None)),
    ],
    "no-pids-limit": [container()],
    "unlimited-logs": [
        container({"log_driver": "json-file", "log_options": {"max-size": "10m"}}),
        container({"log_driver": "journald"}),
        container({"log_driver": ""}),
    ],
    "no-init": [
        run("tini", "--", "jupyter", "lab"),
        run("jupyter", "lab", init=True),
        run("python", "train.py"),
        run(),
    ],
    "restart-loop": [
        container(state=State.RUNNING, exit_code=None, restart_policy="always"),
        container(state=State.EXITED, exit_code=1),
    ],
    "open-notebook": [
        run("jupyter", "lab", "--ServerApp.token=abcdef"),
        run("jupyter", "lab", "--ServerApp.token_length=0", "--ip=0.0.0.0"),
        run("jupyter", "lab"),
        container({"argv": ("jupyter", "lab")}, environment=(("JUPYTER_TOKEN", "x"),)),
        container(environment=(("JUPYTER_TOKEN", ""),)),
    ],
    "every-address": [container({"port_bindings": LOOPBACK}), container()],
    "tag-moved": [
        container(),
        container(tag_names=None),
        container(image=IMAGE_ID[7:19], tag_names="sha256:" + "f" * 64),
        container(image="lab/train@sha256:" + "b" * 64, tag_names="sha256:" + "f" * 64),
    ],
    "image-gone": [container()],
    "default-bridge": [container(network_mode="bridge"), container()],
}


def found_by(rule: str, evidence) -> list:
    return [found for found in audit_container(evidence, "x").findings if found.rule == rule]


@pytest.mark.parametrize(
    ("rule", "evidence"), [(rule, case) for rule, cases in FIRES.items() for case in cases]
)
def test_a_rule_finds_what_it_is_for(rule, evidence):
    found = found_by(rule, evidence)
    assert found
    assert all(hit.evidence and hit.why and hit.fix for hit in found)


@pytest.mark.parametrize(
    ("rule", "evidence"), [(rule, case) for rule, cases in QUIET.items() for case in cases]
)
def test_a_rule_is_quiet_about_what_looks_alike(rule, evidence):
    assert found_by(rule, evidence) == []


def test_every_rule_has_cases_of_both_kinds():
    assert {rule.id for rule in CONTAINER_RULES} == set(FIRES) == set(QUIET)


def test_a_well_set_container_has_no_finding():
    assert audit_container(container(), "x").findings == ()


def test_an_open_notebook_that_everyone_reaches_is_fatal():
    (found,) = found_by(
        "open-notebook", run("jupyter", "lab", "--ServerApp.token=", port_bindings=EVERYWHERE)
    )
    assert found.severity is Severity.FATAL
    (found,) = found_by(
        "open-notebook", run("jupyter", "lab", "--ServerApp.token=", port_bindings=LOOPBACK)
    )
    assert found.severity is Severity.HIGH
