"""What is in an image, and what it was read from."""

from dstui.domain.audit.evidence import FileFact, FileList, ImageEvidence
from dstui.domain.facts.collect import PROBES, image_facts, worth_reading
from tests.evidence import image

SITE = "usr/local/lib/python3.12/site-packages"
TORCH = f"{SITE}/torch/version.py"
TORCH_VERSION = """from typing import Optional

__all__ = ['__version__', 'debug', 'cuda', 'git_version', 'hip']
__version__ = '2.5.1+cu124'
debug = False
cuda: Optional[str] = '12.4'
git_version = 'a8d6afb511a69687bbb2b7e88a3cf67917e1697e'
hip: Optional[str] = None
"""
DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nID=debian\n'


def facts_of(evidence: ImageEvidence, name: str) -> list[tuple[str, str]]:
    return [(fact.value, fact.evidence) for fact in image_facts(evidence) if fact.name == name]


def test_pytorch_and_its_cuda_come_from_its_own_file():
    found = image(packages=["torch==2.5.1"], contents={TORCH: TORCH_VERSION})
    assert facts_of(found, "torch") == [
        ("2.5.1+cu124", f"/{TORCH}"),
        ("2.5.1", "/site-packages/torch"),
    ]
    assert facts_of(found, "torch build") == [("CUDA 12.4", f"/{TORCH}")]


def test_a_cpu_build_and_a_rocm_build_are_told_apart():
    cpu = "__version__ = '2.5.1+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = None\n"
    rocm = "__version__ = '2.5.1'\ncuda = None\nhip: Optional[str] = '6.2.41'\n"
    assert facts_of(image(contents={TORCH: cpu}), "torch build") == [("CPU", f"/{TORCH}")]
    assert facts_of(image(contents={TORCH: rocm}), "torch build") == [("ROCm 6.2.41", f"/{TORCH}")]


def test_tensorflow_tells_its_cuda_in_its_build_info():
    path = f"{SITE}/tensorflow/python/platform/build_info.py"
    text = "build_info = {'cuda_version': '12.5.1', 'cudnn_version': '9', 'is_cuda_build': True}"
    found = image(packages=["tensorflow==2.18.0"], contents={path: text})
    assert facts_of(found, "tensorflow")[0][0] == "2.18.0"
    assert facts_of(found, "tensorflow build") == [("CUDA 12.5.1, cuDNN 9", f"/{path}")]


def test_jax_tells_its_cuda_by_its_plugin():
    found = image(packages=["jax==0.4.35", "jax-cuda12-plugin==0.4.35"])
    assert facts_of(found, "jax")[0][0] == "0.4.35"
    assert facts_of(found, "jax build")[0][0] == "CUDA 12"


def test_cuda_parts_come_from_wheels_libraries_and_the_toolkit():
    found = image(
        "usr/local/cuda-12.4/bin/nvcc",
        packages=[
            "nvidia-cudnn-cu12==9.1.0.70",
            "nvidia-nccl-cu12==2.21.5",
            "nvidia-cuda-runtime==13.0.48",
        ],
        contents={"usr/local/cuda/version.json": '{"cuda": {"version": "12.4.1"}}'},
        environment=(("CUDA_VERSION", "11.8.0"),),
    )
    assert [value for value, _ in facts_of(found, "cuda")] == [
        "12.4.1",
        "12.4",
        "devel (nvcc)",
        "13.0.48",
        "11.8.0",
    ]
    assert facts_of(found, "cuda")[-1] == ("11.8.0", "ENV CUDA_VERSION")
    assert facts_of(found, "cudnn")[0][0] == "9.1.0.70"
    assert facts_of(found, "nccl")[0][0] == "2.21.5"


def test_the_environment_is_a_hint():
    found = image(environment=(("CUDA_VERSION", "12.4.1"), ("PYTHON_VERSION", "3.12.3")))
    hints = {fact.name: fact.hint for fact in image_facts(found)}
    assert hints["cuda"] and hints["python"]
    assert not hints["platform"] and not hints["user"]


def test_the_same_is_told_once_with_its_best_evidence():
    found = image("usr/bin/python3.12", environment=(("PYTHON_VERSION", "3.12"),))
    assert facts_of(found, "python") == [("3.12", "/usr/bin/python3.12")]


def test_pythons_are_all_told():
    found = image(
        "usr/bin/python3.11",
        "opt/conda/bin/python3.12",
        packages=["python==3.12.7"],
    )
    assert [value for value, _ in facts_of(found, "python")] == ["3.11", "3.12", "3.12.7"]


def test_what_a_later_layer_deleted_is_not_in_the_image():
    found = image(FileFact("usr/bin/python3.10", 1, visible=False))
    assert facts_of(found, "python") == []


def test_shells_and_their_absence():
    assert facts_of(image("bin/sh", "usr/bin/bash"), "shell")[0][0] == "bash, sh"
    distroless = image("var/lib/dpkg/status.d/base", "usr/bin/python3.11")
    assert facts_of(distroless, "shell")[0][0] == "none"
    assert facts_of(distroless, "distroless") == [("yes", "/var/lib/dpkg/status.d/base")]
    assert facts_of(image("var/lib/dpkg/status", "bin/sh"), "distroless") == []


def test_without_an_index_the_absence_of_a_shell_is_a_hint():
    evidence = ImageEvidence(image().image, files=FileList(complete=False))
    (shell,) = [fact for fact in image_facts(evidence) if fact.name == "shell"]
    assert shell.hint and shell.value == "none found"


def test_the_system_and_the_rest():
    found = image(
        "opt/spark/jars/spark-core_2.12-3.5.0.jar",
        "usr/bin/R",
        packages=["jupyterlab==4.2.5", "transformers==4.45.0"],
        contents={
            "etc/os-release": DEBIAN,
            "usr/lib/R/library/base/DESCRIPTION": "Package: base\nVersion: 4.2.2\n",
            "opt/rocm/.info/version": "6.2.0-66\n",
        },
        entrypoint=("tini", "--"),
        exposed_ports=("8888/tcp",),
    )
    facts = {fact.name: fact.value for fact in reversed(image_facts(found))}
    assert facts["os"] == "Debian GNU/Linux 12 (bookworm)"
    assert facts["jupyter"] == "jupyterlab 4.2.5"
    assert facts["transformers"] == "4.45.0"
    assert facts["spark"] == "3.5.0"
    assert facts["r"] == "4.2.2"
    assert facts["rocm"] == "6.2.0-66"
    assert facts["entrypoint"] == "tini --"
    assert facts["user"] == "1000"
    assert next(iter(image_facts(found))).name == "os"


def test_hostile_contents_are_harmless():
    found = image(
        contents={
            "etc/os-release": "PRETTY_NAME=\x1b]0;gotcha\x07evil",
            TORCH: "\udcff__version__ = '\x1b[31m'".encode("utf-8", "replace").decode(),
            "usr/local/cuda/version.json": "[[[[",
        }
    )
    for fact in image_facts(found):
        assert "\x1b" not in fact.value + fact.evidence


def test_only_small_telling_files_are_read():
    files = FileList(
        (
            FileFact("etc/os-release"),
            FileFact(TORCH),
            FileFact(f"{SITE}/torch/__init__.py"),
            FileFact("usr/lib/os-release", visible=False),
        ),
        True,
    )
    assert worth_reading(files) == ["etc/os-release", TORCH]
    assert len(PROBES) == len(set(PROBES))
    assert not any(path.startswith("/") for path in PROBES)
