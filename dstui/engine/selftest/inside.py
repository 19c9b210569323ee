"""The steps inside: a container of our own with the GPUs, and the container that is tested."""

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from dstui.domain.container import Container
from dstui.domain.cuda_compat import Machine
from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.domain.selftest.answers import Answer, Ran, one
from dstui.domain.selftest.compute_rules import computed
from dstui.domain.selftest.step import (
    FRESH,
    GIVEN,
    GIVEN_NONE,
    Layer,
    Status,
    StepResult,
    Target,
    failed,
    not_run,
    passed,
    skipped,
    warned,
)
from dstui.engine.client import Engine
from dstui.engine.convert.container import inspected_container
from dstui.engine.convert.read import Json, environment, mapping
from dstui.engine.selftest import inside_rules as rules
from dstui.engine.selftest.exec import MissingProgramError, Python, run
from dstui.engine.selftest.pythons import find_python
from dstui.engine.selftest.sandbox import (
    Grant,
    Sandbox,
    all_gpus,
    grant_of,
    one_gpu,
    sandbox,
    suitable_image,
)

Check = Callable[[threading.Event], StepResult]

_FRAMEWORKS = {
    "torch": "PyTorch",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "cupy": "CuPy",
}
_LIST_GPUS = ("nvidia-smi", "-L")
_PROBE_S, _FRAMEWORK_S, _NCCL_S = 45.0, 80.0, 60.0
_NO_PYTHON = "there is no Python in it"
_BUSY = "the GPU is in use, and the self-test may not take memory of it"
_IMAGE_AT_FAULT = ("requirement error", "file exists")
"""Refusals of NVIDIA's hook that are about the image."""


