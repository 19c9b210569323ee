from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.quantity import parse_quantity
from dstui.render import units


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "–"),
        (0, "0B"),
        (999, "999B"),
        (1_000, "1kB"),
        (77_900_000, "77.9MB"),
        (1_534_000_000, "1.53GB"),
        (999_700, "1MB"),
        (15_300_000_000, "15.3GB"),
    ],
)
def test_image_sizes_read_as_docker_shows_them(count, text):
    assert units.decimal_bytes(count) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "–"), (0, "0B"), (1536 * 2**20, "1.5GiB"), (129_394_278, "123.4MiB"), (2**40, "1TiB")],
)
def test_memory_reads_as_docker_stats_shows_it(count, text):
    assert units.binary_bytes(count) == text


def test_gpu_memory_reads_as_nvidia_smi_shows_it():
    assert units.mebibytes(42_505_076_736) == "40536MiB"


def test_unknown_is_a_dash_in_every_unit():
    for show in (units.rate, units.percent, units.whole_percent, units.number):
        assert show(None) == "–"
    assert units.age(None, 0) == units.absolute(None) == units.moment(None, 0) == "–"


@given(st.integers(0, 10**19))
def test_no_size_is_written_with_an_exponent_or_far_off(count):
    for show in (units.decimal_bytes, units.binary_bytes):
        text = show(count)
        assert "e+" not in text
        assert parse_quantity(text.replace("EB", "PB").replace("EiB", "PiB")) is not None
        if 1 <= count < 1e18:
            assert parse_quantity(text) == pytest.approx(count, rel=0.006)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (3 * 3600, "3 h"), (90_000, "1 d"), (4e7, "1 y")],
)
def test_a_duration_is_its_largest_whole_unit(seconds, text):
    assert units.duration(seconds) == text


def test_details_tell_a_time_absolutely_and_in_words():
    then = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
    text = units.moment(then, (then + timedelta(hours=3)).timestamp())
    assert text == f"{then.astimezone().isoformat(' ', 'seconds')} (3 hours ago)"
    assert units.utc(then) == "2024-05-01T12:00:00Z"
