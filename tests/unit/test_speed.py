"""How fast a card should be, and what is said when it is not."""

import pytest

from dstui.domain.selftest.answers import Answer
from dstui.domain.selftest.compute_rules import link_of, rates_of, speeds
from dstui.domain.selftest.speed import Link, fp32_limit, memory_limit
from dstui.domain.selftest.step import Status

LINK = {
    "current_link_speed": 32.0,
    "max_link_speed": 32.0,
    "current_link_width": 16.0,
    "max_link_width": 16.0,
}
H100: Answer = {
    "speed": 0,
    "name": "NVIDIA H100 80GB HBM3",
    "capability": [9, 0],
    "multiprocessors": 132,
    "clock_khz": 1_980_000,
    "memory_khz": 2_619_000,
    "bus_bits": 5120,
    "to_card": 54.3e9,
    "from_card": 54.5e9,
    "within": 2.961e12,
    "fp32": 57.4e12,
    "link": LINK,
}
"""Measured on one."""


def test_the_limits_come_from_what_the_driver_tells() -> None:
    assert Link(32, 16, 32, 16).bytes_per_s == pytest.approx(63.0e9, rel=0.001)
    assert Link(8, 16, 8, 16).bytes_per_s == pytest.approx(15.75e9, rel=0.001)
    assert Link(5, 16, 5, 16).bytes_per_s == pytest.approx(8e9)
    assert memory_limit(2_619_000, 5120) == pytest.approx(3.352e12, rel=0.001)
    assert fp32_limit((9, 0), 132, 1_980_000) == pytest.approx(66.9e12, rel=0.001)


def test_a_generation_that_is_not_known_is_not_judged() -> None:
    assert fp32_limit((99, 0), 100, 1_000_000) is None
    told = {**H100, "capability": [99, 0], "fp32": 1.0, "memory_khz": 0, "link": {}}
    result = speeds([told])
    assert result.status is Status.PASS
    assert "0.0 TFLOP/s fp32" in result.evidence


def test_a_healthy_card_is_told_with_its_shares() -> None:
    result = speeds([H100])
    assert result.status is Status.PASS
    assert result.evidence == (
        "GPU 0: 54 of 63 GB/s host to card, 54 of 63 GB/s card to host, "
        "2,961 of 3,352 GB/s within the card, 57 of 67 TFLOP/s fp32, PCIe 5 x16"
    )


@pytest.mark.parametrize(
    ("change", "named", "cause"),
    [
        ({"fp32": 20e12}, "slow: fp32", "capped in power or clocks"),
        ({"within": 1e12}, "slow: within the card", "capped in power or clocks"),
        ({"to_card": 12e9}, "slow: host to card", "another process copies"),
        (
            {"link": {**LINK, "current_link_width": 8.0}, "to_card": 27e9, "from_card": 27e9},
            "slow: the link",
            "slower or narrower than both ends can",
        ),
    ],
)
def test_what_is_slow_is_told_with_its_likely_cause(change: Answer, named: str, cause: str) -> None:
    result = speeds([{**H100, **change}])
    assert result.status is Status.WARN
    assert result.evidence.startswith(named)
    assert cause in result.cause


def test_a_link_that_is_trained_down_says_what_it_could_be() -> None:
    link = link_of({**H100, "link": {**LINK, "current_link_speed": 2.5, "current_link_width": 8.0}})
    assert link is not None
    assert link.words == "PCIe 1 x8 of PCIe 5 x16"
    assert link_of({"link": {"current_link_speed": "fast"}}) is None


def test_a_card_that_others_use_is_told_and_not_judged() -> None:
    result = speeds([{**H100, "fp32": 1e12}], busy=["GPU 0"])
    assert result.status is Status.PASS
    assert "not judged" in result.evidence


def test_cards_are_compared_by_twos() -> None:
    told = speeds([H100, {"peers": [0, 1], "direct": True, "rate": 280e9}]).evidence
    assert told.endswith("GPU 0 to GPU 1: 280 GB/s directly")


def test_every_rate_has_a_name_and_a_limit() -> None:
    assert all(rate.share and rate.share < 1 for rate in rates_of(H100))
