"""Reports survive the way from the worker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.gpu import Gpu, GpuProcess, GpuReport
from dstui.gpu.wire import decode, encode

processes = st.builds(GpuProcess, pid=st.integers(1), command=st.none() | st.text())
gpus = st.builds(
    Gpu,
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


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b'{"time": 1}', b'{"time":1,"gpus":[{}]}'])
def test_what_is_no_report_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"report|Expecting"):
        decode(line)
