"""Networks as table rows and details."""

from dataclasses import dataclass

from dstui.domain.network import Network
from dstui.render.column import Cell, Column, Role
from dstui.render.facts import FactGroup, fact, facts, pairs, yes_no
from dstui.render.units import age, moment


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A network and the names of the containers attached to it."""

    network: Network
    containers: tuple[str, ...] = ()
    now: float = 0.0
    stale: bool = False


def _name(row: NetworkRow) -> Cell:
    return Cell(row.network.name, Role.STRONG if row.containers else Role.NORMAL)


def _marks(row: NetworkRow) -> Cell:
    if row.network.predefined:
        return Cell("predefined", Role.MUTED)
    marks = [
        word
        for word, holds in (("internal", row.network.internal), ("unused", not row.containers))
        if holds
    ]
    return Cell(" ".join(marks), Role.MUTED)


COLUMNS: tuple[Column[NetworkRow], ...] = (
    Column(
        "name",
        "NAME",
        cell=_name,
        sort=lambda row: row.network.name.casefold(),
        min_width=14,
        max_width=40,
        flexible=True,
    ),
    Column(
        "id",
        "ID",
        cell=lambda row: Cell(row.network.id[:12], Role.MUTED),
        sort=lambda row: row.network.id,
        filter=lambda row: row.network.id,
        min_width=12,
        max_width=12,
        priority=4,
    ),
    Column(
        "driver",
        "DRIVER",
        cell=lambda row: Cell(row.network.driver),
        sort=lambda row: row.network.driver,
        min_width=7,
        max_width=12,
    ),
    Column(
        "subnets",
        "SUBNETS",
        cell=lambda row: Cell(" ".join(row.network.subnets)),
        sort=lambda row: " ".join(row.network.subnets),
        min_width=15,
        max_width=36,
        priority=2,
    ),
    Column(
        "containers",
        "USED BY",
        cell=lambda row: Cell(", ".join(row.containers)),
        sort=lambda row: len(row.containers),
        min_width=10,
        max_width=40,
        priority=1,
        flexible=True,
        descending=True,
    ),
    Column(
        "use",
        "NOTE",
        cell=_marks,
        sort=lambda row: _marks(row).text,
        min_width=10,
        max_width=16,
        priority=3,
        help="internal: no way out; predefined: the engine's own, cannot be removed",
    ),
    Column(
        "scope",
        "SCOPE",
        cell=lambda row: Cell(row.network.scope, Role.MUTED),
        sort=lambda row: row.network.scope,
        min_width=5,
        max_width=8,
        priority=6,
    ),
    Column(
        "age",
        "CREATED",
        cell=lambda row: Cell(age(row.network.created, row.now), Role.MUTED),
        sort=lambda row: -row.network.created.timestamp() if row.network.created else None,
        min_width=7,
        max_width=7,
        priority=5,
        right=True,
        searched=False,
    ),
    Column(
        "label",
        "LABELS",
        cell=lambda row: Cell(" ".join(f"{k}={v}" for k, v in row.network.labels.items())),
        sort=lambda row: len(row.network.labels),
        max_width=48,
        priority=11,
        shown=False,
        searched=False,
    ),
)


def overview(row: NetworkRow) -> tuple[FactGroup, ...]:
    """All that matters of a network."""
    network = row.network
    return (
        FactGroup(
            "Network",
            (
                fact("Name", network.name, Role.STRONG),
                fact("Id", network.id),
                fact("Driver", network.driver),
                fact("Scope", network.scope),
                yes_no("Internal", network.internal),
                facts("Subnets", network.subnets),
                facts("Gateways", network.gateways),
                fact("Created", moment(network.created, row.now)),
            ),
        ),
        FactGroup("Use", (facts("Containers", row.containers),)),
        pairs("Options", network.options.items()),
        pairs("Labels", network.labels.items()),
    )
