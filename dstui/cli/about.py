"""`dstui --version`, `config`, `keys` and `completion`: dstui about itself."""

import sys

import click

from dstui import __version__
from dstui.cli.exits import failure_line
from dstui.cli.invocation import Invocation, pass_invocation, write_lines
from dstui.cli.names import columns_of
from dstui.domain.engine import EngineError, EngineUnreachableError
from dstui.domain.text import clean

_LIBRARIES = ("docker", "textual", "rich", "nvidia-ml-py", "click", "humanize", "platformdirs")


def version_lines(invocation: Invocation) -> list[str]:
    """dstui, the engine, the driver and the libraries; what does not answer says why."""
    with invocation.session() as session:
        try:
            info = session.open()
            engine = f"{info.product} {info.version}, API {info.api_version}, {info.host}"
        except EngineUnreachableError as error:
            engine = "; ".join(map(failure_line, error.failures)) or str(error)
        except EngineError as error:
            engine = error.message
        report = session.sample_gpus()
    if report.driver_version:
        cuda = f", CUDA up to {report.cuda_version}" if report.cuda_version else ""
        gpus = f"NVIDIA {report.driver_version}{cuda}"
    else:
        gpus = report.reason or "none"
    return [
        f"dstui {__version__}",
        f"engine: {clean(engine)}",
        f"driver: {clean(gpus)}",
        f"python: {sys.version.split()[0]}",
        f"libraries: {', '.join(f'{name} {_version(name)}' for name in _LIBRARIES)}",
    ]


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return "(missing)"


@click.command("config")
@pass_invocation
def config_command(invocation: Invocation) -> None:
    """Print where the config file is, and every setting with its default."""
    from dstui.config import default_path
    from dstui.config.default_file import default_file
    from dstui.config.settings import SECTIONS

    path = invocation.config_path or default_path()
    assert invocation.config is not None  # says what is wrong with the file that is there
    state = "" if path.exists() else " (there is none yet)"
    names = {section: [column.key for column in columns_of(section)] for section in SECTIONS}
    write_lines([f"# {path}{state}", "", default_file(names).rstrip()])


@click.command("keys")
def keys_command() -> None:
    """Print every action with its id and keys, as Markdown."""
    from dstui.cli.keys_page import keys_page

    write_lines([keys_page().rstrip()])


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash:  source <(dstui completion bash)      in ~/.bashrc
    zsh:   source <(dstui completion zsh)       in ~/.zshrc, after compinit
    fish:  dstui completion fish > ~/.config/fish/completions/dstui.fish
    """
    from click.shell_completion import get_completion_class

    from dstui.cli.root import cli

    completion = get_completion_class(shell)
    assert completion is not None
    write_lines([completion(cli, {}, "dstui", "_DSTUI_COMPLETE").source()])
