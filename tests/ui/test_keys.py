"""The registry of commands: one key one command, and every command has someone who does it."""

import pytest

from dstui.config import Config
from dstui.ui import keys
from dstui.ui.keys import COMMANDS, Scope, commands_of
from dstui.ui.screens.main import MainScreen
from dstui.ui.sections.cleanup import CleanupSection
from dstui.ui.sections.containers import ContainersSection
from dstui.ui.sections.gpus import GpusSection
from dstui.ui.sections.images import ImagesSection
from dstui.ui.sections.networks import NetworksSection
from dstui.ui.sections.tab_checks import ChecksTab
from dstui.ui.sections.tab_layers import LayersTab
from dstui.ui.sections.volumes import VolumesSection
from dstui.ui.widgets.log_pane import LogPane
from tests.ui.house import house

WHO = {
    Scope.GLOBAL: (MainScreen,),
    Scope.CONTAINERS: (ContainersSection,),
    Scope.IMAGES: (ImagesSection,),
    Scope.GPUS: (GpusSection,),
    Scope.VOLUMES: (VolumesSection,),
    Scope.NETWORKS: (NetworksSection,),
    Scope.CLEANUP: (CleanupSection,),
    Scope.LOGS: (LogPane,),
    Scope.CHECKS: (ChecksTab,),
    Scope.LAYERS: (LayersTab,),
}


def test_ids_are_unique_and_no_key_is_taken_twice_in_one_place():
    ids = [command.id for command in COMMANDS]
    assert len(ids) == len(set(ids))
    assert keys.clashes({}) == ()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_is_done_by_someone(command):
    if command.scope in WHO:
        for who in WHO[command.scope]:
            assert hasattr(who, f"action_{command.action}"), who
    else:
        assert hasattr(ContainersSection, f"action_{command.action}")


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("question_mark", "?"),
        ("ctrl+p", "^p"),
        ("slash", "/"),
        ("plus", "+"),
        ("escape", "Esc"),
        ("left_square_bracket", "["),
        ("K", "K"),
        ("f1", "f1"),
    ],
)
def test_keys_are_written_as_people_write_them(key, written):
    assert keys.shown(key) == written


def test_unknown_ids_and_clashes_are_told():
    told = keys.problems({"container.fly": ("x",), "container.kill": ("d",)})
    assert "no action 'container.fly'" in told[0]
    assert any("'d' is both" in line and "container.remove" in line for line in told[1:])


def test_a_key_of_the_log_may_hide_one_of_everywhere():
    assert keys.clashes({"logs.follow": ("q",)}) == ()


def test_read_only_has_no_mutation():
    assert not any(command.mutates for command in commands_of(Scope, read_only=True))


async def test_a_users_keys_replace_the_default_ones(lab):
    config = Config(keys={"app.images": ("I",), "app.quit": ("X",)})
    async with house(lab, config=config) as it:
        await it.press("I")
        assert it.section.NAME == "images"
        await it.press("1")
        assert it.section.NAME == "containers"
        assert "X Quit" in it.text
        await it.press("2")
        assert it.section.NAME == "containers"


async def test_wrong_keys_are_a_toast(lab):
    config = Config(keys={"container.fly": ("x",)})
    async with house(lab, config=config) as it:
        await it.sees("container.fly")


async def test_read_only_removes_mutations_from_keys_footer_help_and_palette(lab):
    async with house(lab, read_only=True) as it:
        await it.go_to("mlplatform-db-1")
        await it.press("d", "D", "s", "K", "r")
        assert len(it.app.screen_stack) == 1
        assert "d Remove" not in it.text
        await it.press("question_mark")
        await it.sees("Hide stopped")
        assert "Force remove" not in it.text
        assert not any(command.mutates for command, _ in it.main.commands())
