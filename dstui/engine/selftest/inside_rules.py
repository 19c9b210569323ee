"""What the answers of the probes mean: pure rules, a result each."""

import re
from collections.abc import Mapping, Sequence

from dstui.domain.cuda_compat import Machine, Support, release, support, unmet
from dstui.domain.cuda_result import cuda_error
from dstui.domain.quantity import scaled
from dstui.domain.selftest.answers import Answer, Ran, by_code, one, stopped_short
from dstui.domain.selftest.step import Layer, StepResult, failed, passed, skipped, warned
from dstui.domain.text import clean

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_SMALL_SHM = 64 * 1024 * 1024
_SMALL_MEMLOCK, _SMALL_NOFILE = 64 * 1024, 1024
_DRIVER_IN_NAME = re.compile(r"libcuda\.so\.(\d{3,}\.\d+(?:\.\d+)?)$")
_COMPAT = "/compat/"
_NO_CUDA_VERSION = "the image states no CUDA version"


def started(answers: Sequence[Answer], ran: Ran, granted: bool, tells: Answer) -> StepResult:
    """Whether CUDA's library loads and starts."""
    if load := one(answers, "load"):
        return failed(clean(str(load["load"])))
    if not one(answers, "libraries"):
        return stopped_short(ran)
    if not one(answers, "init"):
        return by_code(one(answers, "code"), ran, granted, tells)
    number = one(answers, "version").get("version")
    speaks = f", speaks CUDA {number // 1000}.{number % 1000 // 10}" if number else ""
    return passed(f"cuInit answers 0{speaks}")


def which_library(answers: Sequence[Answer], driver: str) -> StepResult:
    """Whose libcuda is in use: the driver's, forward compatibility's, or the image's own."""
    paths = [clean(str(path)) for path in one(answers, "libraries").get("libraries", ())]
    if not paths:
        return skipped("none was loaded")
    evidence = ", ".join(paths)
    if "/stubs/" in evidence:
        return failed(f"{evidence}: a stub library")
    found = next((match[1] for path in paths if (match := _DRIVER_IN_NAME.search(path))), "")
    if _COMPAT in evidence:
        return warned(
            f"{evidence} (driver {driver or 'unknown'})",
            "forward compatibility (cuda-compat) stands in for the driver's own library: good on "
            "data-centre GPUs with an older driver, error 803 or 804 elsewhere",
            "with a driver that is new enough, take /usr/local/cuda/compat out of LD_LIBRARY_PATH",
        )
    if found and driver and found != driver:
        return failed(
            f"{evidence}, and the driver is {driver}",
            "the image brings driver libraries of its own, or the container was started before "
            "the driver was updated",
            "recreate the container; remove libcuda and libnvidia-* from the image",
        )
    return passed(evidence)


def devices(answers: Sequence[Answer], ran: Ran, granted: bool, tells: Answer) -> StepResult:
    """The GPUs that CUDA counts."""
    count = one(answers, "count").get("count")
    if count is None:
        return by_code(one(answers, "code"), ran, granted, tells)
    if not count:
        return failed(cuda_error(100))
    named = [
        f"{answer['device']}: {clean(str(answer.get('name')))} ({answer.get('capability')})"
        for answer in answers
        if "device" in answer
    ]
    if len(named) < count:
        return by_code(one(answers, "code"), ran, granted, tells)
    return passed("; ".join(named))


def memory(answers: Sequence[Answer], ran: Ran, granted: bool, tells: Answer) -> StepResult:
    """Whether what was written to a GPU is what was read back."""
    read = [answer for answer in answers if "memory" in answer]
    wrong = [answer for answer in read if not answer.get("same")]
    if wrong:
        return failed(
            f"GPU {wrong[0]['memory']} gave back other bytes than were written",
            "the GPU's memory or its link is faulty",
            "drain the GPU and reset it; have the card replaced if it comes back",
            Layer.HOST,
        )
    if one(answers, "code") or not read:
        return by_code(one(answers, "code"), ran, granted, tells)
    free = ", ".join(f"{scaled(a['free'], 1024, _UNITS, digits=3)} free" for a in read)
    return passed(f"4 MiB on {len(read)} GPU{'s' if len(read) > 1 else ''} ({free})")


