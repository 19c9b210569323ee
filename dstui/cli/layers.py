"""`dstui layers` and `dstui diff`."""

import re
import shutil
import sys
from typing import Any

import click

from dstui.cli.complete import image_names
from dstui.cli.exits import FAILED, complain, unwound_when_terminated
from dstui.cli.invocation import Invocation, colored, pass_invocation, write_lines
from dstui.cli.json_output import print_json
from dstui.cli.reading import read_index, source_option
from dstui.domain.comparison import compare
from dstui.domain.image import Image
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.quantity import parse_quantity
from dstui.render.images import display_name
from dstui.render.layers import layer_rows
from dstui.render.layers_json import comparison_object, layers_object
from dstui.render.layers_text import Page, comparison_lines, layers_lines
from dstui.render.units import decimal_bytes, percent

LEAST_EFFICIENCY = 0.9
"""What `--ci` asks for when it is told nothing else."""

_SIZE = re.compile(r"\d+(\.\d+)?\s*([kMGTP]i?)?B?", re.IGNORECASE)

_json_option = click.option("--json", "as_json", is_flag=True, help="One object; see docs/json.md.")
_top_option = click.option(
    "--top",
    type=click.IntRange(min=1),
    default=15,
    show_default=True,
    help="How many rows of a long table are printed.",
)


def _bytes(ctx: click.Context, option: click.Parameter, text: str | None) -> int | None:
    if text is None:
        return None
    count = parse_quantity(text)
    if count is None or count < 0 or not _SIZE.fullmatch(text.strip()):
        raise click.BadParameter(f"{text!r} is no size; write 200MB or 1.5GB")
    return int(count)


@click.command("layers")
@click.argument("image", shell_complete=image_names)
@source_option
@click.option(
    "--ci",
    is_flag=True,
    help=f"Exit with 1 where the image is worse than the limits ({LEAST_EFFICIENCY} efficiency).",
)
@click.option(
    "--max-wasted", metavar="SIZE", callback=_bytes, help="The limit for waste: 200MB. Means --ci."
)
@click.option(
    "--min-efficiency",
    type=click.FloatRange(0, 1),
    help="The least part of all bytes that must be visible. Means --ci.",
)
@_top_option
@_json_option
@pass_invocation
def layers(
    invocation: Invocation,
    image: str,
    source: str | None,
    ci: bool,
    max_wasted: int | None,
    min_efficiency: float | None,
    top: int,
    as_json: bool,
) -> None:
    """Tell where an image's bytes are: layers, packages, and what is wasted, with its fix."""
    with unwound_when_terminated(), invocation.connected() as (session, info):
        found = session.find_image(image)
        history = session.history(found.id)
        indexed = read_index(session, found, source)
        sharing = session.layer_sharing(found.id)
    if as_json:
        print_json(info, **layers_object(found, indexed, sharing))
    else:
        rows = layer_rows(history, indexed.layers, sharing)
        write_lines(layers_lines(display_name(found), indexed, rows, _page(top)))
    if ci or max_wasted is not None or min_efficiency is not None:
        if min_efficiency is None and max_wasted is None:
            min_efficiency = LEAST_EFFICIENCY
        _judge(indexed, max_wasted, min_efficiency)


def _judge(indexed: IndexedImage, max_wasted: int | None, min_efficiency: float | None) -> None:
    """Leave with 1, and say why, where a limit is passed."""
    problems = []
    wasted, efficiency = indexed.wasted_bytes, indexed.efficiency
    if max_wasted is not None and wasted > max_wasted:
        words = f"{decimal_bytes(wasted)} wasted, more than {decimal_bytes(max_wasted)}"
        problems.append(words)
    if min_efficiency is not None and efficiency < min_efficiency:
        least = percent(100 * min_efficiency)
        problems.append(f"efficiency {percent(100 * efficiency)}, less than {least}")
    for problem in problems:
        complain(problem)
    if problems:
        raise click.exceptions.Exit(FAILED)


@click.command("diff")
@click.argument("first", shell_complete=image_names)
@click.argument("second", shell_complete=image_names)
@source_option
@_top_option
@_json_option
@pass_invocation
def diff(
    invocation: Invocation, first: str, second: str, source: str | None, top: int, as_json: bool
) -> None:
    """Tell what differs between two images: layers, packages, files, environment, config."""
    with unwound_when_terminated(), invocation.connected() as (session, info):
        images = [session.find_image(name) for name in (first, second)]
        indexes = [read_index(session, image, source) for image in images]
    found = compare(images[0], images[1], indexes[0], indexes[1])
    if as_json:
        print_json(
            info, images=[_image_object(image) for image in images], **comparison_object(found)
        )
    else:
        names = [display_name(image) for image in images]
        write_lines(comparison_lines(found, names[0], names[1], _page(top)))


def _image_object(image: Image) -> dict[str, Any]:
    return {
        "id": image.id,
        "references": list(image.references),
        "size_bytes": image.size_bytes,
    }


def _page(top: int) -> Page:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return Page(top, width, colored())
