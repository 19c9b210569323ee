import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.config import Config, LogSettings, Problem, default_path, load
from dstui.config.settings import SETTINGS, TABLES
from dstui.domain.staleness.thresholds import Thresholds

DOCS = Path(__file__).parents[2] / "docs" / "config.md"


@pytest.fixture
def config_of(tmp_path):
    """Loads a config from its text, and gives the problems as `line: message`."""

    def read(text: str | bytes, environ=None, known=lambda place: None):
        path = tmp_path / "config.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        config, problems = load(path, environ or {}, known)
        assert all(problem.source == str(path) for problem in problems)
        return config, [f"{problem.line}: {problem.message}" for problem in problems]

    return read


def test_without_a_file_everything_has_its_default(tmp_path):
    assert load(environ={"XDG_CONFIG_HOME": str(tmp_path)}) == (Config(), ())


def test_a_file_that_was_named_must_be_there(tmp_path):
    path = tmp_path / "mine.toml"
    problem = Problem(None, "there is no such file", str(path))
    assert load(path, {}) == (Config(), (problem,))
    assert load(environ={"DSTUI_CONFIG": str(path)}) == (Config(), (problem,))


def test_a_file_that_cannot_be_read_is_one_message(tmp_path):
    config, (problem,) = load(tmp_path, {})
    assert config == Config()
    assert "cannot be read" in str(problem)


def test_every_setting_can_be_set(config_of):
    config, problems = config_of(
        """
        theme = "nord"
        read_only = true
        mouse = false
        hide_stopped = true
        sample_every_s = 2
        owner_labels = ["who"]
        stop_grace_s = 30
        shells = ["fish"]
        debug_image = "busybox"
        detach_keys = "ctrl-q"
        audit_allow = ["image-root"]
        [logs]
        tail = 50
        keep_lines = 1000
        timestamps = true
        wrap = true
        [cleanup]
        exited_days = 0.5
        keep = ["owner:ann"]
        [columns]
        containers = ["name", "cpu"]
        [keys]
        "container.logs" = ["l", "L"]
        container.shell = "e"
        """
    )
    assert problems == []
    assert config == Config(
        theme="nord",
        read_only=True,
        mouse=False,
        hide_stopped=True,
        sample_every_s=2.0,
        owner_labels=("who",),
        stop_grace_s=30,
        shells=("fish",),
        debug_image="busybox",
        detach_keys="ctrl-q",
        audit_allow=("image-root",),
        logs=LogSettings(50, 1000, True, True),
        cleanup={"exited_days": 0.5, "keep": ("owner:ann",)},
        columns={"containers": ("name", "cpu")},
        keys={"container.logs": ("l", "L"), "container.shell": ("e",)},
    )


def test_a_bad_value_costs_only_itself(config_of):
    config, problems = config_of(
        'mouse = "no"\nhide_stopped = true\n\n[logs]\ntail = -5\nwrap = true'
    )
    assert config == Config(hide_stopped=True, logs=LogSettings(wrap=True))
    assert problems == [
        '1: mouse: must be true or false, not "no"',
        "5: logs.tail: must be a whole number from 1 to 1000000, not -5",
    ]


def test_an_unknown_key_gets_a_suggestion(config_of):
    config, problems = config_of("theem = 'x'\n[logs]\nwarp = true\n[colums]\na = ['b']")
    assert config == Config()
    assert problems == [
        "1: theem: this is not a setting; do you mean theme?",
        "3: logs.warp: this is not a setting; do you mean wrap?",
        "4: colums: this is not a setting; do you mean columns?",
    ]


