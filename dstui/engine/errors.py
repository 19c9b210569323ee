"""What the SDK raises, as an `EngineError`."""

from collections.abc import Iterator
from contextlib import contextmanager

from dstui.domain.engine import EngineError
from dstui.domain.text import clean


@contextmanager
def engine_errors() -> Iterator[None]:
    """Around calls of the SDK: all that goes wrong in them becomes an `EngineError`."""
    from docker.errors import APIError, DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except APIError as error:
        said = str(error.explanation or error)
        raise EngineError(clean(said), error.status_code) from error
    except (DockerException, RequestException, OSError, ValueError) as error:
        raise EngineError(f"no answer from the engine: {clean(str(error))}") from error
