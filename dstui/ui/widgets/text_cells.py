"""Text that fills an exact number of terminal cells."""

from rich.cells import cell_len, get_character_cell_size, set_cell_size

from dstui.domain.text import clean

ELLIPSIS = "…"

_WIDTH_TRAPS = dict.fromkeys(map(ord, "\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}\ufe0e\ufe0f"))
"""Characters whose effect on the width differs from one terminal to the next."""


def harmless(text: str) -> str:
    """`text` without what a terminal would act on, or could be of two minds about."""
    if text.isascii() and text.isprintable():
        return text
    if not text.isprintable():
        text = clean(text)
    return text.translate(_WIDTH_TRAPS)


def width_of(text: str) -> int:
    """The number of cells that `text` takes."""
    return len(text) if text.isascii() else cell_len(harmless(text))


def clip(text: str, width: int) -> str:
    """`text`, harmless, in at most `width` cells; an ellipsis tells of what is cut."""
    text = harmless(text)
    if text.isascii():
        if len(text) <= width:
            return text
        return text[: width - 1] + ELLIPSIS if width > 0 else ""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS if width > 0 else ""


def clip_start(text: str, width: int) -> str:
    """As `clip`, but the end is what is kept."""
    text = harmless(text)
    if width_of(text) <= width:
        return text
    kept = _fitting(text[::-1], width - 1)
    return ELLIPSIS + text[len(text) - kept :] if width > 0 else ""


def fill(text: str, width: int, right: bool = False) -> str:
    """`text`, harmless, in exactly `width` cells."""
    text = clip(text, width)
    blank = " " * (width - (len(text) if text.isascii() else cell_len(text)))
    return blank + text if right else text + blank


def wrap(text: str, width: int) -> list[str]:
    """`text`, harmless, in lines of at most `width` cells; between words where that fills them."""
    text = harmless(text)
    lines: list[str] = []
    while width > 0 and (end := _fitting(text, width)) < len(text):
        blank = text.rfind(" ", end // 2, end + 1)
        cut = blank if blank > 0 else max(1, end)
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip() if blank > 0 else text[cut:]
    return [*lines, text]


def _fitting(text: str, width: int) -> int:
    """How many of the first characters of `text`, which is harmless, fit into `width` cells.

    Looks no further than that: text may be long, and may be wrapped into thousands of lines.
    """
    if text.isascii():
        return min(max(0, width), len(text))
    for number, character in enumerate(text):
        width -= get_character_cell_size(character)
        if width < 0:
            return number
    return len(text)
