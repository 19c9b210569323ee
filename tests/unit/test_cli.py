"""The command line where no engine is needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dstui.cli.root import cli
from dstui.gpu import library
from tests.scripted_engine import scripted_engine

NOWHERE = ("--host", "unix:///nowhere/docker.sock")


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs a command in this process; the config of the tests' home is empty."""
    monkeypatch.setattr(library, "installed", lambda: False)

    def invoke(*args: str, **environ: str):
        return CliRunner().invoke(cli, args, prog_name="dstui", env=environ)

    return invoke


def test_help_names_the_commands_and_the_exit_codes(run):
    result = run("--help")
    assert result.exit_code == 0
    for word in ("ps", "images", "gpus", "volumes", "networks", "logs", "exec", "completion"):
        assert f"  {word} " in result.output
    assert "3  no engine answers" in result.output


@pytest.mark.parametrize("command", [("ps",), ("images", "--json"), ("logs", "x"), ("networks",)])
def test_without_an_engine_there_is_one_clear_line_and_exit_code_3(run, command):
    result = run(*NOWHERE, *command)
    assert result.exit_code == 3
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("dstui: unix:///nowhere/docker.sock (--host): ")


def test_a_context_that_is_not_there_is_no_engine(run):
    result = run("--context", "nope", "ps")
    assert result.exit_code == 3
    assert "nope" in result.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("ps", "--filter", "/tra(in/"), "regex"),
        (("ps", "--sort", "colour"), "none of state, name"),
        (("images", "--filter", "nmae:x", "--filter", "b"), ""),
        (("logs", "x", "--since", "soonish"), "soonish"),
        (("logs", "x", "--tail", "many"), "a number of lines, or all"),
        (("nonsense",), "No such command"),
        (("--demo=0", "ps"), "0"),
    ],
)
def test_a_wrong_command_line_is_told_before_any_engine_is_asked(run, args, words):
    result = run(*NOWHERE, *args)
    assert result.exit_code == (2 if words else 3)
    assert words in result.stderr


def test_a_filter_error_points_at_the_place(run):
    result = run("ps", "-f", "web", "-f", "cpu:>much")
    assert "  web cpu:>much\n           ^" in result.stderr


def test_gpus_are_shown_without_an_engine_and_say_why_there_are_none(run):
    result = run(*NOWHERE, "gpus", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert (answer["schema"], answer["engine"], answer["gpus"]) == (1, None, [])
    assert answer["reason"]
    assert "containers are not known" in result.stderr


def test_the_version_tells_of_engine_driver_and_libraries_even_without_them(run):
    result = run(*NOWHERE, "--version")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("dstui ")
    assert [line.split(":")[0] for line in lines[1:]] == [
        "engine",
        "driver",
        "python",
        "libraries",
    ]
    assert "textual" in lines[-1]


def test_the_ui_wants_a_terminal(run):
    result = run()
    assert result.exit_code == 2
    assert "is not a terminal" in result.stderr


def test_a_slip_in_the_config_is_told_and_costs_nothing_else(run, tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("theem = 'x'\n[columns]\ncontainers = ['nmae']\n")
    result = run("--config", str(file), *NOWHERE, "ps")
    assert f"dstui: {file}:1: theem: this is not a setting; do you mean theme?" in result.stderr
    assert f'dstui: {file}:3: columns.containers: there is no "nmae"' in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(run, shell):
    result = run("completion", shell)
    assert result.exit_code == 0
    assert "_DSTUI_COMPLETE" in result.stdout


def test_completing_a_name_is_silent_when_no_engine_answers(run):
    result = run(
        _DSTUI_COMPLETE="bash_complete",
        COMP_WORDS=f"dstui {' '.join(NOWHERE)} logs ",
        COMP_CWORD="4",
    )
    assert result.output.strip() == ""


@pytest.mark.parametrize("command", [("--help",), ("ps", "--help"), ("config",), (*NOWHERE, "ps")])
def test_commands_do_not_wait_for_textual_or_the_sdk(command):
    script = (
        "import sys\n"
        "from dstui.cli import main\n"
        f"sys.argv = ['dstui', *{command!r}]\n"
        "try:\n    main()\n"
        "finally:\n"
        "    heavy = {'textual', 'rich', 'docker', 'requests', 'pynvml'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "AssertionError" not in done.stderr, done.stderr
    assert done.returncode in (0, 3)


DOCS = Path(__file__).parents[2] / "docs"


def test_the_config_page_has_every_setting_with_its_default(run):
    printed = run("config").stdout.split("\n", 2)[2]
    assert printed in (DOCS / "config.md").read_text(), "write the output of `dstui config` there"


def test_the_default_config_file_says_nothing_new(run, tmp_path):
    from dstui.config import Config, load
    from dstui.domain.staleness.thresholds import Thresholds

    file = tmp_path / "config.toml"
    text = run("config").stdout
    file.write_text(text)
    assert load(file, {}) == (Config(), ())
    settings = [line.removeprefix("# ") for line in text.splitlines()]
    unset = ("stop_grace_s", '"container.logs"', '"app.quit"')
    file.write_text(
        "\n".join(
            line
            for line in settings
            if line.startswith("[") or (" = " in line and not line.startswith(unset))
        )
    )
    config, problems = load(file, {})
    assert problems == ()
    assert config.columns
    assert Thresholds(**config.cleanup) == Thresholds()
    assert config == Config(columns=config.columns, cleanup=config.cleanup)


def test_the_keys_page_is_made_from_the_registry(run):
    page = (DOCS / "keys.md").read_text()
    assert run("keys").stdout == page, "run `dstui keys > docs/keys.md`"


def test_rows_that_cannot_be_read_are_said_and_counted(run, tmp_path):
    with scripted_engine(tmp_path / "engine.sock") as engine:
        engine.routes["GET /volumes"] = (200, {"Volumes": [{"Name": "data"}, {"Driver": "local"}]})
        listed = run("--host", engine.host, "volumes")
        told = run("--host", engine.host, "volumes", "--json")
    for result in (listed, told):
        assert result.exit_code == 0
        assert result.stderr == "dstui: a volume that cannot be read: row 2: it has no id\n"
        assert "data" in result.stdout
    assert json.loads(told.stdout)["unreadable"] == ["row 2: it has no id"]