def test_names_of_other_things_are_checked_where_they_are_known(config_of):
    names = {
        "theme": ("nord", "dstui-dark"),
        "keys": ("container.logs", "app.quit"),
        "columns.images": ("tag", "size"),
    }
    text = """theme = "norf"
[columns]
images = ["tag", "sice"]
image = ["tag"]
[keys]
container.log = "l"
app.quit = "Q"
"""
    config, problems = config_of(text, known=names.get)
    assert config == Config(keys={"app.quit": ("Q",)})
    assert problems == [
        '1: theme: there is no "norf"; do you mean nord?',
        '3: columns.images: there is no "sice"; do you mean size?',
        "4: columns.image: this is not a setting; do you mean images?",
        "6: keys.container.log: this is not a setting; do you mean container.logs?",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("mouse = true\ntheme = ", 2), ("a = 1\na = 2\n", 2), ("[logs\n", 1), ('x = "', 1)],
)
def test_what_is_not_toml_is_one_message_with_its_line(config_of, text, line):
    config, problems = config_of(text)
    assert config == Config()
    assert len(problems) == 1
    assert re.match(rf"{line}: this is not TOML: ", problems[0])


def test_what_is_not_text_is_one_message_with_its_line(config_of):
    assert config_of(b"mouse = true\ntheme = '\xff'") == (Config(), ["2: this is not UTF-8 text"])


def test_a_table_that_is_none_is_one_message(config_of):
    config, problems = config_of("logs = 3\nkeys = true\ncolumns = []")
    assert config == Config()
    assert [problem.split(":")[0] for problem in problems] == ["1", "2", "3"]


def test_a_slip_never_lifts_read_only(config_of):
    assert config_of('read_only = "true"')[0].read_only
    assert config_of("read_only = true\ntheme = ")[0].read_only
    assert load(environ={"DSTUI_READ_ONLY": "maybe"})[0].read_only


def test_the_environment_goes_before_the_file(config_of):
    environ = {"DSTUI_THEME": "nord", "DSTUI_READ_ONLY": "0"}
    config, problems = config_of('theme = "x"\nread_only = true', environ)
    assert (config.theme, config.read_only, problems) == ("nord", False, [])


def test_a_theme_of_the_environment_that_is_not_there_is_one_message():
    config, (problem,) = load(environ={"DSTUI_THEME": "x"}, known={"theme": ("nord",)}.get)
    assert config == Config()
    assert str(problem) == 'DSTUI_THEME: there is no theme "x"'


def test_the_default_path_is_in_the_users_config_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_path({}).name == "config.toml"
    assert default_path({}).parent.name == "dstui"
    assert default_path({"DSTUI_CONFIG": "/x/y.toml"}) == Path("/x/y.toml")


@given(st.text())
def test_no_content_of_the_file_is_an_error(text):
    from dstui.config.reading import read

    config, problems = read(text.encode("utf-8", "surrogatepass"), "config.toml", lambda _: None)
    assert isinstance(config, Config)
    assert all(problem.message for problem in problems)


def test_the_settings_are_those_of_the_config():
    nested = {"logs": LogSettings, "cleanup": Thresholds}
    names = set()
    for field in fields(Config):
        if field.name in nested:
            names |= {f"{field.name}.{inner.name}" for inner in fields(nested[field.name])}
        else:
            names.add(field.name)
    assert names == {*SETTINGS, *TABLES}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = " + "[" * 3000, "nested too deeply"),
        ("a = " + "{a=" * 3000, "nested too deeply"),
        ("a." * 3000 + "b = 1", "nested too deeply"),
        ("keys." + "a." * 3000 + "b = 1", "nested too deeply"),
        ("a = " + "1" * 5000, "a number of absurd length"),
        ("stop_grace_s = 0x" + "f" * 5000, "a number of absurd length"),
        ("shells = [0x" + "f" * 5000 + "]", "a number of absurd length"),
    ],
    ids=["lists", "tables", "dotted", "keys", "decimal", "setting", "in a list"],
)
def test_what_no_parser_can_bear_is_a_problem_too(config_of, text, problem):
    config, problems = config_of(f"{text}\n")
    assert config == Config()
    assert len(problems) == 1
    assert problem in problems[0]
    assert config_of(f"read_only = true\n{text}\n")[0].read_only


def test_a_long_line_of_blanks_is_read_at_once(config_of):
    """Its key must not be looked for in a way that takes the cube of its length."""
    blanks = " " * 200_000
    assert config_of(f'{blanks}\ntheme{blanks}= "x"{blanks}\n#{blanks}\n')[1] == []
    broken = "\n" * 200_000 + "theme = \n"
    assert len(config_of(broken)[1]) == 1
