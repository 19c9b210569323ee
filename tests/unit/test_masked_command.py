"""A command line is shown without the secrets in it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.audit.secret_words import masked_command
from dstui.domain.container import Container, State
from dstui.domain.engine import ProcessTable
from dstui.render.container_facts import overview
from dstui.render.containers import COLUMNS, ContainerRow
from dstui.render.json_contract import container_object
from dstui.render.processes import process_columns

HUGGING_FACE = "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"


@pytest.mark.parametrize(
    ("command", "masked"),
    [
        ("jupyter --ServerApp.token=5ecr3tT0ken", "jupyter --ServerApp.token=… (11 characters)"),
        ("x --verbose --api-key 'k 9 x' -p 80", "x --verbose --api-key … (5 characters) -p 80"),
        ("sh -c 'PGPASSWORD=hunter22 psql'", "sh -c 'PGPASSWORD=… (8 characters) psql'"),
        ("redis --pass hunter22", "redis --pass … (8 characters)"),
        ("fetch https://ann:hunter22@host/x", "fetch https://ann:… (8 characters)@host/x"),
        (f"vllm --hf-token {HUGGING_FACE}", "vllm --hf-token hf_a… (37 characters)"),
        (f"vllm {HUGGING_FACE}x", f"vllm {HUGGING_FACE}x"),
        (f"vllm {HUGGING_FACE} --port 1", "vllm hf_a… (37 characters) --port 1"),
        ('"Authorization: Bearer abcdefgh"', '"Authorization: Bearer … (8 characters)"'),
        ("train --token-file /run/secret --epochs 3", "train --token-file /run/secret --epochs 3"),
        ("train --token $TOKEN --password", "train --token $TOKEN --password"),
        ("python train.py --max-tokens 512", "python train.py --max-tokens 512"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_masked(command: str, masked: str) -> None:
    assert masked_command(command) == masked


@given(st.text(max_size=80))
def test_any_command_line_can_be_masked(command: str) -> None:
    masked_command(command)


@given(
    st.sampled_from(["--token", "--ServerApp.password", "--api_key", "HF_TOKEN", "--db-password"]),
    st.from_regex(r"[A-Za-z0-9]{8}Q[0-9a-z]{6}", fullmatch=True),
    st.text("ab -='\"", max_size=20),
)
def test_what_is_set_to_a_secret_name_is_never_shown(name: str, secret: str, rest: str) -> None:
    assert secret not in masked_command(f"run {name}={secret} {rest}")
    assert secret not in masked_command(f"run {rest.replace(chr(34), '')} x {name}={secret}")


def row(secrets: bool = False) -> ContainerRow:
    command = "jupyter --NotebookApp.token=5ecr3tT0ken"
    made = datetime(2026, 1, 1, tzinfo=UTC)
    container = Container("c1", "web", "i", "sha256:1", State.RUNNING, made, command=command)
    return ContainerRow(container, secrets=secrets)


def test_no_secret_of_a_command_line_stands_in_table_details_or_json() -> None:
    column = next(column for column in COLUMNS if column.key == "command")
    shown = [
        column.cell(row()).text,
        str(column.sort(row())),
        str(container_object(row())["command"]),
        str(overview(row())),
    ]
    assert not [text for text in shown if "5ecr3t" in text]
    assert all("token=… (11 characters)" in text for text in shown)


def test_it_stands_there_when_that_is_asked_for() -> None:
    assert "5ecr3tT0ken" in container_object(row(secrets=True))["command"]


def test_nor_in_the_processes_of_a_container() -> None:
    table = ProcessTable(("PID", "CMD"), (("1", "serve --token hunter22"),))
    cells = [column.cell(table.rows[0]).text for column in process_columns(table)]
    assert cells == ["1", "serve --token … (8 characters)"]
