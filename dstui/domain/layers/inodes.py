"""Which names reach a content: one with hard links is lost only with the last of them."""

from collections.abc import Iterator


class Inodes:
    """Knows the entries that share their content; any other is alone with its own.

    A content goes by the entry that brought it.
    """

    def __init__(self) -> None:
        self._content: dict[int, int] = {}
        self._names: dict[int, set[int]] = {}

    def content(self, entry: int) -> int:
        """The content that an entry names."""
        return self._content.get(entry, entry)

    def link(self, entry: int, target: int) -> None:
        """Let `entry` name what the visible `target` names."""
        content = self.content(target)
        self._content[entry] = content
        self._names.setdefault(content, {target}).add(entry)

    def adopt(self, entry: int, nameless: int) -> None:
        """Let `entry` name a content that has itself no name in the image."""
        self._content[entry] = nameless
        self._names.setdefault(nameless, set()).add(entry)

    def release(self, entry: int) -> int | None:
        """Take a name away; the content that is lost with it, if any."""
        content = self._content.get(entry, entry)
        names = self._names.get(content)
        if names is None:
            return content
        names.discard(entry)
        return None if names else content

    def adopted(self, nameless: int) -> bool:
        """Whether a content without a name of its own was ever given one."""
        return nameless in self._names

    def shared(self) -> Iterator[tuple[int, set[int]]]:
        """Each content that was ever shared, and the names that reach it still."""
        return iter(self._names.items())
