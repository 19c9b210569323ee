"""A toy shell on a hijacked connection: a prompt, a little line editing, a few commands."""

import contextlib
import re
import shlex
from collections.abc import Iterator

from dstui.demo.exchange import ClientGoneError, Exchange
from dstui.demo.model import Container
from dstui.demo.toybox import COMMANDS, Surroundings

_SHELLS = ("sh", "bash", "ash", "zsh")
_KILLED, _INTERRUPTED, _NOT_FOUND = 137, 130, 127
_REDIRECTION = re.compile(r"\d?>+\s*(?:&\d|\S+)|<\s*\S+")
_VARIABLE = re.compile(r"\$\{?(\w+|\?)\}?")
_ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)")
_SEARCH_FOR_A_SHELL = re.compile(r"for \w+; do .*exec")
"""The one loop that clients start with; it ends in a shell that the container has."""
_SEPARATORS = (";", "&&", "||", "&", "|")
_ETX, _EOT, _BACKSPACE, _KILL_LINE = 0x03, 0x04, (0x08, 0x7F), 0x15


class Terminal:
    """The two ends of the connection, as a TTY or as frames."""

    def __init__(self, exchange: Exchange, tty: bool) -> None:
        self._exchange = exchange
        self.tty = tty

    def write(self, text: str, stream: int = 1) -> None:
        data = text.encode("utf-8", "replace")
        if not data:
            return
        if self.tty:
            self._exchange.write_raw(data.replace(b"\n", b"\r\n"))
        else:
            head = bytes((stream, 0, 0, 0)) + len(data).to_bytes(4, "big")
            self._exchange.write_raw(head + data)

    def read(self) -> bytes:
        """What was typed; raises when the connection is gone."""
        data = self._exchange.read_raw()
        if not data:
            raise EOFError
        return data


class _LeaveError(Exception):
    """The shell ends with this code."""

    def __init__(self, code: int) -> None:
        self.code = code


def run_command(
    exchange: Exchange, container: Container, command: list[str], tty: bool, user: str, session: str
) -> int:
    """Run a command in a container until it ends; answers its exit code."""
    terminal = Terminal(exchange, tty)
    container.sessions.add(exchange.connection)
    try:
        return _Shell(exchange, terminal, container, user, session).start(command)
    except _LeaveError as leave:
        return leave.code
    except (EOFError, ClientGoneError):
        return _KILLED
    finally:
        container.sessions.discard(exchange.connection)


def run_shell(exchange: Exchange, container: Container, tty: bool, session: str) -> None:
    """Be the main process of a container: when the shell ends, the container ends."""
    from dstui.demo import lifecycle

    exchange.world.wait_until(lambda: container.alive, 10.0)
    code = run_command(exchange, container, ["sh"], tty, container.user, session)
    if code != _KILLED:
        lifecycle.end(exchange.world, container, code)


