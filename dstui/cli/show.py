"""`dstui show`."""

import json

import click

from dstui.cli.exits import unwound_when_terminated
from dstui.cli.invocation import Invocation, pass_invocation, write_lines
from dstui.cli.tables import print_table
from dstui.render import json_contract
from dstui.render.findings import FACT_COLUMNS, fact_object


@click.command("show")
@click.argument("image")
@click.option(
    "--deep", is_flag=True, help="Read every layer, even where that takes minutes (see the docs)."
)
@click.option("--json", "as_json", is_flag=True, help="One object; see docs/json.md.")
@pass_invocation
def show(invocation: Invocation, image: str, deep: bool, as_json: bool) -> None:
    """Tell what is in an image: Python, CUDA, frameworks, shells; each with its evidence."""
    with unwound_when_terminated(), invocation.connected() as (session, info):
        facts = session.image_facts(image, session.layer_files(image, deep))
    if as_json:
        whole = json_contract.document(
            info, image=image, facts=[fact_object(fact) for fact in facts]
        )
        write_lines([json.dumps(whole, ensure_ascii=False, indent=2)])
    else:
        print_table(FACT_COLUMNS, facts)
