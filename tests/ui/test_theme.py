"""Themes: complete, readable, and harmless when they are broken."""

from pathlib import Path

import pytest
from textual.color import Color

from dstui.config import Config
from dstui.session import Options
from dstui.ui import theme
from tests.ui.house import app_of, running

READABLE = ("normal", "muted", "exited", "header", "bad", "paused", "number", "marked", "group")


def test_there_are_dark_light_contrast_colour_blind_and_loved_ones():
    names = theme.names()
    assert names[0] == theme.DEFAULT
    assert {"dstui-dark", "dstui-light", "high-contrast", "colour-blind", "nord"} < set(names)
    assert any(not theme.load(name).dark for name in names)


@pytest.mark.parametrize("name", theme.names())
def test_every_theme_names_every_role(name):
    variables = theme.load(name).variables
    assert {f"role-{role}" for role in theme.ROLES} <= variables.keys()


@pytest.mark.parametrize("name", theme.names())
@pytest.mark.parametrize("role", READABLE)
def test_text_can_be_read_on_the_background(name, role):
    found = theme.load(name)
    assert contrast(found.variables[f"role-{role}"], found.background or "") >= 4.5


@pytest.mark.parametrize("name", theme.names())
def test_the_cursor_can_be_read(name):
    variables = theme.load(name).variables
    foreground = variables["role-cursor-foreground"]
    assert contrast(foreground, variables["role-cursor-background"]) >= 4.5


def test_an_unknown_theme_names_the_known_ones():
    with pytest.raises(theme.ThemeError, match=r"no theme 'neon'.*dstui-dark"):
        theme.load("neon")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not toml", "Expected"),
        ("[theme]\n", r"table \[colors\] is missing"),
        ('[theme]\n[colors]\nprimary = "#123456"\n[roles]\n', "lacks secondary"),
    ],
)
def test_a_broken_file_says_what_is_wrong_with_it(tmp_path: Path, content, message):
    path = tmp_path / "mine.toml"
    path.write_text(content)
    with pytest.raises(theme.ThemeError, match=message) as caught:
        theme.read(path)
    assert str(path) in str(caught.value)


def test_a_color_that_is_none_is_named(tmp_path: Path):
    shipped = (theme.shipped_directory() / "dstui-dark.toml").read_text()
    path = tmp_path / "mine.toml"
    path.write_text(shipped.replace('muted = "#7f8a99"', 'muted = "greyish"'))
    with pytest.raises(theme.ThemeError, match=r"roles\.muted = 'greyish'"):
        theme.read(path)


def test_a_users_own_theme_is_found(own_home: Path):
    directory = theme.user_directory()
    directory.mkdir(parents=True, exist_ok=True)
    copy = directory / "mine.toml"
    copy.write_text((theme.shipped_directory() / "nord.toml").read_text())
    try:
        assert "mine" in theme.names()
        assert theme.load("mine").name == "mine"
    finally:
        copy.unlink()


async def test_a_bad_theme_in_the_config_is_one_message_and_the_default():
    app = app_of(Options(host="unix:///nowhere"), Config(theme="neon"))
    async with running(app) as house:
        await house.sees("no theme 'neon'")
        assert app.theme == theme.DEFAULT


def contrast(one: str, other: str) -> float:
    """By WCAG 2."""
    lighter, darker = sorted(map(luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in Color.parse(color).normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
