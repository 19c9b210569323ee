"""Reports survive the way from the worker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.gpu import Gpu, GpuProcess, GpuReport
from dstui.domain.gpu_event import GpuEvent
from dstui.gpu.wire import decode, encode

processes = st.builds(
    GpuProcess,
    pid=st.integers(1),
    command=st.none() | st.text(),
    container_ids=st.lists(st.text()).map(tuple),
)
instances = st.builds(
    Gpu,
    id=st.text(),
    index=st.integers(0),
    name=st.text(),
    instance=st.none() | st.tuples(st.integers(0), st.integers(0)),
)
gpus = st.builds(
    Gpu,
    instances=st.lists(instances).map(tuple),
    id=st.text(),
    index=st.integers(0),
    name=st.text(),
    power_w=st.none() | st.floats(0, 1e6),
    processes=st.lists(processes).map(tuple),
    unknown=st.dictionaries(st.text(), st.text()),
)
reports = st.builds(
    GpuReport,
    time=st.floats(0, 1e12),
    gpus=st.lists(gpus).map(tuple),
    reason=st.none() | st.text(),
)


@given(reports)
def test_round_trip_in_one_line(report: GpuReport) -> None:
    line = encode(report)
    assert line.count(b"\n") == 1
    assert decode(line) == report


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b'{"time": 1}', b'{"time":1,"gpus":[{}]}', b'{"event":[]}']
)
def test_what_is_no_report_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a report"):
        decode(line)


def test_an_event_goes_the_same_way() -> None:
    event = GpuEvent(1.5, "nvidia:GPU-1", "GPU 0", "xid", 79)
    assert decode(encode(event)) == event
    caused = event._replace(pid=7, process="python", container_ids=("a" * 64,))
    assert decode(encode(caused)) == caused
