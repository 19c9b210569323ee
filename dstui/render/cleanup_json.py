"""What `dstui df` and `dstui clean` tell scripts. docs/json.md describes every field."""

from typing import Any

from dstui.domain.cleanup.disk_report import DiskReport
from dstui.domain.cleanup.report import CleanReport, Fate, report_summary


def disk_content(report: DiskReport) -> dict[str, Any]:
    """The kinds, and the file system that the engine's data is on."""
    root = report.data_root
    return {
        "kinds": [
            {
                "kind": part.part.value,
                "count": part.count,
                "bytes": part.bytes,
                "reclaimable_bytes": part.reclaimable_bytes,
                "unknown": part.unknown,
            }
            for part in report.parts
        ],
        "data_root": root
        and {
            "path": root.path,
            "free_bytes": root.free_bytes,
            "total_bytes": root.total_bytes,
        },
        "notes": list(report.notes),
    }


def clean_content(report: CleanReport) -> dict[str, Any]:
    """What became of each object."""
    return {
        "results": [
            {
                "kind": result.row.kind.value,
                "id": result.row.id,
                "name": result.row.name,
                "owner": result.row.owner,
                "outcome": result.fate.value,
                "reason": result.reason or None,
                "bytes": result.bytes if result.fate is Fate.REMOVED else 0,
                "expected_bytes": result.row.bytes,
                "seconds": round(result.seconds, 3),
            }
            for result in report.results
        ],
        "expected_bytes": report.expected_bytes,
        "freed_bytes": report.freed_bytes,
        "measured_bytes": report.measured_bytes,
        "cancelled": report.cancelled,
        "lost": report.lost or None,
        "summary": report_summary(report),
    }
