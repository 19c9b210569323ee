"""Makes text from outside harmless: what a container says is never a command to the terminal."""

import re
import unicodedata

_LONGEST = 4096
_SAFE = re.compile(r"[\x20-\x7e]*")
_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_].*?(?:\x1b\\|\x07|\x9c|$)"  # OSC, DCS, SOS, PM, APC
    r"|\x9b[0-?]*[ -/]*[@-~]"  # CSI in one byte
    r"|\x1b[ -/]*[0-~]",  # other escapes
    re.DOTALL,
)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LINE_BREAKS = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]+")


def clean(text: str, longest: int = _LONGEST) -> str:
    """`text` as one printable line: escapes removed, breaks and tabs as one space.

    Other control, format (bidi) and unpaired surrogate characters become U+FFFD, and what exceeds
    `longest` characters is cut with an ellipsis.
    """
    if len(text) <= longest and _SAFE.fullmatch(text):
        return text
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isprintable():
        return text  # the same characters, asked of them all at once
    text = _LINE_BREAKS.sub(" ", _ESCAPE_SEQUENCE.sub("", text))
    if text.isprintable():
        return text
    return "".join(c if _printable(c) else _REPLACEMENT for c in text)


def _printable(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cf":
        return character in "\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}"
    return category not in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
