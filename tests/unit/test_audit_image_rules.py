"""Each rule about images: what breaks it, and what looks alike and does not."""

import pytest

from dstui.domain.audit.evidence import FileFact, ImageSettings
from dstui.domain.audit.rules import IMAGE_RULES, audit_image
from dstui.domain.registry_answer import RegistryAnswer
from tests.evidence import image

GITHUB = "ghp_" + "a1B2" * 9
AWS = "AKIA" + "Q7" * 8
HUGGING_FACE = "hf_" + "abCDe" * 6 + "abcd"
PRIVATE_KEY = "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3Blbn\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIID\n"
SH = "/bin/sh -c "
SITE = "usr/local/lib/python3.12/site-packages"


def directory(path: str, mode: int = 0o755) -> FileFact:
    return FileFact(path, 0, mode, "directory")


def program(path: str, mode: int = 0o755, **more) -> FileFact:
    return FileFact(path, 1000, mode, **more)


def deleted(path: str, layer: int = 2) -> FileFact:
    return FileFact(path, 100, layer=layer, visible=False)


def big(path: str, **more) -> FileFact:
    return FileFact(path, 200_000_000, **more)


FIRES = {
    "image-root": [image(user=""), image(user="root"), image(user="0"), image(user="0:1000")],
    "image-latest": [image(references=("lab/train:latest",))],
    "image-dangling": [image(references=(), digests=())],
    "image-only-here": [
        image(digests=()),
        image(registry=RegistryAnswer(False, why="docker.io does not have it")),
    ],
    "base-unpinned": [image(labels={"org.opencontainers.image.base.name": "python:3.12"})],
    "no-healthcheck": [image(exposed_ports=("8888/tcp",))],
    "low-port": [image(exposed_ports=("53/udp",))],
    "system-volume": [image(settings=ImageSettings(volumes=("/proc/sys",)))],
    "shell-form": [image(entrypoint=("/bin/sh", "-c", "python serve.py"))],
    "many-layers": [image(layers=tuple(map(str, range(110))))],
    "no-origin": [image(labels={})],
    "update-alone": [
        image(history=[SH + "apt-get update"]),
        image(history=["RUN /bin/sh -c apt-get -y update # buildkit"]),
        image(history=[SH + "apk update && echo done"]),
    ],
    "dist-upgrade": [image(history=[SH + "apt-get update && apt-get -y dist-upgrade"])],
    "sudo": [image(history=[SH + "sudo apt-get install -y git"])],
    "piped-into-shell": [image(history=[SH + "curl -LsSf https://x.example/i.sh | sh"])],
    "open-to-all": [image(history=[SH + "chmod -R 777 /opt/conda"])],
    "add-for-copy": [image(history=["ADD rootfs /", "ADD app.py /app/ # buildkit"])],
    "maintainer": [image(history=[SH + "#(nop)  MAINTAINER ann"])],
    "secret-in-env": [
        image(environment=(("WANDB_API_KEY", "0123456789abcdef" * 2),)),
        image(environment=(("GH", GITHUB),)),
        image(environment=(("PIP_INDEX_URL", "https://ann:s3cr3tpass@pypi.example/simple"),)),
        image(environment=(("AWS_ACCESS_KEY_ID", AWS),)),
        image(environment=(("DB_PASSWORD", "hunter2hunter"),)),
    ],
    "secret-in-label": [image(labels={"deploy.token": GITHUB})],
    "secret-in-build-arg": [
        image(history=[f"|2 GIT=1 HF_TOKEN={HUGGING_FACE} {SH}pip install x"]),
        image(history=[f"RUN |1 PASSWORD=hunter2hunter {SH}make # buildkit"]),
    ],
    "secret-in-history": [
        image(history=[f"{SH}git clone https://x:{GITHUB}@github.com/lab/private"]),
        image(history=[SH + "wandb login --token 0123456789abcdef0123456789abcdef"]),
        image(history=["RUN /bin/sh -c curl -H 'Authorization: Bearer q8Zk2lmN0pqR' x # buildkit"]),
    ],
    "secret-in-old-env": [
        image(history=[f"ENV HF_TOKEN={HUGGING_FACE}", "ENV HF_TOKEN="]),
    ],
    "secret-file": [
        image("app/.env", contents={"app/.env": f"DEBUG=1\nHF_TOKEN={HUGGING_FACE}\n"}),
        image("root/.ssh/id_rsa", contents={"root/.ssh/id_rsa": PRIVATE_KEY}),
        image("root/.netrc", contents={"root/.netrc": "machine x login a password q8Zk2lmN0pq"}),
        image("home/a/.kaggle/kaggle.json"),
        image("etc/nginx/server.key", contents={"etc/nginx/server.key": PRIVATE_KEY}),
        image(
            "root/.config/pip/pip.conf",
            contents={
                "root/.config/pip/pip.conf": "[global]\nindex-url = https://a:q8Zk2lm@x.example/simple"
            },
        ),
        image(deleted("root/.aws/credentials")),
        image("app/.env", deleted("app/.env"), contents={"app/.env": "DEBUG=1"}),
        image(
            "root/.cache/huggingface/token",
            contents={"root/.cache/huggingface/token": HUGGING_FACE},
        ),
        image(
            "root/.docker/config.json",
            contents={
                "root/.docker/config.json": '{"auths": {"x.io": {"auth": "YW5uOnNlY3JldHA="}}}'
            },
        ),
    ],
    "setuid-unexpected": [
        image(program("usr/local/bin/helper", 0o4755)),
        image(program("home/ann/su", 0o4755)),
        image(program("opt/tool/run", 0o2755)),
    ],
    "setuid-distribution": [image(program("usr/bin/su", 0o4755), program("usr/bin/wall", 0o2755))],
    "file-capability": [image(program("usr/local/bin/serve", capability=True))],
    "world-writable": [image(directory("opt/data", 0o777)), image(directory("usr/bin", 0o777))],
    "sshd": [image(program("usr/sbin/sshd")), image(exposed_ports=("22/tcp",))],
    "left-over": [image(directory("app/.git")), image("app/Dockerfile")],
    "empty-password": [image(contents={"etc/shadow": "root:*:1::\nann::19000:0:::\n"})],
    "duplicate-id": [image(contents={"etc/passwd": "a:x:5:5::/:\nb:x:5:6::/:\n"})],
    "cache-left": [
        image(big("root/.cache/pip/http/a")),
        image(big("opt/conda/pkgs/torch-2.5.conda", visible=False)),
        image(big("var/lib/apt/lists/deb.debian.org_Packages")),
    ],
    "two-cudas": [
        image(
            program("usr/local/cuda-12.4/targets/x86_64-linux/lib/libcudart.so.12.4.99"),
            program(f"{SITE}/nvidia/cuda_runtime/lib/libcudart.so.12"),
        )
    ],
    "weights-inside": [image(big("models/llama.safetensors"))],
}

