"""Container ids in the control groups of a process: every shape that engines write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.gpu.attribution import container_ids

A, B = "a1" * 32, "b2" * 32
HEX_IDS = st.text("0123456789abcdef", min_size=64, max_size=64)


@pytest.mark.parametrize(
    "path",
    [
        f"/docker/{A}",
        f"/lab/team1/{A}",
        f"/{A}",
        f"/system.slice/docker-{A}.scope",
        f"/foo.slice/foo-bar.slice/docker-{A}.scope",
        f"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{A}.scope",
        f"/machine.slice/libpod-{A}.scope/container",
        f"/libpod_parent/libpod-{A}",
        f"/default/nerdctl-{A}.scope",
        f"/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-{A}.scope",
        f"/kubepods/burstable/pod1234/{A}",
        f"/docker/{A}/init.scope",
    ],
)
def test_known_shapes(path: str) -> None:
    assert container_ids(f"0::{path}\n") == (A,)
    assert container_ids(f"12:memory:{path}\n3:cpu,cpuacct:{path}\n0::/\n") == (A,)


def test_an_engine_in_a_container_gives_the_outermost_first() -> None:
    assert container_ids(f"0::/docker/{A}/docker/{B}\n") == (A, B)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0::/user.slice/user-1000.slice/session-3.scope\n",
        f"0::/machine.slice/libpod-conmon-{A}.scope\n",
        f"0::/docker/{A}0\n",
        "nonsense\n",
    ],
)
def test_no_container(text: str) -> None:
    assert container_ids(text) == ()


@given(HEX_IDS, st.text(st.characters(exclude_characters="0123456789abcdef\n\r:")))
def test_any_id_is_found_in_any_surroundings(identifier: str, around: str) -> None:
    assert container_ids(f"0::/{around}/{identifier}\n") == (identifier,)


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    assert all(len(identifier) == 64 for identifier in container_ids(text))
