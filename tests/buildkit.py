"""Builds with BuildKit over the engine's API alone: no client program is needed for it."""

import json
import secrets
import threading

import docker

from tests.image_builder import Files, packed
from tests.waiting import PATIENCE_S

_REMOTE = {"version": "2", "remote": "upload-request"}


def build_with_buildkit(
    api: docker.APIClient, reference: str, dockerfile: str, files: Files | None = None
) -> str:
    """Build an image, and return its id. The build waits for its context, which is sent in a
    request of its own.
    """
    identifier = secrets.token_hex(8)
    context = packed({"Dockerfile": dockerfile, **(files or {})})
    sending = {**_REMOTE, "buildid": f"upload-request:{identifier}"}
    sender = threading.Thread(target=_post, args=(api, sending, context), daemon=True)
    sender.start()
    answer = _post(api, {**_REMOTE, "buildid": identifier, "t": reference})
    sender.join(PATIENCE_S)
    refused = [line for line in answer.splitlines() if b'"error"' in line]
    assert not refused, json.loads(refused[0])["error"]
    return api.inspect_image(reference)["Id"]


def _post(api: docker.APIClient, query: dict[str, str], body: bytes = b"") -> bytes:
    headers = {"Content-Type": "application/x-tar"}
    answer = api.post(
        api._url("/build"), params=query, data=body, headers=headers, timeout=PATIENCE_S
    )
    return answer.content
