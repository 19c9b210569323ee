"""From when on something counts as stale."""

from dataclasses import dataclass, fields, replace

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The `[cleanup]` table of the config; days may be fractions."""

    exited_days: float = 7.0
    created_days: float = 2.0
    idle_days: float = 3.0
    idle_cpu_percent: float = 0.5
    """On average since the start; 100 is one core."""
    image_days: float = 30.0
    dangling_days: float = 1.0
    superseded_days: float = 7.0
    volume_days: float = 30.0
    network_days: float = 30.0
    build_cache_days: float = 14.0
    writable_gb: float = 10.0
    logs_gb: float = 1.0
    keep: tuple[str, ...] = ()
    """What is never stale: `owner:NAME`, `label:KEY=VALUE`, `name:PATTERN`."""

    def older_than(self, seconds: float) -> "Thresholds":
        """The same with one age for everything."""
        days = seconds / DAY_S
        ages = {field.name: days for field in fields(self) if field.name.endswith("_days")}
        return replace(self, **ages)  # type: ignore[arg-type]  # each of them is a float
