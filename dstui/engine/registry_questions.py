"""Asks registries, through the engine, whether they have the digests of images."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future

from dstui.background import Background
from dstui.domain.engine import EngineError
from dstui.domain.reference import Reference, ReferenceProblem, parse
from dstui.domain.registry_answer import RegistryAnswer, refused, together
from dstui.engine.client import Engine, resource
from dstui.engine.credentials import login_for
from dstui.engine.wire import request

_AT_ONCE = 2
_TIMEOUT_S = 20.0
_FRESH_S = 60.0
"""How long an answer stands, and a registry that gave none is left alone."""
_LOCALHOST = "localhost"


class RegistryQuestions:
    """A few questions at a time, on threads of their own: a registry may take long to say nothing.

    Asking is a read of one manifest, with the user's login.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._background = Background(_AT_ONCE)
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, ...], tuple[float, Future[RegistryAnswer]]] = {}
        self._silent: dict[str, tuple[float, str]] = {}
        """The registries that did not answer, since when and why."""

    def ask(self, digests: Sequence[str]) -> "Future[RegistryAnswer]":
        """Whether any of an image's digests (`name@sha256:…`) can be pulled. Returns at once."""
        key, now = tuple(digests), time.monotonic()
        with self._lock:
            asked = self._asked.get(key)
            if asked is None or now - asked[0] > _FRESH_S:
                asked = now, self._background.submit(self._answer, key)
                self._asked[key] = asked
        return asked[1]

    def _answer(self, digests: Sequence[str]) -> RegistryAnswer:
        answers = []
        for digest in digests:
            answers.append(self._one(digest))
            if answers[-1].has:
                break
        return together(answers)

    def _one(self, digest: str) -> RegistryAnswer:
        try:
            reference = parse(digest)
        except ReferenceProblem as problem:
            return RegistryAnswer(None, digest, problem.message)
        if self._engine.info.product == "Podman":
            return _of_podman(reference)
        with self._lock:
            since, why = self._silent.get(reference.domain, (0.0, ""))
        if why and time.monotonic() - since < _FRESH_S:
            return RegistryAnswer(None, reference.familiar, why)
        return self._from_registry(reference)

    def _from_registry(self, reference: Reference) -> RegistryAnswer:
        path = resource("/distribution/{}/json", str(reference))
        login = login_for(reference.domain)
        headers = {"X-Registry-Auth": login.header}
        try:
            request(self._engine, "GET", path, headers=headers, timeout_s=_TIMEOUT_S).close()
        except EngineError as error:
            answer = refused(reference, error.message, login.found, login.problem)
            if not answer.reachable or error.status is None:
                with self._lock:
                    self._silent[reference.domain] = time.monotonic(), answer.why
            return answer
        return RegistryAnswer(True, reference.familiar)


def _of_podman(reference: Reference) -> RegistryAnswer:
    """It asks no registry for others; by `localhost` it names what was made or loaded here."""
    if reference.domain == _LOCALHOST:
        return RegistryAnswer(False, reference.familiar, "it was made or loaded here")
    return RegistryAnswer(None, reference.familiar, "podman does not ask registries for others")
