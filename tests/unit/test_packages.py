"""Packages told by the names of files, and two images compared."""

from datetime import UTC, datetime

from dstui.domain.comparison import Difference, compare, compare_packages
from dstui.domain.image import Image
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.packages import debian
from dstui.domain.packages.package import Package
from tests.layer_stacks import Entry, Layer
from tests.unit.test_layers_stacking import index_of

SITE = "opt/venv/lib/python3.11/site-packages"


def indexed(*layers: Layer) -> IndexedImage:
    return IndexedImage(index_of(layers))


def file(path: str, size: int = 1) -> Entry:
    return Entry(path, content=path.encode().ljust(size, b".")[:size])


def site(*files: tuple[str, int]) -> list[Entry]:
    return [file(f"{SITE}/{path}", size) for path, size in files]


def sizes(image: IndexedImage) -> dict[str, tuple[str | None, int | None]]:
    return {package.name: (package.version, package.bytes) for package in image.packages}


def test_a_packages_modules_lie_beside_its_metadata() -> None:
    image = indexed(
        site(
            ("torch-2.5.1+cu124.dist-info/METADATA", 1),
            ("torch/lib/libtorch.so", 100),
            ("torchgen/x.py", 10),
            ("functorch/x.py", 5),
            ("numpy-1.26.4.dist-info/METADATA", 1),
            ("numpy/core.so", 20),
            ("numpy.libs/libopenblas.so", 30),
            ("six-1.16.0.dist-info/METADATA", 1),
            ("six.py", 4),
            ("__pycache__/six.cpython-311.pyc", 3),
            ("PyYAML-6.0.dist-info/METADATA", 1),
            ("yaml/x.py", 7),
            ("_yaml/x.py", 2),
        )
    )
    assert sizes(image) == {
        "torch": ("2.5.1+cu124", 116),
        "numpy": ("1.26.4", 51),
        "pyyaml": ("6.0", 10),
        "six": ("1.16.0", 8),
    }
    assert [package.name for package in image.packages] == ["torch", "numpy", "pyyaml", "six"]
    assert image.packages[0].path == f"{SITE}/torch-2.5.1+cu124.dist-info"


def test_cuda_libraries_of_either_layout() -> None:
    image = indexed(
        site(
            ("nvidia_cudnn_cu12-9.1.0.70.dist-info/METADATA", 1),
            ("nvidia/cudnn/lib/libcudnn.so.9", 90),
            ("nvidia_cublas-13.0.0.19.dist-info/METADATA", 1),
            ("nvidia_cuda_runtime-13.0.48.dist-info/METADATA", 1),
            ("nvidia/cu13/lib/libcublasLt.so.13", 50),
            ("nvidia/cu13/lib/libcublas.so.13", 10),
            ("nvidia/cu13/lib/libcudart.so.13", 5),
        )
    )
    assert sizes(image) == {
        "nvidia-cudnn-cu12": ("9.1.0.70", 91),
        "nvidia-cublas": ("13.0.0.19", 61),
        "nvidia-cuda-runtime": ("13.0.48", 6),
    }


def test_namespaces_and_other_spellings() -> None:
    image = indexed(
        site(
            ("google_cloud_storage-2.0.dist-info/METADATA", 1),
            ("google/cloud/storage/x.py", 9),
            ("markdown_it_py-3.0.dist-info/METADATA", 1),
            ("markdown_it/x.py", 6),
            ("jupyter-1.0.0.dist-info/METADATA", 1),
            ("old_style-1.2-py3.11.egg-info/PKG-INFO", 1),
            ("old_style/x.py", 3),
        )
    )
    assert sizes(image) == {
        "google-cloud-storage": ("2.0", 10),
        "markdown-it-py": ("3.0", 7),
        "jupyter": ("1.0.0", None),
        "old-style": ("1.2", 4),
    }


def test_what_a_later_layer_removed_is_not_installed() -> None:
    image = indexed(
        site(("a-1.dist-info/METADATA", 1), ("a/x.py", 5)),
        [
            file(f"{SITE}/.wh.a-1.dist-info", 0),
            *site(("a-2.dist-info/METADATA", 1), ("a/x.py", 8)),
        ],
    )
    assert sizes(image) == {"a": ("2", 9)}


