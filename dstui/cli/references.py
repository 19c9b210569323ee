"""References on the command line: an argument that is none is explained where it is wrong."""

import click

from dstui.domain.reference import Reference, ReferenceProblem, parse
from dstui.domain.text import clean


def read_reference(context: click.Context, parameter: click.Parameter, text: str) -> Reference:
    """The callback of an argument that is a reference."""
    try:
        return parse(text)
    except ReferenceProblem as problem:
        raise click.BadParameter("\n".join(explained(text, problem))) from None


def explained(text: str, problem: ReferenceProblem) -> list[str]:
    """What is wrong, the text with a mark under the place, and what may have been meant."""
    lines = [problem.message]
    if text.strip():
        before = clean(text[: problem.position])
        lines += [f"  {clean(text)}", f"  {' ' * len(before)}^"]
    if problem.suggestion:
        lines.append(f"  perhaps {problem.suggestion}")
    return lines
