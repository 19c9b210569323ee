"""What can be done with containers."""

import re
from collections.abc import Callable, Iterable, Sequence

from dstui.domain.action import Action, Verb
from dstui.domain.container import Container, State
from dstui.domain.kind import Kind
from dstui.domain.owner import owner_of
from dstui.render.containers import ContainerRow
from dstui.ui.sections.section import Section

SIGNALS = (
    ("SIGTERM", "ask it to end"),
    ("SIGINT", "as Ctrl-C does: a training script may save a checkpoint"),
    ("SIGHUP", "reload, for many servers"),
    ("SIGUSR1", "what the program makes of it"),
    ("SIGUSR2", "what the program makes of it"),
    ("SIGQUIT", "end with a dump: Java and Go print their threads"),
    ("SIGKILL", "end it at once, with nothing saved"),
)
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_COMMAND_OF_TAB = {
    "Logs": "logs --follow --tail 1000",
    "Stats": "stats",
    "Processes": "top",
}


class ContainerActions(Section[ContainerRow]):
    """Start, stop, kill, remove … on the row, the group or the marked ones."""

    _hide_stopped = False

    def object_of(self, row: ContainerRow) -> Container:
        """The container."""
        return row.container

    def command_for(self, row: ContainerRow) -> str:
        """The command for what the detail pane shows."""
        verb = _COMMAND_OF_TAB.get(self.detail.tab_title, "inspect")
        return f"docker {verb} {row.container.name}"

    # The commands

    def action_container_start_stop(self) -> None:
        """Stop those that run; if none does, start all."""
        alive = self._containers(lambda c: c.alive)
        if alive:
            grace = self.session.config.stop_grace_s
            self.act([self._action(Verb.STOP, c, grace_s=grace) for c in alive])
        else:
            self.act([self._action(Verb.START, c) for c in self._containers()])

    def action_container_restart(self) -> None:
        """Stop and start again."""
        grace = self.session.config.stop_grace_s
        self.act([self._action(Verb.RESTART, c, grace_s=grace) for c in self._containers()])

    def action_container_pause(self) -> None:
        """Pause those that run; if none does, resume the paused ones."""
        running = self._containers(lambda c: c.state is State.RUNNING)
        paused = self._containers(lambda c: c.state is State.PAUSED)
        if running:
            self.act([self._action(Verb.PAUSE, c) for c in running])
        elif paused:
            self.act([self._action(Verb.UNPAUSE, c) for c in paused])
        else:
            self.notify("Only what runs can be paused", severity="warning")

    def action_container_kill(self) -> None:
        """Choose a signal and send it."""
        from dstui.ui.screens.choose import Choice, ChooseScreen

        alive = self._containers(lambda c: c.alive)
        if not alive:
            self.notify("Only what runs can be killed", severity="warning")
            return

        def chosen(signal: str | None) -> None:
            if signal:
                self.act([self._action(Verb.KILL, c, signal=signal) for c in alive])

        what = alive[0].name if len(alive) == 1 else f"{len(alive)} containers"
        choices = [Choice(signal, signal, help_text) for signal, help_text in SIGNALS]
        self.app.push_screen(ChooseScreen(f"Signal to {what}", choices), chosen)

    def action_container_remove(self) -> None:
        """Remove what does not run."""
        stopped = self._containers(lambda c: not c.alive)
        if running := self._containers(lambda c: c.alive):
            names = ", ".join(container.name for container in running)
            self.notify(
                f"{names} runs: s stops it, D removes it all the same",
                severity="warning",
                markup=False,
            )
        if stopped:
            self.act([self._action(Verb.REMOVE, c) for c in stopped])

    def action_container_force_remove(self) -> None:
        """Stop gracefully, then remove."""
        grace = self.session.config.stop_grace_s
        self.act(
            [self._action(Verb.REMOVE, c, force=True, grace_s=grace) for c in self._containers()]
        )

    def action_container_rename(self) -> None:
        """Ask for another name."""
        from dstui.ui.screens.prompt import PromptScreen

        if self.row is None:
            return
        container = self.row.container
        taken = {other.name for other in self.session.store.containers()} - {container.name}

        def named(name: str | None) -> None:
            if name and name != container.name:
                self.act([self._action(Verb.RENAME, container, new_name=name)])

        self.app.push_screen(
            PromptScreen(
                f"Rename {container.name}",
                container.name,
                wrong_with=lambda name: wrong_name(name, taken),
            ),
            named,
        )

    def action_container_selftest(self) -> None:
        """Test whether its GPUs work."""
        from dstui.domain.selftest.step import Target
        from dstui.ui.screens.selftest import SelfTestScreen

        if self.row is not None:
            container = self.row.container
            target = Target(Kind.CONTAINER, container.id, container.name)
            self.app.push_screen(SelfTestScreen(self.session, target))

    # How

    def _containers(self, wanted: Callable[[Container], bool] | None = None) -> list[Container]:
        found = (row.container for row in self.targets())
        return [container for container in found if wanted is None or wanted(container)]

    def _action(
        self,
        verb: Verb,
        container: Container,
        *,
        grace_s: int | None = None,
        signal: str = "SIGKILL",
        force: bool = False,
        new_name: str = "",
    ) -> Action:
        return Action(
            verb,
            Kind.CONTAINER,
            container.id,
            container.name,
            grace_s=grace_s,
            signal=signal,
            force=force,
            new_name=new_name,
        )

    def is_asked(self, actions: Sequence[Action]) -> bool:
        """Where something is lost, or another's object is touched."""
        from dstui.ui.sections.questions import is_asked

        labels = self.session.config.owner_labels
        return is_asked(actions, (owner_of(c, labels) for c in self._known(actions)))

    def affected(self, action: Action) -> object | None:
        """The container, its owner, and what it has written in its own layer."""
        from dstui.ui.sections.questions import affected_container, written_bytes

        container = self.session.store.container(action.id)
        if container is None:
            return None
        owner = owner_of(container, self.session.config.owner_labels)
        session = self.session
        measure = written_bytes(
            lambda: session.background.submit(session.writable_bytes, action.id)
        )
        return affected_container(container, owner, action, measure)

    def _known(self, actions: Iterable[Action]) -> Iterable[Container]:
        found = (self.session.store.container(action.id) for action in actions)
        return (container for container in found if container is not None)


def wrong_name(name: str, taken: Iterable[str]) -> str:
    """Why the engine would refuse a name for a container, or nothing."""
    if not _NAME.fullmatch(name):
        return "Letters, digits, _ . and - after a letter or digit; two characters at least"
    if name in taken:
        return f"Another container is named {name}"
    return ""