def test_who_installed_it() -> None:
    image = indexed(
        site(("a-1.dist-info/INSTALLER", 4), ("b-1.dist-info/INSTALLER", 2)),
        [file("usr/lib/python3/dist-packages/c-1.egg-info/x")],
    )
    managers = {package.name: package.manager for package in image.packages}
    assert managers == {"a": "pip", "b": "uv", "c": "system"}


def test_conda_lists_its_packages_once() -> None:
    prefix = "opt/conda/lib/python3.11/site-packages"
    image = indexed(
        [
            file("opt/conda/conda-meta/numpy-1.26.4-py311h24aa872_0.json"),
            file("opt/conda/conda-meta/mkl-2023.1.0-h213fc3f_46344.json"),
            file("opt/conda/conda-meta/history"),
            file(f"{prefix}/numpy-1.26.4.dist-info/METADATA", 2),
            file(f"{prefix}/numpy/x.so", 50),
            file(f"{prefix}/pip_made-1.0.dist-info/METADATA", 2),
        ]
    )
    found = [(package.manager, package.name, package.bytes) for package in image.packages]
    assert found == [("conda", "numpy", 52), ("conda", "mkl", None), ("pip", "pip-made", None)]


STATUS = """\
Package: libc6
Status: install ok installed
Installed-Size: 13000
Version: 2.36-9
Description: C library
 more of it

Package: bash
Version: 5.2
"""


def test_debian_packages_are_named_by_the_index_and_sized_by_dpkg() -> None:
    info = "var/lib/dpkg/info"
    image = indexed(
        [file(f"{info}/libc6:amd64.list"), file(f"{info}/bash.list"), file("bin/bash", 70)]
    )
    assert {(found.name, found.version) for found in image.packages} == {
        ("libc6", None),
        ("bash", None),
    }
    told = debian.with_status(image.packages, STATUS)
    assert {(found.name, found.version, found.bytes) for found in told} == {
        ("libc6", "2.36-9", 13_312_000),
        ("bash", "5.2", None),
    }
    assert debian.visible_bytes(image.stack, "/.\n/bin\n/bin/bash\n/bin/gone\n") == 70


# Comparison


def image(**settings: object) -> Image:
    return Image("sha256:1", (), (), datetime(2026, 1, 1, tzinfo=UTC), 0, **settings)


def test_two_images() -> None:
    base = [file("etc/a", 3), file("etc/gone", 5)]
    first = indexed(base, [file("x", 4), *site(("a-1.dist-info/M", 1), ("a/x", 3))])
    second = indexed(base, [file(".wh.y", 0), file("etc/.wh.gone", 0)], [file("x", 9)])
    found = compare(
        image(user="root", environment=(("A", "1"), ("B", "2")), labels={"l": "1"}),
        image(user="me", environment=(("A", "2"), ("C", "3")), command=("sh", "-c", "x")),
        first,
        second,
    )
    assert (found.shared_layers, found.shared_bytes) == (2, 8 + 8)
    assert found.environment == (("A", "1", "2"), ("B", "2", None), ("C", None, "3"))
    assert [change.difference for change in found.environment] == [
        Difference.CHANGED,
        Difference.REMOVED,
        Difference.ADDED,
    ]
    assert found.labels == (("l", "1", None),)
    assert found.settings == (("command", None, "sh -c x"), ("user", "root", "me"))
    files = {(file.difference.value, file.path) for file in found.files}
    assert files >= {("removed", "etc/gone"), ("changed", "x")}
    assert [(change.difference.value, change.name, change.bytes) for change in found.packages] == [
        ("removed", "a", -4)
    ]


def test_files_and_directories_in_each_others_place() -> None:
    first, second = indexed([file("a", 3)]), indexed([file("a/b", 2)])
    changes = {(c.difference.value, c.path) for c in compare(image(), image(), first, second).files}
    assert changes == {("removed", "a"), ("added", "a/b")}


def test_packages_changed_in_their_place() -> None:
    old = [Package("pip", "a", "1", 10, "p/a-1"), Package("pip", "b", "1", 5, "p/b-1")]
    new = [Package("pip", "a", "2", 30, "p/a-2"), Package("pip", "b", "1", 6, "p/b-1")]
    new.append(Package("pip", "b", "3", None, "q/b-3"))
    changes = [tuple(change) for change in compare_packages(old, new)]
    assert changes == [
        (Difference.CHANGED, "pip", "a", "1", "2", 20),
        (Difference.ADDED, "pip", "b", None, "3", None),
    ]
