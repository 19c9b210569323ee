"""Whether a registry has an image, asked of a real one through a real engine."""

import base64
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from dstui.background import Background
from dstui.domain.cleanup.plan import Plan, Recovery, Row
from dstui.domain.cleanup.planner import Choice, Planner
from dstui.domain.cleanup.pulling import with_answers
from dstui.domain.kind import Kind
from dstui.domain.registry_answer import RegistryAnswer
from dstui.domain.staleness.thresholds import Thresholds
from dstui.engine.cleanup_facts import gather
from dstui.engine.client import Engine
from dstui.engine.registry_questions import RegistryQuestions
from tests.engine.conftest import GuardedRegistry, SilentRegistry, free_port
from tests.image_builder import build
from tests.waiting import PATIENCE_S

NOWHERE = "@sha256:" + "ab" * 32


@pytest.fixture(autouse=True)
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty docker config of the test's own."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


def pushed(api: docker.APIClient, name: str, login: dict[str, str] | None = None) -> str:
    """Build an image that nothing else has, push it, and return its digest there."""
    build(api, name, "FROM scratch\nCOPY data /a\n", {"data": os.urandom(1000)})
    for line in api.push(name, stream=True, decode=True, auth_config=login):
        assert "error" not in line, line["error"]
    return api.inspect_image(name)["RepoDigests"][0]


@pytest.fixture
def image(docker_api: docker.APIClient, registry: str) -> Iterator[str]:
    """The name of an image that its registry has."""
    name = f"{registry}/answers/{uuid.uuid4().hex[:8]}:1"
    pushed(docker_api, name)
    yield name
    docker_api.remove_image(name, force=True)


def asked(engine: Engine, *digests: str) -> RegistryAnswer:
    return RegistryQuestions(engine).ask(digests).result(PATIENCE_S)


def test_a_registry_says_what_it_has_and_what_not(engine, docker_api, image):
    digest = docker_api.inspect_image(image)["RepoDigests"][0]
    assert asked(engine, digest) == RegistryAnswer(True, digest)
    repository = digest.partition("@")[0]
    for wrong in (repository + NOWHERE, f"{repository}-not{NOWHERE}"):
        answer = asked(engine, wrong)
        assert (answer.has, answer.reference) == (False, wrong)
        assert "does not have it" in answer.why
    assert asked(engine, repository + NOWHERE, digest).has is True


def test_a_registry_that_does_not_answer_proves_nothing(engine):
    nobody = f"127.0.0.1:{free_port()}"
    answer = asked(engine, f"{nobody}/app{NOWHERE}")
    assert answer.has is None
    assert answer.why == f"nothing listens at {nobody}"


def test_a_silent_registry_holds_up_nobody_and_is_not_asked_again(
    engine, silent_registry: SilentRegistry, monkeypatch
):
    monkeypatch.setattr("dstui.engine.registry_questions._TIMEOUT_S", 1.0)
    questions = RegistryQuestions(engine)
    first = questions.ask([f"{silent_registry.address}/a{NOWHERE}"]).result(PATIENCE_S)
    assert first.has is None
    monkeypatch.setattr("dstui.engine.registry_questions._TIMEOUT_S", 10 * PATIENCE_S)
    second = questions.ask([f"{silent_registry.address}/b{NOWHERE}"]).result(PATIENCE_S)
    assert (second.has, second.why) == (None, first.why)


def test_the_login_of_the_docker_config_is_used(
    engine, docker_api, guarded_registry: GuardedRegistry, docker_config
):
    login = {"username": guarded_registry.user, "password": guarded_registry.password}
    name = f"{guarded_registry.address}/private:1"
    digest = pushed(docker_api, name, login)
    try:
        assert asked(engine, digest).has is None
        secret = base64.b64encode(":".join(login.values()).encode()).decode()
        auths = {guarded_registry.address: {"auth": secret}}
        docker_config.write_text(json.dumps({"auths": auths}))
        assert asked(engine, digest).has is True
    finally:
        docker_api.remove_image(name, force=True)


def planned(engine: Engine, image_id: str) -> tuple[Plan, Planner]:
    planner = Planner(gather(engine, Background()), Thresholds())
    only = frozenset({(Kind.IMAGE, image_id)})
    return planner.plan(Choice(owner="all", older_than_s=0, only=only)), planner


def test_an_image_can_be_pulled_again_only_with_proof(engine, docker_api, image):
    identifier = docker_api.inspect_image(image)["Id"]
    plan, planner = planned(engine, identifier)

    def row(plan: Plan) -> Row:
        found = plan.row((Kind.IMAGE, identifier))
        assert found is not None
        return found

    assert row(plan).recovery is Recovery.MAYBE
    digests = next(found.digests for found in planner.facts.images if found.id == identifier)
    known = with_answers(plan, {identifier: asked(engine, *digests)})
    assert row(known).recovery is Recovery.PULL
    assert row(known).recovery_words == f"docker pull {digests[0]}"


def test_the_plan_of_the_command_line_asks_the_registry(engine_host, docker_api, image):
    command = [sys.executable, "-m", "dstui", "--host", engine_host, "clean", "--dry-run"]
    command += ["--older-than", "0s", "--owner", "all", "--kind", "images", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    rows = {row["id"]: row for row in json.loads(done.stdout)["plan"]}
    row = rows[docker_api.inspect_image(image)["Id"]]
    assert (row["recovery"], row["recovery_hint"][:12]) == ("pull", "docker pull ")
