"""Checks and facts of real images and containers."""

import json
import subprocess
import sys
from pathlib import Path

import docker
import pytest

from dstui.domain.engine import Endpoint
from dstui.engine.checks import check_container, check_image
from dstui.engine.connect import connect
from dstui.engine.files import ContainerFiles, image_files
from dstui.engine.throwaway import LABEL, throwaway
from tests.conftest import RUN_ID
from tests.image_builder import build, link, packed, with_mode
from tests.waiting import PATIENCE_S

DSTUI = Path(sys.executable).with_name("dstui")
SITE = "usr/local/lib/python3.12/site-packages"
HUGGING_FACE = "hf_" + "abCDe" * 6 + "abcd"
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n-----END"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n"
DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n'
TORCH = "__version__ = '2.5.1+cu124'\ncuda: Optional[str] = '12.4'\nhip: Optional[str] = None\n"


@pytest.fixture(scope="module")
def image(docker_api):
    """Builds images by name, and removes them at the end."""
    built = {}

    def make(name: str, dockerfile: str, files=None, **options) -> str:
        reference = f"audit-{RUN_ID}/{name}:1"
        built[build(docker_api, reference, dockerfile, files, **options)] = reference
        return reference

    yield make
    for identifier in built:
        docker_api.remove_image(identifier, force=True)


@pytest.fixture(scope="module")
def faulty(image, busybox_image) -> str:
    """An image with a fault of nearly every family."""
    return image(
        "faulty",
        f"""FROM {busybox_image}
        ARG DEPLOY_TOKEN
        RUN echo using it
        COPY root/ /root/
        COPY app/ /app/
        RUN rm -r /root/.aws /root/.ssh
        RUN mkdir -p /opt/open && chmod 777 /opt/open && cp /bin/busybox /opt/open/tool && \
            chmod 4755 /opt/open/tool
        RUN mkdir -p /root/.cache/pip && head -c 2000000 /dev/zero > /root/.cache/pip/x
        ENV WANDB_API_KEY=0123456789abcdef0123456789abcdef01234567
        """,
        {
            "root/.aws/credentials": "[default]\naws_secret_access_key = q8Zk2lmN0pqRs7tUvWx\n",
            "root/.ssh/id_rsa": PRIVATE_KEY,
            "app/.env": f"HF_TOKEN={HUGGING_FACE}\n",
            "app/.env.example": "HF_TOKEN=your-token\n",
            "app/server.pem": CERTIFICATE,
        },
        buildargs={"DEPLOY_TOKEN": "q8Zk2lmN0pqRs7tUvWx"},
    )


@pytest.fixture(scope="module")
def plain(image, busybox_image) -> str:
    """What Debian and pip leave behind when nothing is wrong."""
    return image(
        "plain",
        f"FROM {busybox_image}\nCOPY rootfs/ /\nENV PYTHON_VERSION=3.12.7\n"
        "ENV GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305\n"
        "RUN set -eux; echo apt-get update; echo apt-get install -y x\n"
        'CMD ["python3"]',
        {
            "rootfs/etc/os-release": link("rootfs/etc/os-release", "../usr/lib/os-release"),
            "rootfs/usr/lib/os-release": DEBIAN,
            "rootfs/etc/ssl/certs/ca-certificates.crt": CERTIFICATE,
            "rootfs/etc/ssl/certs/root.pem": CERTIFICATE,
            "rootfs/usr/bin/su": with_mode("rootfs/usr/bin/su", 0o4755),
            "rootfs/var/tmp": with_mode("rootfs/var/tmp", 0o1777, directory=True),
            "rootfs/var/lib/dpkg/status": "Package: base-files\n",
            f"rootfs/{SITE}/certifi/cacert.pem": CERTIFICATE,
            f"rootfs/{SITE}/google/auth/credentials.py": "password = 'x'\n",
            f"rootfs/{SITE}/botocore/credentials.py": "SECRET = 'hunter2hunter'\n",
            f"rootfs/{SITE}/tornado/test/test.key": PRIVATE_KEY,
            f"rootfs/{SITE}/notebook/tests/.env": f"TOKEN={HUGGING_FACE}\n",
            f"rootfs/{SITE}/torch/version.py": TORCH,
            f"rootfs/{SITE}/torch-2.5.1.dist-info/METADATA": "Name: torch\n",
            f"rootfs/{SITE}/x/Dockerfile": "FROM scratch\n",
            "rootfs/usr/local/bin/python3.12": "",
            "rootfs/root/.config/pip/pip.conf": "[global]\nno-cache-dir = true\n",
            "rootfs/usr/share/doc/openssh/examples/id_rsa": PRIVATE_KEY,
        },
    )


