"""The one registry of actions: footer, help, command palette, docs and config come from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.binding import Binding

Chosen = Mapping[str, tuple[str, ...]]
"""The keys a user set in the config, by command id."""


class Scope(StrEnum):
    """Where an action is offered; the value heads its group in the help screen."""

    GLOBAL = "Everywhere"
    TABLE = "Lists"
    CONTAINERS = "Containers"
    IMAGES = "Images"
    GPUS = "GPUs"
    VOLUMES = "Volumes"
    NETWORKS = "Networks"
    CLEANUP = "Cleanup"
    LOGS = "Logs"
    CHECKS = "Checks"
    LAYERS = "Layers of an image"
    DETAIL = "Detail pane"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a user can do.

    `id` is `scope.verb`; the method `action_scope_verb` of whoever offers the scope does it, and
    `config.toml` sets its keys by that id. `mutates` is gone in read-only mode.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    scope: Scope
    mutates: bool = False
    footer: bool = False

    @property
    def action(self) -> str:
        """The name of the Textual action."""
        return self.id.replace(".", "_").replace("-", "_")


def _command(
    scope: Scope,
    identifier: str,
    keys: str,
    title: str,
    help_text: str,
    *,
    mutates: bool = False,
    footer: bool = False,
) -> Command:
    return Command(identifier, tuple(keys.split()), title, help_text, scope, mutates, footer)


COMMANDS: tuple[Command, ...] = (
    _command(Scope.GLOBAL, "app.help", "question_mark f1", "Help", "The keys of this place", footer=True),
    _command(Scope.GLOBAL, "app.palette", "colon ctrl+p", "Commands", "Find any action by its name", footer=True),
    _command(Scope.GLOBAL, "app.quit", "q", "Quit", "Leave dstui", footer=True),
    _command(Scope.GLOBAL, "app.suspend", "ctrl+z", "Suspend", "Give the terminal back to the shell; `fg` returns"),
    _command(Scope.GLOBAL, "app.back", "escape", "Back", "Close what is on top, leave the filter"),
    _command(Scope.GLOBAL, "app.containers", "1", "Containers", "Go to the containers"),
    _command(Scope.GLOBAL, "app.images", "2", "Images", "Go to the images"),
    _command(Scope.GLOBAL, "app.gpus", "3", "GPUs", "Go to the GPUs"),
    _command(Scope.GLOBAL, "app.volumes", "4", "Volumes", "Go to the volumes"),
    _command(Scope.GLOBAL, "app.networks", "5", "Networks", "Go to the networks"),
    _command(Scope.GLOBAL, "app.cleanup", "6", "Cleanup", "Go to what fills the disk, and what of it is stale"),
    _command(Scope.GLOBAL, "app.clean", "P", "Clean up this", "Go to the cleanup, to what it has to do with the row"),
    _command(Scope.GLOBAL, "app.next-pane", "tab", "Next pane", "Move between list and detail"),
    _command(Scope.GLOBAL, "app.zoom", "plus z", "Zoom", "Give the focused pane the whole screen"),
    _command(Scope.GLOBAL, "app.events", "E", "Events", "Show or hide the engine's event feed"),
    _command(Scope.GLOBAL, "app.transfers", "X", "Transfers", "Pulls, pushes, scans …: how far, cancel, copy digests"),
    _command(Scope.GLOBAL, "app.troubles", "exclamation_mark", "What is wrong", "What is not live or cannot be read, with the reason"),
    _command(Scope.GLOBAL, "app.theme", "ctrl+t", "Theme", "Choose a theme with live preview"),
    _command(Scope.TABLE, "table.filter", "slash", "Filter", "text, /regex/, field:value, !not", footer=True),
    _command(Scope.TABLE, "table.sort", "o", "Sort", "Sort by the next column"),
    _command(Scope.TABLE, "table.reverse", "O", "Reverse", "Turn the order around"),
    _command(Scope.TABLE, "table.mark", "space", "Mark", "Mark the row for a bulk action"),
    _command(Scope.TABLE, "table.mark-all", "asterisk", "Mark all", "Mark all rows shown, or none"),
    _command(Scope.TABLE, "table.open", "enter", "Open", "Open the details, fold a group", footer=True),
    _command(Scope.TABLE, "table.copy", "c", "Copy id", "Copy the full id to the clipboard"),
    _command(Scope.TABLE, "table.copy-command", "C", "Copy command", "Copy the equivalent docker command"),
    _command(Scope.TABLE, "table.inspect", "i", "Inspect", "The engine's own description, as JSON"),
    _command(Scope.CONTAINERS, "container.logs", "l", "Logs", "Follow the log", footer=True),
    _command(Scope.CONTAINERS, "container.shell", "e", "Shell", "Open a shell in the container", mutates=True, footer=True),
    _command(Scope.CONTAINERS, "container.shell-as", "ctrl+e", "Shell as", "Choose command, user and directory", mutates=True),
    _command(Scope.CONTAINERS, "container.debug", "x", "Debug shell", "A shell of another image beside a container that has none", mutates=True),
    _command(Scope.CONTAINERS, "container.debug-with", "ctrl+x", "Debug shell with", "Choose the image of debug shells", mutates=True),
    _command(Scope.CONTAINERS, "container.attach", "a", "Attach", "Attach to the main process", mutates=True),
    _command(Scope.CONTAINERS, "container.start-stop", "s", "Start/stop", "Start it, or stop it gracefully", mutates=True, footer=True),
    _command(Scope.CONTAINERS, "container.restart", "r", "Restart", "Stop and start again", mutates=True),
    _command(Scope.CONTAINERS, "container.pause", "p", "Pause", "Pause or unpause", mutates=True),
    _command(Scope.CONTAINERS, "container.kill", "K", "Kill", "Send a signal of your choice", mutates=True),
    _command(Scope.CONTAINERS, "container.remove", "d", "Remove", "Remove a stopped container", mutates=True, footer=True),
    _command(Scope.CONTAINERS, "container.force-remove", "D", "Force remove", "Stop gracefully, then remove", mutates=True),
    _command(Scope.CONTAINERS, "container.rename", "R", "Rename", "Give it another name", mutates=True),
    _command(Scope.CONTAINERS, "container.hide-stopped", "h", "Hide stopped", "Show only what runs"),
    _command(Scope.CONTAINERS, "container.browser", "w", "Open in browser", "Open the first published port"),
    _command(Scope.CONTAINERS, "container.audit", "A", "Checks", "What is wrong with it, why, and the fix"),
    _command(Scope.CONTAINERS, "container.selftest", "T", "Self-test", "Do its GPUs work, and if not, whose fault is it?"),
    _command(Scope.IMAGES, "image.tag", "t", "Name", "Give it a name: registry, tag from git, date …", mutates=True, footer=True),
    _command(Scope.IMAGES, "image.untag", "U", "Untag", "Take one of its names from it", mutates=True),
    _command(Scope.IMAGES, "image.push", "p", "Push", "Send it to its registry", mutates=True, footer=True),
    _command(Scope.IMAGES, "image.pull", "u", "Pull", "Fetch an image from its registry", mutates=True, footer=True),
    _command(Scope.IMAGES, "image.save", "s", "Save", "Write it to a tar file"),
    _command(Scope.IMAGES, "image.load", "L", "Load", "Read the images of a tar file", mutates=True),
    _command(Scope.IMAGES, "image.audit", "A", "Checks", "What is wrong with it, why, and the fix"),
    _command(Scope.IMAGES, "image.selftest", "T", "Self-test", "What does it do with the GPUs, and whose fault is it if not?"),
    _command(Scope.IMAGES, "image.index", "I", "Read files", "Read every file of every layer: where the bytes are, and what is wasted"),
    _command(Scope.IMAGES, "image.compare", "equals_sign", "Compare", "Compare two marked images: layers, packages, files, config"),
    _command(Scope.IMAGES, "image.remove", "d", "Remove", "Remove the image", mutates=True, footer=True),
    _command(Scope.IMAGES, "image.force-remove", "D", "Force remove", "Remove it with all its references", mutates=True),
    _command(Scope.GPUS, "gpu.selftest", "T", "Self-test", "Does it work, from the driver to a container?", footer=True),
    _command(Scope.GPUS, "gpu.copy-free", "f", "Copy free", "Copy --gpus for the GPUs that nobody uses", footer=True),
    _command(Scope.GPUS, "gpu.release", "L", "Release GPU", "release-gpu: let go of the driver for a reset; again takes it back"),
    _command(Scope.VOLUMES, "volume.remove", "d", "Remove", "Remove the volume and its data", mutates=True, footer=True),
    _command(Scope.NETWORKS, "network.remove", "d", "Remove", "Remove the network", mutates=True, footer=True),
    _command(Scope.CLEANUP, "cleanup.execute", "d", "Remove ticked", "See exactly what goes, then remove it", mutates=True, footer=True),
    _command(Scope.CLEANUP, "cleanup.goal", "f", "Free", "Tick what a number of bytes would take: 50GB", footer=True),
    _command(Scope.CLEANUP, "cleanup.older", "t", "Older than", "Only what is older than: 30d, 12h, 0s", footer=True),
    _command(Scope.CLEANUP, "cleanup.rules", "r", "Rules", "Switch rules on and off", footer=True),
    _command(Scope.CLEANUP, "cleanup.group", "b", "Group by", "Group by kind or by owner", footer=True),
    _command(Scope.CLEANUP, "cleanup.show", "e", "Show it", "Go to the object in its own list"),
    _command(Scope.CLEANUP, "cleanup.rescue", "y", "Copy rescue", "Copy the docker command that saves its data first"),
    _command(Scope.CLEANUP, "cleanup.measure", "ctrl+r", "Measure again", "Ask the engine for its disk use anew"),
    _command(Scope.LOGS, "logs.follow", "f", "Follow", "Stay at the end, or stop there", footer=True),
    _command(Scope.LOGS, "logs.search", "slash", "Search", "Find text; n and N move", footer=True),
    _command(Scope.LOGS, "logs.next", "n", "Next hit", "Go to the next hit"),
    _command(Scope.LOGS, "logs.previous", "N", "Previous hit", "Go to the hit before"),
    _command(Scope.LOGS, "logs.only", "F", "Only matching", "Show only the lines that match", footer=True),
    _command(Scope.LOGS, "logs.more", "plus", "More", "Load ten times as many lines"),
    _command(Scope.LOGS, "logs.since", "S", "Since", "Choose from when on to read"),
    _command(Scope.LOGS, "logs.timestamps", "t", "Timestamps", "Show or hide the times"),
    _command(Scope.LOGS, "logs.wrap", "w", "Wrap", "Wrap long lines"),
    _command(Scope.LOGS, "logs.stderr", "b", "stderr", "All, only stderr, or no stderr"),
    _command(Scope.LOGS, "logs.save", "ctrl+s", "Save", "Write the lines to a file"),
    _command(Scope.LOGS, "logs.copy", "y", "Copy", "Copy the lines shown to the clipboard"),
    _command(Scope.CHECKS, "checks.scan", "S", "Scan", "Run trivy or grype, if installed: takes minutes", mutates=True, footer=True),
    _command(Scope.CHECKS, "checks.accepted", "h", "Accepted", "Show or hide what the config accepts", footer=True),
    _command(Scope.CHECKS, "checks.copy", "y", "Copy", "Copy the finding, with reason and fix", footer=True),
    _command(Scope.CHECKS, "checks.again", "ctrl+r", "Check again", "Look at everything anew"),
    _command(Scope.LAYERS, "layers.next-view", "right_curly_bracket", "Next view", "Files, Directories, Types, Packages, Biggest, Waste, Treemap", footer=True),
    _command(Scope.LAYERS, "layers.previous-view", "left_curly_bracket", "Previous view", "Go to the view before"),
    _command(Scope.LAYERS, "layers.filter", "slash", "Filter", "Show only what matches, in the view on screen", footer=True),
    _command(Scope.LAYERS, "layers.index", "I", "Read files", "Read every file of every layer", footer=True),
    _command(Scope.LAYERS, "layers.upper", "greater_than_sign", "Layer above", "The files of the layer above; first those of all"),
    _command(Scope.LAYERS, "layers.lower", "less_than_sign", "Layer below", "The files of the layer below"),
    _command(Scope.LAYERS, "layers.copy", "y", "Copy", "Copy the path, instruction or fix at the cursor"),
    _command(Scope.DETAIL, "detail.previous-tab", "left_square_bracket", "Previous tab", "Go to the tab before"),
    _command(Scope.DETAIL, "detail.next-tab", "right_square_bracket", "Next tab", "Go to the next tab", footer=True),
    _command(Scope.DETAIL, "detail.reveal", "v", "Reveal", "Show or mask the environment's values"),
)


def commands_of(scopes: Iterable[Scope], read_only: bool = False) -> tuple[Command, ...]:
    """The commands of these scopes, in the order of the registry."""
    wanted = frozenset(scopes)
    return tuple(c for c in COMMANDS if c.scope in wanted and not (read_only and c.mutates))


MOVES: tuple[tuple[str, str], ...] = (
    ("j k ↑ ↓", "Move by a row"),
    ("g G", "First, last row"),
    ("PgUp PgDn ^u ^d", "Move by a page, by half a page"),
    ("← →", "Move sideways in what is wide"),
)
"""The keys of every list, which belong to the list itself."""


def bindings(*scopes: Scope) -> "list[Binding]":
    """The Textual bindings of these scopes; `App.set_keymap(keymap(...))` replaces their keys."""
    from textual.binding import Binding

    return [
        Binding(",".join(c.keys), c.action, c.title, show=c.footer, id=c.id)
        for c in commands_of(scopes)
    ]


def keymap(chosen: Chosen) -> dict[str, str]:
    """`chosen` as Textual wants it, without the ids that no command has."""
    unknown = set(unknown_ids(chosen))
    return {i: ",".join(keys) for i, keys in chosen.items() if i not in unknown and keys}


def keys_of(command: Command, chosen: Chosen) -> tuple[str, ...]:
    """The keys that really do it."""
    return chosen.get(command.id) or command.keys


def shown(key: str) -> str:
    """A key as a person writes it: `?` for `question_mark`, `^p` for `ctrl+p`."""
    from textual.keys import key_to_character

    *modifiers, name = key.split("+")
    name = _NAMES.get(name) or key_to_character(name) or name
    return "".join("^" if modifier == "ctrl" else f"{modifier}+" for modifier in modifiers) + name


_NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "slash": "/",
    "plus": "+",
    "minus": "-",
}


def unknown_ids(chosen: Mapping[str, object]) -> tuple[str, ...]:
    """The ids of `chosen` that no command has."""
    known = {command.id for command in COMMANDS}
    return tuple(identifier for identifier in chosen if identifier not in known)


def problems(chosen: Chosen) -> tuple[str, ...]:
    """What is wrong with the keys of the config, a sentence each."""
    unknown = [f"keys: there is no action {i!r}; `?` lists them" for i in unknown_ids(chosen)]
    return (*unknown, *(_clash(*found) for found in clashes(chosen)))


def clashes(chosen: Chosen) -> tuple[tuple[str, str, str], ...]:
    """Keys that mean two commands in one place: the key and the ids of both."""
    found: dict[tuple[str, str, str], None] = {}
    for place in _PLACES:
        taken: dict[str, str] = {}
        for command in commands_of(place):
            for key in keys_of(command, chosen):
                other = taken.setdefault(shown(key), command.id)
                if other != command.id:
                    found[key, other, command.id] = None
    return tuple(found)


def _clash(key: str, first: str, second: str) -> str:
    return f"keys: {shown(key)!r} is both {first!r} and {second!r}; the latter does not get it"


_LISTS = (
    Scope.CONTAINERS,
    Scope.IMAGES,
    Scope.GPUS,
    Scope.VOLUMES,
    Scope.NETWORKS,
    Scope.CLEANUP,
)
_PLACES: tuple[tuple[Scope, ...], ...] = (
    *((Scope.GLOBAL, Scope.TABLE, scope, Scope.DETAIL) for scope in _LISTS),
    (Scope.LOGS,),
    (Scope.CHECKS,),
    (Scope.LAYERS,),
)
"""The scopes whose keys are live at the same time; a tab's own keys go before all others."""
