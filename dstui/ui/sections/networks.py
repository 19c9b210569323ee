"""The networks and who is attached to them."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from dstui.domain.action import Action, Verb
from dstui.domain.container import Container
from dstui.domain.kind import Kind
from dstui.domain.network import Network
from dstui.domain.used_by import by_network
from dstui.render.facts import FactGroup
from dstui.render.networks import COLUMNS, NetworkRow, overview
from dstui.store import Topic
from dstui.ui.keys import Scope, bindings
from dstui.ui.sections.detail import TabSpec
from dstui.ui.sections.section import Section
from dstui.ui.sections.standard_tabs import inspect_tab, overview_tab, used_by_tab


class NetworksSection(Section[NetworkRow]):
    """The list of networks."""

    KIND = Kind.NETWORK
    SCOPE = Scope.NETWORKS
    NAME = "networks"
    TOPICS = frozenset({Topic.NETWORKS, Topic.CONTAINERS, Topic.CONNECTION})
    COLUMNS = COLUMNS
    SORT = "name"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.NETWORKS)]

    def rows(self) -> Iterable[tuple[str, NetworkRow]]:
        """All networks, with the names of the containers attached to them."""
        store, now = self.session.store, self.now()
        stale = store.lost_since is not None
        users = by_network(store.containers())
        for found in store.networks():
            names = tuple(user.name for user in users.get(found.name, ()))
            yield found.id, NetworkRow(found, names, now, stale)

    def object_of(self, row: NetworkRow) -> Network:
        """The network."""
        return row.network

    def title_of(self, row: NetworkRow) -> str:
        """Its name."""
        return row.network.name

    def command_for(self, row: NetworkRow) -> str:
        """The command that shows it."""
        return f"docker network inspect {row.network.name}"

    # Details

    def tabs(self) -> Sequence[TabSpec]:
        """What there is to know of a network."""
        return (
            overview_tab(self),
            used_by_tab(self, self.users_of),
            inspect_tab(self),
        )

    def facts(self, row: NetworkRow) -> tuple[FactGroup, ...]:
        """What the overview says."""
        return overview(row)

    def users_of(self, identifier: str) -> Sequence[Container]:
        """The containers that use it."""
        row = self.listing.row(identifier)
        if row is None:
            return ()
        return by_network(self.session.store.containers()).get(row.network.name, ())

    # Acting

    def action_network_remove(self) -> None:
        """Remove it, unless it is the engine's own."""
        networks = [row.network for row in self.targets()]
        if own := [network.name for network in networks if network.predefined]:
            self.notify(
                f"{', '.join(own)}: the engine's own networks cannot be removed",
                severity="warning",
                markup=False,
            )
        removable = [network for network in networks if not network.predefined]
        self.act([Action(Verb.REMOVE, Kind.NETWORK, n.id, n.name) for n in removable])

    def affected(self, action: Action) -> object | None:
        """The network and who uses it."""
        from dstui.ui.sections.questions import affected_network

        found = self.session.store.get(Kind.NETWORK, action.id)
        if not isinstance(found, Network):
            return None
        return affected_network(found, self.users_of(found.id))
