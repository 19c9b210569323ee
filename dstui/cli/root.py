"""The `dstui` command: its options and its commands."""

import re
from pathlib import Path
from typing import Any

import click

from dstui.cli import exits
from dstui.cli.about import completion_command, config_command, keys_command, version_lines
from dstui.cli.audit import audit
from dstui.cli.container_commands import exec_command, logs
from dstui.cli.image_commands import load, pull, push, save, tag, untag
from dstui.cli.invocation import Invocation, write_lines
from dstui.cli.lists import gpus_command, images_command, networks_command, ps, volumes_command
from dstui.cli.name import name
from dstui.cli.show import show
from dstui.session import DEMO_CONTAINERS, Options


class _Root(click.Group):
    """A group whose commands explain what goes wrong, and whose `--demo` takes a number or not."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _with_demo_size(args))

    def invoke(self, ctx: click.Context) -> Any:
        with exits.explained():
            return super().invoke(ctx)


def _with_demo_size(args: list[str]) -> list[str]:
    """`--demo` alone is `--demo=20`, as the word after it may be a command."""
    complete = []
    for place, arg in enumerate(args):
        follows = args[place + 1] if place + 1 < len(args) else ""
        bare = arg == "--demo" and not re.fullmatch(r"-?\d+", follows)
        complete.append(f"--demo={DEMO_CONTAINERS}" if bare else arg)
    return complete


@click.group(
    cls=_Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=exits.EPILOG,
)
@click.option("-H", "--host", metavar="ADDRESS", help="The engine: unix://, tcp:// or ssh://.")
@click.option("--context", metavar="NAME", help="The docker context of the engine.")
@click.option(
    "--demo",
    type=click.IntRange(1, 10_000),
    metavar="[N]",
    help=f"A simulated engine with N ({DEMO_CONTAINERS}) containers.",
)
@click.option("--demo-if-unreachable", is_flag=True, help="The demo, if no engine answers.")
@click.option("--read-only", is_flag=True, help="Refuse every action that changes something.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.option(
    "--config", "config_path", type=click.Path(path_type=Path), help="Another config file."
)
@click.option("--version", is_flag=True, help="The versions of dstui, engine, driver, libraries.")
@click.pass_context
def cli(
    ctx: click.Context,
    /,
    host: str | None,
    demo: int | None,
    demo_if_unreachable: bool,
    read_only: bool,
    no_mouse: bool,
    config_path: Path | None,
    version: bool,
    context: str | None,
) -> None:
    """Containers, images and GPUs of a data-science machine, in the terminal.

    Without a command the UI opens.
    """
    options = Options(host, context, demo, read_only=read_only)
    invocation = ctx.obj = Invocation(options, config_path)
    if version:
        write_lines(version_lines(invocation))
        ctx.exit()
    if ctx.invoked_subcommand is None:
        from dstui.cli.launch import launch

        ctx.exit(launch(options, config_path, not no_mouse, demo_if_unreachable))


for command in (
    ps,
    images_command,
    gpus_command,
    volumes_command,
    networks_command,
    logs,
    exec_command,
    name,
    tag,
    untag,
    push,
    pull,
    save,
    load,
    show,
    audit,
    config_command,
    keys_command,
    completion_command,
):
    cli.add_command(command)