class _Shell:
    def __init__(
        self, exchange: Exchange, terminal: Terminal, container: Container, user: str, session: str
    ) -> None:
        self._terminal = terminal
        self._surroundings = Surroundings(
            world=exchange.world,
            container=container,
            user=user or container.user or "root",
            directory=container.workdir or "/",
            size=lambda: exchange.server.sizes.get(session, ("24", "80")),
        )
        self._container = container
        self._code = 0

    def start(self, command: list[str]) -> int:
        name = command[0].rpartition("/")[2]
        if name in _SHELLS and name not in self._container.image.shells:
            return self._not_executable(command[0])
        if name in _SHELLS:
            script = command[command.index("-c") + 1] if "-c" in command[1:-1] else ""
            if script and not _SEARCH_FOR_A_SHELL.match(script):
                self._run_script(script)
                return self._code
            return self._interact()
        if name not in COMMANDS or not self._container.image.shells:
            return self._not_executable(command[0])
        self._run(command)
        return self._code

    def _not_executable(self, name: str) -> int:
        self._terminal.write(
            "OCI runtime exec failed: exec failed: unable to start container process: "
            f'exec: "{name}": executable file not found in $PATH: unknown\n'
        )
        return _NOT_FOUND

    # Reading lines

    def _interact(self) -> int:
        try:
            for line in self._lines():
                self._run_script(line)
        except _LeaveError as leave:
            return leave.code
        return self._code

    def _lines(self) -> Iterator[str]:
        tty = self._terminal.tty
        typed = bytearray()
        if tty:
            self._terminal.write(self._prompt())
        while True:
            try:
                data = self._terminal.read()
            except EOFError:
                if tty:
                    raise
                return
            for byte in _ESCAPE.sub(b"", data):
                if byte in b"\r\n":
                    if tty:
                        self._terminal.write("\n")
                    yield typed.decode("utf-8", "replace")
                    typed.clear()
                    if tty:
                        self._terminal.write(self._prompt())
                elif tty and not self._edit(typed, byte):
                    return
                elif not tty:
                    typed.append(byte)

    def _edit(self, typed: bytearray, byte: int) -> bool:
        """One key on the line; false when it ends the shell."""
        write = self._terminal.write
        if byte == _EOT:
            if not typed:
                write("exit\n")
            return bool(typed)
        if byte == _ETX:
            typed.clear()
            self._code = _INTERRUPTED
            write(f"^C\n{self._prompt()}")
        elif byte in _BACKSPACE:
            if typed:
                del typed[-1]
                write("\b \b")
        elif byte == _KILL_LINE:
            write("\b \b" * len(typed))
            typed.clear()
        elif byte >= 0x20:
            typed.append(byte)
            if byte < 0x80:
                write(chr(byte))
            else:  # echo a character once all of its bytes are here
                with contextlib.suppress(UnicodeDecodeError):
                    typed.decode()
                    write(_last_character(typed))
        return True

    def _prompt(self) -> str:
        around = self._surroundings
        sign = "#" if around.user.split(":")[0] in ("root", "0") else "$"
        return f"{around.user}@{self._container.id[:12]}:{around.directory}{sign} "

    # Running them

    def _run_script(self, script: str) -> None:
        for line in script.splitlines():
            try:
                words = _split(_REDIRECTION.sub(" ", line))
            except ValueError as error:
                self._terminal.write(f"sh: syntax error: {error}\n", 2)
                self._code = 2
                return
            self._run_words(words)

    def _run_words(self, words: list[str]) -> None:
        command: list[str] = []
        joined_by = ";"
        for word in [*words, ";"]:
            if word not in _SEPARATORS:
                command.append(word)
                continue
            skips = (joined_by == "&&" and self._code) or (joined_by == "||" and not self._code)
            if command and not skips:
                self._run([self._expand(part) for part in command])
            command, joined_by = [], word

    def _expand(self, word: str) -> str:
        variables = self._surroundings.variables()

        def value(match: re.Match[str]) -> str:
            return str(self._code) if match[1] == "?" else variables.get(match[1], "")

        return _VARIABLE.sub(value, word)

    def _run(self, command: list[str]) -> None:
        name, *arguments = command
        if name == "exec" and arguments:
            raise _LeaveError(self.start(arguments))
        if name in ("exit", "logout"):
            given = arguments[0] if arguments else ""
            raise _LeaveError(int(given) & 0xFF if given.isdigit() else self._code)
        base = name.rpartition("/")[2]
        if base in _SHELLS and base in self._container.image.shells:
            self._code = self._nested(command)
            return
        tool = COMMANDS.get(base)
        if tool is None:
            self._terminal.write(
                f"sh: {name}: not found (this is the demo's toy shell; it knows: "
                f"{' '.join(sorted(COMMANDS))})\n",
                2,
            )
            self._code = _NOT_FOUND
            return
        self._code, output = tool(self._surroundings, arguments)
        self._terminal.write(output, 2 if self._code else 1)

    def _nested(self, command: list[str]) -> int:
        try:
            return self.start(command)
        except _LeaveError as leave:
            return leave.code


def _split(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    return list(lexer)


def _last_character(typed: bytearray) -> str:
    return typed.decode()[-1]
