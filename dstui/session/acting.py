"""What a session changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dstui.domain.action import Verb
from dstui.session.core import SessionCore

if TYPE_CHECKING:
    from collections.abc import Callable

    from dstui.background import Cancellation
    from dstui.domain.action import Action, Outcome
    from dstui.domain.debug_image import DebugImage
    from dstui.domain.engine import ShellRequest
    from dstui.domain.lineage import Lineage
    from dstui.domain.seen import Seen
    from dstui.domain.transfer import TransferProgress, TransferResult
    from dstui.tty import RemoteTerminal


class Acting(SessionCore):
    """Shells, actions and transfers; each refused when the session is read-only."""

    # Shells

    def shell(self, request: ShellRequest) -> RemoteTerminal:
        """Open an interactive command; raises `NoShellError` when the container has no shell."""
        from dstui.engine.exec import open_shell

        self._refuse_if_read_only("shell")
        return open_shell(self.engine, request, self.config.shells)

    def attach(self, container_id: str, rows: int, columns: int) -> RemoteTerminal:
        """Attach to the main process."""
        from dstui.engine.exec import attach

        self._refuse_if_read_only("attach")
        return attach(self.engine, container_id, self.config.detach_keys, rows, columns)

    def debug_shell(self, request: ShellRequest, image: str) -> RemoteTerminal:
        """Open a shell of `image` in a throwaway container beside the target.

        It is removed when the shell is closed.
        """
        from dstui.engine.exec import debug_shell

        self._refuse_if_read_only("debug shell")
        return debug_shell(self.engine, request, image)

    def debug_images(self) -> tuple[DebugImage, ...]:
        """The images on the engine that can serve debug shells, best first."""
        from dstui.engine.debug_images import debug_images

        return debug_images(self.engine)

    def debug_image(self) -> str:
        """The image of debug shells: the config's, or what was chosen on this engine, or none."""
        from dstui.choices import DEBUG_IMAGE, Choices

        return self.config.debug_image or Choices().last(DEBUG_IMAGE, self.engine.info.id)

    def remember_debug_image(self, image: str) -> str:
        """Take it for debug shells from now on; the answer is why that failed, or nothing."""
        from dstui.choices import DEBUG_IMAGE, Choices

        return Choices().remember(DEBUG_IMAGE, self.engine.info.id, image)

    # Actions

    def perform(self, action: Action, seen: Seen | None = None) -> Outcome:
        """Do it, log it, and tell what came of it. Never raises an `EngineError`.

        What ends or removes something is done only to the object as it was `seen`.
        """
        from dstui.engine.as_seen import perform_as_seen

        self._refuse_if_read_only(action.verb.value)
        info = self.engine.info
        return perform_as_seen(
            self.engine, action, seen, lambda done: self._action_log.write(info, done)
        )

    def lineage(self) -> Lineage:
        """What the images were built on, hidden ones included. Raises `EngineError`."""
        from dstui.engine.lineage import lineage

        return lineage(self.engine)

    def transfer(
        self,
        action: Action,
        report: Callable[[TransferProgress], object],
        cancellation: Cancellation | None = None,
    ) -> TransferResult:
        """Pull, push, save or load; `report` is called on this thread as it goes on.

        Logged, and never raising an `EngineError`. An image can be saved even when read-only.
        """
        from dstui.engine.transfer import transfer

        if action.verb is not Verb.SAVE:
            self._refuse_if_read_only(action.verb.value)
        result = transfer(self.engine, action, report, cancellation)
        self._action_log.write(self.engine.info, result.outcome)
        return result
