"""The command line: no logic, only arguments -> the layers below -> text or JSON."""

import os
import sys


def main() -> None:
    """What `dstui` runs. Without arguments the UI starts at once, the parser is not even read."""
    if len(sys.argv) == 1 and "_DSTUI_COMPLETE" not in os.environ:
        from dstui.cli.launch import launch
        from dstui.session import Options

        sys.exit(launch(Options()))
    from dstui.cli.root import cli

    cli(prog_name="dstui")
