"""The progress of a transfer as lines of text."""

from dstui.domain.transfer import LayerProgress, TransferProgress
from dstui.render.column import UNKNOWN
from dstui.render.units import decimal_bytes

_BAR_CELLS = 30
_ID_CELLS = 12
_STATUS_CELLS = 20


def progress_lines(progress: TransferProgress, width: int, height: int) -> list[str]:
    """A line a layer and one of the whole, at most `height`, none wider than `width`.

    Where not all layers fit, those that are done give way.
    """
    room = max(0, height - 1)
    layers = progress.layers
    if len(layers) > room:
        open_layers = [layer for layer in layers if not layer.done]
        layers = tuple(open_layers[:room])
    lines = [layer_line(layer) for layer in layers]
    return [line[:width] for line in (*lines, whole_line(progress))]


def moving_layers(progress: TransferProgress) -> list[LayerProgress]:
    """The layers whose bytes are being counted now."""
    return [x for x in progress.layers if not x.done and x.current is not None]


def layers_done(progress: TransferProgress) -> str:
    """`3 of 11 layers`; nothing where there are no layers to speak of."""
    if len(progress.layers) < 2:
        return ""
    ready = sum(layer.done for layer in progress.layers)
    return f"{ready} of {len(progress.layers)} layers"


def percent_done(progress: TransferProgress) -> str:
    """`43%` of the whole."""
    return UNKNOWN if progress.fraction is None else f"{progress.fraction * 100:.0f}%"


def layer_amount(layer: LayerProgress) -> str:
    """`1.2MB of 4.8MB`; nothing where the engine tells no bytes."""
    if layer.done or layer.current is None:
        return ""
    if not layer.total:
        return decimal_bytes(layer.current)
    return f"{decimal_bytes(layer.current)} of {decimal_bytes(layer.total)}"


def layer_line(layer: LayerProgress) -> str:
    """`4545f02ea840  Pushing               [=======>          ]  1.2MB/4.8MB`"""
    start = f"{layer.id[:_ID_CELLS]:<{_ID_CELLS}}  {layer.status[:_STATUS_CELLS]:<{_STATUS_CELLS}}"
    if layer.done or layer.current is None:
        return start.rstrip()
    if layer.fraction is None:
        return f"{start}  {decimal_bytes(layer.current)}"
    size = f"{decimal_bytes(layer.current)}/{decimal_bytes(layer.total)}"
    return f"{start}  {bar(layer.fraction)}  {size}"


def whole_line(progress: TransferProgress) -> str:
    """How much of the whole is done, and what the engine said last of it."""
    count = f"  {done}" if (done := layers_done(progress)) else ""
    return f"{percent_done(progress)}{count}  {progress.message}".rstrip()


def bar(fraction: float) -> str:
    """As `docker` draws it."""
    filled = round(fraction * _BAR_CELLS)
    head = ">" if 0 < filled < _BAR_CELLS else ""
    return f"[{('=' * (filled - len(head)) + head):<{_BAR_CELLS}}]"
