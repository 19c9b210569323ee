"""Finds the function that answers a request by its method and path."""

import re
from collections.abc import Callable
from typing import NamedTuple

from dstui.demo.exchange import Exchange

Handler = Callable[[Exchange], None]


class Route(NamedTuple):
    method: str
    pattern: re.Pattern[str]
    handler: Handler


class Routes:
    """A table of routes. `{name}` stands for one part of a path, `{name*}` for several."""

    def __init__(self) -> None:
        self._routes: list[Route] = []

    def add(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Decorates the function that answers."""
        pattern = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", path)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)

        def register(handler: Handler) -> Handler:
            self._routes.append(Route(method, re.compile(pattern), handler))
            return handler

        return register

    def include(self, other: "Routes") -> None:
        self._routes += other._routes

    def find(self, exchange: Exchange) -> Handler | None:
        """The handler; the parts of the path that it asks for are then in `params`."""
        for method, pattern, handler in self._routes:
            if method == exchange.method and (match := pattern.fullmatch(exchange.path)):
                exchange.params = match.groupdict()
                return handler
        return None
