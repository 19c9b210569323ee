"""Containers: ended long ago, never started, running but idle, or grown too large."""

from collections.abc import Iterable

from dstui.domain.container import Container, State
from dstui.domain.kind import Kind
from dstui.domain.owner import Owner
from dstui.domain.quantity import decimal_bytes
from dstui.domain.staleness.facts import Activity, CleanupFacts
from dstui.domain.staleness.thresholds import DAY_S, Thresholds
from dstui.domain.staleness.verdict import Kept, Rule, Stale, Verdict
from dstui.domain.staleness.words import age_s, ago, span

_QUIET_NET_RATE = 1000.0
"""Bytes a second below which there is no more than keep-alive traffic."""
_BUSY_GPU_PERCENT = 1.0
_NOTHING = Activity()


def judge_container(
    container: Container, facts: CleanupFacts, thresholds: Thresholds, owner: Owner | None
) -> Verdict:
    """Whether it is stale, by its state."""
    match container.state:
        case State.EXITED | State.DEAD:
            return _ended(container, facts, thresholds, owner)
        case State.CREATED:
            return _never_started(container, facts, thresholds, owner)
        case State.RUNNING | State.PAUSED:
            return _idle(container, facts, thresholds, owner)
    return _kept(container, f"it is {container.state.value}")


def too_large(
    container: Container, facts: CleanupFacts, thresholds: Thresholds, owner: Owner | None
) -> Iterable[Stale]:
    """What a container fills the disk with: advice, as the container itself may be needed."""
    writable = facts.disk.writable_bytes.get(container.id)
    if writable is not None and writable > thresholds.writable_gb * 1e9:
        reason = (
            f"its writable layer holds {decimal_bytes(writable)}: "
            "write checkpoints and data to a volume instead"
        )
        yield _stale(container, Rule.LARGE_WRITABLE, reason, None, owner, writable)
    log = facts.log_bytes.get(container.id)
    if log is not None and log > thresholds.logs_gb * 1e9:
        reason = (
            f"its log holds {decimal_bytes(log)}: "
            "limit it with --log-opt max-size=100m --log-opt max-file=3"
        )
        yield _stale(container, Rule.LARGE_LOG, reason, None, owner, log)


def _ended(
    container: Container, facts: CleanupFacts, thresholds: Thresholds, owner: Owner | None
) -> Verdict:
    age = age_s(container.finished or container.created, facts.now)
    word = "dead since" if container.state is State.DEAD else "exited"
    code = "exit code unknown" if container.exit_code is None else f"code {container.exit_code}"
    if container.finished is None:
        when = f"{word} an unknown time, created {ago(age)}"
    elif container.state is State.DEAD:
        when = f"dead for {span(age or 0)}"
    else:
        when = f"exited {ago(age)}"
    if age is None or age < thresholds.exited_days * DAY_S:
        return _kept(container, _young(when, thresholds.exited_days))
    return _stale(container, Rule.EXITED, f"{when}, {code}", age, owner)


def _never_started(
    container: Container, facts: CleanupFacts, thresholds: Thresholds, owner: Owner | None
) -> Verdict:
    age = age_s(container.created, facts.now)
    if age is None or age < thresholds.created_days * DAY_S:
        return _kept(container, _young(f"created {ago(age)}", thresholds.created_days))
    return _stale(container, Rule.CREATED, f"created {ago(age)}, never started", age, owner)


def _idle(
    container: Container, facts: CleanupFacts, thresholds: Thresholds, owner: Owner | None
) -> Verdict:
    activity = facts.activity.get(container.id, _NOTHING)
    age = age_s(container.started, facts.now)
    if age is None:
        return _kept(container, "running since an unknown time")
    running = f"{container.state.value} {span(age)}"
    if age < thresholds.idle_days * DAY_S:
        return _kept(container, _young(running, thresholds.idle_days))
    average = average_cpu_percent(activity, age)
    if average is None:
        return _kept(container, f"{running}, average CPU unknown")
    if work := _work(activity, average, facts, thresholds):
        return _kept(container, f"{running}, {work}")
    words = [running, f"average CPU {average:.1f} %", _log_words(activity, facts)]
    words += [_gpu_words(index, size) for index, size in sorted(activity.gpu_bytes.items())]
    return _stale(container, Rule.IDLE, ", ".join(words), age, owner)


def average_cpu_percent(activity: Activity, running_s: float) -> float | None:
    """The average since the start, from the one cumulative counter."""
    if activity.cpu_ns is None or running_s <= 0:
        return None
    return activity.cpu_ns / 1e7 / running_s


def _work(
    activity: Activity, average: float, facts: CleanupFacts, thresholds: Thresholds
) -> str | None:
    """The first sign that it does something."""
    if average >= thresholds.idle_cpu_percent:
        return f"average CPU {average:.1f} %"
    if (now := activity.cpu_percent) is not None and now >= thresholds.idle_cpu_percent:
        return f"CPU {now:.1f} % just now"
    if activity.gpu_percent is not None and activity.gpu_percent > _BUSY_GPU_PERCENT:
        return f"GPU {activity.gpu_percent:.0f} % just now"
    if activity.net_rate is not None and activity.net_rate >= _QUIET_NET_RATE:
        return f"{decimal_bytes(activity.net_rate)}/s of network just now"
    quiet = age_s(activity.last_log, facts.now)
    if quiet is not None and quiet < thresholds.idle_days * DAY_S:
        return f"last log line {ago(quiet)}"
    return None


def _log_words(activity: Activity, facts: CleanupFacts) -> str:
    if activity.log_unknown:
        return f"last log line unknown ({activity.log_unknown})"
    quiet = age_s(activity.last_log, facts.now)
    return "no log line ever" if quiet is None else f"no log line for {span(quiet)}"


def _gpu_words(index: int, size: int | None) -> str:
    held = "an unknown amount" if size is None else f"{size / 2**30:.3g} GiB"
    return f"holds {held} of GPU {index}"


def _young(what: str, days: float) -> str:
    return f"{what}; stale after {days:g} days"


def _kept(container: Container, why: str) -> Kept:
    return Kept(Kind.CONTAINER, container.id, container.name, why)


def _stale(
    container: Container,
    rule: Rule,
    reason: str,
    age: float | None,
    owner: Owner | None,
    size: int | None = None,
) -> Stale:
    return Stale(Kind.CONTAINER, container.id, container.name, rule, reason, age, owner, size)
