"""Why something is stale, what its removal brings back and takes away, and how to save it first."""

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence

from dstui.domain.action import Action, Verb, docker_command, short_id
from dstui.domain.cleanup.plan import Plan, Recovery, Row
from dstui.domain.kind import Kind
from dstui.render.cleanup import RULE_TITLES, CleanupRow, Standing
from dstui.render.column import Cell, Role
from dstui.render.facts import Fact, FactGroup, fact, facts
from dstui.render.units import decimal_bytes, duration

_WAYS = {
    Recovery.PULL: "can be pulled again",
    Recovery.MAYBE: "may be in a registry",
    Recovery.REMAKE: "can be made again",
    Recovery.LOST: "lost for ever",
}
_RECOVERY_ROLES = {
    Recovery.PULL: Role.GOOD,
    Recovery.MAYBE: Role.WARNING,
    Recovery.REMAKE: Role.NORMAL,
    Recovery.LOST: Role.WARNING,
}


def cleanup_facts(row: CleanupRow, users: Iterable[str]) -> tuple[FactGroup, ...]:
    """All that bears on keeping it or not; `users` are the names of the containers that use it."""
    planned = row.planned
    if planned is None:
        return (_verdict(row), FactGroup("Used by", (facts("Containers", users),)))
    return (
        _verdict(row),
        FactGroup("What comes back", tuple(_bytes(planned))),
        FactGroup("Used by", (facts("Containers", users),)),
        FactGroup("If it is removed", tuple(_removal(planned))),
    )


def group_facts(title: str, rows: Sequence[CleanupRow], plan: Plan) -> tuple[FactGroup, ...]:
    """What a group of a plan comes to, and what is not certain in the plan."""
    planned = [row.planned for row in rows if row.planned is not None]
    chosen = [row for row in planned if row.chosen]
    groups = []
    if planned:
        ways = Counter(row.recovery for row in chosen)
        words = [f"{count} {_WAYS[way]}" for way, count in sorted(ways.items())]
        sums = (
            fact("Ticked", f"{len(chosen)} of {len(planned)}"),
            fact("Comes back", decimal_bytes(sum(row.bytes or 0 for row in chosen)), Role.GOOD),
            facts("If removed", words, none="nothing is ticked"),
        )
        groups.append(FactGroup(title, sums))
    if plan.notes:
        groups.append(FactGroup("What is not certain", (facts("", plan.notes),)))
    return tuple(groups)


def _verdict(row: CleanupRow) -> FactGroup:
    title = {
        Standing.PLANNED: "Why it is stale",
        Standing.ADVISED: "Why it is worth a look",
        Standing.PROTECTED: "Why it is kept",
    }[row.standing]
    found = [Fact("Reason", (Cell(row.reason, Role.STRONG),))]
    if row.rule is not None:
        found.append(fact("Rule", f"{RULE_TITLES[row.rule]} ({row.rule.value})"))
    if row.age_s is not None:
        found.append(fact("Age", duration(row.age_s)))
    planned = row.planned
    if planned is not None and planned.owner:
        whose = f"{planned.owner} · {planned.owner_evidence}"
        found.append(fact("Owner", whose, Role.WARNING if planned.others else Role.NORMAL))
    elif row.standing is not Standing.PROTECTED:
        found.append(fact("Owner", row.owner or "nobody that is known"))
    found.append(fact("Id", row.identifier, Role.MUTED))
    return FactGroup(title, tuple(found))


def _bytes(row: Row) -> Iterable[Fact]:
    if row.blocked:
        yield fact("Now", f"nothing: {row.blocked}", Role.WARNING)
    else:
        when = "With what is ticked" if row.chosen else "If ticked"
        yield fact(when, decimal_bytes(row.bytes), Role.GOOD if row.chosen else Role.NORMAL)
    if row.alone_bytes is not None and row.alone_bytes != row.bytes:
        yield fact("Alone", decimal_bytes(row.alone_bytes))


def _removal(row: Row) -> Iterable[Fact]:
    yield Fact("Then", (Cell(row.recovery_words, _RECOVERY_ROLES[row.recovery]),))
    yield fact("Command", removal_command(row), Role.NUMBER)
    if rescue := rescue_commands(row):
        yield Fact("Save it first", tuple(Cell(line, Role.ACCENT) for line in rescue))


def removal_command(row: Row) -> str:
    """The `docker` command line that removes just this."""
    return docker_command(Action(Verb.REMOVE, row.kind, row.id, row.name, force=row.force))


def rescue_commands(row: Row) -> tuple[str, ...]:
    """What saves the data of an object that nothing else would bring back."""
    if row.recovery not in (Recovery.LOST, Recovery.MAYBE):
        return ()
    name = row.name or short_id(row.id)
    file = name.replace("/", "_").replace(":", "_")
    match row.kind:
        case Kind.CONTAINER:
            return (
                shlex.join(["docker", "commit", name, f"rescue/{file.lower()}"]),
                shlex.join(["docker", "export", "--output", f"{file}.tar", name]),
            )
        case Kind.IMAGE:
            return (shlex.join(["docker", "save", "--output", f"{file}.tar", name]),)
        case Kind.VOLUME:
            return (_volume_to_tar(name, file),)
    return ()


def _volume_to_tar(name: str, file: str) -> str:
    """With a container, as only root reads where volumes are kept."""
    mount = shlex.quote(f"{name}:/volume:ro")
    return (
        f'docker run --rm -v {mount} -v "$PWD":/backup busybox '
        f"tar -czf {shlex.quote(f'/backup/{file}.tar.gz')} -C /volume ."
    )