def compatibility(environment: Mapping[str, str], machine: Machine) -> StepResult:
    """What the image says of its CUDA against the host's driver."""
    cuda = clean(environment.get("CUDA_VERSION", ""))
    missing = unmet(environment, machine)
    if not machine.driver:
        return skipped("the driver's version is not known")
    level = support(cuda, machine.driver) if cuda else Support.UNKNOWN
    needs = release(cuda)
    evidence = f"CUDA {cuda}, driver {machine.driver}" if cuda else f"driver {machine.driver}"
    if level is Support.NONE and needs is not None:
        least = needs.driver_minor or needs.driver_full
        return failed(
            f"{evidence}: CUDA driver version is insufficient for CUDA runtime version",
            f"CUDA {cuda} needs driver {least} or later",
            "update the driver, use an image of an older CUDA, or cuda-compat on a data-centre GPU",
        )
    if missing:
        return warned(
            f"{evidence}; the image requires {clean('; '.join(missing), 200)}",
            "NVIDIA's hook refuses such an image; by CDI it starts, and CUDA may fail later",
            "update the driver, or set NVIDIA_DISABLE_REQUIRE=1 where the versions are compatible",
        )
    if level is Support.MINOR and needs is not None:
        return warned(
            f"{evidence}: by minor-version compatibility",
            f"the driver is older than the {needs.driver_full} of this CUDA: PTX of newer tools "
            "cannot be compiled (222) and some new calls fail",
            f"driver {needs.driver_full} or later removes the limits",
        )
    return passed(evidence) if cuda else skipped(_NO_CUDA_VERSION)


def framework(title: str, answers: Sequence[Answer], ran: Ran) -> StepResult:
    """What a framework computed on the GPU."""
    if error := one(answers, "error"):
        return failed(clean(str(error["error"])))
    told = one(answers, "version")
    if not told:
        return stopped_short(ran)
    cuda = f", CUDA {clean(str(told['cuda']))}" if told.get("cuda") else ""
    count = told.get("devices")
    seen = f"{count} GPU{'' if count == 1 else 's'}"
    evidence = f"{title} {clean(str(told['version']))}{cuda}, {seen}"
    if not told.get("exact"):
        return failed(
            f"{evidence}: a matrix product is wrong",
            "the GPU computes wrong results",
            "test the card: nvidia-smi -q -d ECC, dcgmi diag -r 3",
            Layer.HOST,
        )
    return passed(f"{evidence}: the product of two matrices is exact")


def nccl(answers: Sequence[Answer], ran: Ran) -> StepResult:
    """Whether two ranks add up, and which GPUs reach each other directly."""
    if error := one(answers, "error"):
        return failed(clean(str(error["error"])))
    told = one(answers, "ranks")
    if not told:
        return stopped_short(ran)
    pairs, count = len(told.get("peers", ())), told.get("devices") or 0
    direct = f"{pairs} of {count * (count - 1)} pairs reach each other directly"
    return passed(f"{told['ranks']} ranks agree after {told['seconds']:.1f} s; {direct}")


def shared_memory(tells: Answer) -> StepResult:
    """The room that DataLoader workers and NCCL have."""
    told = tells.get("shm")
    if not told:
        return skipped("there is no /dev/shm")
    size, free = told
    evidence = (
        f"{scaled(size, 1024, _UNITS, digits=3)}, {scaled(free, 1024, _UNITS, digits=3)} free"
    )
    if size <= _SMALL_SHM:
        return warned(
            evidence,
            "PyTorch's DataLoader workers and NCCL fail with a bus error once it is full",
            "create it with --shm-size=8g or --ipc=host",
        )
    return passed(evidence)


def limits(tells: Answer) -> StepResult:
    """Locked memory and open files."""
    locked, files = tells.get("memlock"), tells.get("nofile")
    evidence = f"memlock {_limit(locked, _UNITS)}, nofile {files if files else 'unlimited'}"
    if (files or _SMALL_NOFILE + 1) <= _SMALL_NOFILE or (
        locked is not None and locked <= _SMALL_MEMLOCK
    ):
        return warned(
            evidence,
            "many DataLoader workers need more open files; InfiniBand needs locked memory",
            "create it with --ulimit memlock=-1 --ulimit nofile=65536",
        )
    return passed(evidence)


def _limit(size: int | None, units: tuple[str, ...]) -> str:
    return "unlimited" if size is None else scaled(size, 1024, units, digits=3)
