"""The demo's own paths: faults, and the simulated GPUs."""

from dstui.demo.errors import ApiError
from dstui.demo.exchange import Exchange
from dstui.demo.gpus import DemoGpus
from dstui.demo.routing import Routes

routes = Routes()


@routes.add("GET", "/_demo/faults")
def tell_faults(exchange: Exchange) -> None:
    exchange.send_json(exchange.faults.as_json())


@routes.add("POST", "/_demo/faults")
def set_faults(exchange: Exchange) -> None:
    try:
        exchange.server.apply_faults(exchange.body())
    except ValueError as error:
        raise ApiError(400, str(error)) from None
    exchange.send_json(exchange.faults.as_json())


@routes.add("POST", "/_demo/drop")
def drop_connections(exchange: Exchange) -> None:
    """Closes every connection, this one too."""
    exchange.server.drop_connections()


@routes.add("GET", "/_demo/gpus")
def gpus(exchange: Exchange) -> None:
    exchange.send_json(DemoGpus(exchange.world).reading())