QUIET = {
    "image-root": [image(user="1000"), image(user="ann:staff"), image(user=None)],
    "image-latest": [
        image(references=("latest.example/a:1", "lab/latest:2")),
        image(references=("lab/train:latest", "lab/train:1.2")),
        image(references=()),
    ],
    "image-dangling": [image(references=()), image()],
    "image-only-here": [
        image(),
        image(registry=RegistryAnswer(None, why="no such host")),
        image(registry=RegistryAnswer(True)),
    ],
    "base-unpinned": [
        image(labels={"org.opencontainers.image.base.name": "python@sha256:ab"}),
        image(
            labels={
                "org.opencontainers.image.base.name": "python:3.12",
                "org.opencontainers.image.base.digest": "sha256:ab",
            }
        ),
    ],
    "no-healthcheck": [
        image(),
        image(exposed_ports=("8888/tcp",), settings=ImageSettings(("CMD", "curl", "x"))),
    ],
    "low-port": [image(exposed_ports=("8888/tcp", "443/tcp"))],
    "system-volume": [image(settings=ImageSettings(volumes=("/data", "/processed")))],
    "shell-form": [image(entrypoint=("python", "serve.py")), image(command=("/bin/sh",))],
    "many-layers": [image(layers=tuple(map(str, range(40))))],
    "no-origin": [image()],
    "update-alone": [
        image(history=[SH + "apt-get update && apt-get install -y git"]),
        image(
            history=[SH + "set -eux; apt-get update; apt-get install -y --no-install-recommends x"]
        ),
        image(history=[SH + "git submodule update"]),
        image(history=[SH + "dnf -y update"]),
    ],
    "dist-upgrade": [image(history=[SH + "apt-get -y upgrade git"])],
    "sudo": [
        image(history=[SH + "apt-get install -y sudo && rm -rf /x"]),
        image(history=[SH + "echo 'ann ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers"]),
    ],
    "piped-into-shell": [image(history=[SH + "curl -o x.sh https://x.example/i.sh; sha256sum -c"])],
    "open-to-all": [image(history=[SH + "chmod 755 /x && chmod +x /y && chmod 1777 /tmp"])],
    "add-for-copy": [
        image(history=[SH + "#(nop) ADD file:" + "a" * 64 + " in / "]),
        image(history=["ADD x /", "ADD https://x.example/a.tgz /", "ADD data.tar.gz /data"]),
        image(history=["ADD x /", "COPY app.py /app/"]),
    ],
    "maintainer": [image(history=["LABEL maintainer=ann"])],
    "secret-in-env": [
        image(
            environment=(
                ("PATH", "/usr/local/bin:/usr/bin"),
                ("GPG_KEY", "7169605F62C751356D054A26A821E680E5FA6305"),
                (
                    "PYTHON_SHA256",
                    "bfb249609990220491a1b92850a07135ed0831e41738cf681d63cf01b2a8fbd1",
                ),
                ("TOKENIZERS_PARALLELISM", "false"),
                ("MAX_TOKENS", "4096"),
                ("HF_TOKEN_PATH", "/run/secrets/hf"),
                ("POSTGRES_PASSWORD_FILE", "/run/secrets/db"),
                ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),
                ("JUPYTER_TOKEN", ""),
                ("API_KEY", "${API_KEY}"),
                ("SECRET_KEY", "changeme"),
                ("NVIDIA_REQUIRE_CUDA", "cuda>=12.4 brand=tesla,driver>=470,driver<471"),
                ("KEYBOARD", "us"),
                ("PIP_INDEX_URL", "https://pypi.example/simple"),
                ("HTTP_PROXY", "http://proxy.example:3128"),
                ("SSH_AUTH_SOCK", "/tmp/agent.sock"),
                ("NCCL_VERSION", "2.21.5-1"),
            )
        )
    ],
    "secret-in-label": [image(labels={"token": "", "com.nvidia.build.id": "12345", "a": "b"})],
    "secret-in-build-arg": [
        image(history=[f"|2 NB_UID=1000 PYTHON_VERSION=3.12 {SH}conda install x"])
    ],
    "secret-in-history": [
        image(history=[SH + "git clone https://github.com/lab/public"]),
        image(history=[SH + 'curl -H "Authorization: Bearer $TOKEN" https://x.example']),
        image(history=[SH + "useradd --password '*' ann; pip install token-bucket"]),
    ],
    "secret-in-old-env": [image(history=["ENV GPG_KEY=AB12 PYTHON_VERSION=3.12"])],
    "secret-file": [
        image("app/.env", contents={"app/.env": "DEBUG=1\nMODEL=llama\nAPI_KEY=\n"}),
        image("app/.env.example", contents={"app/.env.example": "TOKEN=your-token"}),
        image(f"{SITE}/certifi/cacert.pem", contents={}),
        image(f"{SITE}/google/auth/credentials.py"),
        image(f"{SITE}/botocore/credentials.py"),
        image(f"{SITE}/sklearn/tests/data/key.pem"),
        image("usr/lib/python3.12/test/certdata/keycert.pem"),
        image("etc/ssl/certs/ca-certificates.crt", "etc/ssl/certs/x.pem"),
        image("usr/share/doc/openssl/examples/server.key"),
        image("opt/conda/ssl/cacert.pem", "opt/conda/pkgs/x/ssl/key.pem"),
        image("app/ca.pem", contents={"app/ca.pem": CERTIFICATE}),
        image(
            "root/.config/pip/pip.conf",
            contents={
                "root/.config/pip/pip.conf": "[global]\nindex-url = https://x.example/simple"
            },
        ),
        image("root/.docker/config.json", contents={"root/.docker/config.json": '{"auths": {}}'}),
        image("root/.bash_history", contents={"root/.bash_history": "ls\npython train.py\n"}),
        image(FileFact("root/.aws/credentials", 0)),
        image(directory("app/.env")),
        image(
            FileFact("app/k.pem", 9, content=7),
            FileFact("app/k.pem", 9, layer=1, visible=False, content=7),
            contents={"app/k.pem": CERTIFICATE},
        ),
    ],
    "setuid-unexpected": [
        image(program("usr/bin/su", 0o4755), program("bin/mount", 0o4755)),
        image(directory("var/mail", 0o2775), FileFact("var/local/x", 1, 0o2664)),
        image(program("opt/tool/run", 0o4755, visible=False)),
    ],
    "setuid-distribution": [image(program("usr/bin/ls"))],
    "file-capability": [image(program("usr/local/bin/serve"))],
    "world-writable": [
        image(directory("tmp", 0o1777), directory("var/tmp", 0o777), directory("opt", 0o775))
    ],
    "sshd": [image(program("usr/bin/ssh"), exposed_ports=("2222/tcp",))],
    "left-over": [
        image(f"{SITE}/docker/Dockerfile", directory(f"{SITE}/x/.git"), "app/.gitignore")
    ],
    "empty-password": [image(contents={"etc/shadow": "root:*:1::\nann:!:1::\n"})],
    "duplicate-id": [image(contents={"etc/passwd": "a:x:5:5::/:\nb:x:6:5::/:\n"})],
    "cache-left": [
        image("root/.cache/pip/x", big("var/lib/app/x"), big("srv/pkgs/data.bin")),
        image(FileFact("var/lib/apt/lists/lock", 0)),
    ],
    "two-cudas": [image(program(f"{SITE}/nvidia/cuda_runtime/lib/libcudart.so.12"))],
    "weights-inside": [image(big("usr/lib/libtorch.so"), "models/small.pt")],
}


def found_by(rule: str, evidence) -> list:
    return [found for found in audit_image(evidence, "x").findings if found.rule == rule]


@pytest.mark.parametrize(
    ("rule", "evidence"), [(rule, case) for rule, cases in FIRES.items() for case in cases]
)
def test_a_rule_finds_what_it_is_for(rule, evidence):
    for found in found_by(rule, evidence) or [None]:
        assert found is not None, "nothing was found"
        assert found.evidence and found.why and found.fix


@pytest.mark.parametrize(
    ("rule", "evidence"), [(rule, case) for rule, cases in QUIET.items() for case in cases]
)
def test_a_rule_is_quiet_about_what_looks_alike(rule, evidence):
    assert found_by(rule, evidence) == []


def test_every_rule_has_cases_of_both_kinds():
    ids = [rule.id for rule in IMAGE_RULES]
    assert sorted(ids) == sorted(set(ids))
    assert set(ids) == set(FIRES) == set(QUIET)
