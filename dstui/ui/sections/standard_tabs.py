"""The tabs that most sections have; each is made, and its code imported, when first looked at."""

from collections.abc import Callable, Iterable
from typing import Any

from dstui.domain.container import Container
from dstui.render.facts import FactGroup
from dstui.ui.sections.detail import TabSpec
from dstui.ui.sections.section import Section
from dstui.ui.sections.tab import DetailTab


def overview_tab(section: Section[Any]) -> TabSpec:
    """The facts of the object."""

    def make() -> DetailTab:
        from dstui.ui.sections.tab_facts import FactsTab

        return FactsTab(section.session, facts_of, section.TOPICS)

    def facts_of(identifier: str) -> tuple[FactGroup, ...] | None:
        row = section.listing.row(identifier)
        return None if row is None else section.facts(row)

    return TabSpec("Overview", make)


def inspect_tab(section: Section[Any]) -> TabSpec:
    """The engine's own description, as JSON."""

    def make() -> DetailTab:
        from dstui.ui.sections.tab_inspect import InspectTab

        return InspectTab(section.session, section.KIND)

    return TabSpec("Inspect", make)


def checks_tab(section: Section[Any]) -> TabSpec:
    """What is wrong with the object."""

    def make() -> DetailTab:
        from dstui.ui.sections.tab_checks import ChecksTab

        return ChecksTab(section.session, section.KIND)

    return TabSpec("Checks", make)


def used_by_tab(section: Section[Any], users_of: Callable[[str], Iterable[Container]]) -> TabSpec:
    """The containers that use the object."""

    def make() -> DetailTab:
        from dstui.ui.sections.tab_used_by import UsedByTab

        return UsedByTab(section.session, users_of, section.now)

    return TabSpec("Used by", make)
