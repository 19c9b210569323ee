"""Builds the simulated images from their recipes."""

from collections.abc import Iterable

from dstui.demo.model import Image, Layer, digest
from dstui.demo.recipes import RECIPES
from dstui.demo.recipes.recipe import Recipe, Step

_DAY = 86_400
_MAKES_NO_LAYER = (
    "ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME",
)  # fmt: skip
_DEFAULT_USER_DIR = 4096


def build_images(now: float) -> dict[str, Image]:
    """The images by the key of their recipe."""
    images: dict[str, Image] = {}
    for recipe in RECIPES:
        images[recipe.key] = _build(recipe, images.get(recipe.parent), now)
    return {recipe.key: images[recipe.key] for recipe in RECIPES if recipe.listed}


def _build(recipe: Recipe, parent: Image | None, now: float) -> Image:
    inherited = parent.layers if parent else ()
    layers = (*inherited, *_layers(recipe, inherited))
    return Image(
        id="sha256:" + digest("image", recipe.key),
        tags=list(recipe.tags),
        digests=_digests(recipe),
        layers=layers,
        created=now - recipe.days_old * _DAY,
        entrypoint=list(recipe.entrypoint) if recipe.entrypoint else None,
        cmd=list(recipe.cmd) if recipe.cmd else None,
        env=list(recipe.env),
        user=recipe.user,
        workdir=recipe.workdir,
        ports=list(recipe.ports),
        volumes=list(recipe.volumes),
        labels={"org.opencontainers.image.source": recipe.source} if recipe.source else None,
        shells=recipe.shells,
        built_here=recipe.builder == "local",
    )


def _digests(recipe: Recipe) -> list[str]:
    if recipe.builder == "local":
        return []
    repositories = dict.fromkeys(tag.rpartition(":")[0] for tag in recipe.tags)
    return [f"{name}@sha256:{digest('manifest', recipe.key)}" for name in repositories]


def _layers(recipe: Recipe, inherited: Iterable[Layer]) -> Iterable[Layer]:
    chain = [layer.diff_id for layer in inherited]
    for number, (text, megabytes) in enumerate(recipe.steps):
        age = recipe.days_old + (len(recipe.steps) - number) / 1440
        yield _layer(recipe.builder, (text, megabytes), chain, age)


def _layer(builder: str, step: Step, chain: list[str], days_old: float) -> Layer:
    text, megabytes = step
    word = text.split(" ", 1)[0]
    makes_layer = word not in _MAKES_NO_LAYER
    diff_id = ""
    if makes_layer:
        diff_id = "sha256:" + digest("layer", text, megabytes, *chain)
        chain.append(diff_id)
    size = max(round(megabytes * 1e6), 0)
    if word == "WORKDIR":
        size = _DEFAULT_USER_DIR
    if builder == "buildkit":
        comment = "debuerreotype 0.16" if word == "#" else "buildkit.dockerfile.v0"
        return Layer(_buildkit(word, text), size, comment, diff_id, days_old)
    return Layer(_classic(word, text), size, "", diff_id, days_old)


def _buildkit(word: str, text: str) -> str:
    match word:
        case "RUN":
            return f"RUN /bin/sh -c {text[4:]} # buildkit"
        case "COPY" | "ADD" | "WORKDIR":
            return f"{text} # buildkit"
        case _:
            return text


def _classic(word: str, text: str) -> str:
    match word:
        case "RUN":
            return f"/bin/sh -c {text[4:]}"
        case "COPY" | "ADD":
            kind, source, rest = text.split(" ", 2)
            name = "dir" if source == "." else "file"
            return f"/bin/sh -c #(nop) {kind} {name}:{digest(source)} {rest} "
        case _ if word.isupper():
            return f"/bin/sh -c #(nop)  {text}"
        case _:
            return text
