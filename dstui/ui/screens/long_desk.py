"""The main screen's desk for what takes minutes: made when there is something to do."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.widget import Widget

from dstui.domain.text import clean

if TYPE_CHECKING:
    from dstui.ui.long_jobs import LongJobs, LongWork
    from dstui.ui.screens.main import MainScreen


class LongDesk:
    """Begins long jobs, shows them above the keys, and lets none be cut off unasked."""

    def __init__(self, screen: "MainScreen", before: Widget) -> None:
        self._screen = screen
        self._before = before
        self._jobs: LongJobs | None = None

    async def begin(self, work: "LongWork") -> None:
        """Let it run, whatever is looked at meanwhile."""
        jobs = await self._opened()
        self._screen.app.run_worker(work(jobs), exit_on_error=False)

    async def look(self) -> None:
        """Show all of them."""
        from dstui.ui.screens.transfers import TransfersScreen

        self._screen.app.push_screen(TransfersScreen(await self._opened()))

    def ask_to_leave(self, leave: Callable[[], object]) -> None:
        """Leave; after a yes where something would be cancelled."""
        running = self._jobs.running if self._jobs else []
        if not running:
            leave()
            return
        from dstui.render.transfers import percent_done
        from dstui.ui.screens.confirm import Affected, ConfirmScreen, Question

        affected = tuple(Affected(j.title, f"{percent_done(j.progress)} done") for j in running)
        question = Question("Quit, and cancel what is on its way?", "Quit", affected)

        def answered(yes: bool | None) -> None:
            if yes:
                leave()

        self._screen.app.push_screen(ConfirmScreen(question), answered)

    async def close(self) -> None:
        """Cancel everything."""
        if self._jobs is not None:
            await self._jobs.close()

    async def _opened(self) -> "LongJobs":
        if self._jobs is None:
            from dstui.ui.long_jobs import LongJobs
            from dstui.ui.widgets.transfer_list import TransferList

            jobs = self._jobs = LongJobs(self._screen.session, self._tell)
            shown = TransferList()
            await self._screen.mount(shown, before=self._before)
            jobs.listen(lambda: shown.show(jobs.all))
        return self._jobs

    def _tell(self, text: str) -> None:
        lines = "\n".join(clean(line, 2000) for line in text.splitlines())
        self._screen.app.notify(lines, severity="error", timeout=10, markup=False)