@pytest.fixture
def dstui(engine_host):
    """Runs `dstui` on the test engine and returns what it said."""

    def run(*args: str, code: int = 0, **options) -> subprocess.CompletedProcess[str]:
        command = [DSTUI, "--host", engine_host, *args]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, **options
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture(autouse=True)
def _no_throwaway_is_left(docker_api):
    def ours() -> set[str]:
        found = docker_api.containers(all=True, filters={"label": LABEL})
        return {row["Id"] for row in found if row["Image"].startswith(f"audit-{RUN_ID}")}

    yield
    assert ours() == set()


def test_the_faults_of_an_image_are_found_in_every_layer(dstui, faulty):
    answer = json.loads(dstui("audit", faulty, "--json", code=1).stdout)
    found = {(f["rule"], f["object"]): f for f in answer["findings"]}
    assert answer["schema"] == 1
    gone = found["secret-file", "/root/.aws/credentials"]
    assert "deleted by a later layer" in gone["evidence"]
    assert ("secret-file", "/root/.ssh/id_rsa") in found
    assert found["secret-file", "/app/.env"]["severity"] == "fatal"
    assert ("secret-file", "/app/.env.example") not in found
    assert ("secret-file", "/app/server.pem") not in found
    assert ("secret-in-env", "WANDB_API_KEY") in found
    assert ("secret-in-build-arg", "DEPLOY_TOKEN") in found
    assert ("setuid-unexpected", "/opt/open/tool") in found
    assert ("cache-left", "pip") in found
    rules = {rule for rule, _ in found}
    assert {"image-root", "world-writable", "open-to-all", "image-only-here"} <= rules
    assert answer["targets"] == [{"target": faulty, "not_checked": [], "allowed": 0}]
    assert HUGGING_FACE[8:] not in json.dumps(answer)
    assert "q8Zk2lmN0pqRs7tUvWx" not in json.dumps(answer)


def test_a_plain_python_image_gives_no_false_alarm(dstui, plain):
    answer = json.loads(dstui("audit", plain, "--json").stdout)
    loud = {f["rule"]: f["evidence"] for f in answer["findings"] if f["severity"] != "info"}
    assert loud == {"image-root": "no User is set"}


def test_the_exit_code_heeds_fail_on(dstui, plain):
    dstui("audit", plain)
    dstui("audit", plain, "--fail-on", "low", code=1)
    dstui("audit", plain, "--fail-on", "never")


