"""A plan as JSON, and back: what a file of it must say is checked, as people edit it."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dstui.domain.cleanup.plan import ORDER, Plan, Recovery, Row
from dstui.domain.kind import Kind
from dstui.domain.seen import Seen
from dstui.domain.staleness.verdict import Key, Rule

_IDS = {
    Kind.CONTAINER: re.compile(r"[0-9a-f]{64}"),
    Kind.IMAGE: re.compile(r"sha256:[0-9a-f]{64}"),
    Kind.NETWORK: re.compile(r"[0-9a-z]{12,64}"),
    Kind.VOLUME: re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*"),
    Kind.BUILD_CACHE: re.compile(r"[0-9a-z]{20,64}"),
}
_TIMES = ("created", "started", "finished", "tagged", "last_used")


class PlanFileError(Exception):
    """The file holds no plan that can be executed; says what is wrong, and where."""


def row_json(row: Row) -> dict[str, Any]:
    """A row, with all that executing it needs."""
    seen = row.seen
    return {
        "kind": row.kind.value,
        "id": row.id,
        "name": row.name,
        "owner": row.owner,
        "rule": row.rule.value,
        "reason": row.reason,
        "bytes": row.bytes,
        "alone_bytes": row.alone_bytes,
        "others": row.others,
        "age_seconds": None if row.age_s is None else round(row.age_s),
        "force": row.force,
        "parents": list(row.parents),
        "recovery": row.recovery.value,
        "recovery_hint": row.recovery_words,
        "after": [[kind.value, identifier] for kind, identifier in row.after],
        "seen": {
            "state": seen.state,
            "name": seen.name,
            "restarts": seen.restarts,
            "place": seen.place,
            "references": list(seen.references),
            **{name: _text(getattr(seen, name)) for name in _TIMES},
        },
    }


def plan_json(plan: Plan) -> dict[str, Any]:
    """The chosen rows, and why others that are stale stay."""
    return {
        "made": _text(plan.made),
        "data_root": plan.data_root,
        "plan": [row_json(row) for row in plan.chosen],
        "total_bytes": plan.total_bytes,
        "estimate": plan.estimate,
        "skipped": [
            *(_skipped(row.kind, row.id, row.name, row.rule, why_not(row)) for row in _left(plan)),
            *(_skipped(kept.kind, kept.id, kept.name, kept.rule, kept.why) for kept in plan.kept),
        ],
        "advice": [
            {**_skipped(found.kind, found.id, found.name, found.rule, found.reason)}
            | {"bytes": found.size_bytes}
            for found in plan.advice
        ],
        "notes": list(plan.notes),
    }


def why_not(row: Row) -> str:
    """Why a stale row is not removed."""
    if row.blocked:
        return row.blocked
    if row.needs_force and not row.force:
        return "it is running"
    if row.others:
        return f"it is {row.owner}'s"
    return "volumes go only when they are asked for" if row.kind is Kind.VOLUME else "not chosen"


def read_plan(content: Any) -> Plan:
    """The plan of a file's JSON. Raises `PlanFileError`."""
    found = _mapping(content, "the file")
    if found.get("schema") != 1:
        raise PlanFileError("this is no plan: `dstui clean --dry-run --json` writes one")
    engine = _mapping(found.get("engine"), "`engine`")
    identifier = engine.get("id")
    if not isinstance(identifier, str) or not identifier:
        raise PlanFileError("`engine` has no `id`: which engine is it for?")
    rows = found.get("plan")
    if not isinstance(rows, list):
        raise PlanFileError("`plan` must be a list of objects")
    read = [_row(row, f"plan[{place}]") for place, row in enumerate(rows)]
    twice = {row.key for row in read if sum(other.key == row.key for other in read) > 1}
    if twice:
        raise PlanFileError(f"{next(iter(twice))[1]} is in the plan twice")
    made = _time(found.get("made"), "`made`")
    if made is None:
        raise PlanFileError("`made` is missing: when was it planned?")
    # the order of the file stands, but for that of the kinds
    ordered = sorted(read, key=lambda row: ORDER.index(row.kind))
    return Plan(
        identifier,
        str(engine.get("name") or ""),
        made,
        tuple(ordered),
        data_root=_str(found, "data_root", "the file"),
    )


def _row(value: Any, place: str) -> Row:
    found = _mapping(value, place)
    kind = _word(found, "kind", Kind, place)
    if kind not in _IDS:
        raise PlanFileError(f"{place}: a {kind.value} cannot be removed")
    identifier = found.get("id")
    if not isinstance(identifier, str) or not _IDS[kind].fullmatch(identifier):
        raise PlanFileError(f"{place}: {identifier!r} is no whole id of a {kind.value}")
    seen = _mapping(found.get("seen"), f"{place}: `seen`")
    size = _count(found.get("bytes"), f"{place}: `bytes`")
    times = {name: _time(seen.get(name), f"{place}: `seen.{name}`") for name in _TIMES}
    force = found.get("force", False)
    if not isinstance(force, bool):
        raise PlanFileError(f"{place}: `force` must be true or false")
    return Row(
        kind,
        identifier,
        _str(found, "name", place),
        _word(found, "rule", Rule, place),
        _str(found, "reason", place),
        Seen(
            state=_str(seen, "state", f"{place}: `seen`"),
            references=_names(seen.get("references"), f"{place}: `seen.references`"),
            name=_str(seen, "name", f"{place}: `seen`"),
            restarts=_count(seen.get("restarts"), f"{place}: `seen.restarts`"),
            place=_str(seen, "place", f"{place}: `seen`"),
            created=times["created"],
            started=times["started"],
            finished=times["finished"],
            tagged=times["tagged"],
            last_used=times["last_used"],
        ),
        owner=_str(found, "owner", place) or None,
        others=found.get("others") is True,
        bytes=size,
        alone_bytes=None,
        needs_force=force,
        force=force,
        after=_keys(found.get("after", []), f"{place}: `after`"),
        parents=_names(found.get("parents", []), f"{place}: `parents`"),
        recovery=_word(found, "recovery", Recovery, place),
        recovery_words=_str(found, "recovery_hint", place),
    )


def _count(value: Any, place: str) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise PlanFileError(f"{place} must be a number or null")
    return value


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise PlanFileError(f"{place} must be a JSON object")
    return value


def _str(found: Mapping[str, Any], name: str, place: str) -> str:
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        raise PlanFileError(f"{place}: `{name}` must be a text")
    return value or ""


def _word(found: Mapping[str, Any], name: str, words: Any, place: str) -> Any:
    try:
        return words(found.get(name))
    except ValueError:
        known = ", ".join(word.value for word in words)
        raise PlanFileError(f"{place}: `{name}` must be one of {known}") from None


def _time(value: Any, place: str) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise PlanFileError(f"{place} must be a time like 2026-05-01T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _names(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise PlanFileError(f"{place} must be a list of texts")
    return tuple(value)


def _keys(value: Any, place: str) -> tuple[Key, ...]:
    if not isinstance(value, list):
        raise PlanFileError(f"{place} must be a list")
    keys = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], str):
            raise PlanFileError(f"{place} must hold pairs of a kind and an id")
        keys.append((_word({"kind": pair[0]}, "kind", Kind, place), pair[1]))
    return tuple(keys)


def _left(plan: Plan) -> Sequence[Row]:
    return [row for row in plan.rows if not row.chosen]


def _skipped(kind: Kind, identifier: str, name: str, rule: Rule | None, why: str) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "id": identifier,
        "name": name,
        "rule": rule and rule.value,
        "reason": why,
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
