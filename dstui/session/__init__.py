"""One engine, its GPUs and its store, wired together: what the CLI and the UI are handed.

Every method that asks the engine something blocks and is meant for a background thread
(`Session.background`); what it returns is a domain object, what it raises an `EngineError`.
"""

from dstui.session.acting import Acting
from dstui.session.cleaning import Cleaning
from dstui.session.core import DEMO_CONTAINERS, Options, ReadOnlyError
from dstui.session.images import ImageQuestions
from dstui.session.life import Life
from dstui.session.reading import Reading
from dstui.session.selftests import SelfTests

__all__ = ["DEMO_CONTAINERS", "Options", "ReadOnlyError", "Session"]


class Session(Life, Acting, ImageQuestions, SelfTests, Cleaning, Reading):
    """Owns the connection, the watchers and the store; `close` ends all of them."""
