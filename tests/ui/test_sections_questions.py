"""When dstui asks first, and what it says is lost."""

import getpass
from concurrent.futures import Future
from datetime import UTC, datetime

import pytest

from dstui.domain.action import Action, Verb
from dstui.domain.container import Container, Mount, State
from dstui.domain.gpu import GpuGrant
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.owner import Owner
from dstui.ui.sections.questions import (
    affected_container,
    affected_image,
    is_asked,
    question,
    someone_else,
    written_bytes,
)
from tests.waiting import PATIENCE_S

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ME = Owner(getpass.getuser(), "label owner")
ANNA = Owner("anna-who-else", "label owner")


def act(verb: Verb, **options) -> Action:
    return Action(verb, Kind.CONTAINER, "a" * 64, "web", **options)


def container(state: State = State.RUNNING, **options) -> Container:
    return Container("a" * 64, "web", "image", "sha256:0", state, NOW, **options)


@pytest.mark.parametrize("verb", [Verb.REMOVE, Verb.KILL])
def test_what_destroys_is_always_asked(verb):
    assert is_asked([act(verb)], [ME])


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.RESTART, Verb.PAUSE])
def test_what_interrupts_is_asked_for_many_or_for_another_persons(verb):
    assert not is_asked([act(verb)], [ME])
    assert is_asked([act(verb)], [ANNA])
    assert is_asked([act(verb), act(verb)], [ME, ME])


@pytest.mark.parametrize("verb", [Verb.START, Verb.UNPAUSE, Verb.RENAME])
def test_what_costs_nothing_is_not_asked(verb):
    assert not is_asked([act(verb), act(verb)], [ANNA, ANNA])


def test_root_and_you_are_no_one_else_a_number_is():
    assert someone_else(None) is None
    assert someone_else(ME) is None
    assert someone_else(Owner("root", "runs as this user")) is None
    assert someone_else(ANNA) == ANNA.name
    assert someone_else(Owner("54321", "runs as this user")) == "uid 54321"


def test_the_question_names_the_object_the_signal_and_the_commands():
    asked = question([act(Verb.KILL, signal="SIGINT")], [])
    assert asked.title == "Kill web with SIGINT?"
    assert asked.commands == ("docker kill --signal SIGINT web",)
    many = question([act(Verb.REMOVE, force=True)] * 3, [])
    assert many.title == "Force remove 3 containers?"
    assert "stopped gracefully" in many.note


def test_anonymous_volumes_are_named():
    mounts = (Mount("volume", "", "/data", volume="f" * 64, anonymous=True),)
    lost = affected_container(container(State.EXITED, mounts=mounts), None, act(Verb.REMOVE), None)
    assert lost.losses == (f"its anonymous volumes stay behind, used by nothing: {'f' * 12}",)


def test_a_container_that_removes_itself_says_so_before_it_is_stopped():
    lost = affected_container(container(auto_remove=True), None, act(Verb.STOP), None)
    assert "removed when it ends" in lost.losses[0]


def test_a_busy_gpu_is_mentioned():
    lost = affected_container(
        container(gpus=GpuGrant("--gpus", all=True)), ANNA, act(Verb.STOP), None
    )
    assert lost.owner == ANNA.name
    assert "GPU" in lost.losses[0]


def test_an_image_tells_what_really_comes_back_and_who_uses_it():
    image = Image("sha256:" + "1" * 64, ("a:1", "b:1"), (), NOW, 10**9, shared_bytes=4 * 10**8)
    lost = affected_image(image, [container()])
    assert "600MB come back" in lost.about
    assert lost.losses == ("all its references: a:1, b:1", "used by web")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (15_500_000, "15.5MB that it has written"),
        (0, "nothing outside its volumes"),
        (None, "is not known"),
    ],
)
def test_written_bytes_come_from_a_slow_look(size, text):
    answer: Future[int | None] = Future()
    told = written_bytes(lambda: answer)()
    assert not told.done()
    answer.set_result(size)
    assert text in told.result(PATIENCE_S)


def test_a_failed_look_is_an_error_not_a_zero():
    answer: Future[int | None] = Future()
    told = written_bytes(lambda: answer)()
    answer.set_exception(OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        told.result(PATIENCE_S)
