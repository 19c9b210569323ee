"""The words in which the engine tells how long something has lasted."""

from dstui.demo.model import Container


def status_phrase(container: Container, now: float) -> str:
    """The `Status` of a list entry, such as `Up 3 hours (healthy)`."""
    since_end = duration(now - (container.finished or now))
    match container.state:
        case "running" | "paused":
            up = f"Up {duration(now - (container.started or now))}"
            if container.state == "paused":
                return f"{up} (Paused)"
            match container.health:
                case "":
                    return up
                case "starting":
                    return f"{up} (health: starting)"
                case health:
                    return f"{up} ({health})"
        case "restarting":
            return f"Restarting ({container.exit_code}) {since_end} ago"
        case "exited":
            return f"Exited ({container.exit_code}) {since_end} ago"
        case "dead":
            return "Dead"
        case _:
            return "Created"


def duration(seconds: float) -> str:
    """A length of time as `docker ps` words it."""
    whole = int(seconds)
    hours = round(whole / 3600)
    if whole < 1:
        return "Less than a second"
    if whole == 1:
        return "1 second"
    if whole < 60:
        return f"{whole} seconds"
    if whole < 120:
        return "About a minute"
    if whole < 3600:
        return f"{whole // 60} minutes"
    if hours == 1:
        return "About an hour"
    if hours < 48:
        return f"{hours} hours"
    if hours < 24 * 14:
        return f"{hours // 24} days"
    if hours < 24 * 60:
        return f"{hours // 24 // 7} weeks"
    if hours < 24 * 730:
        return f"{hours // 24 // 30} months"
    return f"{hours // 24 // 365} years"