class InsideChecks:
    """Runs the probes; `close` removes the containers that were made."""

    def __init__(
        self,
        engine: Engine,
        target: Target,
        machine: Callable[[], Machine],
        may_use_memory: bool = True,
        may_create: bool = True,
        usable: Callable[[], Sequence[str]] = lambda: (),
    ) -> None:
        """`machine` tells the driver of the host, as far as that was found out; `usable` are the
        UUIDs of the GPUs that nobody uses or that were asked about.
        """
        self._engine = engine
        self._target = target
        self._machine = machine
        self._may_use_memory = may_use_memory
        self._may_create = may_create
        self._usable = usable
        self._made = contextlib.ExitStack()
        self._closed = False
        self._inspected: Json = {}
        self._own: Container | None = None
        self._fresh: Sandbox | None = None
        self._inside: str | None = None
        self._python: Python | None = None
        self._tells: Answer = {}
        self._cuda: tuple[list[Answer], Ran] | None = None
        self._seen: list[StepResult] = []

    def close(self) -> None:
        """Remove what was made, now and by a step that was left behind."""
        self._closed = True
        self._made.close()

    def checks(self) -> Mapping[str, Check]:
        """A check for each step."""
        return {
            GIVEN: self._given,
            "engine.grant": self._grant,
            "engine.compute": self._compute_in_own,
            "inside.start": self._start,
            "cuda.compatibility": self._compatibility,
            "cuda.init": self._noted(self._init),
            "cuda.library": self._noted(self._library),
            "cuda.devices": self._noted(self._devices),
            "cuda.memory": self._noted(self._memory),
            "cuda.compute": self._noted(self._compute),
            "container.shm": lambda stop: self._by_tells(rules.shared_memory),
            "container.limits": lambda stop: self._by_tells(rules.limits),
            **{
                f"framework.{module}": partial(self._framework, module, title)
                for module, title in _FRAMEWORKS.items()
            },
            "nccl": self._nccl,
            FRESH: self._in_a_fresh_one,
        }

    def _noted(self, check: Check) -> Check:
        """Remember the result: the fresh container is for what failed."""

        def noted(stop: threading.Event) -> StepResult:
            result = check(stop)
            self._seen.append(result)
            return result

        return noted

    def _given(self, stop: threading.Event) -> StepResult:
        self._look_at_target()
        if self._own is None or self._own.gpus is None:
            return warned(f"{self._target.name} was given no GPU", *GIVEN_NONE)
        return passed(f"by {self._own.gpus.source}")

    # A container of our own

    def _grant(self, stop: threading.Event) -> StepResult:
        if not self._may_create:
            return skipped("dstui is read-only here, and this takes a container of its own")
        self._look_at_target()
        image = self._image()
        if image is None:
            return skipped("the engine has no image to try it with")
        try:
            self._fresh = self._open(image, self._own_grant(own_environment=False))
        except EngineError as error:
            return self._refused(image, error)
        return self._listed(self._fresh, image, stop)

    def _look_at_target(self) -> None:
        if self._target.kind is Kind.CONTAINER and not self._inspected:
            self._inspected = self._engine.inspect(Kind.CONTAINER, self._target.id)
            default = self._engine.info.default_runtime
            self._own = inspected_container(self._inspected, default)

    def _image(self) -> str | None:
        if self._own is not None:
            return self._own.image_id or self._own.image
        if self._target.kind is Kind.IMAGE:
            return self._target.id or self._target.name
        return suitable_image(self._engine)

    def _own_grant(self, own_environment: bool) -> Grant:
        if self._own is not None and self._own.gpus is not None:
            return grant_of(self._inspected, own_environment)
        if self._target.kind is Kind.GPU:
            return one_gpu(self._target.id.partition(":")[2])
        return all_gpus()

    def _open(self, image: str, grant: Grant) -> Sandbox:
        what = self._target.name or "engine"
        made = self._made.enter_context(sandbox(self._engine, image, grant, what))
        if self._closed:
            self._made.close()
        return made

    def _refused(self, image: str, error: EngineError) -> StepResult:
        """Whose fault: when all GPUs can be given where these could not, the container's grant."""
        blames = None
        if any(words in error.message for words in _IMAGE_AT_FAULT):
            blames = Layer.IMAGE
        elif self._own is not None and self._own.gpus is not None:
            with contextlib.suppress(EngineError):
                self._fresh = self._open(image, all_gpus())
                blames = Layer.CONTAINER
        return failed(error.message, blames=blames)

    def _listed(self, made: Sandbox, image: str, stop: threading.Event) -> StepResult:
        name = self._target.name or image
        if made.container is None:
            return passed(f"a container of {name} was given the GPUs; nothing in it can be run")
        try:
            ran = run(self._engine, made.container, _LIST_GPUS, _PROBE_S, stop)
        except MissingProgramError:
            return passed(f"a container of {name} was given the GPUs; it has no nvidia-smi")
        if ran.exit_code:
            return failed(ran.last_words or f"nvidia-smi -L ended with exit code {ran.exit_code}")
        return passed(ran.last_words)

    def _compute_in_own(self, stop: threading.Event) -> StepResult:
        """What the host could do, once more through engine, runtime and a container."""
        made, gpus = self._fresh, self._usable()
        if made is None or made.container is None:
            return skipped("nothing in a container of our own can be run")
        if not gpus:
            return skipped("the GPUs are in use, or those of another machine")
        image = self._engine.container(made.container).image
        config = mapping(self._engine.inspect(Kind.CONTAINER, made.container).get("Config"))
        found = find_python(self._engine, made.container, config, _PROBE_S, stop, "")
        if found is None:
            return skipped(f"there is no Python in {image}: only the host was tested")
        told = found.python.probe("compute", _FRAMEWORK_S, stop, ",".join(gpus))
        return computed(*told, True, found.tells)

    # The one that is tested

    def _start(self, stop: threading.Event) -> StepResult:
        if not self._may_create:
            return skipped("dstui is read-only here")
        self._look_at_target()
        made = ""
        if self._own is not None and self._own.alive:
            self._inside = self._own.id
        elif self._own is not None:
            self._inside = self._open(self._image() or "", self._own_grant(True)).container
            made = "it does not run: looked into one like it. "
        elif self._fresh is not None:
            self._inside = self._fresh.container
        else:
            self._inside = self._open(self._image() or "", Grant({})).container
        if self._inside is None:
            return passed("nothing in it can be run: neither sleep nor Python is there")
        found = find_python(self._engine, self._inside, self._config(), _PROBE_S, stop)
        if found is None:
            return passed(f"{made}{_NO_PYTHON}: nvidia-smi alone tells of the GPUs")
        self._python, self._tells = found.python, found.tells
        version = self._tells.get("python")
        return passed(f"{made}Python {version} ({self._python.path}, by {found.told_by})")

    def _config(self) -> Json:
        """What the target was made with: its command and its variables."""
        answer = self._inspected or self._engine.inspect(Kind.IMAGE, self._image() or "")
        return mapping(answer.get("Config"))

    def _compatibility(self, stop: threading.Event) -> StepResult:
        self._look_at_target()
        variables = dict(environment(self._config().get("Env")))
        return rules.compatibility(variables, self._machine())

    @property
    def _granted(self) -> bool:
        return self._own is None or self._own.gpus is not None

    def _init(self, stop: threading.Event) -> StepResult:
        if self._python is None:
            return self._by_nvidia_smi(stop)
        self._cuda = self._python.probe("cuda", _PROBE_S, stop)
        return rules.started(*self._cuda, self._granted, self._tells)

    def _by_nvidia_smi(self, stop: threading.Event) -> StepResult:
        """Less than CUDA itself: the devices and the driver's library, not that a program runs."""
        if self._inside is None:
            return skipped("nothing in it can be run")
        try:
            ran = run(self._engine, self._inside, _LIST_GPUS, _PROBE_S, stop)
        except MissingProgramError as error:
            if not self._granted:
                return failed(error.message, "the container was given no GPU", "give it --gpus")
            return failed(error.message)
        if ran.exit_code:
            return failed(ran.last_words or f"exit code {ran.exit_code}")
        return passed(f"by nvidia-smi -L only, as {_NO_PYTHON}: {ran.last_words}")

    def _library(self, stop: threading.Event) -> StepResult:
        if self._cuda is None:
            return skipped(_NO_PYTHON)
        return rules.which_library(self._cuda[0], self._machine().driver)

    def _devices(self, stop: threading.Event) -> StepResult:
        if self._cuda is None:
            return skipped(_NO_PYTHON)
        return rules.devices(*self._cuda, self._granted, self._tells)

    def _memory(self, stop: threading.Event) -> StepResult:
        if self._python is None:
            return skipped(_NO_PYTHON)
        if not self._may_use_memory:
            return skipped(_BUSY)
        told = self._python.probe("cuda", _PROBE_S, stop, "memory")
        return rules.memory(*told, self._granted, self._tells)

    def _compute(self, stop: threading.Event) -> StepResult:
        if self._python is None:
            return skipped(_NO_PYTHON)
        if not self._may_use_memory:
            return skipped(_BUSY)
        told = self._python.probe("compute", _FRAMEWORK_S, stop)
        return computed(*told, self._granted, self._tells)

    def _by_tells(self, rule: Callable[[Answer], StepResult]) -> StepResult:
        return rule(self._tells) if self._tells else skipped(_NO_PYTHON)

    def _framework(self, module: str, title: str, stop: threading.Event) -> StepResult:
        if self._python is None:
            return skipped(_NO_PYTHON)
        if module not in self._tells.get("modules", ()):
            return skipped("not in the image")
        if not self._may_use_memory:
            return skipped(_BUSY)
        told = self._python.probe("framework", _FRAMEWORK_S, stop, module)
        return rules.framework(title, *told)

    def _nccl(self, stop: threading.Event) -> StepResult:
        count = one(self._cuda[0], "count").get("count", 0) if self._cuda else 0
        if self._python is None or count < 2:
            return skipped("this takes two GPUs or more")
        if not self._may_use_memory:
            return skipped(_BUSY)
        return rules.nccl(*self._python.probe("nccl", _NCCL_S, stop))

    # What failed, once more

    def _in_a_fresh_one(self, stop: threading.Event) -> StepResult:
        if all(result.status is not Status.FAIL for result in self._seen):
            return skipped("not needed: it works in the container itself")
        if not self._granted:
            return skipped("the container was given no GPU")
        if self._fresh is None or self._fresh.container is None:
            return not_run("no fresh container could be made")
        first = self._python.path if self._python else ""
        fresh = self._fresh.container
        found = find_python(self._engine, fresh, self._config(), _PROBE_S, stop, first)
        if found is None:
            return self._fresh_by_nvidia_smi(fresh, stop)
        python, tells = found.python, found.tells
        told = python.probe("cuda", _PROBE_S, stop, *(["memory"] if self._may_use_memory else []))
        result = rules.started(*told, True, tells)
        if result.status is Status.PASS:
            result = rules.devices(*told, True, tells)
        return self._better() if result.status is Status.PASS else result

    def _fresh_by_nvidia_smi(self, container: str, stop: threading.Event) -> StepResult:
        try:
            ran = run(self._engine, container, _LIST_GPUS, _PROBE_S, stop)
        except MissingProgramError:
            return not_run("it has neither Python nor nvidia-smi to tell by")
        return failed(ran.last_words) if ran.exit_code else self._better()

    def _better(self) -> StepResult:
        return passed(f"works in a fresh container: recreate {self._target.name}")
