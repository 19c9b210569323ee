"""Which images are offered for a debug shell, and in which order."""

import pytest

from dstui.domain.debug_image import DebugImage, Evidence, best_first, shell_evidence


@pytest.mark.parametrize(
    ("reference", "program", "steps", "expected"),
    [
        ("busybox:1.36", ("sh",), (), Evidence.TOOLS),
        ("registry.example:5000/tools/netshoot:v1", ("zsh",), (), Evidence.TOOLS),
        ("localhost/busybox:latest", (), (), Evidence.TOOLS),
        ("mine:1", ("/bin/bash",), (), Evidence.STARTS_ONE),
        ("mine:1", ("bash", "-l"), (), Evidence.STARTS_ONE),
        ("mine:1", ("python", "x.py"), ("/bin/sh -c apt-get update",), Evidence.BUILT_WITH_ONE),
        (
            "mine:1",
            ("python",),
            ("RUN /bin/sh -c pip install x # buildkit",),
            Evidence.BUILT_WITH_ONE,
        ),
        (
            "mine:1",
            ("python",),
            ("RUN |1 A=1 /bin/sh -c true # buildkit",),
            Evidence.BUILT_WITH_ONE,
        ),
        ("mine:1", ("python",), ("|1 A=1 /bin/bash -c true",), Evidence.BUILT_WITH_ONE),
        ("app:1", ("/app",), ("/bin/sh -c #(nop) COPY file:1 in /app",), Evidence.NONE),
        ("app:1", ("/app",), ("COPY app /app # buildkit",), Evidence.NONE),
        ("app:1", ("/app",), (), Evidence.NONE),
        ("app:1", ("/usr/bin/fresh",), (), Evidence.NONE),
        ("not-busybox:1", ("/app",), (), Evidence.NONE),
        ("", ("",), ("",), Evidence.NONE),
    ],
)
def test_what_speaks_for_a_shell(
    reference: str, program: tuple[str, ...], steps: tuple[str, ...], expected: Evidence
) -> None:
    assert shell_evidence(reference, program, steps) is expected


def test_the_best_are_offered_first_and_of_equals_the_smallest() -> None:
    offered = [
        DebugImage("app", 1, Evidence.NONE),
        DebugImage("debian", 100, Evidence.TOOLS),
        DebugImage("train", 10, Evidence.BUILT_WITH_ONE),
        DebugImage("busybox", 5, Evidence.TOOLS),
        DebugImage("base", 50, Evidence.STARTS_ONE),
    ]
    names = [image.reference for image in best_first(offered)]
    assert names == ["busybox", "debian", "base", "train", "app"]
