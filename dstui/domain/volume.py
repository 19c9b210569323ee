"""What a volume is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

ANONYMOUS_LABEL = "com.docker.volume.anonymous"
_RANDOM_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Volume:
    """A named or anonymous volume. `size_bytes` comes only with the slow `system/df` answer."""

    name: str
    driver: str
    mountpoint: str
    created: datetime | None = None
    scope: str = "local"
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    size_bytes: int | None = None

    @property
    def id(self) -> str:
        """A volume is known by its name."""
        return self.name

    @property
    def anonymous(self) -> bool:
        """Whether the engine made up its name (labelled so since Engine 23)."""
        return ANONYMOUS_LABEL in self.labels or bool(_RANDOM_NAME.fullmatch(self.name))
