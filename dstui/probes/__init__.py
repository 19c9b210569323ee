"""Programs for whatever Python is there (2.7 and later): on the host or inside containers.

Each is handed over as text (`python3 -c`), behind `leash`, and answers in lines of JSON.
"""

from importlib.resources import files

_CALL_CUDA = frozenset({"cuda", "compute"})


def program(name: str) -> str:
    """The text of a probe, on its leash."""
    parts = ["leash", *(["cuda_calls"] if name in _CALL_CUDA else []), name]
    return "".join(map(_text, parts))


def _text(name: str) -> str:
    return files(__name__).joinpath(f"{name}.py").read_text(encoding="utf-8")
