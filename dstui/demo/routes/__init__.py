"""The paths of the API, a file for each kind of object."""

from dstui.demo.routes import (
    admin,
    archive,
    containers,
    create,
    execs,
    images,
    logs,
    objects,
    stats,
    system,
    transfers,
)
from dstui.demo.routing import Routes

ROUTES = Routes()
for _kind in (
    system,
    archive,
    containers,
    create,
    logs,
    stats,
    execs,
    transfers,
    images,
    objects,
    admin,
):
    ROUTES.include(_kind.routes)
