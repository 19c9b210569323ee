"""The page of all keys, docs/keys.md, from the one registry of actions."""

from dstui.ui.keys import COMMANDS, MOVES, Scope, shown

_INTRODUCTION = """# Keys

Made by `dstui keys` from the registry of actions. Set other keys by id in `config.toml`:

```toml
[keys]
"container.logs" = "L"
"app.quit" = ["q", "ctrl+q"]
```

Actions marked with * change something, and are gone in read-only mode.
"""


def keys_page() -> str:
    """The page as Markdown, a table for each place."""
    parts = [_INTRODUCTION, "## Every list\n\n| keys | what they do |\n| --- | --- |"]
    parts.extend(f"| {_code(keys.split())} | {what} |" for keys, what in MOVES)
    for scope in Scope:
        parts.append(f"\n## {scope.value}\n\n| keys | action | id | what it does |")
        parts.append("| --- | --- | --- | --- |")
        parts.extend(
            f"| {_code([shown(key) for key in command.keys])} "
            f"| {command.title}{'*' if command.mutates else ''} "
            f"| `{command.id}` | {command.help} |"
            for command in COMMANDS
            if command.scope is scope
        )
    return "\n".join(parts) + "\n"


def _code(keys: list[str]) -> str:
    """Keys as Markdown code; a bar would end the table's cell."""
    return " ".join(f"`{key}`".replace("|", "\\|") for key in keys)
