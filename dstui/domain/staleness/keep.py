"""What is never stale: objects with a protecting label, and the exceptions of the config."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase

KEEP_LABEL = "dstui.keep"
KEEP_UNTIL_LABEL = "dstui.keep-until"
_OFF = ("false", "0", "no", "off")
_FORMS = ("owner", "label", "name")


def protection(
    names: Collection[str],
    labels: Mapping[str, str],
    owner: str | None,
    exceptions: Iterable[str],
    now: datetime,
) -> str | None:
    """Why this object is kept whatever its age; `None` when nothing protects it.

    A date that cannot be read protects: whoever wrote it wanted to keep something.
    """
    keep = labels.get(KEEP_LABEL)
    if keep is not None and keep.strip().lower() not in _OFF:
        return f"label {KEEP_LABEL}={keep}" if keep else f"label {KEEP_LABEL}"
    if (until := labels.get(KEEP_UNTIL_LABEL)) is not None:
        if (last := _day(until)) is None:
            return f"label {KEEP_UNTIL_LABEL}={until}, which is no date like 2027-01-31"
        if now.date() <= last:
            return f"label {KEEP_UNTIL_LABEL}={until}"
    for exception in exceptions:
        if _matches(exception, names, labels, owner):
            return f"exception {exception} of the config"
    return None


def is_exception(text: str) -> bool:
    """Whether this is one: `owner:ann`, `label:team` or `label:team=vision`, `name:jupyter-*`."""
    form, _, pattern = text.partition(":")
    return form in _FORMS and bool(pattern)


def _matches(
    exception: str, names: Collection[str], labels: Mapping[str, str], owner: str | None
) -> bool:
    form, _, pattern = exception.partition(":")
    match form:
        case "owner":
            return owner is not None and fnmatchcase(owner, pattern)
        case "label":
            key, equals, value = pattern.partition("=")
            return key in labels and (not equals or fnmatchcase(labels[key], value))
        case _:
            return any(fnmatchcase(name, pattern) for name in names)


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text.strip()).date()
    except ValueError:
        return None
