"""`dstui tag`, `untag`, `push`, `pull`, `save`, `load`."""

import click

from dstui.cli.complete import image_names
from dstui.cli.exits import FAILED, complain
from dstui.cli.invocation import Invocation, pass_invocation, write_lines
from dstui.cli.json_output import print_json
from dstui.cli.progress import run_transfer
from dstui.cli.references import read_reference
from dstui.domain import transfer as moves
from dstui.domain.action import Outcome
from dstui.domain.engine import EngineInfo
from dstui.domain.naming import warnings_of
from dstui.domain.reference import Reference
from dstui.domain.transfer import TransferResult

_json_option = click.option("--json", "as_json", is_flag=True, help="One object; see docs/json.md.")


@click.command("tag")
@click.argument("image", shell_complete=image_names)
@click.argument("name", callback=read_reference)
@click.option("-f", "--force", is_flag=True, help="Take the name from another image that has it.")
@pass_invocation
def tag(invocation: Invocation, image: str, name: Reference, force: bool) -> None:
    """Give an image one more name."""
    for warning in warnings_of(name):
        complain(f"warning: {warning}")
    with invocation.connected() as (session, _):
        found = session.find_image(image)
        _done(session.perform(moves.tag(image, name, found.id, move=force)))


@click.command("untag")
@click.argument("name", callback=read_reference, shell_complete=image_names)
@pass_invocation
def untag(invocation: Invocation, name: Reference) -> None:
    """Take a name from an image that has others; the image itself stays."""
    with invocation.connected() as (session, _):
        _done(session.perform(moves.untag(name)))


@click.command("push")
@click.argument("name", callback=read_reference, shell_complete=image_names)
@_json_option
@pass_invocation
def push(invocation: Invocation, name: Reference, as_json: bool) -> None:
    """Send an image to its registry, and print its name by digest."""
    with invocation.connected() as (session, info):
        _print_pinned(info, name, run_transfer(session, moves.push(name)), as_json)


@click.command("pull")
@click.argument("name", callback=read_reference)
@_json_option
@pass_invocation
def pull(invocation: Invocation, name: Reference, as_json: bool) -> None:
    """Fetch an image from its registry, and print its name by digest."""
    with invocation.connected() as (session, info):
        _print_pinned(info, name, run_transfer(session, moves.pull(name)), as_json)


@click.command("save")
@click.argument("image", shell_complete=image_names)
@click.option("-o", "--output", required=True, type=click.Path(), help="The file to write.")
@click.option("-f", "--force", is_flag=True, help="Replace a file that is there.")
@pass_invocation
def save(invocation: Invocation, image: str, output: str, force: bool) -> None:
    """Write an image to a tar file. By name its name is kept in there, by id not."""
    with invocation.connected() as (session, _):
        _done(run_transfer(session, moves.save(image, output, overwrite=force)).outcome)


@click.command("load")
@click.option("-i", "--input", "path", required=True, type=click.Path(), help="The file to read.")
@_json_option
@pass_invocation
def load(invocation: Invocation, path: str, as_json: bool) -> None:
    """Read the images of a tar file, and print their names."""
    with invocation.connected() as (session, info):
        result = run_transfer(session, moves.load(path))
    _done(result.outcome)
    for note in result.notes:
        complain(note)
    if as_json:
        print_json(info, loaded=list(result.loaded), notes=list(result.notes))
    else:
        write_lines(result.loaded)


def _print_pinned(info: EngineInfo, name: Reference, result: TransferResult, as_json: bool) -> None:
    _done(result.outcome)
    if as_json:
        reference = name.complete.familiar
        print_json(
            info, reference=reference, digest=result.digest or None, pinned=result.pinned or None
        )
    else:
        write_lines([result.pinned or name.complete.familiar])


def _done(outcome: Outcome) -> None:
    """Where it failed, say why and what to do, and leave with the exit code of that."""
    if outcome.ok:
        return
    complain(outcome.message)
    if outcome.cause:
        complain(f"{outcome.cause}: {outcome.fix}".rstrip(": "))
    raise click.exceptions.Exit(FAILED)
