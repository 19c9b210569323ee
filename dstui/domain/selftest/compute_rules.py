"""What the answers of the probe that computes mean: is each result right, is it fast enough."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from dstui.domain.quantity import scaled
from dstui.domain.selftest.answers import Answer, Ran, by_code, mapping_of, one, stopped_short
from dstui.domain.selftest.speed import Link, Rate, fp32_limit, memory_limit
from dstui.domain.selftest.step import Layer, StepResult, failed, passed, skipped, warned
from dstui.domain.text import clean

WHAT_IT_TAKES = "64 MiB and what CUDA's own context needs (some 500 MiB on an H100)"
"""What computing takes of a GPU for a second, at most."""

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_GB, _TFLOP = 1e9, 1e12
_LEAST_COPY, _LEAST_WITHIN, _LEAST_FP32 = 0.5, 0.5, 0.6
"""A healthy H100 reaches 0.86, 0.88 and 0.86; copies of virtual machines and of hosts with slow
memory are less without being ill."""
_FAULTY = (
    "the GPU's memory, its link or its units are faulty",
    "drain the GPU and reset it; test it with dcgmi diag -r 3; have it replaced if it comes back",
)


def computed(
    answers: Sequence[Answer], ran: Ran, granted: bool = True, tells: Answer | None = None
) -> StepResult:
    """Whether each GPU computes and keeps what is written to it, bit by bit."""
    if load := one(answers, "load"):
        return failed(clean(str(load["load"])))
    found = [answer for answer in answers if "computed" in answer]
    for answer in found:
        if not answer.get("exact"):
            return failed(f"GPU {answer['computed']} computes wrong results", *_FAULTY, Layer.HOST)
        if not answer.get("same"):
            what = f"GPU {answer['computed']} gave back other bytes than were written"
            return failed(what, *_FAULTY, Layer.HOST)
    if one(answers, "code"):
        return by_code(one(answers, "code"), ran, granted, tells or {})
    if not found:
        return skipped("CUDA sees no GPU") if one(answers, "done") else stopped_short(ran)
    names = [f"GPU {answer['computed']}" for answer in found]
    taken = max(_number(answer, "taken") for answer in found)
    return passed(
        f"{', '.join(names)}: kernels and copies are exact; "
        f"took {scaled(taken, 1024, _UNITS, digits=3)} beside the context"
    )


def speeds(answers: Sequence[Answer], busy: Collection[str] = ()) -> StepResult:
    """Whether each GPU is as fast as its hardware. `busy` are names of cards that others use:
    those are told and not judged.
    """
    told: list[str] = []
    slow: list[tuple[str, str, str]] = []
    for answer in (answer for answer in answers if "speed" in answer):
        link, rates = link_of(answer), tuple(rates_of(answer))
        others = f"GPU {answer['speed']}" in busy
        words = ", ".join(rate.words for rate in rates)
        via = f", {link.words}" if link else ""
        left = " (in use by others: not judged)" if others else ""
        told.append(f"GPU {answer['speed']}: {words}{via}{left}")
        if not others:
            slow += [_why(rate, link) for rate in rates if rate.too_slow]
            slow += [_TRAINED_DOWN] if link is not None and link.trained_down else []
    told += [_between(answer) for answer in answers if "peers" in answer]
    if not told:
        return skipped("nothing was measured")
    evidence = "; ".join(told)
    if not slow:
        return passed(evidence)
    causes = dict.fromkeys(cause for _, cause, _ in slow)
    fixes = dict.fromkeys(fix for _, _, fix in slow)
    names = ", ".join(dict.fromkeys(name for name, _, _ in slow))
    return warned(f"slow: {names}. {evidence}", "; ".join(causes), "; ".join(fixes))


def rates_of(answer: Answer) -> Iterator[Rate]:
    """The measurements of one GPU beside their limits."""
    link = link_of(answer)
    limit = link.bytes_per_s if link else None
    yield Rate("host to card", _number(answer, "to_card"), limit, "GB/s", _GB, _LEAST_COPY)
    yield Rate("card to host", _number(answer, "from_card"), limit, "GB/s", _GB, _LEAST_COPY)
    yield Rate(
        "within the card",
        _number(answer, "within"),
        memory_limit(int(_number(answer, "memory_khz")), int(_number(answer, "bus_bits"))),
        "GB/s",
        _GB,
        _LEAST_WITHIN,
    )
    capability = answer.get("capability")
    major, minor = capability if isinstance(capability, list) and len(capability) == 2 else (0, 0)
    multiprocessors, clock = _number(answer, "multiprocessors"), _number(answer, "clock_khz")
    limit = fp32_limit((major, minor), int(multiprocessors), int(clock))
    yield Rate("fp32", _number(answer, "fp32"), limit, "TFLOP/s", _TFLOP, _LEAST_FP32)


def link_of(answer: Answer) -> Link | None:
    """The link right after the copies, where Linux tells it."""
    told = mapping_of(answer, "link")
    speed, width = told.get("current_link_speed"), told.get("current_link_width")
    if not isinstance(speed, float) or not isinstance(width, float) or not speed * width:
        return None
    most = told.get("max_link_speed"), told.get("max_link_width")
    return Link(speed, int(width), float(most[0] or speed), int(most[1] or width))


_TRAINED_DOWN = (
    "the link",
    "the link to the card runs slower or narrower than both ends can",
    "reseat the card or its riser; compare with the mainboard's manual and the BIOS's settings",
)


def _why(rate: Rate, link: Link | None) -> tuple[str, str, str]:
    if "host" in rate.name:
        if link is not None and link.trained_down:
            return _TRAINED_DOWN
        return (
            rate.name,
            "the host's memory or the way to the card is slow: another process copies, the memory "
            "is of another NUMA node, or a virtual machine lies between",
            "compare while nothing else runs; nvidia-smi topo -m shows the way",
        )
    return (
        rate.name,
        "the card is capped in power or clocks, hot, or another process computes on it",
        "see nvidia-smi -q -d PERFORMANCE,CLOCK,POWER,TEMPERATURE while it computes",
    )


def _between(answer: Answer) -> str:
    one, other = answer["peers"]
    way = "directly" if answer.get("direct") else "by way of the host"
    return f"GPU {one} to GPU {other}: {_number(answer, 'rate') / _GB:.0f} GB/s {way}"


def _number(answer: Answer, key: str) -> float:
    value: Any = answer.get(key)
    return value if isinstance(value, int | float) else 0
