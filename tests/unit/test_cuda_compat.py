"""Which driver serves which CUDA, and what images require."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.cuda_compat import Machine, Support, release, releases, support, unmet, version

_NUMBERS = st.lists(st.integers(0, 999), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("cuda", "driver", "level"),
    [
        ("12.4.1", "550.54.15", Support.FULL),
        ("12.4.1", "570.86.15", Support.FULL),
        ("12.8", "550.54.15", Support.MINOR),
        ("12.8.1", "525.60.13", Support.MINOR),
        ("12.8.1", "520.61.05", Support.NONE),
        ("13.0.0", "575.57.08", Support.NONE),
        ("11.8.0", "450.80.02", Support.MINOR),
        ("10.2.89", "418.00", Support.NONE),
        ("99.0", "570.86.15", Support.UNKNOWN),
        ("12.4", "", Support.UNKNOWN),
        ("", "570.86.15", Support.UNKNOWN),
    ],
)
def test_a_driver_serves_a_toolkit_fully_by_minor_version_or_not(cuda, driver, level):
    assert support(cuda, driver) is level


def test_a_toolkit_without_its_update_is_the_first_that_came():
    found = release("12.4")
    assert found is not None
    assert found.driver_full == "550.54.14"


def test_every_row_is_a_version_and_newer_ones_need_newer_drivers():
    drivers = [version(known.driver_full) for known in releases()]
    assert all(drivers)
    assert drivers == sorted(drivers, reverse=True)


MACHINE = Machine(driver="550.54.15", cuda="12.4", arch="9.0", brand="tesla")


@pytest.mark.parametrize(
    ("requirement", "met"),
    [
        ("cuda>=12.4", True),
        ("cuda>=12.8", False),
        ("cuda>=12.8 brand=tesla,driver>=535,driver<551", True),
        ("cuda>=12.8 brand=tesla,driver>=535,driver<536", False),
        ("cuda>=12.8 brand=grid,driver>=535", False),
        ("arch>=8.0", True),
        ("brand!=Tesla", False),
        ("driver=550.54.15", True),
        ("", True),
        ("colour=blue", True),
        ("cuda>12.4", False),
        ("cuda<=12.4.0", True),
    ],
)
def test_blanks_mean_or_and_commas_mean_and(requirement, met):
    assert unmet({"NVIDIA_REQUIRE_CUDA": requirement}, MACHINE) == (() if met else (requirement,))


def test_several_variables_are_all_to_be_met_unless_that_is_switched_off():
    stated = {"NVIDIA_REQUIRE_CUDA": "cuda>=12.0", "NVIDIA_REQUIRE_ARCH": "arch>=10.0"}
    assert unmet(stated, MACHINE) == ("arch>=10.0",)
    assert unmet({**stated, "NVIDIA_DISABLE_REQUIRE": "true"}, MACHINE) == ()
    assert unmet(stated, Machine()) == ()


@given(st.text(), _NUMBERS)
def test_whatever_an_image_states_is_judged_and_never_fails(text, numbers):
    machine = Machine(driver=".".join(map(str, numbers)), cuda="12.4")
    assert unmet({"NVIDIA_REQUIRE_CUDA": text}, machine) in ((), (text,))
    support(text, machine.driver)


@given(_NUMBERS)
def test_a_version_reads_as_its_numbers(numbers):
    assert version(".".join(map(str, numbers)) + "-rc1") == tuple(numbers)
