"""How many cells each part of a whole takes in a bar."""

from collections.abc import Sequence


def cells_of(amounts: Sequence[float], width: int) -> list[int]:
    """Whole cells for each amount, `width` together; what is there at all gets one at least."""
    total = sum(amount for amount in amounts if amount > 0)
    if total <= 0 or width < 1:
        return [0] * len(amounts)
    exact = [max(0.0, amount) * width / total for amount in amounts]
    cells = [max(1, int(share)) if share > 0 else 0 for share in exact]
    by_need = sorted(range(len(exact)), key=lambda at: cells[at] - exact[at])
    for at in by_need:  # those that were rounded down the most get what is left
        if sum(cells) >= width:
            break
        cells[at] += 1 if exact[at] > 0 else 0
    while sum(cells) > width:
        largest = max(range(len(cells)), key=cells.__getitem__)
        cells[largest] -= 1
    return cells
