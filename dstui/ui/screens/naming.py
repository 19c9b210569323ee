"""Name an image: the registry's fields, a tag by one of many ways, and what comes of them."""

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from dstui.background import Background
from dstui.domain.action import Action, docker_command
from dstui.domain.image import Image
from dstui.domain.naming import TAG_FIELD, Naming, fields_of, name_image, overwritten
from dstui.domain.reference import Reference, check
from dstui.domain.registries import HUB_KIND, REGISTRIES, Registry, registry
from dstui.domain.transfer import tag
from dstui.render.images import display_name
from dstui.ui.path_suggester import PathSuggester
from dstui.ui.screens.dialog import Dialog
from dstui.ui.screens.naming_preview import previewed
from dstui.ui.tagging import (
    BUMPS,
    MEANINGS,
    STRATEGIES,
    TYPED,
    GitAnswer,
    Tag,
    ask_git,
    asks_git,
    make_tag,
)
from dstui.ui.widgets.cycle import Cycle

_GIT_AFTER_S = 0.25
"""How long the typing rests before git is asked."""
_HINT = "Enter give it   ↑ ↓ fields   ← → choose   Esc back"


class NamingScreen(Dialog[Action]):
    """Answers the action that gives the name. Every rule is asked at every key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    DEFAULT_CSS = """
    NamingScreen {
        #box { width: 84; max-width: 96%; max-height: 96%; }
        #body, #fields { height: auto; }
        .row { height: 1; }
        .row Label { width: 13; color: $role-muted; }
        .row Input, .row Input:focus {
            width: 1fr; padding: 0; background: $surface; background-tint: $surface 0%;
        }
        .row Input:focus { background: $panel; }
        #strategy-row { margin-top: 1; }
        #meaning, #note { color: $role-muted; height: auto; width: 1fr; padding: 0 0 0 13; }
        #preview { height: auto; width: 1fr; margin-top: 1; }
    }
    """

    def __init__(self, image: Image, images: tuple[Image, ...], background: Background) -> None:
        super().__init__(f"A name for {display_name(image)}", _HINT)
        self._image = image
        self._images = images
        self._background = background
        self._kind, self._values, self._typed = _present(image)
        self._git: dict[str, GitAnswer] = {}
        self._git_timer: Timer | None = None
        self._ready = False
        self._confirmed = ""
        self._naming = Naming(None)

    # What it is made of

    def compose_body(self) -> ComposeResult:
        """The choices and, below, what comes of them."""
        kinds = [(kind.key, kind.title) for kind in REGISTRIES]
        with Vertical(id="body"):
            yield _row("Registry", Cycle(kinds, self._kind.key, id="kind"))
            yield Vertical(*self._fields(), id="fields")
            yield _row("Tag", Cycle(STRATEGIES, TYPED, id="strategy"), id="strategy-row")
            yield Static("", id="meaning", markup=False)
            yield _row(
                "", Input(self._typed, placeholder="latest", id="tag", name=TAG_FIELD), id="tag-row"
            )
            paths = PathSuggester(self._background, directories_only=True)
            directory = Input(_shown_cwd(), id="directory", suggester=paths)
            yield _row("Directory", directory, id="directory-row")
            yield _row("Next is", Cycle(BUMPS, id="bump"), id="bump-row")
        yield Static("", id="preview")

    def _fields(self) -> list[Widget]:
        return [
            _row(
                field.label,
                Input(
                    self._values.get(field.key, ""),
                    placeholder=_placeholder(field.example, field.default, field.optional),
                    name=field.key,
                    classes="field",
                ),
            )
            for field in self._kind.fields
        ]

    async def on_mount(self) -> None:
        """Show what there is; the rules take a moment to be imported."""
        self._arrange()
        self.query_one("#tag").focus()
        await asyncio.wrap_future(self._background.submit(check, "name"))
        self._ready = True
        self._update()

    # What changes

    @on(Cycle.Changed, "#kind")
    async def _other_kind(self, event: Cycle.Changed) -> None:
        self._kind = registry(event.cycle.value) or HUB_KIND
        fields = self.query_one("#fields", Vertical)
        await fields.remove_children()
        await fields.mount_all(self._fields())
        self._update()

    @on(Cycle.Changed, "#strategy, #bump")
    def _other_strategy(self) -> None:
        self._arrange()
        self._want_git()
        self._update()

    @on(Input.Changed)
    def _typed_something(self, event: Input.Changed) -> None:
        if event.input.has_class("field"):
            self._values[event.input.name or ""] = event.value
        elif event.input.id == "directory":
            self._want_git()
        self._update()

    def _arrange(self) -> None:
        """Show what the strategy asks for."""
        strategy = self._strategy
        self.query_one("#tag-row").display = strategy == TYPED
        self.query_one("#directory-row").display = asks_git(strategy)
        self.query_one("#bump-row").display = strategy == "semver"
        meaning = self.query_one("#meaning", Static)
        meaning.update(MEANINGS[strategy])
        meaning.display = bool(MEANINGS[strategy])

    def _want_git(self) -> None:
        if self._git_timer is not None:
            self._git_timer.stop()
        if asks_git(self._strategy) and self._directory not in self._git:
            self._git_timer = self.set_timer(_GIT_AFTER_S, self._ask_git)

    def _ask_git(self) -> None:
        directory = self._directory

        async def ask() -> None:
            future = self._background.submit(ask_git, directory)
            self._git[directory] = await asyncio.wrap_future(future)
            self._update()

        self.run_worker(ask(), exclusive=True, exit_on_error=False)

    @property
    def _strategy(self) -> str:
        return self.query_one("#strategy", Cycle).value

    @property
    def _directory(self) -> str:
        return self.query_one("#directory", Input).value.strip()

    # What comes of it

    def _update(self) -> None:
        if not self._ready:
            return
        made = self._tag()
        self._naming = name_image(self._kind, self._values, made.text, self._images, self._image.id)
        self.query_one("#preview", Static).update(self._previewed(made))

    def _previewed(self, made: Tag) -> Content:
        if self._is_confirmed:
            return Content.assemble(
                (self._naming.reference.familiar if self._naming.reference else "", "bold"),
                ("\nEnter again takes this name from the other image", "$role-warning"),
            )
        action = self._action()
        command = docker_command(action) if action and made.usable else ""
        return previewed(self._kind, self._values, self._naming, made, self._image, command)

    @property
    def _is_confirmed(self) -> bool:
        return bool(self._confirmed) and self._confirmed == str(self._naming.reference)

    def _tag(self) -> Tag:
        return make_tag(
            self._strategy,
            self.query_one("#tag", Input).value,
            self._image,
            self._git.get(self._directory),
            self.query_one("#bump", Cycle).value,
        )

    def _action(self) -> Action | None:
        reference = self._naming.reference
        if reference is None:
            return None
        moves = overwritten(reference, self._images, self._image.id) is not None
        present = self._image.references[0] if self._image.references else ""
        return tag(present, reference, self._image.id, moves)

    @on(Input.Submitted)
    @on(Cycle.Submitted)
    def _submitted(self) -> None:
        """Give the name; what is wrong and has a remedy is mended first."""
        action = self._action()
        if not (self._ready and self._tag().usable):
            return
        if action is None:
            self._mend()
        elif action.force and not self._is_confirmed:
            self._confirmed = str(self._naming.reference)
            self._update()
        elif action.new_name not in self._image.references:
            self.dismiss(action)

    def _mend(self) -> None:
        """Take the value that may have been meant; else go where something is missing."""
        for problem in self._naming.problems[:1]:
            for line in self.query(Input).results():
                if line.name == problem.field and line.display:
                    line.focus()
                    line.value = problem.suggestion or line.value
                    line.cursor_position = len(line.value)


def _row(label: str, widget: Widget, id: str | None = None) -> Horizontal:
    return Horizontal(Label(label), widget, id=id, classes="row")


def _placeholder(example: str, default: str, optional: bool) -> str:
    if default:
        return default
    return f"may be empty; {example}" if optional else f"such as {example}"


def _present(image: Image) -> tuple[Registry, dict[str, str], str]:
    """Kind, fields and tag of the name it has, to begin with."""
    for name in image.references:
        found = check(name)
        if isinstance(found, Reference) and (known := fields_of(found)):
            return known[0], dict(known[1]), found.tag
    return HUB_KIND, {}, ""


def _shown_cwd() -> str:
    try:
        here, home = Path.cwd(), Path.home()
    except (OSError, RuntimeError):
        return "."
    return f"~/{here.relative_to(home)}" if here.is_relative_to(home) else str(here)
