"""What leaves dstui for a while: shells, attaching, a browser."""

import os
from collections.abc import Awaitable

from dstui.domain.container import Container
from dstui.domain.engine import ShellRequest
from dstui.ui.sections.container_actions import ContainerActions


class ContainerShells(ContainerActions):
    """Hands the terminal, or a page, to what runs in the container under the cursor."""

    def action_container_shell(self) -> None:
        """A shell in it."""
        from dstui.ui.shell import shell

        if container := self._running_one():
            self._hand_over(shell(self.app, self.session, container))

    def action_container_shell_as(self) -> None:
        """A command of one's choice, as whom and where one likes."""
        from dstui.ui.screens.shell_as import ShellAsScreen
        from dstui.ui.shell import shell

        container = self._running_one()
        if container is None:
            return

        def asked(request: ShellRequest | None) -> None:
            if request is not None:
                self._hand_over(shell(self.app, self.session, container, request))

        screen = ShellAsScreen(container.name, ShellRequest(container.id))
        self.app.push_screen(screen, asked)

    def action_container_debug(self) -> None:
        """A shell beside it."""
        self._debug(choose=False)

    def action_container_debug_with(self) -> None:
        """A shell beside it, of an image of one's choice."""
        self._debug(choose=True)

    def _debug(self, choose: bool) -> None:
        from dstui.ui.debug_shell import debug_shell

        if container := self._running_one():
            self._hand_over(debug_shell(self.app, self.session, container, self.transfer, choose))

    def action_container_attach(self) -> None:
        """Its main process."""
        from dstui.ui.shell import attach

        if container := self._running_one():
            self._hand_over(attach(self.app, self.session, container))

    def _hand_over(self, program: Awaitable[object]) -> None:
        self.app.run_worker(program, exit_on_error=False)

    def _running_one(self) -> Container | None:
        container = self.row.container if self.row is not None else None
        if container is not None and not container.alive:
            self.notify(f"{container.name} does not run", severity="warning", markup=False)
            return None
        return container

    def action_container_browser(self) -> None:
        """The first published port, or the line that makes it reachable from afar."""
        container = self.row.container if self.row is not None else None
        ports = (
            [p for p in container.ports if p.host_port and p.protocol == "tcp"] if container else []
        )
        if not ports:
            self.notify("It publishes no port", severity="warning")
            return
        port = ports[0].host_port
        url = f"http://localhost:{port}"
        if "SSH_CONNECTION" in os.environ:
            host = os.environ["SSH_CONNECTION"].split()[2]
            tunnel = f"ssh -N -L {port}:localhost:{port} {host}"
            self.app.copy_to_clipboard(tunnel)
            self.notify(
                f"On your own machine run (copied):\n{tunnel}\nthen open {url}",
                timeout=15,
                markup=False,
            )
        else:
            self.app.open_url(url)
            self.notify(f"Opened {url}", markup=False)
