"""The kinds of object that dstui lists and acts on."""

from enum import StrEnum


class Kind(StrEnum):
    """A kind of object; its value is the word used in JSON, in filters and in the action log."""

    CONTAINER = "container"
    IMAGE = "image"
    GPU = "gpu"
    VOLUME = "volume"
    NETWORK = "network"
    BUILD_CACHE = "build-cache"
    """A record of the builder's cache; only cleanup knows these."""
