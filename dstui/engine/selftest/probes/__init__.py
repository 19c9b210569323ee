"""Programs that are run inside containers, with whatever Python is there (2.7 and later).

Each is handed over as text (`python3 -c`), behind `leash`, and answers in lines of JSON.
"""

from importlib.resources import files


def program(name: str) -> str:
    """The text of a probe, on its leash."""
    return _text("leash") + _text(name)


def _text(name: str) -> str:
    return files(__name__).joinpath(f"{name}.py").read_text(encoding="utf-8")