def test_findings_can_be_allowed(dstui, faulty, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('audit_allow = ["secret-*", "setuid-unexpected:/opt/open/*"]')
    answer = json.loads(dstui("--config", str(config), "audit", faulty, "--json").stdout)
    assert not any(f["rule"].startswith(("secret", "setuid-u")) for f in answer["findings"])
    assert answer["targets"][0]["allowed"] >= 6


def test_a_read_only_dstui_makes_no_container_and_says_so(dstui, faulty):
    answer = json.loads(dstui("--read-only", "audit", faulty, "--json", code=1).stdout)
    (target,) = answer["targets"]
    assert any("read-only" in words for words in target["not_checked"])
    rules = {f["rule"] for f in answer["findings"]}
    assert {"secret-in-env", "secret-file"} <= rules


def test_without_an_index_the_usual_places_are_looked_at(engine, faulty):
    report = check_image(engine, faulty)
    assert any(words.startswith("files:") for words in report.not_checked)
    subjects = {found.subject for found in report.findings}
    assert "/app/.env" in subjects
    assert "/root/.aws/credentials" not in subjects


def test_sarif_goes_to_code_hosts(dstui, faulty):
    document = json.loads(dstui("audit", faulty, "--sarif", code=1).stdout)
    assert document["version"] == "2.1.0"
    assert any(result["level"] == "error" for result in document["runs"][0]["results"])


def test_the_faults_of_a_container(dstui, container_factory, tmp_path):
    socket = tmp_path / "docker.sock"
    socket.touch()
    name = f"audit-{RUN_ID}-notebook"
    container_factory(
        "/bin/sh",
        "-c",
        "jupyter lab --ServerApp.token='' --ip=0.0.0.0",
        name=name,
        start=False,
        ports=[8888],
        environment={"NVIDIA_PYTORCH_VERSION": "24.05", "HF_TOKEN": HUGGING_FACE},
        host_config={
            "init": False,
            "privileged": True,
            "binds": [f"{socket}:/docker.sock"],
            "port_bindings": {8888: None},
            "pid_mode": "host",
            "cap_add": ["SYS_ADMIN"],
            "security_opt": ["seccomp=unconfined"],
            "devices": ["/dev/zero:/dev/x:r"],
        },
    )
    answer = json.loads(dstui("audit", name, "--json", code=1).stdout)
    severity = {f["rule"]: f["severity"] for f in answer["findings"]}
    assert severity["engine-socket"] == severity["open-notebook"] == "fatal"
    assert severity["privileged"] == severity["host-pid"] == severity["added-capability"] == "high"
    expected = {"secret-in-container-env", "small-shm", "unlimited-logs", "every-address"}
    expected |= {"unconfined", "no-memory-limit", "no-pids-limit", "host-device"}
    assert expected <= set(severity)
    assert {f["target"] for f in answer["findings"]} == {name}
    assert HUGGING_FACE[8:] not in json.dumps(answer)


def test_a_container_that_is_set_up_well_is_quiet(engine, container_factory):
    identifier = container_factory(
        "sleep",
        "100",
        start=False,
        user="1000:1000",
        host_config={
            "mem_limit": 2**28,
            "nano_cpus": 10**9,
            "pids_limit": 100,
            "security_opt": ["no-new-privileges"],
            "log_config": {"Type": "json-file", "Config": {"max-size": "1m"}},
        },
    )
    assert check_container(engine, identifier).findings == ()


def test_a_tag_that_moved_is_told(engine, docker_api, image, busybox_image, container_factory):
    first = image("moving", f"FROM {busybox_image}\nLABEL build=1")
    identifier = container_factory("true", image=first, start=False)
    before = check_container(engine, identifier)
    image("moving", f"FROM {busybox_image}\nLABEL build=2")
    after = check_container(engine, identifier)
    assert "tag-moved" not in {found.rule for found in before.findings}
    (moved,) = [found for found in after.findings if found.rule == "tag-moved"]
    assert first in moved.evidence


def test_show_tells_what_is_in_an_image(dstui, plain):
    answer = json.loads(dstui("show", plain, "--json").stdout)
    facts = [(f["name"], f["value"], f["evidence"], f["hint"]) for f in answer["facts"]]
    assert ("os", "Debian GNU/Linux 12 (bookworm)", "/etc/os-release", False) in facts
    assert ("torch", "2.5.1+cu124", f"/{SITE}/torch/version.py", False) in facts
    assert ("torch build", "CUDA 12.4", f"/{SITE}/torch/version.py", False) in facts
    assert ("python", "3.12", "/usr/local/bin/python3.12", False) in facts
    assert ("python", "3.12.7", "ENV PYTHON_VERSION", True) in facts
    assert "torch" in dstui("show", plain).stdout


def test_an_image_without_a_shell_is_known_as_well(dstui, image):
    reference = image(
        "distroless",
        "FROM scratch\nCOPY rootfs/ /\nUSER 65532",
        {
            "rootfs/etc/os-release": 'PRETTY_NAME="Distroless"\n',
            "rootfs/var/lib/dpkg/status.d/base": "Package: base-files\nVersion: 12\n",
        },
    )
    facts = json.loads(dstui("show", reference, "--json").stdout)["facts"]
    values = {fact["name"]: fact["value"] for fact in facts}
    assert (values["shell"], values["distroless"], values["os"]) == ("none", "yes", "Distroless")
    assert values["user"] == "65532"


def test_an_image_that_is_not_there_is_one_line(dstui):
    for command in ("audit", "show"):
        (line,) = dstui(command, "no-such/image:1", code=1).stderr.splitlines()
        assert "no-such/image:1" in line


def test_the_command_line_says_what_it_wants(dstui):
    assert "--all" in dstui("audit", code=2).stderr
    dstui("audit", "x", "--json", "--sarif", code=2)


def test_links_are_followed_inside_the_image_only(engine, image):
    reference = image(
        "links",
        "FROM scratch\nCOPY rootfs/ /",
        {
            "rootfs/real": "inside",
            "rootfs/a/relative": link("rootfs/a/relative", "../real"),
            "rootfs/a/absolute": link("rootfs/a/absolute", "/real"),
            "rootfs/a/climbing": link("rootfs/a/climbing", "../../../../../etc/hostname"),
            "rootfs/a/loop": link("rootfs/a/loop", "loop"),
            "rootfs/a/dangling": link("rootfs/a/dangling", "nowhere"),
            "rootfs/a/twice": link("rootfs/a/twice", "relative"),
            "rootfs/dir": link("rootfs/dir", "a"),
            "rootfs/large": b"x" * 5000,
            "rootfs/empty": b"",
        },
    )
    with image_files(engine, reference) as files:
        for path in ("a/relative", "a/absolute", "a/twice", "dir/relative"):
            assert files.read(path, 4096) == b"inside", path
        for path in ("a/loop", "a/dangling", "large", "a", "missing"):
            assert files.read(path, 4096) is None, path
        for path in ("a/climbing", "../../etc/hostname"):
            assert not files.read(path, 4096), path
        assert files.read("empty", 4096) == b""
        assert files.read("large", 5000) == b"x" * 5000


def test_files_under_a_volume_are_read_without_making_one(engine, docker_api, image):
    files = {"rootfs/data/x": "inside"}
    reference = image("volume", "FROM scratch\nCOPY rootfs/ /\nVOLUME /data", files)
    with throwaway(engine, reference, "files") as name:
        mounts = docker_api.inspect_container(name)["Mounts"]
        assert [mount for mount in mounts if mount["Type"] == "volume"] == []
        assert ContainerFiles(engine, name).read("data/x", 100) == b"inside"


def test_files_of_a_running_container_are_read_in_place(engine, container_factory):
    identifier = container_factory("sh", "-c", "echo now > /tmp/x; sleep 1000")
    files = ContainerFiles(engine, identifier)
    assert files.read("tmp/x", 100) in (b"now\n", None)
    assert files.stat("bin/sh").kind == "link"


def test_files_of_an_image_on_podman(podman_host):
    podman = docker.APIClient(base_url=podman_host, timeout=PATIENCE_S)
    archive = packed(
        {"real": "inside", "a/link": link("a/link", "../real"), "a/loop": link("a/loop", "loop")}
    )
    identifier = json.loads(podman.import_image_from_data(archive).splitlines()[-1])["status"]
    connected = connect((Endpoint(podman_host, source="podman"),))
    try:
        with image_files(connected, identifier) as files:
            assert files.read("a/link", 100) == b"inside"
            assert files.read("a/loop", 100) is None
            assert files.read("missing", 100) is None
        assert podman.containers(all=True) == []
    finally:
        connected.close()
        podman.remove_image(identifier, force=True)
        podman.close()
