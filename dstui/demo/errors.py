"""How the simulated engine refuses."""


class ApiError(Exception):
    """An answer with an HTTP status and the engine's own kind of message."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(message)


class NotModifiedError(Exception):
    """The object is already as asked: status 304, without a body."""
