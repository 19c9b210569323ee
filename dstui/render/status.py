"""A container's state and status: a shape and a word, so that colour is never needed."""

from dstui.domain.container import Container, Health, State
from dstui.domain.explain import exit_word
from dstui.render.column import UNKNOWN, Cell, Role
from dstui.render.units import age

_SHAPES: dict[State, tuple[str, Role]] = {
    State.RUNNING: ("●", Role.RUNNING),
    State.PAUSED: ("‖", Role.PAUSED),
    State.RESTARTING: ("↻", Role.WARNING),
    State.CREATED: ("·", Role.MUTED),
    State.EXITED: ("○", Role.EXITED),
    State.REMOVING: ("…", Role.WARNING),
    State.DEAD: ("✗", Role.BAD),
    State.UNKNOWN: ("?", Role.MUTED),
}

_HEALTH: dict[Health, tuple[str, Role]] = {
    Health.HEALTHY: ("+", Role.GOOD),
    Health.UNHEALTHY: ("!", Role.BAD),
    Health.STARTING: ("~", Role.WARNING),
}

ORDER = {state: place for place, state in enumerate(_SHAPES)}
"""What runs comes first."""

_ASKED_TO_STOP = (0, 130, 143)


def failed(container: Container) -> bool:
    """Whether it ended by itself with an error, or was killed."""
    if container.state is State.DEAD or container.oom_killed:
        return True
    if container.state is not State.EXITED or container.exit_code is None:
        return False
    return container.exit_code not in _ASKED_TO_STOP


def state_cell(container: Container) -> Cell:
    """Two characters: the state's shape (`✗` when it failed) and the health's sign."""
    shape, role = _SHAPES[container.state]
    if failed(container):
        return Cell("✗", Role.BAD)
    if container.alive and container.health in _HEALTH:
        sign, health_role = _HEALTH[container.health]
        return Cell(shape + sign, role if container.health is Health.HEALTHY else health_role)
    return Cell(shape, role)


def state_words(container: Container) -> str:
    """The state and the health by their names."""
    if container.health is Health.NONE:
        return container.state.value
    return f"{container.state.value} {container.health.value}"


def status_cell(container: Container, now: float) -> Cell:
    """`up 3 h`, `exit 137 OOM-killed` …"""
    match container.state:
        case State.RUNNING:
            role = Role.BAD if container.health is Health.UNHEALTHY else Role.NORMAL
            return Cell(f"up {_since(container, now)}".rstrip(), role)
        case State.EXITED | State.DEAD if container.exit_code is not None:
            code = container.exit_code
            text = f"exit {code} {exit_word(code, container.oom_killed)}".rstrip()
            return Cell(text, Role.BAD if failed(container) else Role.EXITED)
        case State.UNKNOWN:
            return Cell(UNKNOWN, Role.MUTED)
        case state:
            return Cell(state.value, _SHAPES[state][1])


def _since(container: Container, now: float) -> str:
    return age(container.started, now) if container.started else ""
