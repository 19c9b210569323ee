"""The test house itself: the fixtures give what they promise."""

import subprocess

import docker

from tests.conftest import ContainerFactory
from tests.engine.conftest import InEngineNetwork


def test_factory_runs_what_it_is_told(
    docker_api: docker.APIClient, container_factory: ContainerFactory
) -> None:
    identifier = container_factory("sh", "-c", "echo hello from $(hostname)", hostname="there")
    docker_api.wait(identifier)
    assert docker_api.logs(identifier) == b"hello from there\n"


def test_registry_answers_where_the_engine_can_reach_it(
    docker_api: docker.APIClient, busybox_image: str, registry: str
) -> None:
    reference = f"{registry}/team/busybox"
    docker_api.tag(busybox_image, reference, tag="1")
    try:
        pushed = docker_api.push(reference, tag="1", stream=True, decode=True)
        assert not [line["error"] for line in pushed if "error" in line]
    finally:
        docker_api.remove_image(f"{reference}:1")


def test_commands_run_in_the_engines_network(
    in_engine_network: InEngineNetwork, registry: str
) -> None:
    fetch = ["busybox", "wget", "-q", "-O", "-", f"http://{registry}/v2/"]
    answer = subprocess.run(in_engine_network(fetch), capture_output=True, text=True, check=True)
    assert answer.stdout == "{}"


def test_podman_answers(podman_host: str) -> None:
    api = docker.APIClient(base_url=podman_host, version="1.41")
    try:
        assert "Podman Engine" in [part["Name"] for part in api.version()["Components"]]
    finally:
        api.close()
