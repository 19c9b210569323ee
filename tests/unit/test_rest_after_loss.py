"""A connection from before a loss of the engine is never used after it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dstui.domain.engine import Endpoint
from dstui.engine.rest import Rest
from tests.unit.replaced import Replaceable


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Replaceable]:
    with Replaceable(tmp_path / "engine.sock") as opened:
        yield opened


@pytest.fixture
def rest(engine: Replaceable) -> Iterator[Rest]:
    opened = Rest(Endpoint(f"unix://{engine.path}", source="test"))
    yield opened
    opened.close()


def test_a_kept_connection_is_dropped(engine: Replaceable, rest: Rest) -> None:
    assert rest.get("/who") == "first"
    engine.replace("second")
    assert rest.get("/who") == "first"  # still open: the old engine answers on
    rest.begin_anew()
    assert rest.get("/who") == "second"


def test_one_that_is_in_use_meanwhile_is_not_kept_afterwards(
    engine: Replaceable, rest: Rest
) -> None:
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(rest.get("/slow")))
    asking.start()
    engine.asked.wait()
    engine.replace("second")
    rest.begin_anew()
    engine.go_on.set()
    asking.join()
    assert answers == ["first"]
    assert rest.get("/who") == "second"
