"""A strict reader of what a program writes to a terminal: text, and sequences that are expected."""

import re
import unicodedata
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<control>.)",
    re.DOTALL,
)
_EXPECTED_CSI = re.compile(
    r"[0-9;]*m"  # colors
    r"|[0-9]+;[0-9]+H"  # the cursor goes there
    r"|\?(?:7|25|1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"
    r"|\?(?:2026|2048)\$p"  # what the terminal can do
    r"|>25u|<u"  # the keyboard protocol
)
_LEAVING = re.compile(r"\?(?:1000|1003|1049|2004)l|<u")
_CUT_AT_THE_END = re.compile(
    rb"(?:\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*)?|[\xc2-\xf4][\x80-\xbf]{0,2})$"
)
_EXPECTED_OSC = re.compile(
    r"52;c;[A-Za-z0-9+/=]*"  # the clipboard
    r"|22;default"  # the shape of the mouse pointer
)
_HARMLESS_FORMAT = "\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and all of it that is not expected, each piece as it came."""

    text: str
    copied: tuple[str, ...]
    left: tuple[str, ...]
    """The modes that were switched off and stay so: the program has left, or was made to."""
    unexpected: tuple[str, ...]


def read(raw: bytes) -> Written:
    """Read from the start of a sequence or of a character on; the last one may be cut."""
    texts, copied, left, unexpected = [], [], [], []
    whole = _CUT_AT_THE_END.sub(b"", raw)
    for token in _TOKEN.finditer(whole.decode("utf-8", "surrogateescape")):
        piece = token.group()
        if (text := token["text"]) is not None:
            texts.append(text)
            unexpected += [repr(c) for c in text if _commands(c)]
        elif (csi := token["csi"]) is not None:
            unexpected += [] if _EXPECTED_CSI.fullmatch(csi) else [repr(piece)]
            left += [csi] if _LEAVING.fullmatch(csi) else []
        elif (osc := token["osc"]) is not None:
            unexpected += [] if _EXPECTED_OSC.fullmatch(osc) else [repr(piece)]
            copied += [osc] if osc.startswith("52;") else []
        else:
            unexpected.append(repr(piece))
    return Written("".join(texts), tuple(copied), tuple(left), tuple(unexpected))


def _commands(character: str) -> bool:
    """Whether a terminal may do something else than show it."""
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Cf", "Zl", "Zp") and character not in _HARMLESS_FORMAT
