"""Lets the GPUs of this host compute, by dstui's own Python in a process of its own."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence

from dstui.domain.quantity import scaled
from dstui.domain.selftest.answers import Answer, Ran, answers, one
from dstui.domain.selftest.compute_rules import computed, speeds
from dstui.domain.selftest.step import Status, StepResult, failed, passed, skipped, warned
from dstui.domain.text import clean
from dstui.gpu.selftest.child import DriverHangsError, run_child
from dstui.gpu.selftest.driver import LAST_RESORT
from dstui.gpu.selftest.facts import DeviceFacts, DriverFacts
from dstui.probes import program

_LIMIT_S = 60.0
_IDLE = 1024 * 1024 * 1024
"""A card that has more of its memory used is in use, whether a process can be seen or not."""
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class Computing:
    """One run, for two steps."""

    def __init__(
        self,
        facts: Callable[[], DriverFacts],
        ask_again: Callable[[threading.Event], DriverFacts],
        gpu_uuid: str,
        may_use_memory: bool,
    ) -> None:
        """`facts` are what the driver told before, `ask_again` what it tells now."""
        self._facts = facts
        self._ask_again = ask_again
        self._gpu = gpu_uuid
        self._may_use_memory = may_use_memory
        self._computed: list[Answer] = []

    def usable(self) -> tuple[DeviceFacts, ...]:
        """The cards that may be computed on: the one that was asked about, or those not in use."""
        if self._gpu:
            return tuple(d for d in self._whole if d.uuid == self._gpu and self._may_use_memory)
        return tuple(device for device in self._whole if not _in_use(device))

    @property
    def _whole(self) -> tuple[DeviceFacts, ...]:
        return tuple(d for d in self._facts().devices if d.uuid and not d.error and not d.mig)

    def compute(self, stop: threading.Event) -> StepResult:
        """Whether each result is right."""
        cards = self.usable()
        if not cards:
            return skipped(self._why_none())
        try:
            found, ran = _run([card.uuid for card in cards], _LIMIT_S, stop)
        except DriverHangsError:
            return failed(
                f"{', '.join(c.title for c in cards)}: no result for {_LIMIT_S:.0f} s",
                "a GPU hangs as soon as it computes",
                f"{LAST_RESORT}; a reset of the GPU or a reboot is the usual cure",
            )
        if load := one(found, "load"):
            return warned(
                clean(str(load["load"])),
                "CUDA's driver library is not installed on the host, or its loader does not find "
                "it: containers are given it from there",
                "install it (libcuda1, libnvidia-compute-…, nvidia-driver-cuda-libs) and run "
                "ldconfig",
            )
        self._computed = _numbered(found, [card.index for card in cards])
        result = computed(self._computed, ran)
        if result.status is not Status.PASS:
            return result
        left_alone = [d.title for d in self._whole if d not in cards]
        words = [result.evidence, *self._memory_used(cards, stop)]
        words += [f"in use, left alone: {', '.join(left_alone)}"] if left_alone else []
        return passed("; ".join(words))

    def _why_none(self) -> str:
        if any(device.mig for device in self._facts().devices):
            return "the cards are divided (MIG): their parts are tested in containers"
        if self._gpu and not self._may_use_memory:
            return "the GPU is in use, and the self-test may not take memory of it"
        if not self._whole:
            return "no GPU answers"
        return "all GPUs are in use: T on one of them asks, and computes all the same"

    def _memory_used(self, cards: Sequence[DeviceFacts], stop: threading.Event) -> Iterator[str]:
        """Before, while computing and after, as the driver tells it."""
        during = {
            a["computed"]: a["total"] - a["free"] + a["taken"]
            for a in self._computed
            if "computed" in a
        }
        try:
            after = {device.uuid: device.memory_used for device in self._ask_again(stop).devices}
        except DriverHangsError:
            return
        for card in cards:
            used = (card.memory_used, during.get(card.index), after.get(card.uuid))
            told = [
                scaled(size, 1024, _UNITS, digits=3) if size is not None else "–" for size in used
            ]
            before, meanwhile, afterwards = told
            yield (
                f"GPU {card.index} memory used: {before} before, {meanwhile} meanwhile, "
                f"{afterwards} after"
            )

    def speed(self, stop: threading.Event) -> StepResult:
        """Whether that was as fast as the hardware can; from the same run."""
        busy = [f"GPU {device.index}" for device in self._whole if _in_use(device)]
        return speeds(self._computed, busy)


def _run(uuids: Sequence[str], limit_s: float, stop: threading.Event) -> tuple[list[Answer], Ran]:
    """What the probe answers of these GPUs alone. Raises `DriverHangsError`."""
    words = (program("compute"), str(int(limit_s)), ",".join(uuids))
    output, code = run_child((sys.executable, "-P", "-c", *words), limit_s, stop)
    text = output.decode(errors="replace")
    return list(answers(text)), Ran(code, text)


def _in_use(device: DeviceFacts) -> bool:
    return bool(device.processes) or (device.memory_used or 0) > _IDLE


def _numbered(answers: Sequence[Answer], indices: Sequence[int]) -> list[Answer]:
    """With the driver's numbers: the probe counts the cards that it was shown."""

    def told(answer: Answer) -> Answer:
        found = dict(answer)
        for key in ("computed", "speed"):
            if key in found:
                found[key] = indices[found[key]]
        if "peers" in found:
            found["peers"] = [indices[number] for number in found["peers"]]
        return found

    return list(map(told, answers))
