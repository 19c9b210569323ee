"""`dstui ps`, `images`, `volumes`, `networks`."""

import time
from concurrent.futures import Future
from typing import Any

import click

from dstui.cli.exits import complain
from dstui.cli.invocation import Invocation, pass_invocation
from dstui.cli.listing import (
    arranged,
    chosen,
    list_options,
    print_json,
    show_table,
    sizes_option,
    wish_of,
)
from dstui.domain.gpu import GpuReport
from dstui.domain.kind import Kind
from dstui.domain.used_by import by_image, by_network, by_volume
from dstui.render import containers, images, json_contract, networks, rows, volumes
from dstui.render.troubles import troubles
from dstui.session import Session

_GPUS_WITHIN_S = 3.0


@click.command("ps")
@click.option("--running", is_flag=True, help="Leave out what is stopped.")
@click.option("--show-secrets", is_flag=True, help="Do not mask secrets in command lines.")
@sizes_option
@list_options(sort="status")
@pass_invocation
def ps(invocation: Invocation, /, running: bool, show_secrets: bool, **asked: Any) -> None:
    """List the containers with what they use."""
    wish = wish_of(**asked)
    columns = chosen(invocation, "containers", containers.COLUMNS, wish)
    with invocation.connected() as (session, info):
        _read(session, Kind.CONTAINER, inspected=True)
        reporting = session.background.submit(session.sample_gpus)
        session.sample()
        if wish.sizes:
            session.measure_disk()
        report = _result(reporting, None if wish.json else _GPUS_WITHIN_S)
        store, labels = session.store, session.config.owner_labels
        found = arranged(
            rows.container_rows(store, labels, time.time(), show_secrets),
            containers.COLUMNS,
            wish,
            (lambda row: row.container.alive) if running else None,
        )
        if not wish.json:
            show_table(columns, found, wish)
            return
        written = store.disk_use.writable_bytes if store.disk_use else {}
        print_json(
            info,
            unreadable=store.unreadable[Kind.CONTAINER],
            containers=[
                json_contract.container_object(row, report, written.get(row.container.id))
                for row in found
            ],
        )


def _read(session: Session, kind: Kind, inspected: bool = False) -> None:
    """Read a list, and say on standard error what of it cannot be read."""
    session.read_list(kind, inspected)
    for line in troubles("", {}, {kind: session.store.unreadable.get(kind, ())}):
        complain(line)


def _result(reporting: "Future[GpuReport]", timeout: float | None) -> GpuReport | None:
    """A driver that hangs holds up no table."""
    try:
        return reporting.result(timeout)
    except TimeoutError:
        return None


@click.command("images")
@sizes_option
@list_options(sort="size")
@pass_invocation
def images_command(invocation: Invocation, /, **asked: Any) -> None:
    """List the images, who uses them and what they share."""
    wish = wish_of(**asked)
    columns = chosen(invocation, "images", images.COLUMNS, wish)
    with invocation.connected() as (session, info):
        _read(session, Kind.CONTAINER)
        _read(session, Kind.IMAGE, inspected=wish.json)
        if wish.sizes:
            session.measure_disk()
        found = arranged(rows.image_rows(session.store, time.time()), images.COLUMNS, wish)
        if not wish.json:
            show_table(columns, found, wish)
            return
        users = by_image(session.store.containers())
        objects = [json_contract.image_object(r, users.get(r.image.id, ())) for r in found]
        print_json(info, unreadable=session.store.unreadable[Kind.IMAGE], images=objects)


@click.command("volumes")
@sizes_option
@list_options(sort="name")
@pass_invocation
def volumes_command(invocation: Invocation, /, **asked: Any) -> None:
    """List the volumes and who mounts them."""
    wish = wish_of(**asked)
    columns = chosen(invocation, "volumes", volumes.COLUMNS, wish)
    with invocation.connected() as (session, info):
        _read(session, Kind.CONTAINER)
        _read(session, Kind.VOLUME)
        if wish.sizes:
            session.measure_disk()
        found = arranged(rows.volume_rows(session.store, time.time()), volumes.COLUMNS, wish)
        if not wish.json:
            show_table(columns, found, wish)
            return
        users = by_volume(session.store.containers())
        objects = [json_contract.volume_object(r, users.get(r.volume.name, ())) for r in found]
        print_json(info, unreadable=session.store.unreadable[Kind.VOLUME], volumes=objects)


@click.command("networks")
@list_options(sort="name")
@pass_invocation
def networks_command(invocation: Invocation, /, **asked: Any) -> None:
    """List the networks and who is attached to them."""
    wish = wish_of(**asked)
    columns = chosen(invocation, "networks", networks.COLUMNS, wish)
    with invocation.connected() as (session, info):
        _read(session, Kind.CONTAINER)
        _read(session, Kind.NETWORK)
        found = arranged(rows.network_rows(session.store, time.time()), networks.COLUMNS, wish)
        if not wish.json:
            show_table(columns, found, wish)
            return
        users = by_network(session.store.containers())
        objects = [json_contract.network_object(r, users.get(r.network.name, ())) for r in found]
        print_json(info, unreadable=session.store.unreadable[Kind.NETWORK], networks=objects)
