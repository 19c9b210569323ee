"""Text that means harm: escapes, markup, breaks, marks that reverse what is read, and length."""

TEXTS: tuple[str, ...] = (
    "\x1b[31mred\x1b[0m",
    "\x1b]0;owned\x07title",
    "\x1b]52;c;b3duZWQ=\x07clipboard",
    "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H\x1bc wiped",
    "\x1b[?1049l\x1b[?1003h modes",
    "\x9b31m one-byte CSI",
    "\x1bP1$tq\x1b\\ DCS",
    "[red]markup[/]",
    "[/] [link=https://evil.example]x[/link] [@click=app.quit]quit[/]",
    "[bold",
    "two\nlines\rreturn\ttab\x0bvertical\x0cfeed",
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe\N{POP DIRECTIONAL FORMATTING}",
    "\N{ZERO WIDTH SPACE}hidden\N{WORD JOINER}",
    "e\N{COMBINING ACUTE ACCENT}" + "\N{COMBINING GRAVE ACCENT}" * 200,
    "\N{FAMILY}\N{ZERO WIDTH JOINER}\N{ROCKET} 幅広い文字",
    "nul\x00byte \x7f \x08\x08\x08backspace",
    "lone surrogate \ud800",
    "$(reboot) `reboot` ; rm -rf /",
    "%s %n {0} {secret}",
    "x" * 10_240,
)
_BAD_BYTES = (
    b"\xff\xfe invalid \xc3\x28 UTF-8 \xe2\x82",
    b"\x1b[31mnever closed",
    b"\x1b[38;5;196mpalette\x1b[0m \x1b[38;2;1;2;3mtrue colour\x1b[0m",
    b"cut \x1b",
    b"progress 10%\rprogress 99%\rprogress 100%",
    b"",
)


def hostile_line(number: int) -> bytes:
    """A line of a log; cycles through every text and then bytes that are not text."""
    number %= len(TEXTS) + len(_BAD_BYTES)
    if number < len(TEXTS):
        return TEXTS[number].encode("utf-8", "replace").replace(b"\n", b" ")
    return _BAD_BYTES[number - len(TEXTS)]
