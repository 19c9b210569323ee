"""The one object that `--json` prints."""

import json
from typing import Any

from dstui.cli.invocation import write_lines
from dstui.domain.engine import EngineInfo
from dstui.render import json_contract


def print_json(info: EngineInfo | None, **content: Any) -> None:
    """Print it, with the engine that answered if one was asked."""
    whole = json_contract.document(info, **content)
    write_lines([json.dumps(whole, ensure_ascii=False, indent=2)])
