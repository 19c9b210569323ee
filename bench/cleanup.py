"""How long a plan takes of our own time: 1,000 containers, 2,000 images, 500 volumes."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dstui.domain.cleanup.planner import Choice, Planner
from dstui.domain.container import Container, State
from dstui.domain.engine import DiskUse
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.staleness.facts import CleanupFacts
from dstui.domain.staleness.thresholds import Thresholds
from dstui.domain.volume import Volume

GOAL_MS = 200
CONTAINERS, IMAGES, VOLUMES, LAYERS = 1000, 2000, 500, 20
ROUNDS = 5


def fleet() -> CleanupFacts:
    """Images in families that share their base; half of the containers ended long ago."""
    dice, now = random.Random(1), datetime(2026, 11, 22, tzinfo=UTC)
    old = now - timedelta(days=60)
    images = []
    for number in range(IMAGES):
        common = dice.randrange(LAYERS)
        family = [f"family {number % 50} {place}" for place in range(common)]
        own = [f"{number} {place}" for place in range(LAYERS - common)]
        images.append(
            Image(
                f"sha256:{number:064x}",
                (f"lab/app{number % 200}:{number}",),
                (),
                old,
                LAYERS * 10**8,
                layers=(*family, *own),
            )
        )
    containers = [
        Container(
            f"{number:064x}",
            f"job-{number}",
            "app",
            dice.choice(images).id,
            State.EXITED if number % 2 else State.RUNNING,
            old,
            started=now,
            finished=old,
            exit_code=0,
            user="",
        )
        for number in range(CONTAINERS)
    ]
    volumes = tuple(Volume(f"volume-{number}", "local", "/v", old) for number in range(VOLUMES))
    disk = DiskUse(
        0.0,
        None,
        {image.id: (len([x for x in image.layers if "family" in x])) * 10**8 for image in images},
        {volume.name: 10**9 for volume in volumes},
        {container.id: 10**7 for container in containers},
    )
    return CleanupFacts("id", "box", now, disk, tuple(containers), tuple(images), volumes)


def main() -> None:
    """Print the median of each step."""
    facts = fleet()
    everything = Choice(kinds=frozenset(Kind), owner="all")

    def first() -> object:
        return Planner(facts, Thresholds()).plan(everything)

    planner = Planner(facts, Thresholds())
    plan = planner.plan(everything)
    one = [plan.chosen[0].key]
    report("first plan", first, GOAL_MS)
    report("tick a row", lambda: planner.tick(plan, one, on=False), None)
    report("reach 50 GB", lambda: planner.reach(plan, 50 * 10**9), None)
    print(f"{len(plan.chosen)} rows, {plan.total_bytes / 1e9:.0f} GB")


def report(name: str, work: Callable[[], object], goal_ms: float | None) -> None:
    """Time it, and tell it beside the goal."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    goal = f" (goal {goal_ms} ms)" if goal_ms else ""
    print(f"{name:<12} {statistics.median(times):7.1f} ms{goal}")


if __name__ == "__main__":
    main()
