"""One line that says how a Dockerfile gets rid of wasted bytes."""

from collections.abc import Sequence

from dstui.domain.instruction import read_instruction
from dstui.domain.layers.extras import Extra, ExtraItem
from dstui.domain.layers.losses import Cause, WasteItem

_CACHE_FIXES = {
    "pip": "RUN --mount=type=cache,target=/root/.cache/pip pip install …, or pip install "
    "--no-cache-dir",
    "uv": "RUN --mount=type=cache,target=/root/.cache/uv uv pip install …, or set UV_NO_CACHE=1",
    "poetry": "RUN --mount=type=cache,target=/root/.cache/pypoetry poetry install, or --no-cache",
    "conda": "RUN conda install … && conda clean --all --yes, in one RUN",
    "apt": "RUN apt-get update && apt-get install … && rm -rf /var/lib/apt/lists/* "
    "/var/cache/apt/*, in one RUN",
    "dnf": "RUN dnf install … && dnf clean all, in one RUN",
    "apk": "RUN apk add --no-cache …",
    "npm": "RUN --mount=type=cache,target=/root/.npm npm ci, or npm cache clean --force in the "
    "same RUN",
    "huggingface": "Mount the models at run time: -v hf-cache:/root/.cache/huggingface",
    "torch": "Mount the models at run time: -v torch-cache:/root/.cache/torch",
}


def waste_fix(item: WasteItem, instructions: Sequence[str | None]) -> str:
    """What to change. Layers are counted from 1 here, as they are shown."""
    wrote, wasted = item.written_by + 1, item.wasted_by + 1
    path = f"/{item.path}"
    match item.cause:
        case Cause.DELETED:
            return f"Delete {path} in the RUN that writes it (layer {wrote}): && rm -rf {path}"
        case Cause.HIDDEN if wrote == wasted:
            return f"Leave {path} out: no image shows it"
        case Cause.HIDDEN:
            return f"Fill {path} once: in layer {wasted} alone, or in an earlier stage and COPY it"
        case Cause.METADATA_COPY:
            return _copy_fix(path, wrote, wasted, instructions[item.written_by] or "")
        case Cause.REPLACED:
            return (
                f"Write {path} once: layer {wasted} writes it anew, leave it out of layer {wrote}"
            )


def _copy_fix(path: str, wrote: int, wasted: int, instruction: str) -> str:
    if read_instruction(instruction).keyword in ("ADD", "COPY"):
        return (
            f"Use COPY --chown=… --chmod=… for {path} (layer {wrote}) in place of a chown, chmod "
            f"or second COPY in layer {wasted}"
        )
    return f"Run the chown or chmod of {path} in the RUN that writes it (layer {wrote})"


def extra_fix(item: ExtraItem) -> str:
    """What to change."""
    match item.cause:
        case Extra.DUPLICATE:
            return f"The same as /{item.kind}: keep one, or link them with ln"
        case Extra.CACHE:
            return _CACHE_FIXES.get(item.kind, f"rm -rf /{item.path} in the RUN that fills it")
        case Extra.MODEL_WEIGHTS:
            return f"Mount /{item.path} from a volume, or download it at the start"
