"""Which driver a CUDA toolkit needs, and whether the requirement that an image states is met.

NVIDIA's runtime checked an image's requirement itself until toolkit 1.18 made CDI the default,
which does not: a driver that is too old is found only when CUDA starts.
"""

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from dstui.domain.data import rows

Version = tuple[int, ...]


def version(text: str) -> Version:
    """`570.86.15` -> `(570, 86, 15)`; empty for what is no version."""
    found = re.match(r"\d+(?:\.\d+)*", text.strip())
    return tuple(map(int, found[0].split("."))) if found else ()


@dataclass(frozen=True, slots=True)
class Release:
    """A CUDA toolkit and the least Linux driver for it."""

    cuda: str
    driver_full: str
    driver_minor: str
    """The least driver by minor-version compatibility, empty before CUDA 11."""


class Support(StrEnum):
    """How a driver serves a toolkit."""

    FULL = "full"
    MINOR = "minor-version compatibility"
    """Works, but newer PTX cannot be compiled (222) and some new calls fail (36)."""
    NONE = "none"
    """Needs a newer driver, or forward compatibility on a data-centre GPU."""
    UNKNOWN = "unknown"


@cache
def releases() -> tuple[Release, ...]:
    """All known toolkits, newest first."""
    return tuple(
        Release(row["cuda_version"], row["linux_driver_full"], row["linux_driver_minor_compat"])
        for row in rows("cuda_driver")
    )


def release(cuda: str) -> Release | None:
    """The toolkit of this version; of `12.4` the first, which needs least."""
    wanted = version(cuda)
    if len(wanted) < 2:
        return None
    known = releases()
    exact = next((r for r in known if version(r.cuda)[: len(wanted)] == wanted[:3]), None)
    if len(wanted) >= 3 and exact:
        return exact
    same = [r for r in known if version(r.cuda)[:2] == wanted[:2]]
    return same[-1] if same else None


def support(cuda: str, driver: str) -> Support:
    """How a driver (`550.54.15`) serves a toolkit (`12.4.1`)."""
    has, needs = version(driver), release(cuda)
    if not has or needs is None:
        return Support.UNKNOWN
    if has >= version(needs.driver_full):
        return Support.FULL
    if needs.driver_minor and has >= version(needs.driver_minor):
        return Support.MINOR
    return Support.NONE


# What an image requires

_COMPARE: Mapping[str, object] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_CONDITION = re.compile(r"(cuda|driver|arch|brand)\s*(>=|<=|!=|=|>|<)\s*(\S+)")


@dataclass(frozen=True, slots=True)
class Machine:
    """What requirements are about. Empty fields are not known."""

    driver: str = ""
    cuda: str = ""
    """The newest CUDA of the driver, `12.8`."""
    arch: str = ""
    """The compute capability, `9.0`."""
    brand: str = ""


def unmet(environment: Mapping[str, str], machine: Machine) -> tuple[str, ...]:
    """The requirements (`NVIDIA_REQUIRE_…`) of an image that a machine does not meet.

    In one variable blanks mean "or" and commas "and"; several variables are all to be met. What
    cannot be judged counts as met.
    """
    if environment.get("NVIDIA_DISABLE_REQUIRE", "").lower() in ("1", "true"):
        return ()
    stated = (
        value for name, value in sorted(environment.items()) if name.startswith("NVIDIA_REQUIRE_")
    )
    return tuple(value for value in stated if not _met(value, machine))


def _met(requirement: str, machine: Machine) -> bool:
    alternatives = requirement.split()
    return not alternatives or any(
        all(_holds(condition, machine) for condition in alternative.split(","))
        for alternative in alternatives
    )


def _holds(condition: str, machine: Machine) -> bool:
    found = _CONDITION.fullmatch(condition)
    if found is None:
        return True
    name, sign, wanted = found.groups()
    has = {
        "cuda": machine.cuda,
        "driver": machine.driver,
        "arch": machine.arch,
        "brand": machine.brand,
    }[name]
    if not has:
        return True
    compare = _COMPARE[sign]
    assert callable(compare)
    if name == "brand":
        return bool(compare(has.lower(), wanted.lower()))
    ours, theirs = version(has), version(wanted)
    length = max(len(ours), len(theirs))
    return bool(compare(_padded(ours, length), _padded(theirs, length)))


def _padded(numbers: Version, length: int) -> Version:
    return numbers + (0,) * (length - len(numbers))
