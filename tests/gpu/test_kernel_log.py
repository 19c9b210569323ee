"""What the kernel's log tells of the driver's errors, and whom they are put down to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.gpu.kernel_log import Culprits, KernelLog, LoggedXid, logged_xid, same_card

RECORD = (
    "4,1923,81234567,-;NVRM: Xid (PCI:0000:3b:00): 31, pid=4711, name=python3, Ch 00000008, "
    "intr 00000000. MMU Fault: ENGINE GRAPHICS faulted @ 0x7f00_00000000"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "kmsg"
    made.write_text("")
    return made


@pytest.fixture
def culprits(path: Path) -> Iterator[Culprits]:
    path.write_text(RECORD.replace("4711", "1") + "\n")
    with KernelLog(path, only_new=True) as log:
        yield Culprits(log)


def write(path: Path, *records: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{record}\n" for record in records)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (RECORD, LoggedXid("0000:3b:00", 31, 4711, "python3")),
        ("NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.", ("0000:3b:00", 79, 0, "")),
        (
            "NVRM: Xid (PCI:0000:01:00): 13, pid='<unknown>', name=<unknown>, Graphics",
            ("0000:01:00", 13, 0, ""),
        ),
        ("NVRM: Xid (PCI:0000:01:00): 45, pid='77', name=a.out", ("0000:01:00", 45, 77, "a.out")),
        ("NVRM: Xid (PCI:0000:01:00): 43, pid=0, name=swapper", ("0000:01:00", 43, 0, "")),
        (
            "NVRM: Xid (PCI:0000:01:00): 43, pid=5, name=a\x1b[31mb, Ch 1",
            ("0000:01:00", 43, 5, "ab"),
        ),
        ("NVRM: GPU at PCI:0000:3b:00: GPU-1", None),
        ("", None),
    ],
)
def test_a_record_of_the_log(record: str, expected: tuple[object, ...] | None) -> None:
    assert logged_xid(record) == expected


@given(st.text())
def test_no_record_is_too_odd(text: str) -> None:
    logged_xid(text)
    logged_xid(f"NVRM: Xid (PCI:0000:3b:00): 31, {text}")


def test_the_kernel_and_the_driver_write_addresses_differently() -> None:
    assert same_card("0000:3b:00", "00000000:3B:00.0")
    assert not same_card("0000:3b:00", "00000000:3C:00.0")
    assert not same_card("0000:3b:00", "")


def test_all_of_the_log_is_read_once(path: Path) -> None:
    write(path, RECORD, "6,1,1,-;eth0: up", RECORD)
    with KernelLog(path) as log:
        assert [xid.pid for xid in log.xids()] == [4711, 4711]
        assert list(log.xids()) == []


def test_each_error_is_put_down_to_a_record_of_its_own(path: Path, culprits: Culprits) -> None:
    other_card = RECORD.replace("3b:00", "5e:00").replace("4711", "1")
    other_code = RECORD.replace(": 31", ": 13").replace("4711", "2")
    write(path, other_card, other_code, RECORD, RECORD.replace("4711", "4712"))
    found = [culprits.of("00000000:3B:00.0", 31) for _ in range(3)]
    assert [xid.pid if xid else None for xid in found] == [4711, 4712, None]


def test_the_log_may_not_be_for_everybody(path: Path) -> None:
    path.unlink()
    with pytest.raises(OSError, match="No such file"):
        KernelLog(path)


def test_what_the_log_said_before_is_not_of_now(
    path: Path, culprits: Culprits, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, RECORD)
    culprits.look()
    monkeypatch.setattr("dstui.gpu.kernel_log._REMEMBERED_S", 0.0)
    assert culprits.of("00000000:3B:00.0", 31) is None


def test_descriptors_are_given_back(path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with KernelLog(path):
            pass
    assert len(list(Path("/proc/self/fd").iterdir())) == before
