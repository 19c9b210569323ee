"""What a shared machine gathers over months: forgotten containers, and the builder's cache."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from dstui.demo.model import Container, digest, iso

_DAY = 86_400.0
_ID_LENGTH = 25
_STEPS = (
    ("mount / from exec /bin/sh -c apt-get update && apt-get install -y build-essential", 0.5),
    ("mount / from exec /bin/sh -c pip install -r requirements.txt", 3.4),
    ("[stage-1 4/6] COPY . /app", 0.4),
    ("mount / from exec /bin/sh -c python setup.py bdist_wheel", 1.2),
)
_PROJECTS = ("vision-train", "llm-finetune", "feature-server", "preprocess")
_CACHE_MOUNT = "cached mount /root/.cache/pip from exec /bin/sh -c pip install -r requirements.txt"
_CONTEXT = "local source for context"


@dataclass(slots=True)
class BuildRecord:
    """A record of the build cache. Times are seconds since the epoch."""

    id: str
    type: str
    description: str
    size: int
    created: float
    used: float
    uses: int
    parents: tuple[str, ...] = ()
    shared: bool = False

    def as_json(self) -> dict[str, Any]:
        """As `system/df` shows it."""
        return {
            "ID": self.id,
            **({" Parents": list(self.parents)} if self.parents else {}),  # as Docker writes it
            "Type": self.type,
            "Description": self.description,
            "InUse": False,
            "Shared": self.shared,
            "Size": self.size,
            "CreatedAt": iso(self.created),
            "LastUsedAt": iso(self.used),
            "UsageCount": self.uses,
        }


def forget_some(containers: Sequence[Container], now: float, seed: int) -> None:
    """Every other job that is over ended weeks ago, and what it wrote is still there; one that
    runs writes its checkpoints beside it.
    """
    for trainer in [found for found in containers if found.gpus and found.state == "running"][:1]:
        trainer.writable = 31_400_000_000
    over = [found for found in containers if found.state == "exited" and found.finished]
    for container in over[::2]:
        random = Random(f"{seed} forgotten {container.name}")
        ended = now - random.uniform(9, 48) * _DAY
        back = (container.finished or now) - ended
        container.created -= back
        container.started = (container.started or container.created) - back
        container.finished = ended
        container.writable = round(random.uniform(2, 24) * 1e9)


def build_cache(now: float, seed: int) -> dict[str, BuildRecord]:
    """The records of a few projects, the newest of which are layers of images too."""
    records: dict[str, BuildRecord] = {}
    for project in _PROJECTS:
        random = Random(f"{seed} cache {project}")
        used = now - random.uniform(1, 60) * _DAY
        parents: tuple[str, ...] = ()
        for step, (description, gigabytes) in enumerate(_STEPS):
            size = round(gigabytes * random.uniform(0.4, 1.8) * 1e9)
            shared = step == 0
            record = _record(seed, project, "regular", description, size, used, random)
            record.parents, record.shared = parents, shared
            records[record.id] = record
            parents = (record.id,)
        for kind, words, most in (
            ("exec.cachemount", _CACHE_MOUNT, 6.0),
            ("source.local", _CONTEXT, 0.9),
        ):
            size = round(random.uniform(0.1, most) * 1e9)
            record = _record(seed, project, kind, words, size, used, random)
            records[record.id] = record
    return records


def _record(
    seed: int, project: str, kind: str, words: str, size: int, used: float, random: Random
) -> BuildRecord:
    identifier = digest("cache", seed, project, words)[:_ID_LENGTH]
    created = used - random.uniform(0, 20) * _DAY
    return BuildRecord(identifier, kind, words, size, created, used, random.randint(1, 30))
