"""What an exit code means."""

from signal import Signals

_CODES = {
    0: "ended without an error",
    1: "the program ended with a general error",
    2: "the program was called wrongly, or ended with an error of its own",
    125: "the engine could not start the container",
    126: "the command exists but cannot be executed",
    127: "the command was not found in the image",
}

_SIGNALS = {
    "SIGKILL": "killed: by `docker kill`, by a stop whose grace time ran out, or out of memory",
    "SIGTERM": "asked to stop, as `docker stop` does",
    "SIGINT": "interrupted, as by Ctrl-C",
    "SIGSEGV": "segmentation fault: the program, or a native library of it, crashed",
    "SIGABRT": "aborted itself, often by a failed assertion in native code",
    "SIGBUS": "bus error: often too little shared memory (`--shm-size`)",
    "SIGILL": "illegal instruction: built for another kind of CPU",
    "SIGFPE": "arithmetic error in native code",
    "SIGHUP": "hung up: its terminal went away",
    "SIGPIPE": "wrote to a pipe that nobody reads",
}

OOM_KILLED = "OOM-killed"


def explain_exit(code: int, oom: bool | None) -> str:
    """One sentence for people; `oom` is whether the kernel killed it for want of memory."""
    if oom:
        return "killed by the kernel: it used more memory than its limit (or the host) had"
    if signal := _signal(code):
        return f"{signal}: {_SIGNALS.get(signal, 'ended by this signal')}"
    return _CODES.get(code, "an exit code of the program itself")


def exit_word(code: int, oom: bool | None) -> str:
    """A word for a table: `OOM-killed`, a signal's name, or nothing."""
    return OOM_KILLED if oom else _signal(code)


def _signal(code: int) -> str:
    """The name of the signal that a shell would report by this code, or nothing."""
    try:
        return Signals(code - 128).name if code > 128 else ""
    except ValueError:
        return ""
