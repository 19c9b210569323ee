"""Which hidden images go along when the last image that was built on them is removed.

Docker's classic builder leaves an image of each step; the engine removes those that have no name,
no other child and no container with the image at the end of the line, unless it is told not to.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lineage:
    """What the images were built on: `parents` names it for each; `named` have a reference,
    `used` have containers.
    """

    parents: Mapping[str, str] = field(default_factory=dict)
    named: Collection[str] = ()
    used: Collection[str] = ()

    def goes_along(self, image_id: str, going: Collection[str] = ()) -> tuple[str, ...]:
        """The hidden parents that the removal of an image removes, nearest first.

        `going` are images that are removed as well.
        """
        return tuple(self._line(image_id, {image_id, *going}))

    def _line(self, image_id: str, going: set[str]) -> Iterator[str]:
        parent = self.parents.get(image_id, "")
        while parent and parent not in self.named and parent not in self.used:
            if not self._children(parent) <= going:
                return
            yield parent
            going.add(parent)
            parent = self.parents.get(parent, "")

    def _children(self, image_id: str) -> set[str]:
        return {child for child, parent in self.parents.items() if parent == image_id}


def along(parents: Collection[str]) -> str:
    """Said after the reason of a removal."""
    if not parents:
        return ""
    return f", with {len(parents)} hidden image{'s' if len(parents) > 1 else ''} of its build"
