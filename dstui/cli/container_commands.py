"""`dstui logs` and `dstui exec`."""

import re
import shutil
import sys
import threading
from collections.abc import Sequence
from datetime import datetime

import click

from dstui.cli.complete import container_names
from dstui.cli.exits import USAGE, complain
from dstui.cli.invocation import Invocation, colored, pass_invocation
from dstui.domain.engine import EngineError, NoShellError, ShellRequest
from dstui.domain.logline import LogBatch, LogLine, LogRequest, Stream
from dstui.domain.since import SinceError, moment
from dstui.render.ansi import plain
from dstui.render.text import cut

_COLORS = re.compile(r"(\x1b\[[0-9;:]*m)")
_INTERRUPTED = 130

_name_argument = click.argument("name", shell_complete=container_names)


def _moment(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    try:
        return None if text is None else moment(text, datetime.now().astimezone())
    except SinceError as error:
        raise click.BadParameter(str(error)) from None


def _tail(context: click.Context, parameter: click.Parameter, text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        raise click.BadParameter("a number of lines, or all")
    return int(text)


@click.command("logs")
@_name_argument
@click.option("-f", "--follow", is_flag=True, help="Go on as lines are written.")
@click.option(
    "-n", "--tail", default="all", callback=_tail, metavar="LINES", help="Only the last lines."
)
@click.option("--since", callback=_moment, metavar="TIME", help="5m, 2h30m, 12:30 or a date.")
@click.option("-t", "--timestamps", is_flag=True, help="Show when each line was written.")
@pass_invocation
def logs(
    invocation: Invocation,
    name: str,
    follow: bool,
    tail: int | None,
    since: float | None,
    timestamps: bool,
) -> None:
    """Print the log of a container; its stderr goes to standard error."""
    with invocation.connected() as (session, _):
        request = LogRequest(session.find_container(name).id, tail, since, follow)
        printer = _Printer(timestamps)
        stream = session.logs(request, printer.take)
        try:
            printer.ended.wait()
        except KeyboardInterrupt:
            raise click.exceptions.Exit(_INTERRUPTED) from None
        finally:
            stream.close()
        if printer.error:
            raise EngineError(printer.error)


class _Printer:
    """Prints batches on the stream's own thread, so that a slow reader slows the stream down."""

    def __init__(self, timestamps: bool) -> None:
        self.ended = threading.Event()
        self.error = ""
        self._timestamps = timestamps
        self._on_terminal = {Stream.STDOUT: sys.stdout.isatty(), Stream.STDERR: sys.stderr.isatty()}
        self._colored = colored()
        self._begun_shown = False

    def take(self, batch: LogBatch) -> None:
        """Print one batch; a reader that went away ends it."""
        try:
            if batch.skipped:
                complain(f"{batch.skipped:,} lines skipped: they come faster than they are read")
            self._print_begun(())
            for line in batch.lines:
                self._print(line)
            self._print_begun(batch.begun)
            sys.stdout.flush()
            sys.stderr.flush()
        except BrokenPipeError:
            sys.stdout = None  # nothing is left to flush at exit
            self.ended.set()
        if batch.ended:
            self.error = batch.error
            self.ended.set()

    def _print(self, line: LogLine) -> None:
        time = f"{line.time} " if self._timestamps and line.time else ""
        target = sys.stderr if line.stream is Stream.STDERR else sys.stdout
        text = self._harmless(line.text) if self._on_terminal[line.stream] else line.text
        target.buffer.write(f"{time}{text}\n".encode("utf-8", "surrogateescape"))

    def _print_begun(self, begun: Sequence[LogLine]) -> None:
        """On a terminal, a line whose end has not come: in the place of what it was before."""
        if self._begun_shown:
            sys.stdout.write("\r\x1b[K")
        self._begun_shown = bool(begun) and all(self._on_terminal.values())
        if self._begun_shown:
            text = plain(begun[-1].text)
            sys.stdout.write(cut(text, shutil.get_terminal_size().columns - 1))
            sys.stdout.flush()

    def _harmless(self, text: str) -> str:
        """For a terminal: colours and nothing else of what could command it."""
        if not self._colored or "\x1b" not in text:
            return plain(text)
        parts = _COLORS.split(text)
        parts[::2] = [plain(part) for part in parts[::2]]
        return "".join(parts) + "\x1b[0m"


@click.command("exec", context_settings={"allow_interspersed_args": False})
@_name_argument
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("-u", "--user", default="", help="Name or number, optionally :group.")
@click.option("-w", "--workdir", default="", help="The directory to start in.")
@pass_invocation
def exec_command(
    invocation: Invocation, name: str, command: tuple[str, ...], user: str, workdir: str
) -> None:
    """Run a command, or the best shell there is, in a container on this terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        complain("exec needs a terminal; for scripts: docker exec")
        raise click.exceptions.Exit(USAGE)
    from dstui.tty import pump

    with invocation.connected() as (session, _):
        container = session.find_container(name)
        columns, rows = shutil.get_terminal_size()
        request = ShellRequest(container.id, command, user, workdir, rows, columns)
        try:
            remote = session.shell(request)
        except NoShellError:
            raise EngineError(f"{name} has no shell: name a command to run") from None
        try:
            pump(remote, sys.stdin.fileno(), sys.stdout.fileno())
            code = remote.exit_code()
        finally:
            remote.close()
    raise click.exceptions.Exit(code or 0)
