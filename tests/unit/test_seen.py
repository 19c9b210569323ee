"""What counts as another object than the one that was shown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dstui.domain.container import Container, State
from dstui.domain.image import Image
from dstui.domain.lineage import Lineage, along
from dstui.domain.network import Network
from dstui.domain.seen import changed_content, changed_names, changed_run, new_users, seen
from dstui.domain.volume import Volume

NOW = datetime(2026, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)
LATER = NOW + timedelta(seconds=5)
JOB = Container(
    "a" * 64,
    "job",
    "train:9",
    "sha256:1",
    State.EXITED,
    NOW,
    inspected=True,
    started=NOW,
    finished=LATER,
    restarts=0,
)
IMAGE = Image("sha256:1", ("train:9",), (), NOW, 1)


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (JOB, ""),
        (replace(JOB, name="other"), "it was renamed to other"),
        (replace(JOB, state=State.RUNNING), "it is running now, and was exited"),
        (replace(JOB, started=LATER, finished=LATER), "it ran again since"),
        (replace(JOB, created=LATER), "it was made anew"),
        (replace(JOB, created=NOW.replace(microsecond=0)), ""),
    ],
)
def test_a_container(now: Container, why: str) -> None:
    assert changed_run(seen(JOB), now) == why


def test_what_its_restart_policy_does_is_no_persons_deed() -> None:
    """Else one that crashes all the time could never be removed."""
    crashing = replace(JOB, state=State.RESTARTING, restarts=4, restart_policy="always")
    later = replace(crashing, state=State.RUNNING, restarts=5, started=LATER)
    assert changed_run(seen(crashing), later) == ""
    started_by_hand = replace(crashing, state=State.RUNNING, restarts=0, started=LATER)
    assert changed_run(seen(crashing), started_by_hand)


def test_what_was_not_inspected_is_held_against_its_state_alone() -> None:
    listed = replace(JOB, inspected=False, started=None, finished=None, restarts=None)
    assert changed_run(seen(listed), JOB) == ""
    assert changed_run(seen(listed), replace(JOB, state=State.RUNNING))


def test_an_image_with_a_name_more() -> None:
    shown = seen(IMAGE)
    assert changed_names(shown, IMAGE, NOW) == ""
    assert changed_names(shown, replace(IMAGE, references=()), None) == ""
    both = replace(IMAGE, references=("train:9", "best:1"))
    assert changed_names(shown, both, NOW) == "it was tagged best:1"
    planned = replace(shown, tagged=NOW, inspected=True)
    assert changed_names(planned, IMAGE, NOW) == ""
    assert changed_names(planned, IMAGE, LATER) == "it was pulled or tagged again since"


def test_a_volume_and_a_network_made_anew() -> None:
    volume = Volume("data", "local", "/var/lib/data", NOW)
    assert changed_content(seen(volume), volume) == ""
    assert changed_content(seen(volume), replace(volume, created=LATER))
    assert changed_content(seen(volume), replace(volume, mountpoint="/elsewhere"))
    network = Network("n" * 64, "lab", "bridge", created=NOW)
    assert changed_content(seen(network), replace(network, created=LATER))


def test_users_that_were_shown_may_use_it_on() -> None:
    shown = seen(IMAGE, [JOB])
    assert new_users(shown, [JOB]) == ""
    assert new_users(shown, []) == ""
    assert new_users(shown, [JOB, replace(JOB, id="b" * 64, name="web")]) == "web uses it now"


# What a classic build leaves


def test_hidden_images_go_with_the_last_that_was_built_on_them() -> None:
    parents = {"app": "step-2", "step-2": "step-1", "step-1": "base"}
    assert Lineage(parents, named=("app", "base")).goes_along("app") == ("step-2", "step-1")
    assert Lineage(parents, named=("app", "base"), used=("step-1",)).goes_along("app") == (
        "step-2",
    )


def test_another_child_keeps_a_hidden_image_unless_it_goes_too() -> None:
    parents = {"app": "step", "other": "step"}
    lineage = Lineage(parents, named=("app", "other"))
    assert lineage.goes_along("app") == ()
    assert lineage.goes_along("app", going=["other"]) == ("step",)


def test_hidden_images_are_told() -> None:
    assert along(()) == ""
    assert along(["x"]) == ", with 1 hidden image of its build"
    assert along(["x", "y"]) == ", with 2 hidden images of its build"
