"""What can be done with images: names, transfers, files, removal."""

import os
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dstui.domain.action import Action, Verb, short_id
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.render.images import ImageRow, display_name
from dstui.ui.sections.section import Section

if TYPE_CHECKING:
    from dstui.domain.lineage import Lineage
    from dstui.ui.path_suggester import PathSuggester
    from dstui.ui.screens.confirm import Measure


class ImageActions(Section[ImageRow]):
    """On the image under the cursor; removal on the marked ones too."""

    _lineage: "Future[Lineage] | None" = None
    """What the images were built on, asked for with each question."""
    _going: Sequence[str] = ()

    def object_of(self, row: ImageRow) -> Image:
        """The image."""
        return row.image

    # Names

    def action_image_tag(self) -> None:
        """Make a name, seeing at each key what comes of it."""
        from dstui.ui.screens.naming import NamingScreen

        if (image := self._image) is None:
            return

        def named(action: Action | None) -> None:
            if action is not None:
                self.act([action])

        images = self.session.store.images()
        screen = NamingScreen(image, images, self.session.background)
        self.app.push_screen(screen, named)

    def action_image_untag(self) -> None:
        """Choose which name goes; the last one stays, or the image would go with it."""
        from dstui.domain.reference import parse
        from dstui.domain.transfer import untag
        from dstui.ui.screens.choose import Choice, ChooseScreen

        if (image := self._image) is None:
            return
        if len(image.references) < 2:
            why = "has no other name: d removes the image" if image.references else "has no name"
            self._warn(f"{display_name(image)} {why}")
            return

        def chosen(name: str | None) -> None:
            if name:
                self.act([untag(parse(name), image.id)])

        choices = [Choice(name, name) for name in image.references]
        self.app.push_screen(ChooseScreen("Untag: which name goes?", choices), chosen)

    # The GPUs

    def action_image_selftest(self) -> None:
        """Test what it does with the GPUs."""
        from dstui.domain.selftest.step import Target
        from dstui.ui.screens.selftest import SelfTestScreen

        if (image := self._image) is not None:
            target = Target(Kind.IMAGE, image.id, display_name(image))
            self.app.push_screen(SelfTestScreen(self.session, target))

    # Registries

    def action_image_push(self) -> None:
        """Choose the name by which it goes, and see where to."""
        from dstui.ui.screens.choose import ChooseScreen
        from dstui.ui.sections.image_choices import destinations

        if (image := self._image) is None:
            return
        if not image.references:
            self._warn(f"{display_name(image)} has no name to push it by: t gives it one")
            return

        def chosen(name: str | None) -> None:
            if name:
                from dstui.domain.reference import parse
                from dstui.domain.transfer import push

                self.transfer(push(parse(name), image.id))

        title = "Push to a registry"
        self.app.push_screen(ChooseScreen(title, destinations(image)), chosen)

    def action_image_pull(self) -> None:
        """Ask what to fetch; what is under the cursor may be meant, in its newest form."""
        from dstui.ui.screens.prompt import PromptScreen
        from dstui.ui.sections.image_choices import wrong_reference

        def asked(name: str | None) -> None:
            if name:
                from dstui.domain.reference import parse
                from dstui.domain.transfer import pull

                self.transfer(pull(parse(name.strip())))

        image = self._image
        known = image.references[0] if image and image.references else ""
        screen = PromptScreen(
            "Pull from a registry",
            known,
            placeholder="nvcr.io/nvidia/pytorch:25.10-py3",
            wrong_with=wrong_reference,
            hint="Enter pull   Esc back",
        )
        self.app.push_screen(screen, asked)

    # Files

    def action_image_save(self) -> None:
        """Ask for the file, and again before one is replaced."""
        from dstui.domain.transfer import save
        from dstui.render.units import decimal_bytes
        from dstui.ui.screens.save_as import SaveAsScreen
        from dstui.ui.sections.image_choices import file_name

        if (image := self._image) is None:
            return
        replaced: set[Path] = set()

        def look(path: Path, replace: bool) -> "Future[None]":
            if replace:
                replaced.add(path)
            return self.session.background.submit(_writable, path, replace)

        def asked(path: Path | None) -> None:
            if path is not None:
                name = image.references[0] if image.references else image.id
                self.transfer(save(name, str(path), image.id, path in replaced))

        title = f"Save {display_name(image)} ({decimal_bytes(image.size_bytes)}) to a file"
        screen = SaveAsScreen(title, file_name(image), look, suggester=self._paths)
        self.app.push_screen(screen, asked)

    def action_image_load(self) -> None:
        """Ask for the file."""
        from dstui.domain.transfer import load
        from dstui.ui.screens.save_as import SaveAsScreen

        def look(path: Path, _again: bool) -> "Future[None]":
            return self.session.background.submit(_readable, path)

        def asked(path: Path | None) -> None:
            if path is not None:
                self.transfer(load(str(path)))

        title = "Load the images of a tar file"
        hint = "Enter load   → take the suggestion   Esc back"
        screen = SaveAsScreen(title, "", look, hint, self._paths)
        self.app.push_screen(screen, asked)

    # Removal

    def action_image_remove(self) -> None:
        """Remove it."""
        self._remove(force=False)

    def action_image_force_remove(self) -> None:
        """Remove it with all its references."""
        self._remove(force=True)

    def _remove(self, force: bool) -> None:
        images = [row.image for row in self.targets()]
        if images:
            self._going = [image.id for image in images]
            self._lineage = self.session.background.submit(self.session.lineage)
        self.act([Action(Verb.REMOVE, Kind.IMAGE, i.id, named(i), force=force) for i in images])

    def decided(self, action: Action) -> Action:
        """The hidden images of its build go along, if they were shown."""
        return replace(action, parents=self._along(action.id)) if _removes(action) else action

    def _along(self, image_id: str) -> tuple[str, ...]:
        lineage = self._lineage
        if lineage is None or not lineage.done() or lineage.exception() is not None:
            return ()
        return lineage.result().goes_along(image_id, self._going)

    def _hidden_images(self, action: Action) -> "Measure | None":
        """Tells which they are, once the engine has."""
        from dstui.ui.sections.questions import along_words, then

        lineage = self._lineage
        if lineage is None or not _removes(action):
            return None
        return lambda: then(lineage, lambda _: along_words(self._along(action.id)))

    def is_asked(self, actions: Sequence[Action]) -> bool:
        """Only before a removal: a name is given and taken in a dialog of its own."""
        return any(map(_removes, actions))

    # How

    def action_image_audit(self) -> None:
        """What is wrong with it."""
        self.open_detail("Checks")

    @cached_property
    def _paths(self) -> "PathSuggester":
        from dstui.ui.path_suggester import PathSuggester

        return PathSuggester(self.session.background)

    @property
    def _image(self) -> Image | None:
        return self.row.image if self.row is not None else None

    def _warn(self, text: str) -> None:
        self.notify(text, severity="warning", markup=False)


def named(image: Image) -> str:
    """The name by which an action is told: the only one there is, or the id."""
    return image.references[0] if len(image.references) == 1 else short_id(image.id)


def _writable(path: Path, replace: bool) -> None:
    """Raises the `OSError` that a save would end with."""
    if path.is_dir():
        raise IsADirectoryError(None, "this is a directory: name a file in it")
    if path.exists() and not replace:
        raise FileExistsError
    if not path.parent.is_dir():
        raise NotADirectoryError(None, f"there is no directory {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(None, f"{path.parent} cannot be written to")


def _readable(path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(None, "there is no such file")
    if not os.access(path, os.R_OK):
        raise PermissionError(None, "this file cannot be read")


def _removes(action: Action) -> bool:
    return action.verb is Verb.REMOVE
