"""The log of one container, or of all of a project: reads while it is shown, and only then."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import ClassVar

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from dstui.domain.container import Container
from dstui.domain.engine import EngineUnreachableError
from dstui.domain.logring import Entry, Gap
from dstui.domain.logsearch import Search, SearchError
from dstui.domain.since import SinceError, moment
from dstui.domain.text import clean
from dstui.render.logtext import Times
from dstui.session import Session
from dstui.ui.keys import Scope, bindings
from dstui.ui.widgets.log_feed import News
from dstui.ui.widgets.log_file import copyable, default_path, write_log
from dstui.ui.widgets.log_reader import LogReader, Wish
from dstui.ui.widgets.log_status import LogStatus, status_line
from dstui.ui.widgets.log_view import LogView

_SHOWN_AT_ONCE = 1500
"""Lines that are taken over before keys are looked at again: about 10 ms."""
_BYTES_AT_ONCE = 32 * 1024
"""The same for long lines, which are measured where they are wrapped."""
_SOUGHT_S = 5.0
"""How long the line at the top of the screen is looked for in a log that is read again."""
_SINCE = ("5m", "1h", "24h")
_CUSTOM = "custom"


class LogPane(Vertical):
    """Call `show` with what is to be seen, again when it changes, and `stop` when it is hidden."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.LOGS),
        Binding("escape", "leave_search", show=False),
    ]
    DEFAULT_CSS = """
    LogPane {
        height: 1fr;
        & > #log-status {
            height: 1; width: 1fr; color: $role-muted; background: $panel;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        & > #log-search, & > #log-search:focus {
            height: 1; border: none; padding: 0 1; background: $surface;
        }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._view = LogView()
        self._session: Session | None = None
        self._reader: LogReader | None = None
        self._containers: tuple[Container, ...] = ()
        self._wish = Wish(tail=None)
        self._tail = 0
        self._since = ""
        self._status = LogStatus()
        self._replace = False
        self._anchor: Entry | None = None
        self._anchor_until = 0.0
        self._only_wanted = False
        self._said = Content()

    def compose(self) -> ComposeResult:
        """The log, the search line while one is written, and what is to be known of them."""
        yield self._view
        search = Input(placeholder="text, or /regular expression/", id="log-search")
        search.display = False
        yield search
        yield Static("", id="log-status", markup=False)

    @property
    def view(self) -> LogView:
        """The lines."""
        return self._view

    # What is read

    def show(self, session: Session, containers: Sequence[Container]) -> None:
        """Show the log of these; a log that had ended goes on when its container runs again."""
        if self._session is not session:
            self._use(session)
        names = {container.id: container.name for container in containers}
        same = [*names] == [container.id for container in self._containers]
        self._containers = tuple(containers)
        if names != self._view.form.names:
            self._view.form = replace(self._view.form, names=names)
        if not same:
            self._view.clear()
            self._view.follow = True
        if self._reader is None or not same:
            self._read()
        else:
            self._reader.revive(self._containers)

    def stop(self) -> None:
        """Read nothing any more."""
        if self._reader is not None:
            self._reader.stop()
            self._reader = None
        self.workers.cancel_group(self, "log")

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self.stop()

    def _use(self, session: Session) -> None:
        self.stop()
        self._session = session
        settings = session.config.logs
        self._tail = settings.tail
        self._view.keep(settings.keep_lines)
        self._view.wrap = settings.wrap
        times = Times.SHORT if settings.timestamps else Times.OFF
        self._view.form = replace(self._view.form, times=times)

    def _read(self) -> None:
        """Read from the start what is wished now; the old lines stay until the new ones come."""
        if self._session is None:
            return
        self.stop()
        keep = self._session.config.logs.keep_lines
        only = self._wish.only
        # what does not match must not count among the last N lines
        tail = None if only else keep if self._since else min(self._tail, keep)
        self._wish = Wish(tail, self._since_moment(), only)
        self._anchor = None if self._view.follow else self._view.top()
        self._anchor_until = monotonic() + _SOUGHT_S
        self._replace = True
        self._status = LogStatus()
        self._reader = LogReader(self._session.logs, keep)
        try:
            self._reader.start(self._containers, self._wish)
        except EngineUnreachableError as error:
            self._status = LogStatus(problem=str(error))
        self.run_worker(self._take_over(self._reader), group="log", exit_on_error=False)
        self._show_status()

    def _since_moment(self) -> float | None:
        return moment(self._since, datetime.now().astimezone()) if self._since else None

    async def _take_over(self, reader: LogReader) -> None:
        async for news in reader.news():
            if self._replace and (news.entries or news.begun or news.ended):
                self._replace = False
                self._view.clear()
            for part in _parts(news.entries):
                self._view.append(part)
                await asyncio.sleep(0)
            self._view.append((), news.begun)
            self._return_to_anchor()
            self._note(news)

    def _return_to_anchor(self) -> None:
        """Back to where the reader was, as soon as that line has come again."""
        if self._anchor is None:
            return
        if self._view.put_on_top(self._anchor) or monotonic() > self._anchor_until:
            self._anchor = None

    def _note(self, news: News) -> None:
        problems = "; ".join(sorted({clean(why) for why in news.ended.values() if why}))
        self._status = LogStatus(
            read=self._status.read + news.read,
            skipped=self._status.skipped + news.skipped,
            ended=bool(self._containers) and len(news.ended) == len(self._containers),
            problem=problems,
        )
        self._show_status()

    # What is said of it

    @on(LogView.Changed)
    def _view_changed(self) -> None:
        self._show_status()

    def _show_status(self) -> None:
        self._say_below(status_line(self._status, self._view, self._wish.only, self._since))

    def _say_below(self, line: Content) -> None:
        if line != self._said:
            self._said = line
            self.query_one("#log-status", Static).update(line, layout=False)

    def _say(self, text: str) -> None:
        self.app.notify(text, timeout=3, markup=False)

    # Search

    def action_logs_search(self) -> None:
        """Write what to search for; hits are lit up while it is written."""
        self._only_wanted = False
        self._open_search()

    def action_logs_next(self) -> None:
        """Go to the next hit."""
        self._view.next_hit()

    def action_logs_previous(self) -> None:
        """Go to the hit before."""
        self._view.next_hit(-1)

    def action_logs_only(self) -> None:
        """Read only the lines that match, or all of them again."""
        if self._wish.only is not None:
            self._read_only(None)
        elif self._view.search is not None:
            self._read_only(self._view.search)
        else:
            self._only_wanted = True
            self._open_search()

    def action_leave_search(self) -> None:
        """Search for nothing any more."""
        if self.query_one("#log-search").display:
            self._close_search()
        elif self._view.search is None and self._wish.only is None:
            raise SkipAction
        self._view.search = None
        if self._wish.only is not None:
            self._read_only(None)

    def _open_search(self) -> None:
        line = self.query_one("#log-search", Input)
        line.value = self._view.search.text if self._view.search else ""
        line.display = True
        self.screen.set_focus(line)  # before the next key, which else would be a command

    def _close_search(self) -> None:
        self.query_one("#log-search").display = False
        self._view.focus()

    @on(Input.Changed, "#log-search")
    def _search_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.display:
            self._search_for(event.value)

    @on(Input.Submitted, "#log-search")
    def _search_accepted(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._search_for(event.value):
            return
        self._close_search()
        if self._only_wanted or self._wish.only is not None:
            self._read_only(self._view.search)
        else:
            self._view.next_hit(-1 if self._view.follow else 1)

    def _search_for(self, text: str) -> bool:
        """Light up what is found; whether the text can be searched for."""
        try:
            search = Search(text) if text else None
        except SearchError as error:
            self._say_below(Content.styled(clean(str(error)), "$role-bad"))
            return False
        if search != self._view.search:
            self._view.search = search
        self._show_status()
        return True

    def _read_only(self, only: Search | None) -> None:
        self._wish = replace(self._wish, only=only)
        self._read()

    # What is read, by key

    def action_logs_follow(self) -> None:
        """Stay at the end, or stop there."""
        self._anchor = None  # where the reader was is not where they want to be
        self._view.follow = not self._view.follow

    def action_logs_more(self) -> None:
        """Load ten times as many lines, and stay where the reader is."""
        if self._session is None:
            return
        keep = self._session.config.logs.keep_lines
        if self._tail >= keep:
            self._say(f"{keep:,} lines are the most that are kept (logs.keep_lines)")
            return
        self._tail = min(10 * self._tail, keep)
        self._say(f"Loading the last {self._tail:,} lines")
        self._read()

    def action_logs_since(self) -> None:
        """Choose from when on to read."""
        from dstui.ui.screens.choose import Choice, ChooseScreen

        choices = [
            *(Choice(ago, f"the last {ago}") for ago in _SINCE),
            Choice("", "all", "as many of the last lines as are loaded"),
            Choice(_CUSTOM, "another time …"),
        ]
        screen = ChooseScreen("Read the log since", choices, selected=self._since)
        self.app.push_screen(screen, self._since_chosen)

    def _since_chosen(self, since: str | None) -> None:
        if since == _CUSTOM:
            from dstui.ui.screens.prompt import PromptScreen

            screen = PromptScreen(
                "Read the log since",
                self._since,
                "5m, 2h30m, 12:30, 2026-05-01T12:30",
                _wrong_since,
            )
            self.app.push_screen(screen, self._since_chosen)
        elif since is not None:
            self._since = since
            self._read()

    # How it is shown, and where it goes, by key

    def action_logs_timestamps(self) -> None:
        """Show no times, times, or full times."""
        self._view.form = replace(self._view.form, times=self._view.form.times.next)

    def action_logs_wrap(self) -> None:
        """Wrap long lines, or not."""
        self._view.wrap = not self._view.wrap
        self._show_status()

    def action_logs_stderr(self) -> None:
        """Show all lines, only those of stderr, or only the others."""
        self._view.streams = self._view.streams.next
        self._show_status()

    def action_logs_copy(self) -> None:
        """Copy the lines on screen."""
        text, count = copyable(self._view.on_screen(), self._view.form)
        self.app.copy_to_clipboard(text)
        self._say(f"Copied {count} line{'' if count == 1 else 's'}")

    def action_logs_save(self) -> None:
        """Write the lines that are kept to a file."""
        if self._session is None:
            return
        from dstui.ui.screens.save_as import SaveAsScreen

        entries, form = self._view.shown(), self._view.form
        submit = self._session.background.submit
        screen = SaveAsScreen(
            f"Save {len(entries):,} lines to",
            default_path([c.name for c in self._containers], datetime.now()),
            lambda path, overwrite: submit(write_log, entries, form, path, overwrite),
        )
        self.app.push_screen(screen, self._saved)

    def _saved(self, path: Path | None) -> None:
        if path is not None:
            self._say(f"Saved to {path}")


def _wrong_since(text: str) -> str:
    try:
        moment(text, datetime.now().astimezone())
    except SinceError as error:
        return str(error) if text else ""
    return ""


def _parts(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    start = size = 0
    for end, entry in enumerate(entries):
        size += 0 if isinstance(entry, Gap) else len(entry.text)
        if end - start >= _SHOWN_AT_ONCE or (size > _BYTES_AT_ONCE and end > start):
            yield entries[start:end]
            start, size = end, 0
    if start < len(entries):
        yield entries[start:]
