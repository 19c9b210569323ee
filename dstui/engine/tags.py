"""Names given to images and taken from them, never from an image that was not asked about."""

from dstui.domain.action import Action, short_id
from dstui.domain.engine import EngineError
from dstui.domain.image import Image
from dstui.domain.reference import Reference, ReferenceProblem, parse
from dstui.engine.client import Engine, resource


def tag(engine: Engine, action: Action) -> str:
    """Give the image `new_name`; by force also when another image has that name."""
    target = _reference(action.new_name)
    image = engine.image(action.id or action.name)
    holder = _image(engine, str(target))
    if holder is not None and holder.id == image.id:
        return "it had this name already"
    if holder is not None and not action.force:
        holds = f"{target.familiar} names another image here ({short_id(holder.id)})"
        raise EngineError(f"{holds}: it is moved only by force")
    query = {"repo": target.name, "tag": target.tag}
    engine.rest.ask("POST", resource("/images/{}/tag", image.id), query)
    return f"it was {short_id(holder.id)} until now" if holder else ""


def untag(engine: Engine, action: Action) -> str:
    """Take a name from an image that has others: with its last one the image itself would go."""
    name = _reference(action.name)
    image = engine.image(str(name))
    if action.id and image.id != action.id:
        raise EngineError(f"{action.name} names another image now ({short_id(image.id)})")
    if not [other for other in image.references if _same(other) != name]:
        raise EngineError(f"{action.name} is its last name: the image itself would be removed")
    engine.rest.ask("DELETE", resource("/images/{}", str(name)), {"noprune": 1})
    return ""


def _image(engine: Engine, name: str) -> Image | None:
    try:
        return engine.image(name)
    except EngineError as error:
        if error.gone:
            return None
        raise


def _reference(text: str) -> Reference:
    """A name with a tag; raises `EngineError` for what is none."""
    try:
        reference = parse(text).complete
    except ReferenceProblem as problem:
        raise EngineError(problem.message) from problem
    if reference.digest:
        raise EngineError("a digest cannot be given or taken: it is what the image is")
    return reference


def _same(text: str) -> Reference | None:
    try:
        return parse(text).complete
    except ReferenceProblem:
        return None
