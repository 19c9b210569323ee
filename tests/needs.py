"""What a test needs of the machine: missing things fail in CI and skip elsewhere."""

import os
import shutil
from typing import NoReturn

import pytest

IN_CI = os.environ.get("CI") == "true"


def unavailable(reason: str) -> NoReturn:
    """End the test: a failure when `CI=true`, a skip with the reason elsewhere."""
    if IN_CI:
        pytest.fail(f"CI needs it: {reason}", pytrace=False)
    pytest.skip(reason)


def program(*names: str) -> str:
    """The path of the first of these programs that is installed."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    unavailable(f"{' or '.join(names)} is not installed")
