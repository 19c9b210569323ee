"""The environment variables that go before the config file."""

from collections.abc import Mapping
from dataclasses import replace

from dstui.config import Config, KnownNames, Problem

_ON = ("1", "true", "yes", "on")
_OFF = ("0", "false", "no", "off")


def override(
    config: Config, environ: Mapping[str, str], known: KnownNames
) -> tuple[Config, tuple[Problem, ...]]:
    """`config` with what the environment sets, and what of it makes no sense."""
    problems: list[Problem] = []
    if theme := environ.get("DSTUI_THEME"):
        names = known("theme")
        if names is None or theme in names:
            config = replace(config, theme=theme)
        else:
            problems.append(Problem(None, f'there is no theme "{theme}"', "DSTUI_THEME"))
    if word := environ.get("DSTUI_READ_ONLY", "").lower():
        if word not in _ON + _OFF:
            problems.append(
                Problem(None, f'must be 1 or 0, not "{word}"; taken as 1', "DSTUI_READ_ONLY")
            )
        config = replace(config, read_only=word not in _OFF)
    return config, tuple(problems)
