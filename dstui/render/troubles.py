"""What is not as it should be between dstui and the engine, in a line each."""

from collections.abc import Iterator, Mapping

from dstui.domain.kind import Kind


def troubles(
    lost_reason: str, halted: Mapping[str, str], unreadable: Mapping[Kind, tuple[str, ...]]
) -> tuple[str, ...]:
    """The loss of the engine, what is not live, and each row that cannot be read, with reasons."""
    return tuple(_lines(lost_reason, halted, unreadable))


def _lines(
    lost_reason: str, halted: Mapping[str, str], unreadable: Mapping[Kind, tuple[str, ...]]
) -> Iterator[str]:
    if lost_reason:
        yield f"the engine does not answer: {lost_reason}"
    for part, why in halted.items():
        yield f"{part} not live: {why}"
    for kind, reasons in unreadable.items():
        for reason in reasons:
            yield f"a {kind.value} that cannot be read: {reason}"
