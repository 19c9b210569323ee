"""The `dstui` command: its options and its commands."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from dstui.cli import exits
from dstui.session import DEMO_CONTAINERS, Options

_COMMANDS = {
    "ps": "dstui.cli.lists:ps",
    "images": "dstui.cli.lists:images_command",
    "gpus": "dstui.cli.gpus:gpus_command",
    "volumes": "dstui.cli.lists:volumes_command",
    "networks": "dstui.cli.lists:networks_command",
    "logs": "dstui.cli.container_commands:logs",
    "exec": "dstui.cli.container_commands:exec_command",
    "name": "dstui.cli.name:name",
    "tag": "dstui.cli.image_commands:tag",
    "untag": "dstui.cli.image_commands:untag",
    "push": "dstui.cli.image_commands:push",
    "pull": "dstui.cli.image_commands:pull",
    "save": "dstui.cli.image_commands:save",
    "load": "dstui.cli.image_commands:load",
    "layers": "dstui.cli.layers:layers",
    "diff": "dstui.cli.layers:diff",
    "show": "dstui.cli.show:show",
    "audit": "dstui.cli.audit:audit",
    "doctor": "dstui.cli.doctor:doctor",
    "df": "dstui.cli.disk:df",
    "clean": "dstui.cli.clean:clean",
    "config": "dstui.cli.about:config_command",
    "keys": "dstui.cli.about:keys_command",
    "completion": "dstui.cli.about:completion_command",
}
"""Where each command is: only the one that was asked for is imported."""


class _Root(click.Group):
    """A group that imports its commands late, explains what goes wrong, and whose `--demo` takes a
    number or not.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

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
    if ctx.invoked_subcommand is None and not version:
        from dstui.cli.launch import launch

        ctx.exit(launch(options, config_path, not no_mouse, demo_if_unreachable))
    from dstui.cli.invocation import Invocation, write_lines

    ctx.obj = Invocation(options, config_path)
    if version:
        from dstui.cli.about import version_lines

        write_lines(version_lines(ctx.obj))
        ctx.exit()
