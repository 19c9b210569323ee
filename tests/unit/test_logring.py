from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.loghits import LogHits
from dstui.domain.logline import LogLine, Stream
from dstui.domain.logring import LONGEST_LINE, Entry, Gap, LogRing, shortened, weight
from dstui.domain.logsearch import Search


def line(text: str, time: str = "", container: str = "c") -> LogLine:
    return LogLine(container, Stream.STDOUT, text, time)


def lines(*texts: str) -> list[Entry]:
    return [line(text) for text in texts]


def texts(ring: LogRing) -> list[str]:
    found = ring.slice(ring.first, ring.end)
    return [entry.text if isinstance(entry, LogLine) else f"-{entry.skipped}" for entry in found]


def at(second: float, text: str, container: str = "c") -> LogLine:
    return line(text, f"2026-05-01T12:00:{second:012.9f}Z", container)


def test_the_newest_lines_are_kept_under_their_numbers():
    ring = LogRing(3)
    ring.append(lines("a", "b"))
    change = ring.append(lines("c", "d"))
    assert (change.evicted, change.changed_from) == (1, 2)
    assert texts(ring) == ["b", "c", "d"]
    assert (ring.first, ring.end) == (1, 4)
    assert ring[3] == line("d")


def test_more_lines_at_once_than_are_kept():
    ring = LogRing(2)
    change = ring.append(lines(*"abcdef"))
    assert (change.evicted, change.changed_from) == (4, 4)
    assert texts(ring) == ["e", "f"]


def test_it_is_bounded_in_bytes_but_keeps_the_newest_line():
    ring = LogRing(1000, keep_bytes=10_000)
    ring.append(lines(*("x" * 1000 for _ in range(50))))
    assert len(ring) == 7
    assert ring.bytes <= 10_000
    ring.append(lines("y" * 20_000))
    assert texts(ring) == ["y" * 20_000]


@given(st.lists(st.lists(st.text(max_size=30), max_size=8)), st.integers(1, 10))
def test_its_bytes_are_those_of_its_lines(batches: list[list[str]], keep: int):
    ring = LogRing(keep, keep_bytes=2000)
    for batch in batches:
        ring.append(lines(*batch))
        assert ring.bytes == sum(weight(entry) for entry in ring.slice(ring.first, ring.end))
        assert len(ring) <= keep


def test_clearing_goes_on_with_the_numbers():
    ring = LogRing(10)
    ring.append(lines("a", "b"))
    ring.clear()
    assert (len(ring), ring.first, ring.end, ring.bytes) == (0, 2, 2, 0)
    ring.append(lines("c"))
    assert ring[2] == line("c")


def test_lines_of_several_containers_are_interleaved_by_time():
    ring = LogRing(100)
    ring.append([at(1, "a1", "a"), at(3, "a3", "a"), at(5, "a5", "a")], by_time=True)
    change = ring.append([at(2, "b2", "b"), at(4, "b4", "b"), at(6, "b6", "b")], by_time=True)
    assert texts(ring) == ["a1", "b2", "a3", "b4", "a5", "b6"]
    assert change.changed_from == 1


def test_lines_of_one_time_keep_their_order():
    ring = LogRing(100)
    ring.append([at(1, "first"), at(1, "second")], by_time=True)
    ring.append([at(1, "third")], by_time=True)
    assert texts(ring) == ["first", "second", "third"]


def test_times_with_fewer_digits_sort_as_times():
    ring = LogRing(100)
    ring.append([line("late", "2026-05-01T12:00:00.12Z")], by_time=True)
    ring.append([line("early", "2026-05-01T12:00:00.1Z")], by_time=True)
    assert texts(ring) == ["early", "late"]


@given(st.lists(st.lists(st.integers(0, 59), max_size=6), max_size=6))
def test_batches_in_any_order_end_up_sorted(batches: list[list[int]]):
    ring = LogRing(1000)
    for batch in batches:
        ring.append([at(second, str(second)) for second in batch], by_time=True)
    assert texts(ring) == [str(s) for s in sorted(s for batch in batches for s in batch)]


def test_long_lines_are_cut_and_say_so():
    cut = shortened(line("x" * 1_000_000))
    assert len(cut.text) < LONGEST_LINE + 50
    assert cut.text.endswith(" … 967,232 more characters")
    assert shortened(line("x" * 10_000)) == line("x" * 10_000)


def test_of_a_long_progress_line_the_last_state_is_kept():
    assert shortened(line("10%\r" * 100_000 + "100%")) == line("100%")


def hits_of(ring: LogRing, text: str) -> LogHits:
    hits = LogHits(ring)
    hits.start(Search(text))
    look(hits)
    return hits


def look(hits: LogHits) -> None:
    while hits.look(lambda entry: entry.text if isinstance(entry, LogLine) else None):
        pass


def test_hits_are_visited_in_both_directions_and_round_the_ends():
    ring = LogRing(100)
    ring.append([*lines("x", "a", "x"), Gap("c", 7), *lines("b", "x")])
    hits = hits_of(ring, "x")
    assert [hits.go(1, 1) for _ in range(4)] == [2, 5, 0, 2]
    assert (hits.position, len(hits)) == (2, 3)
    assert [hits.go(-1, 1) for _ in range(3)] == [0, 5, 2]


def test_hits_follow_the_ring():
    ring = LogRing(3)
    ring.append(lines("x", "a", "x"))
    hits = hits_of(ring, "x")
    hits.go(1, 0)
    hits.again_from(ring.append(lines("x", "x")).changed_from)
    look(hits)
    assert (len(hits), hits.current) == (3, None)
    assert hits.go(1, ring.first) == 2


def test_many_lines_are_searched_in_several_goes():
    ring = LogRing(20_000)
    ring.append(lines(*(["x", "y"] * 5000)))
    hits = LogHits(ring)
    hits.start(Search("x"))
    assert hits.look(lambda entry: getattr(entry, "text", None))
    assert 0 < len(hits) < 5000
    look(hits)
    assert len(hits) == 5000
