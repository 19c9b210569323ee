"""What a network is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

PREDEFINED = frozenset({"bridge", "host", "none"})
"""The engine's own networks, which it refuses to remove."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the engine."""

    id: str
    name: str
    driver: str
    scope: str = "local"
    internal: bool = False
    created: datetime | None = None
    subnets: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def predefined(self) -> bool:
        """Whether it is one of the engine's own."""
        return self.name in PREDEFINED
