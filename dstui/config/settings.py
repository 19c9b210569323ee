"""What each setting means and which values it takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SECTIONS = ("containers", "images", "gpus", "volumes", "networks")
"""The lists whose columns can be chosen."""

Check = Callable[[Any], Any]
"""Turns a value of the file into that of the Config, or raises a `ValueError` of what it wants."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of config.toml. `cautious` is taken in place of a value that makes no sense."""

    check: Check
    meaning: str
    cautious: Any = None


def switch(value: Any) -> bool:
    """`true` or `false`."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def text(value: Any) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise ValueError('text, in "quotes"')
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts, none of them empty."""
    if not isinstance(value, list) or not value or not all(_is_word(item) for item in value):
        raise ValueError('a list of texts, such as ["one", "two"]')
    return tuple(value)


def some_texts(value: Any) -> tuple[str, ...]:
    """As `texts`, or an empty list."""
    return () if value == [] else texts(value)


def text_or_texts(value: Any) -> tuple[str, ...]:
    """As `texts`, or a single one without the brackets."""
    return (value,) if _is_word(value) else texts(value)


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def whole(least: int, most: int) -> Check:
    """A whole number between two others."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return value

    return check


def number(least: float, most: float) -> Check:
    """A number between two others."""

    def check(value: Any) -> float:
        real = isinstance(value, int | float) and not isinstance(value, bool)
        if not real or not least <= value <= most:
            raise ValueError(f"a number from {least:g} to {most:g}")
        return float(value)

    return check


def exceptions(value: Any) -> tuple[str, ...]:
    """A list of what is never stale, or an empty one."""
    from dstui.domain.staleness.keep import is_exception

    wanted = 'a list of exceptions, such as ["owner:ann", "label:team=vision", "name:jupyter-*"]'
    if not isinstance(value, list) or not all(_is_word(item) for item in value):
        raise ValueError(wanted)
    if not all(is_exception(item) for item in value):
        raise ValueError(wanted)
    return tuple(value)


_DAYS = number(0, 36_500)

SETTING_TABLES = ("logs", "cleanup")
"""The tables that hold settings, not names."""

SETTINGS: Mapping[str, Setting] = {
    "theme": Setting(text, "The name of a theme, shipped or of your own."),
    "read_only": Setting(
        switch,
        "Take every action that changes something out of keys, palette and command line.",
        cautious=True,
    ),
    "mouse": Setting(switch, "Listen to the mouse; without it the terminal selects text as usual."),
    "hide_stopped": Setting(switch, "Start with the stopped containers hidden."),
    "sample_every_s": Setting(
        number(0.2, 60), "Seconds between two samples of CPU, memory, network and disk."
    ),
    "owner_labels": Setting(
        texts, "Labels that name the owner of a container, the first one found counts."
    ),
    "stop_grace_s": Setting(
        whole(0, 3600),
        "Seconds a container gets to end by itself before it is killed; "
        "unset leaves it to the container's own time-out (10 s unless it says otherwise).",
    ),
    "shells": Setting(texts, "The shells to look for in a container, the best first."),
    "debug_image": Setting(
        text, "The image of debug shells; empty asks the first time, and remembers."
    ),
    "detach_keys": Setting(text, "The keys that leave an attached container running."),
    "audit_allow": Setting(
        some_texts,
        "Findings of checks that are accepted: ids of rules, or rule:pattern for a target, a path, "
        'a variable: ["image-root", "every-address:jupyter-*", "secret-file:/app/tests/*"].',
    ),
    "gpu_idle_minutes": Setting(
        number(0.1, 100_000),
        "Minutes after which a process that holds GPU memory and does not compute is called idle.",
    ),
    "logs.tail": Setting(whole(1, 1_000_000), "How many of the last lines a log opens with."),
    "logs.keep_lines": Setting(
        whole(1000, 5_000_000), "How many lines of a log are kept in memory."
    ),
    "logs.timestamps": Setting(switch, "Show when each line was written."),
    "logs.wrap": Setting(switch, "Wrap long lines."),
    "cleanup.exited_days": Setting(_DAYS, "Days after which an ended container is stale."),
    "cleanup.created_days": Setting(
        _DAYS, "Days after which a container that was never started is stale."
    ),
    "cleanup.idle_days": Setting(
        _DAYS,
        "Days that a container runs without work before it is told to be idle: little CPU on "
        "average since its start, none just now, no log line, no traffic, no GPU at work.",
    ),
    "cleanup.idle_cpu_percent": Setting(
        number(0, 100), "The average CPU below which it may be idle; 100 is one core."
    ),
    "cleanup.image_days": Setting(
        _DAYS, "Days since its build, pull or last tag after which an unused image is stale."
    ),
    "cleanup.dangling_days": Setting(_DAYS, "The same for an image without a reference."),
    "cleanup.superseded_days": Setting(
        _DAYS, "The same for an image of which its repository has a newer one."
    ),
    "cleanup.volume_days": Setting(
        _DAYS, "Days since its creation after which a volume without a container is stale."
    ),
    "cleanup.network_days": Setting(_DAYS, "The same for a network."),
    "cleanup.build_cache_days": Setting(
        _DAYS, "Days after which an unused record of the build cache is stale."
    ),
    "cleanup.writable_gb": Setting(
        number(0, 1_000_000), "Gigabytes from which on a writable layer is worth a look."
    ),
    "cleanup.logs_gb": Setting(
        number(0, 1_000_000), "Gigabytes from which on the log of a container is worth a look."
    ),
    "cleanup.keep": Setting(
        exceptions,
        'What is never stale: ["owner:ann", "label:team=vision", "name:jupyter-*"]. A label '
        "dstui.keep=true or dstui.keep-until=2027-01-31 on the object does the same.",
    ),
}
"""By key; a dotted one stands in the table before the dot."""

TABLES: Mapping[str, Setting] = {
    "columns": Setting(
        texts,
        "The columns of a list in their order, by the list's name; below are all that there are.",
    ),
    "keys": Setting(text_or_texts, "The keys of an action, by its id."),
}
"""Tables whose keys are names of something else."""
